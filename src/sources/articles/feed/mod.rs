//! Feeds (RSS 0.9x, 1.0, 2.0, RDF, Atom 0.3 and 1.0) into drafts.
//!
//! Own reader instead of a feed crate: those refuse a whole feed for one mistake, lose the
//! language, base and type of single elements, and give identities that change with the title;
//! docs/feeds.md lists what was measured.

mod entry;
mod images;
mod links;
mod text;

pub(super) use images::in_text as image_in_text;

use url::Url;

use super::draft::Collector;
use super::xml::{Document, Element, Space, Unit};
use super::{ArticlesError, ArticlesFile, ReadOptions, decode, web_address};

const PLAIN: &[Space] = &[Space::Rss, Space::Atom];

/// What holds for all items of a feed.
#[derive(Debug, Default)]
struct Channel {
    /// Where relative addresses start when neither the caller nor an `xml:base` says.
    base: Option<Url>,
    language: Option<String>,
    /// Addresses of the feed itself, which are no pages.
    own: Vec<String>,
}

impl Channel {
    fn learn(&mut self, about: &Element) {
        if about.is(&[Space::Rss, Space::DublinCore], "language") {
            self.language.get_or_insert_with(|| about.own_text());
        } else if about.is(PLAIN, "link") {
            let Some(address) = links::address(about, self.base.as_ref()) else { return };
            if links::relation(about) == "self" {
                self.own.push(address.clone());
            }
            if self.base.is_none() {
                self.base = web_address::base(&address);
            }
        }
    }
}

/// Reads a feed.
pub(super) fn read(bytes: &[u8], options: &ReadOptions) -> Result<ArticlesFile, ArticlesError> {
    let decoded = decode::decode(bytes);
    let mut document = Document::new(&decoded.text, options.base_url.as_ref());
    let mut articles = Collector::new(options);
    let mut channel = Channel { base: options.base_url.clone(), ..Channel::default() };
    channel.own.extend(options.base_url.as_ref().map(Url::to_string));
    if let Some(remark) = decoded.remark {
        articles.problem("file", remark);
    }
    let mut count = 0_usize;
    let mut unit = document.next_unit();
    while let Some(next) = unit.map_err(|error| ArticlesError::Malformed {
        place: format!("item {}", count + 1),
        message: error.to_string(),
    })? {
        match next {
            Unit::Item(item) => {
                count += 1;
                if articles.has_room() {
                    articles.add(&format!("item {count}"), entry::draft(&item, &channel));
                }
            }
            Unit::About(about) => channel.learn(&about),
        }
        unit = document.next_unit();
    }
    if !document.is_feed() || document.first_element() == Some("html") && articles.is_empty() {
        return Err(ArticlesError::NotAFeed { got: super::format::describe(&decoded.text) });
    }
    for name in document.outside_entities() {
        articles.problem(
            "file",
            format!("the entity `&{name};` names something outside the file, which is never read"),
        );
    }
    if document.is_cut() {
        articles.problem(
            &format!("item {}", count + 1),
            "the file ends or breaks here; what came before was read",
        );
    }
    Ok(articles.finish())
}
