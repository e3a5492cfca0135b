//! Files that say how often pages were read: tables of counts, analytics reports saved as CSV, and
//! the access logs of web servers.
//!
//! A reader takes bytes and gives one part of counts, by the keys of `article_key`, with all that
//! it left out and why. It does not know which pages are articles: that is matched where the counts
//! are stored.

mod access_log;
mod log_line;
mod machines;
mod numbers;
mod pages;
mod report;
mod report_columns;
#[cfg(test)]
mod tests;
mod unpack;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

pub use machines::UserAgents;

use super::Problem;
use super::table::text::TextError;
use crate::domain::article_key::UrlKeyRules;
use crate::domain::reads::ReadsPart;

/// How many problems are listed; the rest is counted.
pub const PROBLEMS_MAX: usize = 100;

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// CSV, TSV or JSON lines of page, time and count; a report of an analytics service saved as
    /// CSV.
    Table,
    /// nginx and Apache in their common and combined formats, or JSON lines of Caddy and nginx.
    AccessLog,
}

impl Format {
    /// Guesses from the first lines; compressed files too.
    ///
    /// # Errors
    /// [`ReadsError`] when it is compressed and damaged from the start.
    pub fn guess(bytes: &[u8]) -> Result<Self, ReadsError> {
        const LINES: usize = 20;
        let start = unpack::start(bytes)?;
        let mut lines = start.split(|&byte| byte == b'\n').take(LINES);
        Ok(if lines.any(|line| log_line::parse(line).is_some()) { Self::AccessLog } else { Self::Table })
    }
}

/// What a reader of counts must know.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// The host of pages of which only the path is named; without it, such a page's key is its path.
    pub site_host: Option<String>,
    /// The zone of times that name none.
    pub zone: Tz,
    /// The present; what lies after it is not believed.
    pub now: DateTime<Utc>,
    /// The day that a table counts which names none itself.
    pub day: Option<NaiveDate>,
    /// What tells pages apart.
    pub rules: UrlKeyRules,
}

/// What was left out on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Skipped {
    /// Requests of crawlers, previews, scripts and monitors.
    pub machines: u64,
    /// Pictures, scripts, feeds, home pages, totals: nothing that could be an article.
    pub not_pages: u64,
    /// Requests that showed nobody a page: other methods, redirects, errors, prefetches.
    pub not_reads: u64,
    /// Clicks in our own letters, which would vote for yesterday's stories.
    pub own_mail: u64,
}

/// A file of counts, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadsFile {
    /// The counts.
    pub part: ReadsPart,
    /// Rows that could not be used, the first [`PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
    /// How many there are besides those listed.
    pub more_problems: u64,
    /// What was left out on purpose.
    pub skipped: Skipped,
    /// Rows or lines with data in the file.
    pub total_rows: u64,
}

/// Why a file gives no counts at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadsError {
    /// No text.
    #[error(transparent)]
    Text(#[from] TextError),
    /// More than fits, unpacked.
    #[error("the file holds more than {limit_mb} MB when unpacked: split it")]
    TooLarge {
        /// The limit.
        limit_mb: u64,
    },
    /// A damaged `.gz` file.
    #[error("the compressed file is damaged: {0}")]
    Unpack(#[from] std::io::Error),
    /// No row that names columns.
    #[error("no row names a column of pages (`url`, `path`, `page`) and one of counts (`views`, `visitors`)")]
    NoColumns,
    /// No day anywhere.
    #[error(
        "the table does not say which day or hours it counts: add a column `hour` or `date`, or a first line `# Start date: 2026-02-09`"
    )]
    NoDay,
    /// Not one line is that of a log.
    #[error("no line looks like one of an access log (combined, common or JSON)")]
    NotALog,
    /// Broken JSON.
    #[error("the JSON cannot be read: {0}")]
    Json(serde_json::Error),
}

/// Reads a file of counts, compressed (`.gz`) or not.
///
/// # Errors
/// [`ReadsError`] when there is nothing to read in it; what is wrong with single rows is among the
/// problems.
pub fn read(bytes: &[u8], format: Format, options: &ReadOptions) -> Result<ReadsFile, ReadsError> {
    match format {
        Format::Table => report::read(&unpack::whole(bytes)?, options),
        Format::AccessLog => access_log::read(bytes, options),
    }
}

/// Problems up to a limit, and a count of the rest.
#[derive(Default)]
struct Problems {
    listed: Vec<Problem>,
    more: u64,
}

impl Problems {
    fn add(&mut self, place: String, message: String) {
        if self.listed.len() < PROBLEMS_MAX {
            self.listed.push(Problem { place, message });
        } else {
            self.more += 1;
        }
    }
}
