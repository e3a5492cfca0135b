//! The keys that sign mail, read from where the configuration says that they are.

use std::io::{self, Read as _};
use std::path::PathBuf;

use crate::config::{Config, Signing};
use crate::mail::dkim::{DomainKey, Key, KeyError, Signers};

/// A key file is smaller than this: RSA with 4096 bits has 3.3 KB.
const MAX_BYTES: u64 = 65_536;

/// Why mail cannot be signed as configured.
#[derive(Debug, thiserror::Error)]
pub enum SignersError {
    /// The file cannot be read.
    #[error(
        "dkim: the key file {} of {selector}._domainkey.{domain} cannot be read: {source}; \
         `newsletterd dkim new` makes keys, which the user of the daemon must be able to read",
        .path.display()
    )]
    File {
        /// Which.
        path: PathBuf,
        /// Of which key.
        selector: String,
        /// Of which domain.
        domain: String,
        /// What the system said.
        source: io::Error,
    },
    /// What stands in it is no key that can sign.
    #[error("dkim: the key file {} of {selector}._domainkey.{domain}: {source}", .path.display())]
    Key {
        /// Which.
        path: PathBuf,
        /// Of which key.
        selector: String,
        /// Of which domain.
        domain: String,
        /// What is wrong with it.
        source: KeyError,
    },
}

/// Reads every key of the configuration, those on standby too.
///
/// # Errors
/// [`SignersError`]: nothing is sent unsigned because a key is amiss.
pub fn load(config: &Config) -> Result<Signers, SignersError> {
    let mut keys = Vec::new();
    for entry in &config.dkim {
        let path = config.secret_path(&entry.key_file);
        let (domain, selector) = (entry.domain.as_str().to_owned(), entry.selector.as_str().to_owned());
        let key = match read(&path) {
            Ok(pem) => Key::from_pem(&pem),
            Err(source) => return Err(SignersError::File { path, selector, domain, source }),
        };
        let key = match key {
            Ok(key) => key,
            Err(source) => return Err(SignersError::Key { path, selector, domain, source }),
        };
        keys.push(DomainKey { domain, selector, signs: entry.sign == Signing::Now, key });
    }
    Ok(Signers::new(keys))
}

fn read(path: &std::path::Path) -> io::Result<Vec<u8>> {
    let mut pem = Vec::new();
    std::fs::File::open(path)?.take(MAX_BYTES).read_to_end(&mut pem)?;
    Ok(pem)
}

/// Newsletters, by name, that go out unsigned although others are signed, with their domains: most
/// likely somebody forgot a key.
pub fn unsigned<'a>(config: &'a Config, signers: &Signers) -> Vec<(&'a str, &'a str)> {
    if config.dkim.is_empty() {
        return Vec::new();
    }
    let senders = config
        .newsletters
        .iter()
        .map(|newsletter| (newsletter.name.as_str(), newsletter.from.address.domain()));
    senders.filter(|(_, domain)| !signers.sign_for(domain)).collect()
}
