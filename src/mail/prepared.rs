//! A letter made ready for one recipient after the other: filled in and signed.

use chrono::{DateTime, Utc};

use super::dkim::{SignError, Signers};
use super::letter::{EncodedLetter, LetterError, PlaceValues};

/// A letter with the keys that sign it.
#[derive(Clone, Debug)]
pub struct Prepared {
    letter: EncodedLetter,
    signers: Signers,
    domain: String,
}

/// Why a message could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PreparedError {
    /// A recipient's value does not fit in its place.
    #[error(transparent)]
    Letter(#[from] LetterError),
    /// It cannot be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl Prepared {
    /// Prepares a letter from a sender of `domain`.
    pub fn new(letter: &EncodedLetter, signers: &Signers, domain: &str) -> Self {
        Self { letter: letter.clone(), signers: signers.clone(), domain: domain.to_owned() }
    }

    /// The whole message for one recipient, with CR LF line ends, not dot-stuffed.
    ///
    /// # Errors
    /// [`PreparedError`]; nothing is sent half-made.
    pub fn message(&self, values: &PlaceValues, now: DateTime<Utc>) -> Result<Vec<u8>, PreparedError> {
        Ok(self.signers.sign(&self.domain, now, self.letter.fill(values)?)?)
    }
}
