//! The document itself: doctype, language, title, night, headings.

use newsletterd_templates::Text;

use super::page::{Page, squeezed};
use super::style::Declarations;
use crate::mail::letter::check::header::{Header, decoded_text};
use crate::mail::letter::check::hostile::in_body;
use crate::mail::letter::check::{Findings, Point};

pub(super) fn check(page: &Page, header: &Header, findings: &mut Findings) {
    findings.expect(page.doctype, Point::HtmlDoctype, "HTML part", "it does not begin with <!DOCTYPE html>");
    language(page, findings);
    title(page, header, findings);
    night(page, findings);
    headings(page, findings);
    for (found, place) in &page.hostile {
        in_body(*found, place, findings);
    }
}

fn language(page: &Page, findings: &mut Findings) {
    let says =
        |name: &str, at: usize| page.elements[at].attribute(name).is_some_and(|value| !value.is_empty());
    let Some(root) = page.elements.iter().position(|element| element.is("html")) else { return };
    for name in ["lang", "dir"] {
        findings.expect(says(name, root), Point::HtmlLanguage, "html", format!("it has no {name}"));
    }
    let Some(body) = page.elements.iter().position(|element| element.is("body")) else { return };
    let wrapped = (body + 1..page.elements[body].end)
        .take_while(|&at| page.elements[at].parent.is_some_and(|parent| parent <= body || parent == at - 1))
        .any(|at| says("lang", at) && says("dir", at));
    findings.expect(wrapped, Point::HtmlLanguage, "body", "no wrapper in it has lang and dir");
}

fn title(page: &Page, header: &Header, findings: &mut Findings) {
    let title = page.elements.iter().position(|element| element.is("title"));
    let Some(at) = title else {
        findings.add(Point::HtmlTitle, "head", "there is no title");
        return;
    };
    let words = page.words[page.elements[at].words.clone()].iter().map(|words| words.text.as_str());
    // Characters that mean nothing may be lost on either way.
    let plain = |text: &str| squeezed(Text::new(text).as_str());
    let title = plain(&words.collect::<String>());
    let subject = plain(&decoded_text(header.one("subject").unwrap_or_default()));
    findings.expect(title == subject, Point::HtmlTitle, "title", "it is not the subject");
}

fn night(page: &Page, findings: &mut Findings) {
    for name in ["color-scheme", "supported-color-schemes"] {
        let said = page.elements.iter().any(|element| {
            element.is("meta")
                && element.attribute("name").is_some_and(|known| known.eq_ignore_ascii_case(name))
                && element.attribute("content").is_some_and(|content| content.contains("dark"))
        });
        findings.expect(said, Point::DarkMode, "head", format!("there is no meta {name} with dark in it"));
    }
    let root = page.rules.split(":root").skip(1).any(|rule| {
        let rule = rule.trim_start().trim_start_matches('{').split('}').next().unwrap_or_default();
        Declarations::parse(rule).get("color-scheme").is_some_and(|schemes| schemes.contains("dark"))
    });
    findings.expect(root, Point::DarkMode, "style", "there is no :root rule with color-scheme");
}

fn headings(page: &Page, findings: &mut Findings) {
    let mut last = 0;
    let mut first = 0;
    for (at, level) in page.shown().filter_map(|(at, element)| Some((at, element.level()?))) {
        first += u32::from(level == 1);
        if level > last + 1 {
            findings.add(Point::Headings, page.place(at), format!("level {level} follows level {last}"));
        }
        last = level;
    }
    if first != 1 {
        findings.add(Point::Headings, "body", format!("there are {first} first-level headings"));
    }
}
