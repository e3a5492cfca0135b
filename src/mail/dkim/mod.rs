//! DKIM (RFC 6376, 8301, 8463): signs the final bytes of a message with all keys of its sender's
//! domain, and says what must stand in the DNS for them.
//!
//! Promises: `relaxed/relaxed`, no `l=`; every signature covers the body as a whole and all fields
//! of [`header`], most of them listed once more than they occur, so that nobody can add one (RFC
//! 6376 5.4, 8.15). The clock is passed in. Keys come as bytes; where they are kept is the daemon's.
//! Keys and the canonical form of fields are mail-auth's. Its own signer is not used: it takes the
//! time from the system, hashes the body anew for every key, and counts blank lines at its end.

mod body;
mod generate;
mod header;
mod key;
mod published;
mod record;
mod shared;

#[cfg(test)]
pub(super) mod tests;

use chrono::{DateTime, Utc};

pub use generate::{NewKey, generate};
pub use key::{Algorithm, Key, KeyError};
pub use published::{Published, compare, dmarc, spf};
pub use record::Record;
pub(super) use shared::{Piece, Shared};

use super::message;
use header::Signature;

/// A key with its name in the DNS.
#[derive(Clone, Debug)]
pub struct DomainKey {
    /// `d=`: the domain of From that it signs for, in lower-case ASCII.
    pub domain: String,
    /// `s=`: its name below `_domainkey.DOMAIN`.
    pub selector: String,
    /// Whether it signs now. One on standby only stands in the DNS.
    pub signs: bool,
    /// The key.
    pub key: Key,
}

impl DomainKey {
    /// What must stand in the DNS for it.
    pub fn record(&self) -> Record {
        Record::new(&self.domain, &self.selector, &self.key)
    }

    /// Signs the canonical header.
    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, SignError> {
        let Self { domain, selector, key, .. } = self;
        let failed = |why| SignError::Key { domain: domain.clone(), selector: selector.clone(), why };
        key.sign(input).map_err(failed)
    }
}

/// All keys that there are. With none, nothing is signed: the relay may do it.
#[derive(Clone, Debug, Default)]
pub struct Signers {
    keys: Vec<DomainKey>,
}

/// Why a message cannot be signed. All of it is ours, and none of it says anything about a reader.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// It is no message.
    #[error("the message has no header with a From field, or its header does not end")]
    NoHeader,
    /// A server would mend the line ends, which would break the signature.
    #[error("the message has a line that does not end in CR LF")]
    LineEnds,
    /// The key does not sign.
    #[error("the DKIM key {selector}._domainkey.{domain} does not sign: {why}")]
    Key {
        /// Whose.
        domain: String,
        /// Which.
        selector: String,
        /// What the library says.
        why: String,
    },
}

impl Signers {
    /// Takes the keys in the order in which their signatures shall stand.
    pub const fn new(keys: Vec<DomainKey>) -> Self {
        Self { keys }
    }

    /// All keys, also those on standby.
    pub fn keys(&self) -> &[DomainKey] {
        &self.keys
    }

    /// Whether mail from `domain` is signed.
    pub fn sign_for(&self, domain: &str) -> bool {
        self.active(domain).next().is_some()
    }

    fn active<'a>(&'a self, domain: &'a str) -> impl Iterator<Item = &'a DomainKey> {
        self.keys.iter().filter(move |key| key.signs && key.domain.eq_ignore_ascii_case(domain))
    }

    /// `message` with a DKIM-Signature field before it for each key of `domain`, which is that of its
    /// From; as it is, where there is no key. The message must be as it goes out but for
    /// dot-stuffing: with CR LF line ends, and nothing added afterwards to what is covered.
    ///
    /// # Errors
    /// [`SignError`]; a message is signed by all of the keys or not at all.
    pub fn sign(&self, domain: &str, now: DateTime<Utc>, message: Vec<u8>) -> Result<Vec<u8>, SignError> {
        if !self.sign_for(domain) {
            return Ok(message);
        }
        if message::lone_line_end(&message).is_some() {
            return Err(SignError::LineEnds);
        }
        let (head, body) = message::split(&message).ok_or(SignError::NoHeader)?;
        let fields = header::fields(head).into_iter().map(|field| (field.0, field));
        let (covered, names) = header::select(fields.collect()).ok_or(SignError::NoHeader)?;
        // One pass over the body and one over the header, however many keys sign.
        let body_hash = body::hash(body);
        let mut input = Vec::with_capacity(2048);
        header::relax_fields(covered, &mut input);
        let header_end = input.len();
        let mut signed = Vec::with_capacity(message.len() + 2048);
        for key in self.active(domain) {
            let unsigned = Signature::of(key, now.timestamp(), &names, &body_hash).without_value().field;
            input.truncate(header_end);
            header::relax(&unsigned, &mut input);
            header::complete(&unsigned, &key.sign(&input)?, &mut signed);
        }
        signed.extend_from_slice(&message);
        Ok(signed)
    }
}
