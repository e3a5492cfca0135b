//! Files of articles into [`IncomingArticle`]s: feeds (RSS, RDF, Atom), JSON Feed, JSON lines and
//! CSV.
//!
//! Pure: bytes in, articles and problems out. Promises: one bad item never costs the others; no
//! article without a title; every text is clean plain text; every address is absolute http(s).
//! Leaves to others: fetching, identity across polls, storing.

use chrono::{DateTime, Utc};
use url::Url;

mod dates;
mod decode;
mod draft;
mod feed;
mod format;
mod json;
mod record;
mod table;
mod web_address;
mod xml;

pub use format::Format;

use super::Problem;
use crate::domain::article::IncomingArticle;

#[cfg(test)]
mod tests;

/// How to read what a file leaves open.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Where the file came from; relative addresses are resolved against it.
    pub base_url: Option<Url>,
    /// The zone of times that name none.
    pub zone: chrono_tz::Tz,
    /// The present instant, against which times are judged.
    pub now: DateTime<Utc>,
    /// The language of articles that name none (BCP 47).
    pub language: Option<String>,
}

/// What a file held.
#[derive(Clone, Debug, Default)]
pub struct ArticlesFile {
    /// In the file's order.
    pub articles: Vec<IncomingArticle>,
    /// What was left out, repaired or doubtful.
    pub problems: Vec<Problem>,
}

/// Why a file gave nothing at all.
#[derive(Debug, thiserror::Error)]
pub enum ArticlesError {
    /// Too many bytes.
    #[error("the file has {bytes} bytes; at most {max} are read")]
    TooLarge {
        /// Size found.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// It is something else.
    #[error("not a feed (got {got})")]
    NotAFeed {
        /// What it looks like: `HTML`, `an empty file`, …
        got: String,
    },
    /// The format's own syntax is broken beyond salvage.
    #[error("{place}: {message}")]
    Malformed {
        /// Line or byte.
        place: String,
        /// What is wrong.
        message: String,
    },
}

/// Most bytes of a file.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;

/// Reads one file of articles.
///
/// # Errors
/// Only what concerns the file as a whole; what is wrong with one item is a [`Problem`].
pub fn read(bytes: &[u8], format: Format, options: &ReadOptions) -> Result<ArticlesFile, ArticlesError> {
    if bytes.len() > MAX_BYTES {
        return Err(ArticlesError::TooLarge { bytes: bytes.len(), max: MAX_BYTES });
    }
    match format {
        Format::Feed => feed::read(bytes, options),
        Format::JsonFeed => json::read_feed(bytes, options),
        Format::JsonLines => json::read_lines(bytes, options),
        Format::Csv => table::read(bytes, options),
    }
}
