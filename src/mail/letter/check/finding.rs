//! What was found, and how it is gathered: a few places for each point, however many there are.

use std::collections::BTreeMap;

use serde::Serialize;

use super::points::{Point, Severity};

/// Places named for one point; more are counted.
const NAMED: usize = 3;

/// One place where a letter fails a point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which point.
    pub point: Point,
    /// What hangs on it.
    pub severity: Severity,
    /// Where: a header field, an element with its first words, a line, an address without its
    /// token.
    pub place: String,
    /// What was found, for the person who mends it. Holds no address of a reader.
    pub message: String,
    /// What to do about it.
    pub remedy: &'static str,
}

/// What a letter was found to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Everything that falls short; empty when the letter passes.
    pub findings: Vec<Finding>,
    /// Points about a part that the letter does not have, or that could not be read.
    pub not_judged: Vec<Point>,
}

impl Judgement {
    /// Findings of one severity.
    pub fn of(&self, severity: Severity) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.severity == severity)
    }
}

/// Findings as they are gathered.
#[derive(Debug, Default)]
pub(super) struct Findings {
    found: Vec<Finding>,
    counts: BTreeMap<Point, usize>,
}

impl Findings {
    /// Adds one of the point's usual severity.
    pub(super) fn add(&mut self, point: Point, place: impl AsRef<str>, message: impl AsRef<str>) {
        self.weighed(point, point.severity(), place, message);
    }

    /// Adds one that weighs otherwise than the point usually does.
    pub(super) fn weighed(
        &mut self,
        point: Point,
        severity: Severity,
        place: impl AsRef<str>,
        message: impl AsRef<str>,
    ) {
        let count = self.counts.entry(point).or_default();
        *count += 1;
        // What breaks a letter must not hide behind what does not.
        let hides = severity == Severity::Broken
            && !self.found.iter().any(|known| known.point == point && known.severity == severity);
        if *count <= NAMED || hides {
            let (place, message) = (shown(place.as_ref(), 120), shown(message.as_ref(), 300));
            self.found.push(Finding { point, severity, place, message, remedy: point.remedy() });
        }
    }

    /// Adds one unless `holds`.
    pub(super) fn expect(
        &mut self,
        holds: bool,
        point: Point,
        place: impl AsRef<str>,
        message: impl AsRef<str>,
    ) {
        if !holds {
            self.add(point, place, message);
        }
    }

    /// All of them, in the order of the points; the last of each says how many more there are.
    pub(super) fn end(mut self) -> Vec<Finding> {
        self.found.sort_by_key(|finding| finding.point);
        for (point, count) in self.counts {
            let named = self.found.iter().filter(|finding| finding.point == point).count();
            let last = self.found.iter_mut().rfind(|finding| finding.point == point);
            if let Some(last) = last.filter(|_| count > named) {
                last.message.push_str(&format!(" (and {} more)", count - named));
            }
        }
        self.found
    }
}

/// `text` on one line, cut to `most` characters, without what could disturb a terminal.
pub(super) fn shown(text: &str, most: usize) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let clean = clean.filter(|&c| !newsletterd_templates::content::turns_direction(c));
    let mut kept = clean.take(most + 1).collect::<String>();
    if kept.chars().count() > most {
        kept.pop();
        kept.push('…');
    }
    kept
}

/// An address as it may be shown: without query and fragment, and without segments that look like
/// a token.
pub(super) fn shown_url(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (path, rest) = url.split_at(end);
    let segments = path.split('/').map(|segment| if is_token(segment) { "…" } else { segment });
    let mut short = shown(&segments.collect::<Vec<_>>().join("/"), 100);
    if !rest.is_empty() {
        short.push_str("?…");
    }
    short
}

/// Whether a segment of a path looks made by a machine for one reader.
fn is_token(segment: &str) -> bool {
    let of = |test: fn(&char) -> bool| segment.chars().any(|c| test(&c));
    let mixed = of(char::is_ascii_uppercase) && of(char::is_ascii_lowercase);
    let hex = segment.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    segment.len() >= 16
        && !segment.contains("%")
        && (mixed || hex || !segment.contains('-') && of(char::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_not_shown_and_slugs_are() {
        for (url, short) in [
            (
                "https://n.example/2026/the-bridge-opens-after-all",
                "https://n.example/2026/the-bridge-opens-after-all",
            ),
            ("https://n.example/u/AbCdEfGhIjKlMnOpQr-_1", "https://n.example/u/…"),
            ("https://n.example/u/0b1cdd0e-65d2-4b44-9a9e-2f8d4d1a7a55?x=1", "https://n.example/u/…?…"),
            ("https://n.example/a?token=secret", "https://n.example/a?…"),
        ] {
            assert_eq!(shown_url(url), short);
        }
    }

    #[test]
    fn many_places_are_counted_and_the_worst_is_named() {
        let mut findings = Findings::default();
        for n in 0..10 {
            findings.add(Point::Contrast, format!("p {n}"), "faint");
        }
        findings.weighed(Point::Contrast, Severity::Broken, "p 10", "invisible");
        let found = findings.end();
        assert_eq!(found.len(), NAMED + 1);
        assert_eq!(found.last().unwrap().message, "invisible (and 7 more)");
        assert_eq!(shown("a\u{202E}\nb\u{1B}", 9), "a b ");
    }
}
