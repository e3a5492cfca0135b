//! From what a server said to why: by enhanced status, by reply code, and by phrases in the languages
//! of mail servers. Data tables, read in one pass.
//!
//! A phrase that leaves no doubt goes before the status, since many servers send one status for
//! everything; a status that says something goes before a phrase that only hints. Where phrases of one
//! strength meet, the one that is no fault of the address wins: a reader is not to be lost for a list
//! of what it may have been.

mod between;
mod hosts;
mod letter;
mod mailbox;
mod name;
mod spam;
mod status;
mod users;
mod words;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

pub use status::{replies_in, statuses_in, weight};

use crate::domain::bounce::{BounceReason, EnhancedStatus, Fault};

/// How much a phrase says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    /// It counts where nothing else is told.
    Hint,
    /// It counts before a status that says nothing.
    Usual,
    /// It counts before any status.
    Sure,
}

/// Phrases that tell one reason.
struct Phrases {
    reason: BounceReason,
    strength: Strength,
    /// As people write them; made alike when the table is built. A space at the end of one asks for the
    /// end of a word.
    texts: &'static [&'static str],
}

/// A reason, and what told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Why.
    pub reason: BounceReason,
    /// The phrase, status or reply code that told it.
    pub by: String,
}

struct Table {
    finder: AhoCorasick,
    phrases: Vec<(BounceReason, Strength, String)>,
}

static TABLE: LazyLock<Option<Table>> = LazyLock::new(|| {
    let tables = [
        mailbox::PHRASES,
        letter::PHRASES,
        name::PHRASES,
        spam::PHRASES,
        between::PHRASES,
        users::PHRASES,
        hosts::PHRASES,
    ];
    let phrases: Vec<_> = tables
        .iter()
        .flat_map(|table| table.iter())
        .flat_map(|group| group.texts.iter().map(|text| (group.reason, group.strength, words::phrase(text))))
        .collect();
    let finder = AhoCorasick::new(phrases.iter().map(|(_, _, text)| text.as_bytes())).ok()?;
    Some(Table { finder, phrases })
});

/// What the words of a text tell, with how sure they are.
fn by_words(text: &str) -> Option<(BounceReason, Strength, &'static str)> {
    let table = TABLE.as_ref()?;
    let alike = words::alike(text);
    let mut best: Option<&'static (BounceReason, Strength, String)> = None;
    for found in table.finder.find_overlapping_iter(&alike) {
        let told = &table.phrases[found.pattern().as_usize()];
        let better = best.is_none_or(|best| rank(told) > rank(best));
        if better {
            best = Some(told);
        }
    }
    best.map(|(reason, strength, text)| (*reason, *strength, text.as_str()))
}

/// What goes first: strength, then what is no fault of the address, then what says most, then the
/// longer phrase.
fn rank(told: &(BounceReason, Strength, String)) -> (Strength, bool, u8, usize) {
    let says = match told.0 {
        BounceReason::MailboxFull => 5,
        BounceReason::TooLarge => 4,
        BounceReason::RateLimited | BounceReason::Authentication | BounceReason::Suspended => 3,
        BounceReason::Reputation | BounceReason::Inactive | BounceReason::NoRelaying => 2,
        BounceReason::Policy | BounceReason::Network | BounceReason::SystemError => 0,
        _ => 1,
    };
    (told.1, told.0.fault() != Fault::Address, says, told.2.len())
}

/// Why, by a status and what was said with it. `None` where neither tells.
pub fn reason_of(status: Option<EnhancedStatus>, text: &str) -> Option<Told> {
    let words = by_words(text);
    let by_status = status.and_then(|status| Some((status::reason(status)?, status, weight(status))));
    let told =
        |(reason, _, text): (BounceReason, Strength, &str)| Told { reason, by: text.trim().to_owned() };
    let status_told =
        |(reason, status, _): (BounceReason, EnhancedStatus, u8)| Told { reason, by: status.to_string() };
    match (words, by_status) {
        (Some(words @ (_, Strength::Sure, _)), _) => Some(told(words)),
        (Some(words @ (_, Strength::Usual, _)), by_status) => match by_status {
            Some(status) if status.2 > 1 && !is_catch_all(status.1) => Some(status_told(status)),
            _ => Some(told(words)),
        },
        (_, Some(status)) if status.2 > 0 => Some(status_told(status)),
        (Some(words), _) => Some(told(words)),
        (None, _) => replies_in(text)
            .find_map(|code| Some(Told { reason: status::reason_of_reply(code)?, by: code.to_string() })),
    }
}

/// Whether a status is one that servers send for everything.
fn is_catch_all(status: EnhancedStatus) -> bool {
    matches!(
        (status.subject, status.detail),
        (1, 0 | 7 | 8) | (2..=5 | 7, 0) | (3, 2) | (4, 1 | 4) | (5, 4) | (7, 1)
    )
}

/// Whether an unknown user may be a refusal in disguise: "5.7.1 … User unknown" is what an access table
/// answers whom it does not want.
pub fn is_hidden_refusal(status: Option<EnhancedStatus>, told: &Told) -> bool {
    status.is_some_and(|status| status.subject == 7) && told.by == "user unknown"
}
