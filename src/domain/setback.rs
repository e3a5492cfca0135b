//! Why an edition did not go out as planned: kept with it in English, told in the language of who
//! is to hear of it.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Why an edition is held, skipped, missed, paused or late. `Display` gives the English words that
/// stand in the database, in the log and in web hooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "because")]
pub enum Setback {
    /// Nobody approved it.
    NotApproved,
    /// Its lead story was withdrawn.
    LeadWithdrawn,
    /// Nothing is new.
    NothingNew,
    /// Too few stories.
    TooLittle {
        /// Stories that it has.
        have: usize,
        /// Stories that it takes.
        need: usize,
    },
    /// Its time has passed.
    TooLate {
        /// How late it would be, in minutes.
        late: i64,
        /// How late it may be, in minutes.
        grace: i64,
    },
    /// Its newsletter's next slot has come.
    NewerSlot,
    /// Nobody looked after it.
    Quiet {
        /// For so many minutes.
        minutes: i64,
    },
    /// So many addresses were refused that the fault looks like ours.
    HardBounces {
        /// Suppressions that were lifted again.
        lifted: u64,
    },
    /// Many of its addresses do not exist.
    ManyHard {
        /// So many.
        n: u64,
        /// Of so many.
        of: u64,
    },
    /// Many of its readers complained.
    Complaints {
        /// So many.
        n: u64,
        /// Of so many.
        of: u64,
    },
    /// Its letters were refused again and again, for reasons on our side.
    RefusedAgain {
        /// So many times in a row.
        times: u32,
        /// What was answered the last time.
        reply: String,
    },
    /// Too many of its canary letters failed.
    CanaryFailed {
        /// How many failed.
        failed: u64,
        /// Of so many that were tried.
        of: u64,
        /// What was answered most often, if anything was.
        reply: Option<String>,
    },
    /// None of its canary's seed addresses is subscribed.
    NoSeeds,
    /// It will be done too late.
    TooSlow {
        /// When it will be done; `None` where nobody can say and its time is over.
        forecast: Option<DateTime<Utc>>,
        /// By when it is to be done.
        due: DateTime<Utc>,
    },
    /// It waits for a person.
    Held,
    /// Its run was stopped.
    Paused,
    /// It runs, and nothing of it has gone out.
    NothingSent,
    /// What went wrong, in words that are nobody's to translate.
    Other {
        /// The words.
        text: String,
    },
}

impl From<&str> for Setback {
    fn from(text: &str) -> Self {
        Self::Other { text: text.to_owned() }
    }
}

impl From<&String> for Setback {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl fmt::Display for Setback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotApproved => f.write_str("nobody approved it"),
            Self::LeadWithdrawn => f.write_str("its lead story was withdrawn"),
            Self::NothingNew => f.write_str("nothing new"),
            Self::TooLittle { have, need } => {
                write!(f, "too little: {have} stories where {need} are wanted")
            }
            Self::TooLate { late, grace } => {
                write!(f, "missed: {} late, grace is {}", span(*late), span(*grace))
            }
            Self::NewerSlot => f.write_str("missed: a newer slot has come"),
            Self::Quiet { minutes } => write!(f, "nothing happened to it for {}", span(*minutes)),
            Self::HardBounces { lifted } => write!(
                f,
                "more than a tenth of its last attempts were hard bounces; {lifted} suppressions lifted"
            ),
            Self::ManyHard { n, of } => write!(f, "{n} of {of} addresses bounced hard"),
            Self::Complaints { n, of } => write!(f, "{n} of {of} readers complained"),
            Self::RefusedAgain { times, reply } => {
                write!(f, "refused {times} times in a row for reasons on our side, at last with: {reply}")
            }
            Self::CanaryFailed { failed, of, reply: Some(reply) } => {
                write!(f, "canary: {failed} of {of} letters failed, most of them with: {reply}")
            }
            Self::CanaryFailed { failed, of, reply: None } => {
                write!(f, "canary: {failed} of {of} letters failed")
            }
            Self::NoSeeds => f.write_str("canary: none of its seed addresses is subscribed"),
            Self::TooSlow { forecast: Some(forecast), due } => {
                write!(f, "it will be done about {}, wanted by {}", clock(*forecast), clock(*due))
            }
            Self::TooSlow { forecast: None, due } => write!(f, "it is not done by {}", clock(*due)),
            Self::Held => f.write_str("it is held"),
            Self::Paused => f.write_str("it is paused"),
            Self::NothingSent => f.write_str("nothing of it has gone out"),
            Self::Other { text } => f.write_str(text),
        }
    }
}

impl Setback {
    /// What a mail server said, where that is what it is about.
    pub fn reply(&self) -> Option<&str> {
        match self {
            Self::RefusedAgain { reply, .. } => Some(reply),
            Self::CanaryFailed { reply, .. } => reply.as_deref(),
            _ => None,
        }
    }
}

/// An instant for people who read English.
fn clock(at: DateTime<Utc>) -> impl fmt::Display {
    at.format("%Y-%m-%d %H:%M UTC")
}

/// A length of time for people, in hours and minutes.
fn span(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_words_of_records_stay_as_they_are() {
        for (setback, words) in [
            (Setback::TooLate { late: 185, grace: 120 }, "missed: 3 h 5 min late, grace is 2 h"),
            (Setback::Quiet { minutes: 45 }, "nothing happened to it for 45 min"),
            (Setback::TooLittle { have: 1, need: 3 }, "too little: 1 stories where 3 are wanted"),
            (
                Setback::RefusedAgain { times: 20, reply: "blocked".to_owned() },
                "refused 20 times in a row for reasons on our side, at last with: blocked",
            ),
            (
                Setback::CanaryFailed { failed: 3, of: 50, reply: Some("spam".to_owned()) },
                "canary: 3 of 50 letters failed, most of them with: spam",
            ),
            (Setback::CanaryFailed { failed: 3, of: 50, reply: None }, "canary: 3 of 50 letters failed"),
            (
                Setback::TooSlow {
                    forecast: Some(at("2026-11-25T08:42:10Z")),
                    due: at("2026-11-25T08:30:00Z"),
                },
                "it will be done about 2026-11-25 08:42 UTC, wanted by 2026-11-25 08:30 UTC",
            ),
            (
                Setback::TooSlow { forecast: None, due: at("2026-11-25T08:30:00Z") },
                "it is not done by 2026-11-25 08:30 UTC",
            ),
            (Setback::ManyHard { n: 30, of: 1000 }, "30 of 1000 addresses bounced hard"),
            (Setback::Complaints { n: 3, of: 1000 }, "3 of 1000 readers complained"),
            (Setback::from("the disk is full"), "the disk is full"),
        ] {
            assert_eq!(setback.to_string(), words);
        }
    }

    #[test]
    fn what_is_stored_is_read_back() {
        for setback in [
            Setback::NotApproved,
            Setback::TooLate { late: 1, grace: 2 },
            Setback::HardBounces { lifted: 7 },
            Setback::RefusedAgain { times: 1, reply: "„x“".to_owned() },
            Setback::CanaryFailed { failed: 1, of: 2, reply: None },
            Setback::NoSeeds,
            Setback::ManyHard { n: 1, of: 2 },
            Setback::Complaints { n: 1, of: 2 },
            Setback::TooSlow { forecast: Some(at("2026-11-25T08:42:10Z")), due: at("2026-11-25T08:30:00Z") },
            Setback::from("„x“"),
        ] {
            let json = serde_json::to_string(&setback).unwrap();
            assert_eq!(serde_json::from_str::<Setback>(&json).unwrap(), setback, "{json}");
        }
    }
}
