//! The programs of others that judge letters, as `tests/tools/install` fetches them.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::provided;

/// Where the programs from npm are.
pub struct Tools {
    folder: PathBuf,
}

/// The programs of this run; `None` where there are none (outside of continuous integration).
pub fn tools() -> Option<Tools> {
    let folder = provided("NEWSLETTERD_TEST_TOOLS", "checkers from npm")?.into();
    Some(Tools { folder })
}

impl Tools {
    /// Runs a program of `tests/tools` and fails the test if it fails, or does not end within
    /// `seconds`; then the browser that it started ends with it.
    pub fn run(&self, program: &str, arguments: &[&Path], seconds: u32) {
        let output = Command::new("timeout")
            .args(["--kill-after=10", &seconds.to_string(), "node"])
            .arg(self.folder.join(program))
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} ended with {}:\n{said}", output.status);
        eprint!("{said}");
    }
}
