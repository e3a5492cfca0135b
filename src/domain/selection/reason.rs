//! Why an item stands where it stands: typed for machines, a sentence for people.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::omission::OmissionReason;
use crate::domain::ids::ArticleId;
use crate::domain::ranking::Trend;

/// Why an item stands in its block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Reason {
    /// An editor placed it.
    Picked,
    /// An editor placed its translation.
    TranslationOfPick {
        /// What the editor picked.
        picked: ArticleId,
    },
    /// The newsroom flagged it, or a translation of it, at the source.
    Flagged {
        /// When.
        at: DateTime<Utc>,
    },
    /// Many read it.
    Read {
        /// Readers in the window.
        visitors: u64,
        /// Length of the window.
        window_hours: i64,
        /// Whether it gains or loses.
        trend: Trend,
        /// Readers weighed by age, times 1,000.
        score: i64,
        /// Most views came in one hour.
        suspicious: bool,
        /// The last edition that carried it.
        sent_before: Option<NaiveDate>,
    },
    /// It is new.
    New {
        /// When it was published, or first seen where the source does not say.
        dated_at: DateTime<Utc>,
    },
    /// The source says that it belongs to the lead.
    RelatedBySource,
    /// It shares the lead's subject.
    SharedWithLead {
        /// Tags that both have.
        tags: Vec<String>,
        /// The section that both stand in.
        section: Option<String>,
    },
    /// It took the place of an item that could not stay.
    InPlaceOf {
        /// The item that went.
        article: ArticleId,
        /// Why that went.
        gone: OmissionReason,
        /// Why this was in reserve.
        reserve: Box<Reason>,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Picked => f.write_str("picked by an editor"),
            Self::TranslationOfPick { picked } => {
                write!(f, "translation of article {picked}, which an editor picked")
            }
            Self::Flagged { at } => write!(f, "flagged by the newsroom on {}", minute(*at)),
            Self::Read { visitors, window_hours, trend, suspicious, sent_before, score: _ } => {
                let readers = if *visitors == 1 { "reader" } else { "readers" };
                write!(f, "{visitors} {readers} in {window_hours} h, {trend}")?;
                match sent_before {
                    Some(day) => write!(f, ", sent before in the edition of {day}")?,
                    None => f.write_str(", not sent before")?,
                }
                if *suspicious {
                    f.write_str("; most of its views came in one hour, please look")?;
                }
                Ok(())
            }
            Self::New { dated_at } => write!(f, "new, of {}, not sent before", minute(*dated_at)),
            Self::RelatedBySource => f.write_str("named by the source as related to the lead"),
            Self::SharedWithLead { tags, section } => {
                f.write_str("shares ")?;
                match tags.as_slice() {
                    [] => {}
                    [tag] => write!(f, "the tag {tag}")?,
                    tags => write!(f, "the tags {}", tags.join(", "))?,
                }
                if let Some(section) = section {
                    let and = if tags.is_empty() { "" } else { " and " };
                    write!(f, "{and}the section {section}")?;
                }
                f.write_str(" with the lead")
            }
            Self::InPlaceOf { article, gone, reserve } => {
                write!(f, "in place of article {article} ({gone}); {reserve}")
            }
        }
    }
}

/// An instant as people read it in a sentence.
pub(super) fn minute(at: DateTime<Utc>) -> impl fmt::Display {
    at.format("%Y-%m-%d %H:%M UTC")
}
