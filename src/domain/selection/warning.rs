//! What editors should know of a compiled draft.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::content::{BlockKind, Target};
use super::omission::OmissionReason;
use crate::domain::ids::ArticleId;
use crate::domain::ranking::Staleness;

/// Something that an editor should look at. None of them stops the edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "warning", rename_all = "snake_case")]
pub enum Warning {
    /// An editor placed one story, or two translations of it, twice.
    #[error("article {article} was placed twice")]
    PlacedTwice {
        /// The second placement.
        article: ArticleId,
    },
    /// What an editor chose could not be taken.
    #[error("a pick was left out ({target}): {reason}")]
    PickLeftOut {
        /// What was chosen.
        #[serde(flatten)]
        target: Target,
        /// Why it was left out.
        reason: OmissionReason,
    },
    /// An editor chose a story that an exclusion of its section or tag would keep out.
    #[error("article {article} was picked although it is excluded: {reason}")]
    PickedThoughExcluded {
        /// The story.
        article: ArticleId,
        /// In the words of the person who excluded it.
        reason: String,
    },
    /// An editor chose a story that went out before.
    #[error("article {article} was sent in the edition of {day}")]
    PickedAgain {
        /// The story.
        article: ArticleId,
        /// When.
        day: NaiveDate,
    },
    /// An editor put a story into a block that the newsletter does not have.
    #[error("a pick was left out ({target}): the newsletter has no such block")]
    NoSuchBlock {
        /// What was chosen.
        #[serde(flatten)]
        target: Target,
    },
    /// The source changed a story after an editor wrote other words for it.
    #[error("the source changed article {article} after an editor overrode it")]
    SourceChanged {
        /// The story.
        article: ArticleId,
    },
    /// Most views of a story came in one hour.
    #[error("most views of article {article} came in one hour: news, or a machine?")]
    Suspicious {
        /// The story.
        article: ArticleId,
    },
    /// The list of most-read stories fell away.
    #[error("no most-read list: {staleness}; the latest stories stand in")]
    ReadsStale {
        /// Why.
        staleness: Staleness,
    },
    /// The list of most-read stories fell away.
    #[error("no most-read list: {stories} stories had {floor} readers, and it takes {needed}")]
    ShortList {
        /// How many had enough readers.
        stories: usize,
        /// How many it takes to make a list.
        needed: usize,
        /// How many readers it takes.
        floor: u64,
    },
    /// A block has nothing in it.
    #[error("nothing for the block {kind}")]
    Empty {
        /// Its kind.
        kind: BlockKind,
    },
}
