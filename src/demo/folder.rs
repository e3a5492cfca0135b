//! The demo's folder: database, configuration, captured mails.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::DemoError;
use crate::config;
use crate::daemon::instance;
use crate::mail::receiver::Capture;

/// The folder, which exists; its path is absolute.
pub struct Folder {
    path: PathBuf,
    mails: PathBuf,
}

impl Folder {
    /// The folder that was asked for, made where it is missing, else a new temporary one.
    pub fn prepare(asked: Option<&Path>) -> Result<Self, DemoError> {
        let (path, made) = match asked {
            Some(path) => (path.to_owned(), fs::create_dir_all(path)),
            None => {
                let path = std::env::temp_dir().join(format!("newsletterd-demo-{}", instance::incarnation()));
                // Others may write to the system's temporary folder: it must be new, and ours alone.
                let made = DirBuilder::new().mode(0o700).create(&path);
                (path, made)
            }
        };
        let path = made.and_then(|()| path.canonicalize()).map_err(|source| failed(&path, source))?;
        let mails = path.join("mails");
        Ok(Self { path, mails })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the mails are captured.
    pub fn mails(&self) -> &Path {
        &self.mails
    }

    /// The database's file.
    pub fn database(&self) -> PathBuf {
        self.path.join("newsletterd.db")
    }

    /// The configuration's file.
    pub fn settings(&self) -> PathBuf {
        self.path.join("newsletter.toml")
    }

    /// The mailbox, with what an earlier demo left in it.
    pub fn mailbox(&self) -> Result<Capture, DemoError> {
        Capture::open(&self.mails).map_err(|source| failed(&self.mails, source))
    }

    /// Keeps the configuration, so that the program's other commands can be tried on the folder.
    pub fn keep_settings(&self, text: &str) -> Result<(), DemoError> {
        let file = self.settings();
        fs::write(&file, text).map_err(|source| failed(&file, source))
    }

    /// The port that an earlier demo in this folder had. A configuration that cannot be read has
    /// none to tell, and is written anew.
    pub fn last_port(&self) -> Option<u16> {
        let text = fs::read_to_string(self.settings()).ok()?;
        let config = config::parse(&text, &self.settings(), std::iter::empty()).ok()?;
        Some(config.web.listen.port())
    }
}

fn failed(path: &Path, source: io::Error) -> DemoError {
    DemoError::Folder { path: path.to_owned(), source }
}
