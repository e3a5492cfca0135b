//! What the integration tests share: servers, mailboxes, the built program.
//!
//! Nothing here retries a failed test or sleeps to give something time. Where another program
//! must be waited for (a mail server, a process), there is a deadline, and passing it fails.

pub mod daemon;
pub mod delaying_proxy;
pub mod dns;
pub mod engine;
pub mod maildir;
pub mod pictures;
pub mod postfix;
pub mod postgres;
pub mod rspamd;
pub mod scripted_smtp;
pub mod shared;
pub mod tools;
pub mod wait;

use std::env;
use std::path::{Path, PathBuf};

/// The folder that holds Cargo.toml.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What `tests/run` put into the environment under `name`.
///
/// When it is absent, a continuous integration run fails; elsewhere `None` is returned after the
/// test was declared skipped: the caller returns.
pub fn provided(name: &str, what: &str) -> Option<String> {
    if let Ok(value) = env::var(name) {
        return Some(value);
    }
    skip(&format!("no {what}: {name} is not set; run tests/run"));
    None
}

/// Says that the running test cannot do its work here and why; in continuous integration, where
/// nothing may be missing, fails it.
pub fn skip(reason: &str) {
    assert!(env::var("CI").as_deref() != Ok("true"), "{reason}");
    eprintln!("skipped: {reason}");
}

/// A path that test data was written to, below a folder that goes away at the end of the test.
pub fn file(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path
}
