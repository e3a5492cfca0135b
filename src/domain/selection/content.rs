//! The content model of an edition: blocks of items. It is what drafts hold and what a revision
//! fixes, so all of it is serialisable.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::reason::Reason;
use crate::domain::article::ArticleContent;
use crate::domain::ids::ArticleId;
use crate::domain::words::words;

words! {
    /// What fills a block. The order of declaration is that of human priority: a story that two
    /// blocks want stands in the one that comes first here, wherever the blocks stand in the letter.
    pub enum BlockKind {
        /// What editors chose, else what the newsroom flagged.
        Picks = "picks",
        /// What was read most.
        MostRead = "most_read",
        /// What belongs to the lead story.
        Related = "related",
        /// What is new.
        Latest = "latest",
        /// The newsroom's own appeal; it holds no stories.
        House = "house",
    }
}

words! {
    /// How an item came into its block.
    pub enum Origin {
        /// An editor placed it.
        Editor = "editor",
        /// The newsroom flagged it at the source.
        Flag = "flag",
        /// It was read most.
        Rank = "rank",
        /// It is new.
        Latest = "latest",
        /// It belongs to the lead story.
        Related = "related",
        /// It took the place of an item that could not stay.
        Reserve = "reserve",
    }
}

/// What an item leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Target {
    /// A story of ours.
    #[serde(rename = "article")]
    Article(ArticleId),
    /// A page elsewhere, by its absolute http(s) address. Its headline stands in the overrides.
    #[serde(rename = "external_url")]
    External(String),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Article(id) => write!(f, "article {id}"),
            Self::External(url) => f.write_str(url),
        }
    }
}

/// What editors wrote for this edition alone; where they wrote nothing, the story's own words stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overrides {
    /// In place of the title.
    pub headline: Option<String>,
    /// In place of the summary.
    pub summary: Option<String>,
    /// In place of the section, above the headline.
    pub kicker: Option<String>,
    /// In place of the picture; absolute http(s) address.
    pub image_url: Option<String>,
    /// In place of the picture's description.
    pub image_alt: Option<String>,
}

impl Overrides {
    /// Whether editors wrote nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One story in a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What it leads to.
    #[serde(flatten)]
    pub target: Target,
    /// What editors wrote in place of the source's words.
    #[serde(default, skip_serializing_if = "Overrides::is_empty")]
    pub overrides: Overrides,
    /// [`source_hash`] of the story when the overrides were written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_hash: Option<String>,
    /// Whether the source changed the story after the overrides were written. It is shown to
    /// editors and changes nothing: what they wrote stands.
    #[serde(default)]
    pub source_changed: bool,
    /// How it came here.
    pub origin: Origin,
    /// Why it is here.
    pub reason: Reason,
}

impl Item {
    /// The story, when it is one of ours.
    pub fn article(&self) -> Option<ArticleId> {
        match self.target {
            Target::Article(id) => Some(id),
            Target::External(_) => None,
        }
    }

    /// The address, when the page is elsewhere.
    pub fn external_url(&self) -> Option<&str> {
        match &self.target {
            Target::External(url) => Some(url),
            Target::Article(_) => None,
        }
    }

    /// The headline as readers see it: the editor's, else that of `story`. `None` only for an item
    /// whose story is missing.
    pub fn headline<'a>(&'a self, story: Option<&'a ArticleContent>) -> Option<&'a str> {
        self.overrides.headline.as_deref().or(story.map(|story| story.title.as_str()))
    }

    /// The blurb as readers see it: the editor's, else that of `story`; may be empty.
    pub fn summary<'a>(&'a self, story: Option<&'a ArticleContent>) -> &'a str {
        self.overrides.summary.as_deref().or(story.map(|story| story.summary.as_str())).unwrap_or_default()
    }
}

/// The newsroom's own appeal, for membership say. Plain text and absolute addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct House {
    /// What it says.
    pub text: String,
    /// Address of a picture.
    #[serde(default)]
    pub image: Option<String>,
    /// What the picture shows; `None` for one that only decorates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_alt: Option<String>,
    /// What stands on the button.
    #[serde(default)]
    pub button_label: Option<String>,
    /// Where the button leads.
    #[serde(default)]
    pub button_url: Option<String>,
}

/// A titled section of an edition. An empty one stands in the draft, so that editors may fill it,
/// and is not shown in the letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What fills it.
    pub kind: BlockKind,
    /// Its heading; `None` for the usual one of its kind in the letter's language.
    pub title: Option<String>,
    /// Its stories, first is first in the letter.
    pub items: Vec<Item>,
    /// What may take the place of an item that cannot stay, best first.
    pub reserves: Vec<Item>,
    /// What a block of kind `house` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub house: Option<House>,
}

/// The lead story: the first item of the first block that has one, in order of human priority and
/// then of the letter.
pub fn lead(blocks: &[Block]) -> Option<&Item> {
    let filled = blocks.iter().filter(|block| !block.items.is_empty());
    filled.min_by_key(|block| block.kind).and_then(|block| block.items.first())
}

/// A fingerprint of those words of a story that editors can override: SHA-256 in hex.
pub fn source_hash(content: &ArticleContent) -> String {
    let image = content.image.as_ref().map(|image| (&image.url, &image.alt));
    let words = (&content.title, &content.summary, &content.section, image);
    // The debug form quotes each text, so that no two different stories give the same bytes.
    let digest = Sha256::digest(format!("{words:?}"));
    data_encoding::HEXLOWER.encode(&digest)
}
