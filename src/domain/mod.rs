//! Types and rules of newsletters: pure, synchronous, and without a database, a network or a
//! clock. What comes from outside is parsed into these types at the edge.

pub mod address;
pub mod article;
pub mod article_key;
pub mod bounce;
pub mod canary;
pub mod delivery;
pub mod edition;
pub mod forecast;
pub mod ids;
pub mod lane;
pub mod language;
pub mod link;
pub mod mail;
pub mod picture;
pub mod ranking;
pub mod reads;
pub mod revision;
pub mod schedule;
pub mod selection;
pub mod setback;
#[cfg(test)]
pub(crate) mod shared_data;
pub mod streak;
pub mod subscriber;
pub mod token;
pub mod warm_up;
pub(crate) mod words;

/// A word that is none of those an enum knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not one of {}", .expected.join(", "))]
pub struct UnknownWord {
    /// What was found.
    pub word: String,
    /// What would have been right.
    pub expected: &'static [&'static str],
}
