//! One article as named fields: an object of JSON, or a line of a table.
//!
//! The names are those of our own export, of JSON Feed, and of what content systems commonly say.
//! Promise: a field of an unexpected type is read as well as can be or left out; it never costs the
//! article.

use serde_json::{Map, Value};
use url::Url;

use super::draft::{Collector, Draft};
use super::web_address;
use crate::domain::article::{Access, ArticleStatus, Image};
use crate::sources::plain_text::{declared_plain, plain_text};
use crate::sources::reading_time;

/// Names under which the fields are known, best first, in the form that [`normal`] gives:
/// `published_at` stands here as `publishedat`.
const ID: &[&str] = &["externalid", "id", "guid", "uuid", "articleid"];
const URL: &[&str] = &["url", "canonicalurl", "link", "permalink", "href", "address"];
/// Only where there is no other address: JSON Feed has it for what the item is about.
const EXTERNAL_URL: &[&str] = &["externalurl"];
const TITLE: &[&str] = &["title", "headline", "name"];
const SUMMARY: &[&str] =
    &["summary", "dek", "customexcerpt", "excerpt", "description", "standfirst", "subtitle", "lead", "blurb"];
const HTML: &[&str] = &["contenthtml", "html", "content", "body"];
const TEXT: &[&str] = &["contenttext", "text", "plaintext"];
const SECTION: &[&str] = &["section", "category", "rubric"];
const AUTHORS: &[&str] = &["authors", "author", "byline", "creator"];
const TAGS: &[&str] = &["tags", "keywords", "categories", "topics"];
const LANGUAGE: &[&str] = &["language", "lang", "locale"];
const GROUP: &[&str] = &["translationgroup", "translationof"];
const IMAGE: &[&str] = &["image", "imageurl", "bannerimage", "featureimage", "picture", "thumbnail", "photo"];
const IMAGE_ALT: &[&str] = &["imagealt", "featureimagealt", "alt"];
const IMAGE_WIDTH: &[&str] = &["imagewidth", "imagew"];
const IMAGE_HEIGHT: &[&str] = &["imageheight", "imageh"];
const PUBLISHED: &[&str] =
    &["publishedat", "published", "datepublished", "publicationdate", "pubdate", "date"];
const UPDATED: &[&str] = &["updatedat", "updated", "datemodified", "modifiedat", "modified", "lastmodified"];
const EMBARGO: &[&str] = &["embargountil", "embargo", "embargoeduntil"];
const FLAGGED: &[&str] = &["flagged", "featured", "editorspick", "pick", "sticky"];
const STATUS: &[&str] = &["status", "state"];
const ACCESS: &[&str] = &["access", "visibility", "paywall"];
const RELATED: &[&str] = &["related", "relatedurls", "relatedarticles"];
const READING_TIME: &[&str] = &["readingminutes", "readingtime", "minutestoread", "timerequired"];
const WORD_COUNT: &[&str] = &["wordcount", "words"];

/// Fields of one article. Names are in the form that [`normal`] gives.
#[derive(Debug, Default)]
pub(super) struct Record(Map<String, Value>);

impl Record {
    /// Fields by name; of a name that comes twice the first counts.
    pub fn new(fields: impl IntoIterator<Item = (String, Value)>) -> Self {
        let mut record = Map::new();
        for (name, value) in fields {
            record.entry(normal(&name)).or_insert(value);
        }
        Self(record)
    }

    /// Whether `name`, a column's, is one that we know.
    pub fn knows(name: &str) -> bool {
        let known = [
            ID,
            URL,
            EXTERNAL_URL,
            TITLE,
            SUMMARY,
            HTML,
            TEXT,
            SECTION,
            AUTHORS,
            TAGS,
            LANGUAGE,
            GROUP,
            IMAGE,
            IMAGE_ALT,
            IMAGE_WIDTH,
            IMAGE_HEIGHT,
            PUBLISHED,
            UPDATED,
            EMBARGO,
            FLAGGED,
            STATUS,
            ACCESS,
            RELATED,
            READING_TIME,
            WORD_COUNT,
        ];
        let name = normal(name);
        known.iter().flat_map(|names| names.iter()).any(|known| **known == name)
    }

    /// Hands the article to `articles`. `base` resolves relative addresses.
    pub fn collect(&self, place: &str, base: Option<&Url>, articles: &mut Collector<'_>) {
        if !articles.has_room() {
            return;
        }
        let status = match self.status() {
            Ok(status) => status,
            Err(word) => {
                articles.problem(
                    place,
                    format!("left out: its status is `{word}`, not `published` or `withdrawn`"),
                );
                return;
            }
        };
        let access = self.access();
        if let Err(word) = &access {
            articles.problem(
                place,
                format!("its access is `{word}`; it counts as public (known are public, members, paid)"),
            );
        }
        let html = self.string(HTML).unwrap_or_default();
        let text = self.string(TEXT).map_or_else(|| plain_text(&html), |text| declared_plain(&text));
        let external_url = self.string(EXTERNAL_URL);
        let url = self.string(URL).or(external_url).and_then(|url| web_address::absolute(&url, base));
        let picture = self.image(base).or_else(|| super::feed::image_in_text(&html, base));
        articles.add(
            place,
            Draft {
                external_id: self.string(ID),
                url,
                flagged: self.find(FLAGGED).is_some_and(is_yes),
                title: self.plain(TITLE),
                summary: self.plain(SUMMARY),
                text,
                section: self.find(SECTION).and_then(|section| names(section).into_iter().next()),
                authors: self.list(AUTHORS),
                tags: self.list(TAGS),
                language: self.string(LANGUAGE),
                translation_group: self.string(GROUP),
                image: picture,
                published: self.string(PUBLISHED),
                updated: self.string(UPDATED),
                embargo: self.string(EMBARGO),
                status,
                access: access.unwrap_or_default(),
                related: self
                    .list(RELATED)
                    .iter()
                    .filter_map(|url| web_address::absolute(url, base))
                    .collect(),
                reading_minutes: self.reading_minutes(),
                instead_of_title: Vec::new(),
            },
        );
    }

    /// The first field of `names` that says anything.
    fn find(&self, names: &[&str]) -> Option<&Value> {
        let says_something = |value: &&Value| {
            !matches!(value, Value::Null) && value.as_str().is_none_or(|text| !text.trim().is_empty())
        };
        names.iter().find_map(|name| self.0.get(*name).filter(says_something))
    }

    fn string(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.find(&[name]).and_then(scalar))
    }

    fn plain(&self, names: &[&str]) -> String {
        self.string(names).map(|text| declared_plain(&text)).unwrap_or_default()
    }

    /// All names in the fields, the first field that has any.
    fn list(&self, fields: &[&str]) -> Vec<String> {
        fields
            .iter()
            .filter_map(|field| self.find(&[field]))
            .map(names)
            .find(|names| !names.is_empty())
            .unwrap_or_default()
    }

    fn image(&self, base: Option<&Url>) -> Option<Image> {
        let found = IMAGE.iter().filter_map(|name| self.find(&[name]));
        let mut addressed = found.filter_map(|value| {
            let object = value.as_object();
            let part = |name: &str| object.and_then(|object| object.get(name)).and_then(scalar);
            let address = scalar(value).or_else(|| part("url")).or_else(|| part("src"))?;
            let number = |name: &str, short: &str| {
                part(name).or_else(|| part(short)).and_then(|number| number.parse().ok())
            };
            let (width, height) = (number("width", "w"), number("height", "h"));
            Some(Image {
                url: web_address::absolute(&address, base)?,
                alt: part("alt").unwrap_or_default(),
                width,
                height,
            })
        });
        let image = addressed.next()?;
        let number = |names| self.string(names).and_then(|number| number.parse().ok());
        let alt = if image.alt.is_empty() { self.plain(IMAGE_ALT) } else { declared_plain(&image.alt) };
        Some(Image {
            alt,
            width: image.width.or_else(|| number(IMAGE_WIDTH)),
            height: image.height.or_else(|| number(IMAGE_HEIGHT)),
            ..image
        })
    }

    /// Minutes, as stated or from a stated number of words.
    fn reading_minutes(&self) -> Option<u16> {
        let stated = self.string(READING_TIME).and_then(|time| reading_time::stated(&time));
        let words = || self.string(WORD_COUNT)?.parse().ok().and_then(reading_time::of_words);
        stated.or_else(words)
    }

    /// `Err` with the word for what is not out yet, or not known: it must not be sent by mistake.
    fn status(&self) -> Result<Option<ArticleStatus>, String> {
        let Some(word) = self.string(STATUS).map(|word| word.trim().to_lowercase()) else { return Ok(None) };
        match word.as_str() {
            "published" | "publish" | "live" | "online" | "sent" => Ok(Some(ArticleStatus::Published)),
            "withdrawn" | "deleted" | "removed" | "retracted" | "unpublished" | "trash" => {
                Ok(Some(ArticleStatus::Withdrawn))
            }
            _ => Err(word),
        }
    }

    fn access(&self) -> Result<Option<Access>, String> {
        let Some(word) = self.string(ACCESS).map(|word| word.trim().to_lowercase()) else { return Ok(None) };
        match word.as_str() {
            "public" | "open" | "free" | "false" | "no" | "0" => Ok(Some(Access::Public)),
            "members" | "member" | "registered" => Ok(Some(Access::Members)),
            "paid" | "premium" | "subscribers" | "tiers" | "true" | "yes" | "1" => Ok(Some(Access::Paid)),
            _ => Err(word),
        }
    }
}

/// `Published at`, `published-at` and `published_at` are one name.
fn normal(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A string, number or truth value as text; `None` for what has parts.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The names in a list, in one object with a name, or in a text that parts them by `,`, `;` or `|`.
fn names(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().take(100).filter_map(name).collect(),
        Value::String(text) => {
            let mark = [';', '|', ','].into_iter().find(|mark| text.contains(*mark)).unwrap_or(',');
            text.split(mark).map(declared_plain).filter(|name| !name.is_empty()).collect()
        }
        Value::Null => Vec::new(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => name(value).into_iter().collect(),
    }
}

fn name(value: &Value) -> Option<String> {
    let parts = ["name", "title", "label", "url"];
    let stated = scalar(value).or_else(|| parts.iter().find_map(|part| value.get(part).and_then(scalar)));
    stated.map(|name| declared_plain(&name)).filter(|name| !name.is_empty())
}

fn is_yes(value: &Value) -> bool {
    matches!(
        scalar(value).unwrap_or_default().to_lowercase().as_str(),
        "true" | "yes" | "1" | "y" | "x" | "on"
    )
}
