//! Read counts: how often and by how many a page was read in a span of time.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Views and visitors of one page in one span, from one part of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadCount {
    /// The page, in the form of `article_key::url_key`; a path alone (`/2026/02/bridge`) where
    /// the source knows no host.
    pub url_key: String,
    /// Start of the span.
    pub start_at: DateTime<Utc>,
    /// Length of the span in seconds: 3,600 for hourly counts, 86,400 for daily ones.
    pub span_s: i64,
    /// Times the page was shown.
    pub views: i64,
    /// Different people, where the source can tell them apart, else views.
    pub visitors: i64,
}

/// One readable piece of a source of reads. Reading the same part again replaces what it said
/// before; different parts add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadsPart {
    /// Its identity: a log's is the fingerprint of its file, so that a rotated or compressed log
    /// is the same part.
    pub part: String,
    /// Whether the part replaces all it said before (a log) or only the same pages and spans (a
    /// table of counts, which may hold a few hours of many).
    pub replaces: Replaces,
    /// The counts, at most one for each page and span.
    pub counts: Vec<ReadCount>,
}

/// How a part that is read again meets what it said before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaces {
    /// All counts of the part go, then the new ones stand.
    WholePart,
    /// Each count replaces the one of the same page and span; others stay.
    SameSpans,
}
