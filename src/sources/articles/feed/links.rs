//! Which of an item's links is the article.

use url::Url;

use super::super::web_address;
use super::super::xml::{Element, Space};
use super::{Channel, PLAIN};

/// Atom relations written as addresses (RFC 4287 section 4.2.7.2, and what IANA called them).
const RELATION_PREFIXES: [&str; 2] =
    ["http://www.iana.org/assignments/relation/", "https://www.iana.org/assignments/relation/"];

/// The relation of a link in lower case; `alternate` where it says none.
pub(super) fn relation(link: &Element) -> String {
    let relation = link.attribute("rel").unwrap_or("alternate").to_ascii_lowercase();
    RELATION_PREFIXES.iter().find_map(|prefix| relation.strip_prefix(prefix)).unwrap_or(&relation).to_owned()
}

/// Where a link leads: its `href`, or its text as RSS and careless Atom have it.
pub(super) fn address(link: &Element, base: Option<&Url>) -> Option<String> {
    let base = link.base.as_deref().or(base);
    let raw = link.attribute("href").map_or_else(|| link.own_text(), str::to_owned);
    web_address::absolute(&raw, base)
}

/// The page of `item`: an alternate link, else a permanent link in the guid, else an Atom id that
/// is an address. Never the feed itself, a sound file or a picture.
pub(super) fn page(item: &Element, channel: &Channel) -> Option<String> {
    let base = channel.base.as_ref();
    let alternates = item.all(PLAIN, "link").filter(|link| relation(link) == "alternate");
    let pages = alternates.filter_map(|link| Some((fitness(link), address(link, base)?)));
    let best =
        pages.filter(|(_, address)| !channel.own.contains(address)).min_by_key(|(fitness, _)| *fitness);
    best.map(|(_, address)| address).or_else(|| {
        let guid = item.all(PLAIN, "guid").find(|guid| {
            guid.attribute("ispermalink").is_none_or(|value| !value.eq_ignore_ascii_case("false"))
        });
        let id = item.all(&[Space::Rss, Space::Atom], "id").next();
        let identities = guid.into_iter().chain(id).map(Element::own_text);
        // Channel Definition Format, from before RSS, has the address at the item itself.
        identities
            .chain(item.attribute("href").map(str::to_owned))
            .find_map(|address| web_address::absolute(&address, None))
    })
}

/// How well the declared type fits a page; small is good. `min_by_key` keeps the order of the file
/// among equals.
fn fitness(link: &Element) -> u8 {
    match link.attribute("type").map(str::to_ascii_lowercase).as_deref() {
        Some("text/html" | "application/xhtml+xml") => 0,
        None => 1,
        Some(kind) if kind.starts_with("text/") => 2,
        Some(_) => 3,
    }
}

/// Addresses that the item calls related.
pub(super) fn related(item: &Element, channel: &Channel) -> Vec<String> {
    let related = item.all(PLAIN, "link").filter(|link| relation(link) == "related");
    related.filter_map(|link| address(link, channel.base.as_ref())).collect()
}
