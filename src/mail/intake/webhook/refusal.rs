//! Why a call is not taken. The texts go to the caller; they name places and never repeat a secret,
//! a signature or an address.

/// Why a call is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has no proof of whom it comes from.
    #[error("there is no proof of who calls: {0}")]
    Unproved(&'static str),
    /// Its proof is not right.
    #[error("the proof of who calls is wrong: {0}")]
    Forged(&'static str),
    /// It was made too long ago, or not yet.
    #[error("the call is of another time: {0}")]
    Untimely(&'static str),
    /// It is not meant for us, or leads elsewhere.
    #[error("the call is not for here: {0}")]
    Foreign(&'static str),
    /// Its proof was used before, for another event.
    #[error("the proof of this call was used before, for another event")]
    Replayed,
    /// It is of another media type.
    #[error("application/json is wanted")]
    NotJson,
    /// It cannot be read.
    #[error("{place}: {problem}")]
    Malformed {
        /// Where: `body`, `event 3, recipient`.
        place: String,
        /// What is wrong there, and what would be right.
        problem: String,
    },
    /// More events than are taken at once.
    #[error("there are more than 1,000 events in one call")]
    TooMany,
}

impl Refusal {
    /// One word for the log.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Unproved(_) => "unproved",
            Self::Forged(_) => "forged",
            Self::Untimely(_) => "untimely",
            Self::Foreign(_) => "foreign",
            Self::Replayed => "replayed",
            Self::NotJson => "not JSON",
            Self::Malformed { .. } => "malformed",
            Self::TooMany => "too many events",
        }
    }
}
