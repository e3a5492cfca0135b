//! The picture of an item: what the feed declares, else the first one in its text.

use url::Url;

use super::super::web_address;
use super::super::xml::{Document, Element, Space, Unit};
use super::PLAIN;
use super::text::Content;
use crate::domain::article::Image;
use crate::sources::plain_text::plain_text;

/// Narrower or lower pictures in a text are icons, buttons and counters.
const MIN_WIDTH: u32 = 200;
const MIN_HEIGHT: u32 = 100;

/// The declared picture of `item`: the widest `media:content`, a thumbnail, an enclosure, the
/// podcast's or the item's own image.
pub(super) fn declared(item: &Element, base: Option<&Url>) -> Option<Image> {
    let media: Vec<&Element> = media_elements(item);
    let contents = media.iter().filter(|element| element.name == "content" && is_picture(element));
    let widest = contents.rev().max_by_key(|element| pixels(element, "width"));
    let thumbnail = media
        .iter()
        .filter(|element| element.name == "thumbnail")
        .max_by_key(|element| pixels(element, "width"));
    let by_url = widest
        .into_iter()
        .chain(thumbnail)
        .copied()
        .chain(item.all(PLAIN, "enclosure").filter(|element| is_picture(element)));
    let by_link = item
        .all(PLAIN, "link")
        .filter(|link| super::links::relation(link) == "enclosure" && is_picture(link));
    let own = item.elements().filter(|element| element.is(&[Space::Itunes, Space::Rss], "image"));
    let candidates = by_url.map(|element| (element, "url")).chain(by_link.map(|element| (element, "href")));
    let stated = candidates.filter_map(|(element, name)| image(element, element.attribute(name)?, base));
    let mut owned = own.filter_map(|element| {
        let nested = element.all(PLAIN, "url").next().map(Element::own_text);
        let address = element.attribute("href").or(element.attribute("url")).map(str::to_owned).or(nested);
        image(element, &address.unwrap_or_else(|| element.own_text()), base)
    });
    let found = stated.into_iter().next().or_else(|| owned.next())?;
    let alt =
        media.iter().filter(|element| matches!(element.name.as_str(), "description" | "title" | "text"));
    let alt = alt.map(|element| Content::of(element).text()).find(|alt| !alt.is_empty());
    Some(Image { alt: if found.alt.is_empty() { alt.unwrap_or_default() } else { found.alt }, ..found })
}

/// Media RSS elements of the item, in groups or nested in one another or not.
fn media_elements(item: &Element) -> Vec<&Element> {
    let mut found: Vec<&Element> = item.elements().filter(|element| element.space == Space::Media).collect();
    let mut next = 0;
    while let Some(element) = found.get(next).copied() {
        found.extend(element.elements().filter(|element| element.space == Space::Media));
        next += 1;
    }
    found
}

fn is_picture(element: &Element) -> bool {
    let kind = element.attribute("type").unwrap_or_default().to_ascii_lowercase();
    let medium = element.attribute("medium").unwrap_or_default();
    let address =
        element.attribute("url").or(element.attribute("href")).unwrap_or_default().to_ascii_lowercase();
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let looks_like_one =
        [".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"].iter().any(|end| path.ends_with(end));
    kind.starts_with("image/") || medium == "image" || kind.is_empty() && medium.is_empty() && looks_like_one
}

fn image(element: &Element, address: &str, base: Option<&Url>) -> Option<Image> {
    let url = web_address::absolute(address, element.base.as_deref().or(base))?;
    let alt = element.attribute("alt").map(plain_text).unwrap_or_default();
    Some(Image { url, alt, width: pixels(element, "width"), height: pixels(element, "height") })
}

/// A size in pixels; `100%` and the like are none.
fn pixels(element: &Element, name: &str) -> Option<u32> {
    element
        .attribute(name)?
        .trim_end_matches("px")
        .parse()
        .ok()
        .filter(|pixels| (1..100_000).contains(pixels))
}

/// The first picture in `html` that is not an icon or a counter.
pub(in crate::sources::articles) fn in_text(html: &str, base: Option<&Url>) -> Option<Image> {
    if !html.contains("<img") && !html.contains("<IMG") {
        return None;
    }
    // The tolerant reader gives elements to this too, when it is told that the text is one item.
    let wrapped = format!("<item>{html}</item>");
    let mut document = Document::new(&wrapped, base);
    let Ok(Some(Unit::Item(text))) = document.next_unit() else { return None };
    first_picture(&text, base)
}

fn first_picture(element: &Element, base: Option<&Url>) -> Option<Image> {
    element.elements().find_map(|child| {
        let large = |image: &Image| {
            image.width.is_none_or(|width| width >= MIN_WIDTH)
                && image.height.is_none_or(|height| height >= MIN_HEIGHT)
        };
        let sources = ["src", "data-src", "data-lazy-src"];
        let mut addresses = sources.iter().filter_map(|name| child.attribute(name));
        let own = (child.name == "img")
            .then(|| addresses.find_map(|address| image(child, address, base)))
            .flatten();
        own.filter(large).or_else(|| first_picture(child, base))
    })
}
