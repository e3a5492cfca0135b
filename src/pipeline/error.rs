//! What can go wrong on an edition's way.

use crate::mail::dkim::SignError;
use crate::mail::letter::LetterError;
use crate::sources::articles::ArticlesError;
use crate::sources::fetch::FetchError;
use crate::sources::reads::ReadsError;
use crate::sources::subscribers::SubscribersError;
use crate::store::StoreError;

/// What the steps return.
pub type Result<T> = std::result::Result<T, PipelineError>;

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A letter could not be made.
    #[error("the letter cannot be made: {0}")]
    Letter(#[from] LetterError),
    /// A mail could not be signed.
    #[error("the mail cannot be signed: {0}")]
    Sign(#[from] SignError),
    /// Something on the web could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A file of articles could not be read.
    #[error(transparent)]
    Articles(#[from] ArticlesError),
    /// A file of reads could not be read.
    #[error(transparent)]
    Reads(#[from] ReadsError),
    /// A file of subscribers could not be read.
    #[error(transparent)]
    Subscribers(#[from] SubscribersError),
    /// A file could not be opened.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A stored document is not what this version writes.
    #[error("{what} cannot be read: {source}")]
    Stored {
        /// Which document.
        what: &'static str,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A mail of the outbox is not sent, now or later.
    #[error("given up: {0}")]
    GivenUp(String),
    /// It is not allowed, or makes no sense, as things stand; the text says what to do.
    #[error("{0}")]
    Refused(String),
}

impl PipelineError {
    /// Whether the same step may succeed later without anybody doing anything.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Store(error) => error.is_temporary(),
            Self::Fetch(error) => error.is_temporary(),
            _ => false,
        }
    }
}
