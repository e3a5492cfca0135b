//! What the compilation of an edition is given.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::content::{BlockKind, Overrides, Target};
use super::rules::BlockRules;
use crate::domain::article::Article;
use crate::domain::article_key::UrlKeyRules;
use crate::domain::ids::ArticleId;
use crate::domain::language::Language;
use crate::domain::reads::ReadCount;
use crate::domain::words::words;

/// An item that an editor chose for this edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditorPick {
    /// What it leads to.
    #[serde(flatten)]
    pub target: Target,
    /// The block that the editor put it into, by its position in the block rules; `None` for the
    /// first block of picks.
    #[serde(default)]
    pub block: Option<usize>,
    /// What the editor wrote in place of the source's words.
    #[serde(default)]
    pub overrides: Overrides,
    /// `source_hash` of the story when the overrides were written.
    #[serde(default)]
    pub source_hash: Option<String>,
}

/// What a recent edition of the newsletter carried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentBefore {
    /// The story.
    pub article: ArticleId,
    /// The edition's day.
    pub edition_day: NaiveDate,
    /// The block it stood in.
    pub block: BlockKind,
    /// Its score then, where it was ranked.
    pub score: Option<i64>,
}

words! {
    /// What an exclusion names.
    pub enum ExclusionScope {
        /// One story, with all its translations.
        Article = "article",
        /// All stories of a section.
        Section = "section",
        /// All stories with a tag.
        Tag = "tag",
    }
}

/// What is kept out. Sections and tags are compared without case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Excluded {
    /// One story, with all its translations; not even an editor's pick brings it in.
    Article(ArticleId),
    /// All stories of a section, unless an editor picked them.
    Section(String),
    /// All stories with a tag, whatever other tags they have, unless an editor picked them.
    Tag(String),
}

impl Excluded {
    /// Reads the stored form.
    ///
    /// # Errors
    /// When the value of an article's exclusion is no article id.
    pub fn parse(scope: ExclusionScope, value: &str) -> Result<Self, std::num::ParseIntError> {
        Ok(match scope {
            ExclusionScope::Article => Self::Article(value.parse()?),
            ExclusionScope::Section => Self::Section(value.to_owned()),
            ExclusionScope::Tag => Self::Tag(value.to_owned()),
        })
    }
}

/// An order to keep something out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// What is kept out.
    pub what: Excluded,
    /// From this instant on it may come in again; `None`: never.
    pub until: Option<DateTime<Utc>>,
    /// Why, in the words of the person who gave it: `legal`.
    pub reason: String,
}

words! {
    /// What becomes of a story whose source names no language.
    pub enum WithoutLanguage {
        /// It is taken for one in the edition's language: right where a newsroom has only one.
        Take = "take",
        /// It is left out.
        Leave = "leave",
    }
}

/// What the compilation of an edition is given.
#[derive(Clone, Copy, Debug)]
pub struct CompileInput<'a> {
    /// The instant for which it is compiled.
    pub at: DateTime<Utc>,
    /// The edition's language.
    pub language: Language,
    /// What becomes of a story whose source names no language.
    pub without_language: WithoutLanguage,
    /// The newsletter's blocks, in the order of the letter.
    pub blocks: &'a [BlockRules],
    /// What editors chose for this edition, in their order.
    pub picks: &'a [EditorPick],
    /// All candidates, translations into other languages included.
    pub articles: &'a [Article],
    /// All counts that may touch a window.
    pub reads: &'a [ReadCount],
    /// When a source of reads last answered.
    pub reads_fetched_at: Option<DateTime<Utc>>,
    /// What recent editions of the newsletter carried (10 days back).
    pub sent: &'a [SentBefore],
    /// What is to be kept out.
    pub exclusions: &'a [Exclusion],
    /// The instant for which the last edition was compiled; stories first seen after it are new.
    pub last_edition_at: Option<DateTime<Utc>>,
    /// How the site's addresses become keys, to find the stories that a source calls related.
    pub page_keys: &'a UrlKeyRules,
}
