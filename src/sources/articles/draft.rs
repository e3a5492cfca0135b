//! The last step that all formats share: what an item said becomes an [`IncomingArticle`], or a
//! problem that says why not.
//!
//! Promises: no article without a title, an identity, and texts within their limits; times are
//! possible ones; of two items with one identity the first wins; an item that says nothing at all is
//! accounted for and never sent. The list of problems is bounded.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::{ArticlesFile, ReadOptions, dates, web_address};
use crate::domain::article::{Access, ArticleContent, ArticleStatus, Image, IncomingArticle};
use crate::sources::Problem;
use crate::sources::plain_text::{declared_plain, shorten};
use crate::sources::reading_time;

/// Most articles of one file.
const MAX_ARTICLES: usize = 20_000;
/// Most problems that are told one by one.
const MAX_PROBLEMS: usize = 1_000;
const MAX_TITLE: usize = 300;
const MAX_SUMMARY: usize = 1_000;
const MAX_WORD: usize = 100;
const MAX_WORDS: usize = 30;
/// Length of a title that is made from the text.
const MADE_TITLE: usize = 80;
/// What an item is called that says nothing.
const NOTHING_TO_SAY: &str = "Untitled";
/// Longer identities are kept as their hash.
const MAX_ID: usize = 500;
/// Clocks differ by this much; what lies further ahead is under embargo until then.
const TOLERANCE: TimeDelta = TimeDelta::minutes(10);
/// Earlier times are unset clocks and zero dates.
const FIRST_YEAR: i32 = 2000;

/// What an item said: texts are plain already, addresses absolute, times as written.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub external_id: Option<String>,
    pub url: Option<String>,
    pub flagged: bool,
    pub title: String,
    pub summary: String,
    /// The full text, for a summary or a title that is missing.
    pub text: String,
    /// What else a title can be made from, best first.
    pub instead_of_title: Vec<String>,
    pub section: Option<String>,
    pub authors: Vec<String>,
    pub tags: Vec<String>,
    pub language: Option<String>,
    pub translation_group: Option<String>,
    pub image: Option<Image>,
    pub published: Option<String>,
    pub updated: Option<String>,
    pub embargo: Option<String>,
    pub status: Option<ArticleStatus>,
    pub access: Option<Access>,
    pub related: Vec<String>,
    /// Minutes, where the source states them.
    pub reading_minutes: Option<u16>,
}

/// Takes the drafts of one file.
pub(super) struct Collector<'a> {
    options: &'a ReadOptions,
    file: ArticlesFile,
    known: HashSet<String>,
    /// How often a title and time came without any identity.
    anonymous: HashMap<String, usize>,
    untold_problems: usize,
    too_many: usize,
}

impl<'a> Collector<'a> {
    pub fn new(options: &'a ReadOptions) -> Self {
        Self {
            options,
            file: ArticlesFile::default(),
            known: HashSet::new(),
            anonymous: HashMap::new(),
            untold_problems: 0,
            too_many: 0,
        }
    }

    /// What was collected.
    pub fn finish(mut self) -> ArticlesFile {
        if self.too_many > 0 {
            let message = format!(
                "only the first {MAX_ARTICLES} articles were read, {} more were left out",
                self.too_many
            );
            self.file.problems.push(Problem { place: "file".to_owned(), message });
        }
        if self.untold_problems > 0 {
            let message = format!("and {} more problems", self.untold_problems);
            self.file.problems.push(Problem { place: "file".to_owned(), message });
        }
        self.file
    }

    /// Something that a person should know.
    pub fn problem(&mut self, place: &str, message: impl Into<String>) {
        if self.file.problems.len() < MAX_PROBLEMS {
            self.file
                .problems
                .push(Problem { place: place.to_owned(), message: shorten(&message.into(), 300) });
        } else {
            self.untold_problems += 1;
        }
    }

    /// Whether an article came of any item so far.
    pub fn is_empty(&self) -> bool {
        self.file.articles.is_empty()
    }

    /// Whether one more article is read; counts those that are not.
    pub fn has_room(&mut self) -> bool {
        let has_room = self.file.articles.len() < MAX_ARTICLES;
        self.too_many += usize::from(!has_room);
        has_room
    }

    /// Makes an article of `draft`, which stands at `place`. Ask [`Collector::has_room`] before.
    pub fn add(&mut self, place: &str, mut draft: Draft) {
        draft.external_id = draft.external_id.as_deref().and_then(key);
        draft.translation_group = draft.translation_group.as_deref().and_then(key);
        let title = self.title(place, &draft).unwrap_or_else(|| {
            self.problem(place, "it says nothing: neither title nor words nor address; it is kept as withdrawn, so that it is never sent");
            draft.status = Some(ArticleStatus::Withdrawn);
            NOTHING_TO_SAY.to_owned()
        });
        let (published_at, embargo_until) = self.times(place, &draft);
        let external_id = self.identity(place, &draft, &title);
        // Of an identity's two forms the address is the stronger one, but only where both are given
        // can they disagree; so one key suffices to find a repetition within a file.
        let key = external_id.clone().or_else(|| draft.url.clone()).unwrap_or_default();
        if !self.known.insert(key) {
            self.problem(place, "left out: an earlier item has the same identity");
            return;
        }
        if draft.url.is_none() {
            self.problem(place, "it has no page; letters show it without a link");
        }
        let summary = if draft.summary.is_empty() { &draft.text } else { &draft.summary };
        let summary = if *summary == title { String::new() } else { shorten(summary, MAX_SUMMARY) };
        let reading_minutes =
            draft.reading_minutes.or_else(|| reading_time::of_text(&draft.text, &draft.summary));
        let content = ArticleContent {
            title,
            summary,
            section: draft
                .section
                .filter(|section| !section.is_empty())
                .map(|section| shorten(&section, MAX_WORD)),
            authors: words(draft.authors),
            tags: words(draft.tags),
            language: draft.language.as_deref().and_then(language).or_else(|| self.options.language.clone()),
            translation_group: draft.translation_group.map(|group| shorten(&group, MAX_ID)),
            image: draft.image.take().map(|image| Image { alt: shorten(&image.alt, MAX_TITLE), ..image }),
            published_at,
            updated_at: self.past(draft.updated.as_deref()),
            embargo_until,
            status: draft.status.unwrap_or(ArticleStatus::Published),
            access: draft.access.unwrap_or(Access::Public),
            related: draft.related.into_iter().take(MAX_WORDS).collect(),
            reading_minutes,
        };
        self.file.articles.push(IncomingArticle {
            external_id,
            url: draft.url,
            flagged: draft.flagged,
            content,
        });
    }

    fn title(&mut self, place: &str, draft: &Draft) -> Option<String> {
        if !draft.title.is_empty() {
            return Some(shorten(&draft.title, MAX_TITLE));
        }
        let texts = [&draft.summary, &draft.text].into_iter().chain(&draft.instead_of_title);
        let made = texts.map(|text| first_words(text)).find(|text| !text.is_empty());
        let made = made.or_else(|| {
            let addresses =
                draft.url.iter().chain(draft.image.iter().map(|image| &image.url)).chain(&draft.related);
            addresses
                .chain(&draft.external_id)
                .map(|address| declared_plain(&web_address::name_of(address)))
                .find(|name| !name.is_empty())
        });
        let id = || draft.external_id.as_deref().map(declared_plain).filter(|id| !id.is_empty());
        let made = made.or_else(id)?;
        self.problem(place, "it has no title; one was made from its text");
        Some(shorten(&made, MADE_TITLE))
    }

    /// When it was published, and until when it may not be shown.
    fn times(&mut self, place: &str, draft: &Draft) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let stated = draft.published.as_deref().map(|text| (text, dates::parse(text, self.options.zone)));
        let published = match stated {
            Some((text, None)) => {
                self.problem(
                    place,
                    format!("nobody can read the time `{}`; it counts as undated", shorten(text, 60)),
                );
                None
            }
            Some((text, Some(time))) if time.year() < FIRST_YEAR => {
                self.problem(
                    place,
                    format!("the time `{}` cannot be right; it counts as undated", shorten(text, 60)),
                );
                None
            }
            Some((_, time)) => time,
            None => self.past(draft.updated.as_deref()),
        };
        let embargo = draft.embargo.as_deref().and_then(|text| dates::parse(text, self.options.zone));
        let ahead = published.filter(|time| *time > self.options.now + TOLERANCE);
        if let Some(time) = ahead {
            self.problem(
                place,
                format!("it is dated {}, which is to come; it is not sent before", time.to_rfc3339()),
            );
        }
        (published, embargo.max(ahead))
    }

    /// A time that has been, or nothing.
    fn past(&self, text: Option<&str>) -> Option<DateTime<Utc>> {
        let time = dates::parse(text?, self.options.zone)?;
        (time.year() >= FIRST_YEAR && time <= self.options.now + TOLERANCE).then_some(time)
    }

    /// The source's identity for it. Without one the address is enough, and without that title, time
    /// and the place among those alike must do: they are all there is to know it by next time.
    fn identity(&mut self, place: &str, draft: &Draft, title: &str) -> Option<String> {
        match (&draft.external_id, &draft.url) {
            (Some(id), _) if id.len() <= MAX_ID => Some(id.clone()),
            (Some(id), _) => Some(hash(&[id])),
            (None, Some(_)) => None,
            (None, None) => {
                self.problem(
                    place,
                    "it has no identity and no page; it is known by its title and time from now on",
                );
                let alike = hash(&[title, draft.published.as_deref().unwrap_or_default()]);
                let count = self.anonymous.entry(alike.clone()).or_default();
                *count += 1;
                Some(if *count == 1 { alike } else { format!("{alike}.{count}") })
            }
        }
    }
}

/// An identity as it is compared: control characters have no place in one, and a database refuses
/// some of them.
fn key(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| !c.is_control()).collect();
    Some(kept.trim().to_owned()).filter(|key| !key.is_empty())
}

fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    format!("sha256:{}", data_encoding::HEXLOWER.encode(&hasher.finalize()))
}

/// The first sentence where it is short, else as many words as make a headline.
fn first_words(text: &str) -> String {
    let sentence = text
        .match_indices(['.', '!', '?', '։'])
        .find(|(at, mark)| *at >= 15 && text[at + mark.len()..].starts_with(char::is_whitespace));
    match sentence {
        Some((at, mark)) if at <= MADE_TITLE => {
            let end = if matches!(mark, "." | "։") { at } else { at + mark.len() };
            text[..end].to_owned()
        }
        _ => shorten(text, MADE_TITLE),
    }
}

/// Names or keywords: clean, once each, not too many.
fn words(words: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for word in words.into_iter().map(|word| shorten(&word, MAX_WORD)).filter(|word| !word.is_empty()) {
        if kept.len() < MAX_WORDS && !kept.contains(&word) {
            kept.push(word);
        }
    }
    kept
}

/// A BCP 47 tag with a lower-case primary language; `None` for what is none.
fn language(tag: &str) -> Option<String> {
    let tag = tag.trim().replace('_', "-");
    let mut parts = tag.split('-');
    let primary = parts.next().filter(|primary| (2..=3).contains(&primary.len()))?;
    let fits = tag.len() <= 35
        && tag
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    fits.then(|| format!("{}{}", primary.to_ascii_lowercase(), &tag[primary.len()..]))
}
