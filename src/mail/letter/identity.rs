//! The names by which mail systems know a message, its list and its campaign again. Pure.

use chrono::{DateTime, Utc};

use crate::domain::ids::{EditionId, SubscriberId};
use crate::domain::token::TokenKeys;

/// The Message-ID of one edition to one subscriber, without angle brackets (RFC 5322 3.6.4). The
/// same pair always gives the same one, so that a repeat after a crash is known as one. `domain` is
/// that of From; when the edition was opened tells it from one of the same number that another
/// installation, or an earlier database, sent from that domain.
pub fn message_id(
    keys: &TokenKeys,
    edition: EditionId,
    opened_at: DateTime<Utc>,
    subscriber: SubscriberId,
    domain: &str,
) -> String {
    format!("{}@{domain}", keys.message_id(edition, opened_at.timestamp_millis(), subscriber))
}

/// A list's identity: a phrase for people and a stable name for programs (RFC 2919).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListId {
    pub(super) phrase: String,
    pub(super) id: String,
}

impl ListId {
    /// The list `name` of `domain`, shown as `title`. What may not stand in an identifier becomes a
    /// hyphen.
    pub fn new(title: &str, name: &str, domain: &str) -> Self {
        Self { phrase: title.to_owned(), id: format!("{}.{domain}", label(name, 63)) }
    }
}

/// Google's identifier for feedback loops: three fields of the sender's choice and one for the
/// sender, none of them about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedbackId(pub(super) String);

impl FeedbackId {
    /// Counts complaints by edition, newsletter and list. `sender` becomes the stable last field of
    /// 5 to 15 characters.
    pub fn new(edition: EditionId, newsletter: &str, list: &str, sender: &str) -> Self {
        let sender = label(sender, 15);
        let sender = if sender.len() < 5 { format!("{sender}-news") } else { sender };
        Self(format!("{edition}:{}:{}:{sender}", label(newsletter, 40), label(list, 40)))
    }
}

/// `name` in lower-case letters, digits and hyphens, at most `most` of them; never empty.
fn label(name: &str, most: usize) -> String {
    let dashed = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let dashed = dashed.take(most).collect::<String>();
    let trimmed = dashed.trim_matches('-');
    if trimmed.is_empty() { "list".to_owned() } else { trimmed.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn keys() -> TokenKeys {
        TokenKeys::new(1, BTreeMap::from([(1, [7; 32])])).unwrap()
    }

    #[test]
    fn identities_are_stable_and_ascii() {
        let opened = DateTime::from_timestamp_millis(1500).unwrap();
        assert_eq!(
            message_id(&keys(), EditionId(7), opened, SubscriberId(42), "example.org"),
            "edition-7.aeaqokw4bobwcb6el3v6675dqy@example.org"
        );
        assert_eq!(ListId::new("Ამბები", "Daily EN", "example.org").id, "daily-en.example.org");
        assert_eq!(ListId::new("", "ამბები", "example.org").id, "list.example.org");
    }

    #[test]
    fn a_feedback_id_has_four_fields_and_a_sender_of_5_to_15() {
        for (sender, last) in [
            ("example.org", "example-org"),
            ("x", "x-news"),
            ("a-very-long-name.example.org", "a-very-long-nam"),
        ] {
            let FeedbackId(id) = FeedbackId::new(EditionId(9), "daily:en", "readers", sender);
            let fields = id.split(':').collect::<Vec<_>>();
            assert_eq!(fields, ["9", "daily-en", "readers", last]);
            assert!((5..=15).contains(&last.len()));
        }
    }
}
