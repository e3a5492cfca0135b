//! A sample newsroom of our own writing: an invented town's paper in five languages, with its
//! stories, ten days of reads, and its readers.
//!
//! Promises: a pure function of the present instant and the site's address; the same for the same
//! arguments; each language has fresh stories, five of them flagged; names, places and addresses
//! are invented, and every mail domain is one that is kept for examples (RFC 2606).
//!
//! Where any of it is stored, and how the stories' pages and pictures are served, is the demo's
//! business.

mod noise;
mod pictures;
mod readers;
mod reads;
mod texts;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use url::Url;

pub use self::pictures::{DemoPicture, Light, Place, Scene};
pub use self::readers::{DemoSubscriber, DemoSubscription};
use self::texts::{Paper, Story, StoryFacts, Words};
use crate::domain::address::AddressError;
use crate::domain::article::{Access, ArticleContent, ArticleStatus, Image, IncomingArticle};
use crate::domain::language::Language;
use crate::domain::reads::ReadCount;

/// All that a newsroom would have had before its first edition.
#[derive(Clone, Debug)]
pub struct Newsroom {
    /// One for each language, in the order of [`Language::ALL`].
    pub newsletters: Vec<DemoNewsletter>,
    /// The stories of all languages, newest first.
    pub articles: Vec<IncomingArticle>,
    /// Hourly counts of the last ten whole days, of the stories and of the front pages.
    pub reads: Vec<ReadCount>,
    /// The readers of all newsletters.
    pub subscribers: Vec<DemoSubscriber>,
    /// The stories' pictures, which stand at `pictures/NAME.png` below the site.
    pub pictures: Vec<DemoPicture>,
}

/// A newsletter and the texts that its configuration wants in its language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoNewsletter {
    /// `daily-en`
    pub name: String,
    /// `readers-en`
    pub list: String,
    /// What it is written in.
    pub language: Language,
    /// What readers call it.
    pub title: String,
    /// Whom it comes from.
    pub newspaper: String,
    /// Titles of its blocks.
    pub blocks: BlockTitles,
    /// The newsroom's own appeal.
    pub appeal: Appeal,
}

/// What a newsletter's blocks are called.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockTitles {
    /// The editors' picks.
    pub picks: String,
    /// The most-read stories.
    pub most_read: String,
    /// The newest of the others.
    pub latest: String,
}

/// What the newsroom asks of its readers.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appeal {
    /// Headline.
    pub title: String,
    /// One or two sentences.
    pub text: String,
    /// What the button says.
    pub button: String,
}

/// What is wrong with the texts that the program carries.
#[derive(Debug, thiserror::Error)]
pub enum NewsroomError {
    /// A file of texts does not have the shape that it should have.
    #[error("the sample newsroom's {file}: {source}")]
    Texts {
        /// Which one.
        file: &'static str,
        /// Where and what.
        source: toml::de::Error,
    },
    /// A story, author, section or scene is named and has no words.
    #[error("the sample newsroom's {language} texts have no words for {what}")]
    NoWords {
        /// In which language.
        language: Language,
        /// The key.
        what: String,
    },
    /// A reader's address.
    #[error("the sample newsroom's {language} readers have an address that is none: {source}")]
    Address {
        /// In which language.
        language: Language,
        /// Why.
        source: AddressError,
    },
    /// An address of the site.
    #[error("the sample newsroom's site `{site}` can have no pages below it: {source}")]
    Site {
        /// What was given.
        site: Url,
        /// Why.
        source: url::ParseError,
    },
}

/// The newsroom as it stands at `now`, with its pages below `site` (which ends in `/`).
///
/// # Errors
/// [`NewsroomError`] when the program's own texts are broken, or `site` is no place for pages.
pub fn newsroom(now: DateTime<Utc>, site: &Url) -> Result<Newsroom, NewsroomError> {
    let facts = texts::stories()?;
    let mut newsroom = Newsroom {
        newsletters: Vec::new(),
        articles: Vec::new(),
        reads: Vec::new(),
        subscribers: Vec::new(),
        pictures: facts
            .iter()
            .map(|fact| DemoPicture { name: fact.key.clone(), scene: fact.scene })
            .collect(),
    };
    for &language in Language::ALL {
        let paper = Paper { language, words: texts::words(language)?, site };
        newsroom.newsletters.push(newsletter(language, &paper.words));
        newsroom.reads.extend(reads::front_page(now, language, &paper.page("")?));
        for fact in &facts {
            let story = paper.story(fact)?;
            let url = paper.page(&fact.key)?;
            let published_at = now - TimeDelta::minutes(fact.age_minutes);
            let published_at = published_at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(published_at);
            newsroom.reads.extend(reads::story(now, language, fact, &url, published_at));
            newsroom.articles.push(article(&paper, fact, &story, url, published_at)?);
        }
        newsroom.subscribers.extend(readers::readers(now, language, &paper.words.readers)?);
    }
    newsroom.articles.sort_by_key(|article| std::cmp::Reverse(article.content.published_at));
    Ok(newsroom)
}

fn newsletter(language: Language, words: &Words) -> DemoNewsletter {
    DemoNewsletter {
        name: format!("daily-{language}"),
        list: list_name(language),
        language,
        title: words.newsletter.clone(),
        newspaper: words.newspaper.clone(),
        blocks: words.blocks.clone(),
        appeal: words.appeal.clone(),
    }
}

fn list_name(language: Language) -> String {
    format!("readers-{language}")
}

fn article(
    paper: &Paper<'_>,
    fact: &StoryFacts,
    story: &Story<'_>,
    url: Url,
    published_at: DateTime<Utc>,
) -> Result<IncomingArticle, NewsroomError> {
    let related = fact.related.iter().map(|key| Ok(paper.page(key)?.into()));
    let image = Image {
        url: paper.picture(&fact.key)?.into(),
        alt: story.picture.to_owned(),
        width: Some(DemoPicture::WIDTH),
        height: Some(DemoPicture::HEIGHT),
    };
    let content = ArticleContent {
        title: story.words.headline.clone(),
        summary: story.words.standfirst.clone(),
        section: Some(story.section.to_owned()),
        authors: story.authors.iter().copied().map(str::to_owned).collect(),
        tags: story.words.tags.clone(),
        language: Some(paper.language.to_string()),
        translation_group: Some(fact.key.clone()),
        image: Some(image),
        published_at: Some(published_at),
        updated_at: None,
        embargo_until: None,
        status: ArticleStatus::Published,
        access: Access::Public,
        related: related.collect::<Result<_, NewsroomError>>()?,
        reading_minutes: Some(fact.reading_minutes),
    };
    let external_id = Some(format!("velmari:{}:{}", paper.language, fact.key));
    Ok(IncomingArticle { external_id, url: Some(url.into()), flagged: fact.flagged, content })
}

#[cfg(test)]
mod tests;
