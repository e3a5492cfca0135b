//! New keys, with what is written to disk.

use mail_auth::dkim::generate::DkimKeyPair;

use super::{Algorithm, Key, KeyError, Record};

/// Enough for every receiver, and short enough for one UDP answer.
const RSA_BITS: usize = 2048;

/// A key that was just made.
#[derive(Debug)]
pub struct NewKey {
    /// The key.
    pub key: Key,
    /// What its file holds: the secret itself.
    pub pem: Pem,
}

impl NewKey {
    /// What must stand in the DNS for it under that name.
    pub fn record(&self, domain: &str, selector: &str) -> Record {
        Record::new(domain, selector, &self.key)
    }
}

/// A private key in PEM form. `Debug` hides it.
pub struct Pem(String);

impl Pem {
    /// The text, for whoever writes the file.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Pem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pem(…)")
    }
}

/// Makes a key from the system's randomness: RSA with 2048 bits, or Ed25519.
///
/// # Errors
/// [`KeyError`] when the system gives no randomness.
pub fn generate(algorithm: Algorithm) -> Result<NewKey, KeyError> {
    let (label, pair) = match algorithm {
        Algorithm::Rsa => ("RSA PRIVATE KEY", DkimKeyPair::generate_rsa(RSA_BITS)),
        Algorithm::Ed25519 => ("PRIVATE KEY", DkimKeyPair::generate_ed25519()),
    };
    let pair = pair.map_err(|error| KeyError::Damaged(error.to_string()))?;
    let base64 = data_encoding::BASE64.encode(pair.private_key());
    let mut pem = format!("-----BEGIN {label}-----\n");
    for line in base64.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    Ok(NewKey { key: Key::from_pem(pem.as_bytes())?, pem: Pem(pem) })
}
