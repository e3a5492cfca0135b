//! What the tests of this folder share.

use chrono::{DateTime, Utc};
use url::Url;

pub use crate::domain::shared_data::shared_path as shared;
use crate::sources::articles::{ArticlesError, ArticlesFile, Format, ReadOptions, read};

pub fn time(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// Read at noon on 24 November 2026 in Tbilisi.
pub fn options(base: Option<&str>) -> ReadOptions {
    ReadOptions {
        base_url: base.map(|base| Url::parse(base).unwrap()),
        zone: chrono_tz::Asia::Tbilisi,
        now: time("2026-11-24T08:00:00Z"),
        language: None,
    }
}

/// Reads with a guessed format.
pub fn read_any(bytes: &[u8], base: Option<&str>) -> Result<ArticlesFile, ArticlesError> {
    read(bytes, Format::guess(bytes, None, None)?, &options(base))
}

/// Reads a feed that must be one.
pub fn feed(text: &str) -> ArticlesFile {
    read(text.as_bytes(), Format::Feed, &options(Some("https://example.org/feeds/all.xml"))).unwrap()
}

/// Reads an RSS item's content.
pub fn item(content: &str) -> crate::domain::article::IncomingArticle {
    let mut file = feed(&format!("<rss version='2.0'><channel><item>{content}</item></channel></rss>"));
    assert_eq!(file.articles.len(), 1, "{content}: {:?}", file.problems);
    file.articles.remove(0)
}
