//! Layout that every mail program draws, and what no letter may hold.

use std::collections::HashSet;

use super::page::{Element, Page};
use super::style::pixels;
use crate::mail::letter::check::finding::shown_url;
use crate::mail::letter::check::{Findings, Point};

pub(super) fn check(page: &Page, findings: &mut Findings) {
    active(page, findings);
    let told = page.told_targets();
    for (at, element) in page.shown() {
        match element.name.as_str() {
            "table" => table(page, at, findings),
            "td" | "th" => width(page, at, findings),
            "a" => link(page, at, &told, findings),
            _ => {}
        }
        portable(page, at, findings);
        button_cell(page, at, findings);
    }
}

fn active(page: &Page, findings: &mut Findings) {
    for element in &page.elements {
        let name = element.name.as_str();
        if matches!(name, "script" | "form" | "iframe" | "object" | "embed" | "input" | "video" | "audio") {
            findings.add(Point::ActiveContent, name, format!("there is a {name}"));
        }
        for attribute in ["src", "href", "background", "srcset"] {
            let value = element.attribute(attribute).unwrap_or_default().trim().to_ascii_lowercase();
            if value.starts_with("data:") || value.starts_with("javascript:") {
                let scheme = value.split(':').next().unwrap_or_default();
                findings.add(Point::ActiveContent, name, format!("its {attribute} is a {scheme}: address"));
            }
        }
        if let Some(handler) = element.handler() {
            findings.add(Point::ActiveContent, name, format!("it has {handler}"));
        }
    }
}

fn table(page: &Page, at: usize, findings: &mut Findings) {
    let element = &page.elements[at];
    let data = page.inside(at).iter().any(|inner| inner.is("th")) && element.attribute("role").is_none();
    if !data {
        let role = matches!(element.attribute("role"), Some("presentation" | "none"));
        findings.expect(role, Point::LayoutTables, page.place(at), "it has no role=presentation");
        for name in ["border", "cellpadding", "cellspacing"] {
            let zero = element.attribute(name) == Some("0");
            findings.expect(zero, Point::LayoutTables, page.place(at), format!("it has no {name}=0"));
        }
    }
    width(page, at, findings);
}

/// A width in style, also as an attribute.
fn width(page: &Page, at: usize, findings: &mut Findings) {
    let element = &page.elements[at];
    let styled = ["width", "max-width"].iter().any(|name| {
        element.style.get(name).and_then(|value| pixels(value, 0.0)).is_some_and(|width| width > 0.0)
    });
    let said = !styled || element.attribute("width").is_some();
    findings.expect(said, Point::LayoutTables, page.place(at), "its width is no attribute");
}

fn portable(page: &Page, at: usize, findings: &mut Findings) {
    let element = &page.elements[at];
    let style = &element.style;
    if matches!(element.name.as_str(), "p" | "div" | "a") && has_padding(element) {
        findings.add(Point::PortableLayout, page.place(at), "it has padding, which only a td keeps");
    }
    let display = style.get("display").unwrap_or_default();
    if display.contains("flex") || display.contains("grid") {
        findings.add(Point::PortableLayout, page.place(at), format!("its layout is {display}"));
    }
    if let Some(position @ ("absolute" | "relative" | "fixed" | "sticky")) = style.get("position") {
        findings.add(Point::PortableLayout, page.place(at), format!("its position is {position}"));
    }
    let picture = style.get("background-image").is_some_and(|value| value.contains("url("))
        || style.get("background").is_some_and(|value| value.contains("url("));
    let carried = element.attribute("bgcolor").is_some() || style.get("background-color").is_some();
    let message = "a background picture has no colour to stand in for it";
    findings.expect(!picture || carried, Point::PortableLayout, page.place(at), message);
}

fn has_padding(element: &Element) -> bool {
    let declared = element.style.iter().filter(|(name, _)| name.starts_with("padding"));
    let mut lengths =
        declared.flat_map(|(_, value)| value.split(' ')).filter_map(|value| pixels(value, 16.0));
    lengths.any(|length| length > 0.0)
}

/// A link that is drawn as a button by itself, or only a picture.
fn link(page: &Page, at: usize, told: &HashSet<&str>, findings: &mut Findings) {
    let element = &page.elements[at];
    let Some(target) = element.link() else { return };
    let own = ["background", "background-color"].iter().any(|name| element.style.get(name).is_some());
    if own && !page.words_in(at).is_empty() {
        findings.add(
            Point::Buttons,
            page.place(at),
            "it has a ground of its own, which Outlook draws without room",
        );
    }
    let pictures = || page.inside(at).iter().filter(|inner| inner.is("img"));
    let wordless = page.words_in(at).is_empty()
        && pictures().count() > 0
        && pictures().all(|picture| picture.attribute("alt").unwrap_or_default().trim().is_empty());
    if !wordless {
        return;
    }
    let beside = element.attribute("aria-hidden") == Some("true") && told.contains(target);
    let message = "it is a picture without alt, and no link with words beside it";
    findings.expect(beside, Point::PictureLinks, format!("a to {}", shown_url(target)), message);
}

/// A padded, coloured cell with just a link in it is a button.
fn button_cell(page: &Page, at: usize, findings: &mut Findings) {
    let element = &page.elements[at];
    let coloured = ["background", "background-color"].iter().any(|name| element.style.get(name).is_some());
    if !element.is("td") || !coloured || !has_padding(element) {
        return;
    }
    let mut links = (at + 1..element.end).filter(|&inner| page.elements[inner].link().is_some());
    let only = links.next().filter(|_| links.next().is_none());
    let button = only.is_some_and(|link| page.words_in(link) == page.words_in(at));
    let carried = !button || element.attribute("bgcolor").is_some();
    findings.expect(carried, Point::Buttons, page.place(at), "the cell of a button has no bgcolor");
}
