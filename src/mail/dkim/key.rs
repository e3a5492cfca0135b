//! A private key: RSA or Ed25519, told from what stands in its file.

use std::fmt;
use std::sync::Arc;

use mail_auth::common::crypto::{Ed25519Key, RsaKey, Sha256, SigningKey as _};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;

use crate::domain::words::words;

words! {
    /// `a=` of a signature.
    pub enum Algorithm {
        /// RSA with at least 2048 bits (RFC 6376, 8301): every receiver knows it.
        Rsa = "rsa-sha256",
        /// Ed25519 (RFC 8463): short, and not known everywhere yet.
        Ed25519 = "ed25519-sha256",
    }
}

/// A private key that signs. `Debug` hides it; clones share it.
#[derive(Clone)]
pub struct Key(Inner);

#[derive(Clone)]
enum Inner {
    Rsa(Arc<RsaKey<Sha256>>),
    Ed25519(Arc<Ed25519Key>),
}

/// Why there is no key. The text says what to do, and never holds a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No PEM block of a private key.
    #[error(
        "it holds no private key in PEM form (-----BEGIN PRIVATE KEY-----, or RSA PRIVATE KEY); \
         one with a passphrase cannot be used"
    )]
    NotPem,
    /// Another algorithm.
    #[error("its key is neither RSA nor Ed25519, and DKIM knows no other (RFC 6376, 8463)")]
    OtherAlgorithm,
    /// RSA with too few bits.
    #[error(
        "its RSA key has fewer than 2048 bits, which mailbox providers no longer take (RFC 8301): \
         make new ones with `newsletterd dkim new`"
    )]
    TooSmall,
    /// RSA with too many bits.
    #[error("its RSA key has more than 4096 bits, which no receiver needs to check (RFC 6376 3.3.3)")]
    TooLarge,
    /// Its parts do not fit together.
    #[error("its key is damaged ({0}): take it from a backup, or make new ones with `newsletterd dkim new`")]
    Damaged(String),
}

/// Object identifiers in DER: 1.3.101.112 and 1.2.840.113549.1.1.1.
const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
pub(super) const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// Where an identifier stands in a PKCS#8 document (RFC 5208 5): near its start.
const ALGORITHM_WITHIN: usize = 32;

impl Key {
    /// Reads the first private key of a PEM text (PKCS#8, or PKCS#1 for RSA) and lets it sign once,
    /// so that a damaged one is found before a letter needs it.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let der = PrivateKeyDer::from_pem_slice(pem).map_err(|_| KeyError::NotPem)?;
        let key = match &der {
            PrivateKeyDer::Pkcs1(_) => Self::rsa(der)?,
            PrivateKeyDer::Pkcs8(document) => {
                let bytes = document.secret_pkcs8_der();
                let start = &bytes[..bytes.len().min(ALGORITHM_WITHIN)];
                if memchr::memmem::find(start, RSA).is_some() {
                    Self::rsa(der)?
                } else if memchr::memmem::find(start, ED25519).is_some() {
                    // "Maybe unchecked": OpenSSL leaves the public half out; where it is, it is checked.
                    let key = Ed25519Key::from_pkcs8_maybe_unchecked_der(bytes);
                    Self(Inner::Ed25519(Arc::new(key.map_err(|error| damaged(&error))?)))
                } else {
                    return Err(KeyError::OtherAlgorithm);
                }
            }
            _ => return Err(KeyError::OtherAlgorithm),
        };
        key.sign(b"").map_err(KeyError::Damaged)?;
        Ok(key)
    }

    fn rsa(der: PrivateKeyDer<'_>) -> Result<Self, KeyError> {
        RsaKey::from_key_der(der).map(|key| Self(Inner::Rsa(Arc::new(key)))).map_err(|error| damaged(&error))
    }

    /// What kind of key it is.
    pub const fn algorithm(&self) -> Algorithm {
        match self.0 {
            Inner::Rsa(_) => Algorithm::Rsa,
            Inner::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// The public half: an RSAPublicKey in DER (RFC 8017 A.1.1), or the 32 bytes of Ed25519.
    pub(super) fn public(&self) -> Vec<u8> {
        match &self.0 {
            Inner::Rsa(key) => key.public_key(),
            Inner::Ed25519(key) => key.public_key(),
        }
    }

    /// Signs the canonical header: RSA over it, Ed25519 over its SHA-256 (RFC 8463 3).
    pub(super) fn sign(&self, input: &[u8]) -> Result<Vec<u8>, String> {
        match &self.0 {
            Inner::Rsa(key) => key.sign(input),
            Inner::Ed25519(key) => key.sign(input),
        }
        .map_err(|error| error.to_string())
    }
}

/// What the library's refusal means. It says it in one word.
fn damaged(error: &mail_auth::Error) -> KeyError {
    let text = error.to_string();
    if text.contains("TooSmall") {
        KeyError::TooSmall
    } else if text.contains("TooLarge") {
        KeyError::TooLarge
    } else {
        KeyError::Damaged(text)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, …)", self.algorithm())
    }
}
