//! Articles, reads and subscribers from outside: one file per format, and one fetcher for
//! everything that leaves for the web.
//!
//! The readers are pure: bytes in, typed rows and problems out. One bad item never costs the
//! others; what was left out is named with its place.

pub mod articles;
pub mod fetch;
pub mod pictures;
pub mod plain_text;
pub mod reading_time;
pub mod reads;
pub mod subscribers;
pub mod table;

/// Something in a file that could not be used, or that a person should know of.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// Where it is: `line 15`, `item 3`, `column 2 of line 7`.
    pub place: String,
    /// What is wrong, and what was done about it.
    pub message: String,
}
