//! The content of an edition as it is fixed: complete in itself, so that it can be rendered and
//! shown whatever becomes of its articles.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::article::{Article, Image};
use super::ids::{ArticleId, LinkNo};
use super::language::Language;
use super::picture::StoredPicture;
use super::selection::{Block, BlockKind, House, Item, Origin, Target};

/// What one revision says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The newsletter's name in the configuration.
    pub newsletter: String,
    /// The newsletter's title.
    pub title: String,
    /// The title of its list.
    pub list_title: String,
    /// The language of the letter.
    pub language: Language,
    /// The newsletter's how-many-eth edition it is.
    pub number: i64,
    /// The day that the letter is of, in the newsletter's zone.
    pub date: NaiveDate,
    /// Subject.
    pub subject: String,
    /// What mail programs show beside the subject.
    pub preheader: String,
    /// The editors' note; blank lines part paragraphs.
    pub note: Option<String>,
    /// The newsroom's mark as it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<StoredPicture>,
    /// The sections that have something in them.
    pub blocks: Vec<Section>,
}

/// One section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// What fills it.
    pub kind: BlockKind,
    /// Its heading; `None` for the usual one of its kind.
    pub title: Option<String>,
    /// Its stories.
    pub stories: Vec<Story>,
    /// What a section of kind `house` says.
    pub house: Option<House>,
    /// The picture of `house` as it is kept; without it, it is shown from its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub house_picture: Option<StoredPicture>,
}

/// One story as the letter shows it: the editors' words where they wrote any, else the source's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// The article, when it is one of ours.
    pub article: Option<ArticleId>,
    /// Where it is read.
    pub url: String,
    /// The number of its link, where that leads over an address of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkNo>,
    /// Headline.
    pub headline: String,
    /// Blurb; may be empty.
    pub summary: String,
    /// A word or two above the headline.
    pub kicker: Option<String>,
    /// Bylines.
    pub authors: Vec<String>,
    /// Picture, at its source.
    pub image: Option<Image>,
    /// The same as it is kept, fit for mail; without it, it is shown from its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<StoredPicture>,
    /// Minutes that it takes to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading_minutes: Option<u16>,
    /// The language of the story, when its source says so.
    pub language: Option<String>,
    /// How it came into its section.
    pub origin: Origin,
}

impl Content {
    /// SHA-256 of the content in its canonical JSON form, hexadecimal.
    pub fn hash(&self) -> String {
        // Field order is that of the structs, and there are no maps: equal content gives equal bytes.
        data_encoding::HEXLOWER.encode(&Sha256::digest(serde_json::to_vec(self).unwrap_or_default()))
    }

    /// How many stories stand in it.
    pub fn story_count(&self) -> usize {
        self.blocks.iter().map(|block| block.stories.len()).sum()
    }
}

/// Fixes the sections of a draft: `article` finds the present words of each story. Items without a
/// page or whose article is gone are left out, and so are sections with nothing in them.
pub fn sections<'a>(blocks: &[Block], article: impl Fn(ArticleId) -> Option<&'a Article>) -> Vec<Section> {
    blocks
        .iter()
        .map(|block| Section {
            kind: block.kind,
            title: block.title.clone(),
            stories: block.items.iter().filter_map(|item| story(item, &article)).collect(),
            house: block.house.clone(),
            house_picture: None,
        })
        .filter(|section| !section.stories.is_empty() || section.house.is_some())
        .collect()
}

fn story<'a>(item: &Item, article: impl Fn(ArticleId) -> Option<&'a Article>) -> Option<Story> {
    let over = &item.overrides;
    let own_image = |alt: &str| {
        over.image_url.as_ref().map(|url| Image {
            url: url.clone(),
            alt: over.image_alt.clone().unwrap_or_else(|| alt.to_owned()),
            width: None,
            height: None,
        })
    };
    match &item.target {
        Target::External(url) => Some(Story {
            article: None,
            url: url.clone(),
            link: None,
            headline: over.headline.clone().unwrap_or_else(|| url.clone()),
            summary: over.summary.clone().unwrap_or_default(),
            kicker: over.kicker.clone(),
            authors: Vec::new(),
            image: own_image(""),
            picture: None,
            reading_minutes: None,
            language: None,
            origin: item.origin,
        }),
        Target::Article(id) => {
            let article = article(*id)?;
            let content = &article.content;
            let alt = content.image.as_ref().map_or("", |image| &image.alt);
            let source_image = || {
                content
                    .image
                    .clone()
                    .map(|image| Image { alt: over.image_alt.clone().unwrap_or(image.alt), ..image })
            };
            Some(Story {
                article: Some(*id),
                url: article.url.clone()?,
                link: None,
                headline: over.headline.clone().unwrap_or_else(|| content.title.clone()),
                summary: over.summary.clone().unwrap_or_else(|| content.summary.clone()),
                kicker: over.kicker.clone().or_else(|| content.section.clone()),
                authors: content.authors.clone(),
                image: own_image(alt).or_else(source_image),
                picture: None,
                reading_minutes: content.reading_minutes,
                language: content.language.clone(),
                origin: item.origin,
            })
        }
    }
}
