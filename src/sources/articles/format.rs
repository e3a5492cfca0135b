//! What a file of articles is written in.

use serde_json::{Map, Value};

use super::ArticlesError;
use super::json::LISTS;

/// How much of a file is looked at.
const HEAD: usize = 4_096;

/// What a file of articles is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RSS 0.9x, 1.0, 2.0, RDF, Atom 0.3 and 1.0.
    Feed,
    /// JSON Feed 1.0 and 1.1.
    JsonFeed,
    /// One JSON object a line, or one array of objects.
    JsonLines,
    /// A table with a line of column names.
    Csv,
}

impl Format {
    /// Guesses from the content; where that leaves it open, from the file's name, then from the
    /// declared media type.
    ///
    /// # Errors
    /// [`ArticlesError::NotAFeed`] for what is plainly something else, such as an HTML page.
    pub fn guess(
        bytes: &[u8],
        name_hint: Option<&str>,
        content_type: Option<&str>,
    ) -> Result<Self, ArticlesError> {
        let text = super::decode::decode(&bytes[..bytes.len().min(HEAD)]).text;
        let text = text.trim_start();
        match text.chars().next() {
            Some('[') => return Ok(Self::JsonLines),
            Some('{') => return Ok(json_kind(text)),
            _ if text.contains('<') && looks_like_markup(text) => {
                return if is_html(text) {
                    Err(ArticlesError::NotAFeed { got: describe(text) })
                } else {
                    Ok(Self::Feed)
                };
            }
            None => return Err(ArticlesError::NotAFeed { got: describe(text) }),
            Some(_) => {}
        }
        let ending =
            name_hint.and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending.to_ascii_lowercase());
        let declared =
            content_type.and_then(|kind| kind.split(';').next()).map(|kind| kind.trim().to_ascii_lowercase());
        match (ending.as_deref(), declared.as_deref()) {
            (Some("csv" | "tsv"), _) | (None | Some(_), Some("text/csv" | "text/tab-separated-values")) => {
                Ok(Self::Csv)
            }
            (Some("jsonl" | "ndjson"), _) => Ok(Self::JsonLines),
            (Some("rss" | "atom" | "rdf" | "xml"), _) => Ok(Self::Feed),
            _ if text.lines().next().is_some_and(|line| line.contains([',', ';', '\t', '|'])) => {
                Ok(Self::Csv)
            }
            _ => Err(ArticlesError::NotAFeed { got: describe(text) }),
        }
    }
}

/// A JSON Feed has its items in one object; JSON lines have one object for each.
fn json_kind(text: &str) -> Format {
    let first_line = text.lines().next().unwrap_or_default();
    let is_list = |value: Option<&Value>| value.is_some_and(Value::is_array);
    match serde_json::from_str::<Map<String, Value>>(first_line) {
        Ok(object) if LISTS.iter().any(|name| is_list(object.get(*name))) => Format::JsonFeed,
        Ok(_) => Format::JsonLines,
        // The first line is no object of its own, or longer than what is looked at.
        Err(_)
            if text.contains("jsonfeed.org/version")
                || LISTS.iter().any(|name| text.contains(&format!("\"{name}\""))) =>
        {
            Format::JsonFeed
        }
        Err(_) => Format::JsonLines,
    }
}

/// Whether a tag, a declaration or a comment stands near the beginning: before any line that could
/// be one of a table.
fn looks_like_markup(text: &str) -> bool {
    text.starts_with('<') || ["<?xml", "<rss", "<feed", "<rdf:RDF"].iter().any(|tag| text.contains(tag))
}

fn is_html(text: &str) -> bool {
    let has = |tag: &str| text.to_ascii_lowercase().contains(tag);
    let is_feed = ["<rss", "<feed", "<rdf", "<channel"].iter().any(|tag| has(tag));
    !is_feed && (has("<html") || has("<!doctype html") || has("<head") || has("<body"))
}

/// What `text` looks like, in words for a person.
pub(super) fn describe(text: &str) -> String {
    let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let head: String = text.chars().take(HEAD).collect();
    match () {
        () if head.is_empty() => "an empty file".to_owned(),
        () if is_html(&head) => "HTML".to_owned(),
        () if head.starts_with(['{', '[']) => "JSON".to_owned(),
        () if head.starts_with('<') => "XML without a feed in it".to_owned(),
        () => "neither XML nor JSON nor a table".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(text: &str) -> Result<Format, String> {
        Format::guess(text.as_bytes(), None, None).map_err(|error| error.to_string())
    }

    #[test]
    fn content_decides() {
        assert_eq!(guess("\u{feff}\n<?xml version='1.0'?><rss>"), Ok(Format::Feed));
        assert_eq!(guess("Warning: x in y\n<?xml version='1.0'?><rss>"), Ok(Format::Feed));
        assert_eq!(guess("<!DOCTYPE html><rss>"), Ok(Format::Feed));
        assert_eq!(
            guess("{\"version\": \"https://jsonfeed.org/version/1\",\n\"items\": []}"),
            Ok(Format::JsonFeed)
        );
        assert_eq!(guess("{\"title\": \"a\"}\n{\"title\": \"b\"}"), Ok(Format::JsonLines));
        assert_eq!(guess("{\"title\": \"a\", \"text\": \"the \\\"items\\\"\"}"), Ok(Format::JsonLines));
        assert_eq!(guess("{\"articles\": [{\"title\": \"a\"}]}"), Ok(Format::JsonFeed));
        assert_eq!(guess("[{}]"), Ok(Format::JsonLines));
        assert_eq!(guess("title;url\na;b"), Ok(Format::Csv));
    }

    #[test]
    fn what_is_no_feed_is_named() {
        assert_eq!(guess("<!DOCTYPE html><html><head>"), Err("not a feed (got HTML)".to_owned()));
        assert_eq!(guess("  "), Err("not a feed (got an empty file)".to_owned()));
        assert_eq!(guess("hello"), Err("not a feed (got neither XML nor JSON nor a table)".to_owned()));
    }

    #[test]
    fn names_help_where_the_content_leaves_it_open() {
        assert_eq!(Format::guess(b"title\nx", Some("a.csv"), None).ok(), Some(Format::Csv));
        assert_eq!(Format::guess(b"title\nx", None, Some("text/csv; charset=utf-8")).ok(), Some(Format::Csv));
    }
}
