//! A published story, as sources hand it in and as the database holds it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::ArticleId;
use super::words::words;

words! {
    /// Whether a story may be shown.
    pub enum ArticleStatus {
        /// It is out.
        Published = "published",
        /// The newsroom took it back; it is never sent.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// Who may read the whole story on the site.
    pub enum Access {
        /// Everybody.
        Public = "public",
        /// Signed-in readers.
        Members = "members",
        /// Paying readers.
        Paid = "paid",
    }
}

/// A picture that belongs to a story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Absolute http(s) address.
    pub url: String,
    /// What it shows, for those who do not see it; empty when the source says nothing.
    pub alt: String,
    /// Pixels, where the source says.
    pub width: Option<u32>,
    /// Pixels, where the source says.
    pub height: Option<u32>,
}

/// What a story says, without its identity. Titles and summaries are clean plain text: no
/// markup, no character references, no control characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleContent {
    /// Headline; never empty.
    pub title: String,
    /// Standfirst or excerpt; may be empty.
    pub summary: String,
    /// The section of the site it stands in.
    pub section: Option<String>,
    /// Bylines.
    pub authors: Vec<String>,
    /// Keywords.
    pub tags: Vec<String>,
    /// BCP 47 tag as the source gives it, lower-case primary language.
    pub language: Option<String>,
    /// Stories with the same value are translations of each other.
    pub translation_group: Option<String>,
    /// The main picture.
    pub image: Option<Image>,
    /// When it was published; `None` when the source does not say, or says something impossible.
    pub published_at: Option<DateTime<Utc>>,
    /// When the source last changed it.
    pub updated_at: Option<DateTime<Utc>>,
    /// Not to be sent before.
    pub embargo_until: Option<DateTime<Utc>>,
    /// Published or withdrawn.
    pub status: ArticleStatus,
    /// Who may read it.
    pub access: Access,
    /// The addresses of stories that the source calls related, most related first.
    pub related: Vec<String>,
    /// How long it takes to read, in minutes, where its source says so or gives the full text. Not
    /// written where it is not known, so that what was known before it was is no news.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading_minutes: Option<u16>,
}

/// A story as a source hands it in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncomingArticle {
    /// The source's own identity for it: guid, Atom id, JSON Feed id, CMS number.
    pub external_id: Option<String>,
    /// The page's absolute http(s) address; `None` for a note without a page.
    pub url: Option<String>,
    /// Whether the newsroom marked it as an editor's pick.
    pub flagged: bool,
    /// What it says.
    pub content: ArticleContent,
}

/// A story as the database holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// Row identity.
    pub id: ArticleId,
    /// The page's address; `None` for a note without a page.
    pub url: Option<String>,
    /// The address in the form that reads are counted by (see `article_key::url_key`).
    pub url_key: Option<String>,
    /// When we first saw it; never changes.
    pub first_seen_at: DateTime<Utc>,
    /// When the newsroom flagged it as an editor's pick.
    pub flagged_at: Option<DateTime<Utc>>,
    /// Whether it may count as news. False for an undated item of a source's first poll: nobody
    /// knows how old it is.
    pub eligible: bool,
    /// What it says.
    pub content: ArticleContent,
}

impl Article {
    /// The instant that decides how new it is: publication where the source gives one, else when
    /// we first saw it.
    pub fn dated_at(&self) -> DateTime<Utc> {
        self.content.published_at.unwrap_or(self.first_seen_at)
    }
}
