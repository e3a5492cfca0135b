//! One `item` or `entry` into a draft.

use super::super::draft::Draft;
use super::super::web_address;
use super::super::xml::{Element, Space};
use super::text::Content;
use super::{Channel, PLAIN, images, links};
use crate::domain::article::Image;
use crate::sources::plain_text::plain_text;

const TITLES: &[(&[Space], &str)] =
    &[(PLAIN, "title"), (&[Space::DublinCore, Space::DublinCoreTerms], "title"), (&[Space::Media], "title")];
const SUMMARIES: &[(&[Space], &str)] = &[
    (PLAIN, "summary"),
    (PLAIN, "description"),
    (&[Space::DublinCore, Space::DublinCoreTerms], "description"),
    (&[Space::Itunes], "summary"),
    (&[Space::Media], "description"),
];
const TEXTS: &[(&[Space], &str)] = &[
    (&[Space::Content], "encoded"),
    (&[Space::Atom, Space::Rss], "content"),
    (PLAIN, "fullitem"),
    (&[Space::Xhtml], "body"),
    (&[Space::Xhtml], "div"),
];
/// Only what means publication; `dc:date` is the one time that RSS 1.0 has.
const PUBLISHED: &[(&[Space], &str)] = &[
    (PLAIN, "published"),
    (PLAIN, "pubdate"),
    (PLAIN, "issued"),
    (&[Space::DublinCoreTerms], "issued"),
    (&[Space::Prism], "publicationdate"),
    (&[Space::DublinCore], "date"),
    (PLAIN, "created"),
];
const UPDATED: &[(&[Space], &str)] =
    &[(PLAIN, "updated"), (PLAIN, "modified"), (&[Space::DublinCoreTerms], "modified")];

/// What `item` says.
pub(super) fn draft(item: &Element, channel: &Channel) -> Draft {
    let base = item.base.as_deref().or(channel.base.as_ref());
    let title = first(item, TITLES).map(Content::of);
    let summary = first(item, SUMMARIES).map(Content::of);
    let body = first(item, TEXTS).map(Content::of);
    let declared = images::declared(item, base);
    let (tags, authors) = (tags(item), authors(item));
    let in_texts = || {
        [&body, &summary, &title]
            .into_iter()
            .flatten()
            .find_map(|content| images::in_text(&content.raw, base))
    };
    Draft {
        external_id: identity(item),
        url: links::page(item, channel),
        title: title.as_ref().map(Content::text).unwrap_or_default(),
        summary: summary.as_ref().map(Content::text).unwrap_or_default(),
        text: body.as_ref().map(Content::text).unwrap_or_default(),
        instead_of_title: other_words(item, declared.as_ref(), &tags, &authors),
        section: section(item),
        authors,
        tags,
        language: language(item, channel),
        image: declared.or_else(in_texts),
        published: first(item, PUBLISHED).map(Element::own_text),
        updated: first(item, UPDATED).map(Element::own_text),
        related: links::related(item, channel),
        ..Draft::default()
    }
}

/// The first element of the list's first entry that has any content.
fn first<'a>(item: &'a Element, list: &[(&[Space], &str)]) -> Option<&'a Element> {
    list.iter().find_map(|(spaces, name)| {
        item.elements().find(|element| element.is(spaces, name) && !element.children.is_empty())
    })
}

fn identity(item: &Element) -> Option<String> {
    let elements = item.elements().filter(|element| element.is(PLAIN, "guid") || element.is(PLAIN, "id"));
    let stated = elements.map(Element::own_text).find(|id| !id.is_empty());
    stated.or_else(|| item.attribute("rdf:about").map(str::to_owned))
}

fn language(item: &Element, channel: &Channel) -> Option<String> {
    let own = item.attribute("xml:lang").map(str::to_owned);
    let stated = || item.all(&[Space::DublinCore, Space::Rss], "language").next().map(Element::own_text);
    let of_title = || item.all(PLAIN, "title").find_map(|title| title.language.as_deref().map(str::to_owned));
    let in_force = || item.language.as_deref().map(str::to_owned);
    own.or_else(stated).or_else(of_title).or_else(in_force).or_else(|| channel.language.clone())
}

fn authors(item: &Element) -> Vec<String> {
    let is_byline = |element: &&Element| {
        element.is(&[Space::DublinCore, Space::DublinCoreTerms], "creator")
            || element.name == "author"
                && matches!(element.space, Space::Rss | Space::Atom | Space::DublinCore | Space::Itunes)
    };
    let names = item.elements().filter(is_byline).map(|byline| {
        let name = byline.all(PLAIN, "name").next().unwrap_or(byline);
        without_address(&Content::of(name).text())
    });
    names.collect()
}

/// The name in `Name (a@example.org)`, `a@example.org (Name)` and `Name <a@example.org>`.
fn without_address(byline: &str) -> String {
    let words = byline.split_whitespace().filter(|word| !word.contains('@'));
    words.collect::<Vec<_>>().join(" ").trim_matches(['(', ')', '<', '>', ',', ' ']).to_owned()
}

fn tags(item: &Element) -> Vec<String> {
    let mut tags = Vec::new();
    for element in item.elements() {
        if element.is(PLAIN, "category") && !is_section(element) {
            let term = element.attribute("label").or(element.attribute("term")).map(plain_text);
            tags.push(term.unwrap_or_else(|| plain_text(&element.own_text())));
        } else if element.is(&[Space::DublinCore], "subject") {
            tags.push(plain_text(&element.own_text()));
        } else if element.is(&[Space::Media, Space::Itunes], "keywords") {
            tags.extend(element.own_text().split(',').map(plain_text));
        }
    }
    tags
}

/// A category says by its scheme that it is one; others are tags.
fn is_section(category: &Element) -> bool {
    let scheme = category
        .attribute("domain")
        .or(category.attribute("scheme"))
        .unwrap_or_default()
        .to_ascii_lowercase();
    scheme.trim_end_matches(['/', 's']).ends_with("section")
}

fn section(item: &Element) -> Option<String> {
    let declared = item.all(PLAIN, "category").find(|category| is_section(category));
    let declared = declared.map(|category| {
        category
            .attribute("label")
            .or(category.attribute("term"))
            .map_or_else(|| category.own_text(), str::to_owned)
    });
    declared
        .or_else(|| item.all(&[Space::Prism], "section").next().map(Element::own_text))
        .map(|section| plain_text(&section))
}

/// What a title can be made from when there is neither title nor text: the words for the picture,
/// a title further down, keywords, bylines, whatever else it says, the name of what it links to.
fn other_words(item: &Element, declared: Option<&Image>, tags: &[String], authors: &[String]) -> Vec<String> {
    let alt = declared.map(|image| image.alt.clone());
    let nested =
        item.elements().flat_map(Element::elements).flat_map(|element| element.elements().chain([element]));
    let titles = nested.filter(|element| element.name == "title").map(|title| Content::of(title).text());
    // An address is no title; its name below is.
    let all = item
        .elements()
        .map(|element| plain_text(&element.all_words()))
        .filter(|words| !words.contains("://"));
    let linked = item
        .all(PLAIN, "link")
        .filter_map(|link| links::address(link, None))
        .map(|address| web_address::name_of(&address));
    let words = alt
        .into_iter()
        .chain(titles)
        .chain(tags.iter().cloned())
        .chain(authors.iter().cloned())
        .chain(all)
        .chain(linked);
    words.filter(|words| !words.is_empty()).take(1).collect()
}
