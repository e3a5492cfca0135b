//! Secrets: passwords in files of their own, so that the configuration can be shown and backed up.

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::Config;

/// The variable in which systemd names the folder of a unit's credentials.
pub(super) const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// More than this is no password but a wrong file.
const MAX_BYTES: u64 = 4096;

/// A password. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a password as it is.
    pub const fn new(password: String) -> Self {
        Self(password)
    }

    /// The password itself, for whoever signs in with it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// No such file, or no right to read it.
    #[error("the password file {} cannot be read: {error}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// Nothing in it, several lines, or far too much.
    #[error("the password file {} must hold one line of text, at most 4096 bytes", .path.display())]
    NoPassword {
        /// The file.
        path: PathBuf,
    },
}

impl Config {
    /// Where a file with a secret is: a relative name is looked for in systemd's credentials
    /// first, then in the working directory.
    pub fn secret_path(&self, file: &Path) -> PathBuf {
        let credential = self.credentials.as_ref().map(|folder| folder.join(file));
        credential.filter(|path| file.is_relative() && path.exists()).unwrap_or_else(|| file.to_owned())
    }

    /// Reads the password in `file` (see [`Config::secret_path`]). A line end behind it is no part of it.
    ///
    /// # Errors
    /// [`SecretError`], which names the file and never what stands in it.
    pub fn read_secret(&self, file: &Path) -> Result<Secret, SecretError> {
        let path = self.secret_path(file);
        let mut text = String::new();
        let read = std::fs::File::open(&path)
            .and_then(|opened| opened.take(MAX_BYTES + 1).read_to_string(&mut text));
        if let Err(error) = read {
            return Err(SecretError::Unreadable { path, error });
        }
        let password = text.strip_suffix('\n').unwrap_or(&text);
        let password = password.strip_suffix('\r').unwrap_or(password);
        if password.is_empty() || password.chars().any(char::is_control) || text.len() as u64 > MAX_BYTES {
            return Err(SecretError::NoPassword { path });
        }
        Ok(Secret(password.to_owned()))
    }
}
