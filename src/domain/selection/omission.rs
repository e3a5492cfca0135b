//! Why a story does not stand where it might: typed for machines, a sentence for people.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::content::BlockKind;
use super::reason::minute;
use crate::domain::ids::ArticleId;
use crate::domain::ranking::Staleness;

/// A story that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Omission {
    /// The story.
    pub article: ArticleId,
    /// The block that did not take it; `None` when no block of the edition could.
    pub block: Option<BlockKind>,
    /// Why.
    pub why: OmissionReason,
}

/// Why a story was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum OmissionReason {
    /// The newsroom took it back.
    Withdrawn,
    /// It is not among the stories any more.
    Vanished,
    /// Not to be sent yet.
    Embargoed {
        /// From when on it may be.
        until: DateTime<Utc>,
    },
    /// A note without an address.
    NoPage,
    /// Nobody knows how old it is.
    UndatedFirstPoll,
    /// A person ordered it to be kept out.
    Excluded {
        /// In that person's words.
        reason: String,
    },
    /// The edition speaks another language.
    InLanguage {
        /// The story's, as the source says it.
        language: String,
    },
    /// The source names no language, and the newsroom has several.
    LanguageUnknown,
    /// Outside the sections or tags of the block.
    OtherSubject,
    /// Its date lies too far back.
    TooOld {
        /// When it was published, or first seen.
        dated_at: DateTime<Utc>,
    },
    /// It was there before the last edition.
    NotNew {
        /// When we first saw it.
        first_seen_at: DateTime<Utc>,
    },
    /// The newsroom flagged it before the last edition.
    FlaggedBefore {
        /// When.
        at: DateTime<Utc>,
    },
    /// The newsroom flagged it, but editors chose the picks.
    EditorsChose,
    /// An edition carried it, or a translation of it.
    Sent {
        /// That edition's day.
        day: NaiveDate,
    },
    /// Too few read it.
    TooFewReaders {
        /// Readers in the window.
        visitors: u64,
        /// How many it takes.
        floor: u64,
    },
    /// Enough read it, but too few other stories to make a list.
    ShortList,
    /// Nobody knows what is read now.
    ReadsStale {
        /// Why not.
        staleness: Staleness,
    },
    /// It, or a translation of it, stands in another place.
    AlreadyIn {
        /// The kind of the block where it stands.
        kind: BlockKind,
        /// That block's heading.
        title: Option<String>,
    },
    /// Better ones filled the block.
    NoRoom,
    /// An external page without a headline, which only an editor can give.
    NoHeadline,
    /// No rule of any block asks for it.
    NotAsked,
}

impl fmt::Display for OmissionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Withdrawn => f.write_str("withdrawn"),
            Self::Vanished => f.write_str("not among the stories any more"),
            Self::Embargoed { until } => write!(f, "embargoed until {}", minute(*until)),
            Self::NoPage => f.write_str("no page to link to"),
            Self::UndatedFirstPoll => f.write_str("undated and from the first poll"),
            Self::Excluded { reason } => write!(f, "excluded: {reason}"),
            Self::InLanguage { language } => write!(f, "in language {language}"),
            Self::LanguageUnknown => f.write_str("its source names no language"),
            Self::OtherSubject => f.write_str("not of the block's sections or tags"),
            Self::TooOld { dated_at } => write!(f, "too old: of {}", minute(*dated_at)),
            Self::NotNew { first_seen_at } => {
                write!(f, "not new: there since {}, before the last edition", minute(*first_seen_at))
            }
            Self::FlaggedBefore { at } => write!(f, "flagged on {}, before the last edition", minute(*at)),
            Self::EditorsChose => f.write_str("flagged by the newsroom, but editors chose the picks"),
            Self::Sent { day } => write!(f, "sent in the edition of {day}"),
            Self::TooFewReaders { visitors, floor } => write!(f, "too few readers: {visitors} of {floor}"),
            Self::ShortList => f.write_str("too few stories had enough readers to make a list"),
            Self::ReadsStale { staleness } => staleness.fmt(f),
            Self::AlreadyIn { title: Some(title), .. } => write!(f, "already in {title}"),
            Self::AlreadyIn { kind, title: None } => write!(f, "already in the block {kind}"),
            Self::NoRoom => f.write_str("no room: others came first"),
            Self::NoHeadline => f.write_str("an external page needs a headline"),
            Self::NotAsked => f.write_str("no block asks for it"),
        }
    }
}
