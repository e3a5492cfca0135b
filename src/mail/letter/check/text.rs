//! What is asked of the text form.

use unicode_width::UnicodeWidthStr;

use super::finding::{shown, shown_url};
use super::hostile::{hostile, in_body};
use super::html::{Page, squeezed};
use super::{Findings, Point};

/// Columns of a line.
const COLUMNS: usize = 78;
/// Columns that may stand beside a word that is itself too wide to be wrapped.
const BESIDE: usize = 18;
/// Tags that only leak from HTML: their names are no words.
const TAGS: [&str; 12] = [
    "</p>", "<br>", "<br/>", "<br />", "</a>", "<a href", "</td>", "</tr>", "</table>", "</div>", "</span>",
    "<style",
];

/// Octets of text that are looked at.
const MOST: usize = 1024 * 1024;
/// Headings that are looked for.
const HEADINGS: usize = 300;

pub(super) fn check(text: &str, flowed: bool, page: Option<&Page>, findings: &mut Findings) {
    if text.len() > MOST {
        let message = format!("it has {} octets; more than {MOST} are not looked at", text.len());
        findings.add(Point::Readable, "text part", message);
        return;
    }
    for (at, line) in text.lines().enumerate() {
        let place = format!("line {} of the text part", at + 1);
        let width = line.width();
        if width > COLUMNS && !flowed {
            let widest = line.split_whitespace().map(UnicodeWidthStr::width).max().unwrap_or_default();
            let message = format!("it has {width} columns");
            findings.expect(width - widest <= BESIDE, Point::TextLines, &place, message);
        }
        if line == "-- " {
            findings.add(Point::SignatureMark, &place, "it is the mark of a signature");
        } else if !flowed && line.ends_with([' ', '\t']) {
            findings.add(Point::TextBlanks, &place, "it ends in a blank");
        }
        if let Some(found) = hostile(line) {
            in_body(found, &place, findings);
        }
        markup(line, &place, findings);
    }
    if let Some(page) = page {
        same(text, page, findings);
    }
}

fn markup(line: &str, place: &str, findings: &mut Findings) {
    let lower = line.to_ascii_lowercase();
    if let Some(tag) = TAGS.iter().find(|tag| lower.contains(*tag)) {
        findings.add(Point::TextMarkup, place, format!("it has {tag}"));
    }
    for word in lower.split_ascii_whitespace().filter(|word| !word.contains("://")) {
        let entity = word.split('&').skip(1).find_map(|rest| {
            let name = rest.split_once(';')?.0;
            let named =
                ["amp", "lt", "gt", "quot", "apos", "nbsp", "zwnj", "shy", "ndash", "mdash", "hellip"];
            (named.contains(&name) || name.starts_with('#')).then_some(name)
        });
        if let Some(entity) = entity {
            findings.add(Point::TextMarkup, place, format!("it has &{};", shown(entity, 10)));
        }
    }
}

/// The same headings, and the same links in the same order.
fn same(text: &str, page: &Page, findings: &mut Findings) {
    let of_html = first_of_each(page.targets());
    let of_text = first_of_each(text.split_whitespace().filter_map(address));
    let missing = of_html.iter().find(|link| !of_text.contains(link));
    if let Some(missing) = missing {
        findings.add(
            Point::TextLinks,
            "text part",
            format!("the link to {} is not in it", shown_url(missing)),
        );
    } else {
        let known = of_text.iter().filter(|link| of_html.contains(link));
        let ordered = known.eq(of_html.iter());
        findings.expect(
            ordered,
            Point::TextLinks,
            "text part",
            "its links stand in another order than in the HTML",
        );
    }
    let words = compact(text);
    for heading in page.headings().into_iter().take(HEADINGS) {
        let there = words.contains(&compact(&heading));
        let message = format!("the heading “{}” is not in it", shown(&heading, 60));
        findings.expect(there, Point::TextLinks, "text part", message);
    }
}

/// Words without any white space, so that it does not matter where lines end.
fn compact(text: &str) -> String {
    squeezed(text).replace(' ', "")
}

/// The address in a word, without brackets and stops around it.
fn address(word: &str) -> Option<&str> {
    let at = word.find("https://").or_else(|| word.find("http://"))?;
    let link = word[at..].split(['<', '>', '"']).next()?;
    let bare = link.trim_end_matches([',', ';', '!']);
    Some(if at > 0 { bare.trim_end_matches([')', ']']) } else { bare })
}

/// Each once, where it stands first. Few enough are compared that this stays quick.
fn first_of_each<'a>(links: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = std::collections::HashSet::new();
    links.filter(|link| seen.insert(*link)).take(2_000).collect()
}
