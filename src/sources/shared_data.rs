//! Where the tests find the cases and sample files that are kept beside the project.

use std::path::{Path, PathBuf};

/// The bytes of a file among the shared data; `None`, with a line that says so, where there is none.
pub fn shared(file: &str) -> Option<Vec<u8>> {
    let beside = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared"));
    let named = std::env::var_os("NEWSLETTERD_SHARED").map(PathBuf::from);
    let Some(folder) = [Some(beside.to_owned()), named].into_iter().flatten().find(|folder| folder.is_dir())
    else {
        println!("skipped: no shared data beside the project and none named by NEWSLETTERD_SHARED ({file})");
        return None;
    };
    let path = folder.join(file);
    Some(std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}
