//! The file with the secret that signs tokens: made on first start, readable by its owner alone.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::domain::token::{KeyError, TokenKeys};

/// Bytes of a key file at least: 256 bits, as hexadecimal or raw.
const AT_LEAST: usize = 32;
/// Bytes of a key file at most.
const AT_MOST: u64 = 4096;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file could not be read or made.
    #[error("the key file {path} cannot be used: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is too small to be a secret.
    #[error(
        "the key file {0} has fewer than {AT_LEAST} bytes; make one with: head -c 32 /dev/urandom > FILE"
    )]
    Short(PathBuf),
    /// It cannot serve.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The keys of the file at `path`, which is made when it is not there.
///
/// # Errors
/// [`KeyFileError`].
pub fn load_or_make(path: &Path) -> Result<TokenKeys, KeyFileError> {
    let failed = |source| KeyFileError::File { path: path.to_owned(), source };
    let bytes = match read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(path).map_err(failed)?;
            // Another process may have been faster: what stands there counts.
            read(path).map_err(failed)?
        }
        read => read.map_err(failed)?,
    };
    if bytes.len() < AT_LEAST {
        return Err(KeyFileError::Short(path.to_owned()));
    }
    let secret: [u8; 32] = Sha256::digest(&bytes).into();
    Ok(TokenKeys::new(TokenKeys::FIRST, BTreeMap::from([(TokenKeys::FIRST, secret)]))?)
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(AT_MOST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Makes the file whole or not at all: written aside, then linked, which fails when one is there.
fn make(path: &Path) -> io::Result<()> {
    let mut secret = [0_u8; 32];
    File::open("/dev/urandom")?.read_exact(&mut secret)?;
    let aside = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    let text = data_encoding::HEXLOWER.encode(&secret);
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all())?;
    let linked = fs::hard_link(&aside, path);
    fs::remove_file(&aside)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::domain::ids::{ListId, SubscriberId};

    #[test]
    fn a_key_file_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("newsletterd.key");
        let first = load_or_make(&path).unwrap();
        let again = load_or_make(&path).unwrap();
        let token = first.unsubscribe(SubscriberId(1), ListId(2), None);
        assert!(again.read_unsubscribe(&token).is_ok());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_short_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("short.key");
        fs::write(&path, "secret").unwrap();
        assert!(load_or_make(&path).unwrap_err().to_string().contains("fewer than 32 bytes"));
    }
}
