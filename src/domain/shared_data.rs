//! Where tests find the cases and sample files that are kept beside the project.

use std::path::{Path, PathBuf};

/// The path of a file or folder among the shared data: beside the project, or where
/// `NEWSLETTERD_SHARED` says. `None`, with a line that says so, where there is no such data at all.
pub fn shared_path(part: &str) -> Option<PathBuf> {
    let beside = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")).to_owned();
    let named = std::env::var_os("NEWSLETTERD_SHARED").map(PathBuf::from);
    let folder = std::iter::once(beside).chain(named).find(|folder| folder.is_dir());
    if folder.is_none() {
        println!("skipped: no shared data beside the project and none named by NEWSLETTERD_SHARED ({part})");
    }
    folder.map(|folder| folder.join(part))
}

/// The bytes of a file among the shared data; `None` as [`shared_path`] has it. A file that is
/// missing in data that are there fails the test.
pub fn shared(file: &str) -> Option<Vec<u8>> {
    let path = shared_path(file)?;
    Some(std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// The rows of a tab-separated table of the shared cases, without its head.
pub fn shared_rows(file: &str) -> Option<Vec<Vec<String>>> {
    let text = String::from_utf8(shared(&format!("cases/{file}"))?).unwrap();
    Some(text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}
