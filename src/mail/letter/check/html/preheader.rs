//! The words that mail programs show beside the subject.

use super::page::{Page, squeezed};
use crate::mail::letter::check::header::{Header, decoded_text};
use crate::mail::letter::check::{Findings, Point};

/// How long it may be, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 40..=110;
/// Characters with its padding, so that programs show nothing else behind it.
const PADDED: usize = 100;

pub(super) fn check(page: &Page, header: &Header, findings: &mut Findings) {
    let Some(body) = page.elements.iter().position(|element| element.is("body")) else { return };
    let first = page.words[page.elements[body].words.clone()].first();
    let Some(first) = first.filter(|words| page.elements[words.within].look.hidden) else {
        findings.add(Point::Preheader, "body", "its first words are not hidden: there is no preheader");
        return;
    };
    let mut around = first.within;
    while let Some(parent) = page.elements[around].parent.filter(|&parent| page.elements[parent].look.hidden)
    {
        around = parent;
    }
    let words = page.words[page.elements[around].words.clone()].iter();
    let whole = words.map(|words| words.text.as_str()).collect::<String>();
    let preheader = squeezed(&whole);
    let length = preheader.chars().count();
    if !LENGTH.contains(&length) {
        findings.add(Point::Preheader, "preheader", format!("it has {length} characters"));
    }
    let padded = whole.chars().count() >= PADDED;
    findings.expect(padded, Point::Preheader, "preheader", "no padding follows it, so other words will");
    let subject = squeezed(&decoded_text(header.one("subject").unwrap_or_default()));
    findings.expect(preheader != subject, Point::Preheader, "preheader", "it is the subject again");
}
