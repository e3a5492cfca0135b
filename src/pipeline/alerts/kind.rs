//! What an alert is about, with all that is known of it: from this its mail is written in the
//! language of its readers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::config::Newsletter;
use crate::domain::ids::EditionId;
use crate::domain::setback::Setback;
use crate::store::editions::Edition;

/// What an alert is about. Stored with its mail until that is sent, so its JSON form is stable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum AlertKind {
    /// An edition waits for a person.
    Held(OfEdition),
    /// A slot passed without its edition.
    Missed(OfEdition),
    /// Locking or rendering went wrong.
    Failed(OfEdition),
    /// An edition's run was stopped.
    Paused(OfEdition),
    /// No letter has gone out although its time has come.
    Late(OfEdition),
    /// Its run will be done after the time that is set for it.
    Delayed(OfEdition),
    /// Many of its letters came back, or were complained about.
    Reported(OfEdition),
    /// The relay does not work for us.
    RelayDown {
        /// The relay's name.
        relay: String,
        /// What it answered.
        reply: String,
    },
    /// Refusals that blame us and not the reader.
    Refused {
        /// The newsletter's title.
        title: String,
        /// The edition.
        edition: EditionId,
        /// Who refuses.
        domain: String,
        /// With what words.
        reply: String,
    },
    /// A source has not answered usably for too long.
    SourceStale {
        /// The source's name.
        source: String,
        /// When it was last read.
        since: Option<DateTime<Utc>>,
        /// What went wrong the last time.
        error: Option<String>,
    },
}

/// An edition and its setback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfEdition {
    /// The newsletter's name in the configuration.
    pub newsletter: String,
    /// The newsletter's title.
    pub title: String,
    /// The edition.
    pub edition: EditionId,
    /// When it was to go out.
    pub send_at: DateTime<Utc>,
    /// The newsletter's time zone, by its name.
    pub zone: String,
    /// Why it did not go as planned.
    pub why: Setback,
}

impl OfEdition {
    /// An edition of `newsletter` and what happened to it.
    pub fn new(newsletter: &Newsletter, edition: &Edition, why: Setback) -> Self {
        Self {
            newsletter: newsletter.name.as_str().to_owned(),
            title: newsletter.title.clone(),
            edition: edition.id,
            send_at: edition.send_at,
            zone: newsletter.zone().name().to_owned(),
            why,
        }
    }
}
