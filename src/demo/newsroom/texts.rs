//! The newsroom's words, one file per language, and what its stories have in common. The files are
//! part of the program; a test proves that all of them parse and that none lacks a word.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::pictures::{Light, Place, Scene};
use super::{Appeal, BlockTitles, NewsroomError};
use crate::domain::language::Language;

/// What a story is in every language.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoryFacts {
    /// Its name in addresses and in the files of words.
    pub key: String,
    /// Key of its section.
    pub section: String,
    /// Keys of its authors.
    pub authors: Vec<String>,
    /// Minutes since it came out.
    pub age_minutes: i64,
    /// Whether it is an editor's pick.
    pub flagged: bool,
    /// Readers in its first hour, when that hour is the busiest of the day.
    pub appeal: f64,
    /// Hours after publication when it is passed on and read by many at once.
    pub shared_after_h: Option<i64>,
    /// What its picture shows.
    pub scene: Scene,
    /// How long it takes to read.
    pub reading_minutes: u16,
    /// Keys of related stories, most related first.
    pub related: Vec<String>,
}

/// The words of one language.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// The paper's name.
    pub newspaper: String,
    /// The newsletter's name.
    pub newsletter: String,
    /// Titles of blocks.
    pub blocks: BlockTitles,
    /// The newsroom's own appeal.
    pub appeal: Appeal,
    /// Names of readers.
    pub readers: ReaderNames,
    sections: BTreeMap<String, String>,
    authors: BTreeMap<String, String>,
    scenes: BTreeMap<Place, BTreeMap<Light, String>>,
    stories: BTreeMap<String, StoryWords>,
}

/// The words of one story in one language.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoryWords {
    /// Headline.
    pub headline: String,
    /// One or two sentences below it.
    pub standfirst: String,
    /// Keywords.
    pub tags: Vec<String>,
}

/// From which the names and addresses of a language's readers are made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReaderNames {
    /// A mail domain in the language's own letters.
    pub idn_domain: String,
    /// Given names, each with its spelling in an address.
    pub given: Vec<(String, String)>,
    /// Family names, each with its spelling in an address; the same for all genders.
    pub family: Vec<(String, String)>,
}

/// What the stories have in common in every language.
///
/// # Errors
/// [`NewsroomError::Texts`] when the file is broken.
pub fn stories() -> Result<Vec<StoryFacts>, NewsroomError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Stories {
        story: Vec<StoryFacts>,
    }
    parse::<Stories>("stories.toml", include_str!("stories.toml")).map(|stories| stories.story)
}

/// The words of one language.
///
/// # Errors
/// [`NewsroomError::Texts`] when the file is broken.
pub fn words(language: Language) -> Result<Words, NewsroomError> {
    let (file, text) = match language {
        Language::English => ("en.toml", include_str!("en.toml")),
        Language::Georgian => ("ka.toml", include_str!("ka.toml")),
        Language::Armenian => ("hy.toml", include_str!("hy.toml")),
        Language::Azerbaijani => ("az.toml", include_str!("az.toml")),
        Language::Russian => ("ru.toml", include_str!("ru.toml")),
    };
    parse(file, text)
}

fn parse<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, NewsroomError> {
    toml::from_str(text).map_err(|source| NewsroomError::Texts { file, source })
}

/// The paper in one language, on its site.
pub struct Paper<'a> {
    /// Which one.
    pub language: Language,
    /// Its words.
    pub words: Words,
    /// Below which its pages stand.
    pub site: &'a Url,
}

/// A story with all keys turned into words.
pub struct Story<'a> {
    /// Headline, standfirst, tags.
    pub words: &'a StoryWords,
    /// Its section's name.
    pub section: &'a str,
    /// Bylines.
    pub authors: Vec<&'a str>,
    /// What the picture shows.
    pub picture: &'a str,
}

impl Paper<'_> {
    /// The words of a story.
    ///
    /// # Errors
    /// [`NewsroomError::NoWords`] when the language lacks some of them.
    pub fn story(&self, fact: &StoryFacts) -> Result<Story<'_>, NewsroomError> {
        let Words { sections, authors, scenes, stories, .. } = &self.words;
        Ok(Story {
            words: self.look_up(stories, &fact.key)?,
            section: self.look_up(sections, &fact.section)?,
            authors: fact
                .authors
                .iter()
                .map(|key| self.look_up(authors, key).map(String::as_str))
                .collect::<Result<_, _>>()?,
            picture: self.look_up(self.look_up(scenes, &fact.scene.place)?, &fact.scene.light)?,
        })
    }

    /// The address of a story's page, or of the front page where `key` is empty.
    ///
    /// # Errors
    /// [`NewsroomError::Site`] when the site's address can have no pages below it.
    pub fn page(&self, key: &str) -> Result<Url, NewsroomError> {
        let slash = if key.is_empty() { "" } else { "/" };
        self.below(&format!("{}/{key}{slash}", self.language))
    }

    /// The address of a story's picture, the same in all languages.
    ///
    /// # Errors
    /// [`NewsroomError::Site`] when the site's address can have no pages below it.
    pub fn picture(&self, key: &str) -> Result<Url, NewsroomError> {
        self.below(&format!("pictures/{key}.png"))
    }

    fn below(&self, path: &str) -> Result<Url, NewsroomError> {
        self.site.join(path).map_err(|source| NewsroomError::Site { site: self.site.clone(), source })
    }

    fn look_up<'w, K, T>(&self, words: &'w BTreeMap<K, T>, key: &K) -> Result<&'w T, NewsroomError>
    where
        K: Ord + Debug,
    {
        words
            .get(key)
            .ok_or_else(|| NewsroomError::NoWords { language: self.language, what: format!("{key:?}") })
    }
}
