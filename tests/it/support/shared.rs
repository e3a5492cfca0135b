//! The cases and sample files that are kept beside the project.

use std::env;
use std::path::PathBuf;

use super::{root, skip};

/// The bytes of a file among the shared data; `None`, and the test is declared skipped, where there
/// is no such data. The test fails when the data lacks this file.
pub fn shared(file: &str) -> Option<Vec<u8>> {
    let named = env::var_os("NEWSLETTERD_SHARED").map(PathBuf::from);
    let places = [Some(root().join("../shared")), named];
    let Some(folder) = places.into_iter().flatten().find(|folder| folder.is_dir()) else {
        skip(&format!("no shared data beside the project or at NEWSLETTERD_SHARED ({file})"));
        return None;
    };
    let path = folder.join(file);
    Some(std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}
