//! Why an edition did not go out as planned: kept with it in English, told in the language of who
//! is to hear of it.

use std::fmt;

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
            Self::Held => f.write_str("it is held"),
            Self::Paused => f.write_str("it is paused"),
            Self::NothingSent => f.write_str("nothing of it has gone out"),
            Self::Other { text } => f.write_str(text),
        }
    }
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

    #[test]
    fn the_words_of_records_stay_as_they_are() {
        for (setback, words) in [
            (Setback::TooLate { late: 185, grace: 120 }, "missed: 3 h 5 min late, grace is 2 h"),
            (Setback::Quiet { minutes: 45 }, "nothing happened to it for 45 min"),
            (Setback::TooLittle { have: 1, need: 3 }, "too little: 1 stories where 3 are wanted"),
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
            Setback::from("„x“"),
        ] {
            let json = serde_json::to_string(&setback).unwrap();
            assert_eq!(serde_json::from_str::<Setback>(&json).unwrap(), setback, "{json}");
        }
    }
}
