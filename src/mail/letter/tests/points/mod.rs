//! The points of docs/letter.md that can be judged from a letter's bytes: for each, the real letter
//! passes, and one with that one thing damaged does not. Each test is named after its point.

mod form;
mod gallery;
mod header;
mod links;
mod message;
mod reading;
mod text;

use newsletterd_templates::gallery::{Case, Variant, all};

use super::*;
use crate::mail::letter::check::normalised;

/// An ordinary sample letter, whose personal links are still to be filled in.
fn real() -> LetterView {
    mailed(all().iter().find(|case| case.variant == Variant::Normal && case.strings.tag == "en").unwrap())
}

/// A sample letter as it is before its places are filled.
fn mailed(case: &Case) -> LetterView {
    LetterView {
        preferences_url: Some(PREFERENCES_MARK.into()),
        unsubscribe_url: Some(UNSUBSCRIBE_MARK.into()),
        ..case.view()
    }
}

/// The points that a message fails, each once.
fn failed(raw: &[u8]) -> Vec<Point> {
    let mut points = check(raw).into_iter().map(|finding| finding.point).collect::<Vec<_>>();
    points.dedup();
    points
}

/// `text` with its first `from` made `to`; it must be there.
fn swapped(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} in {text}");
    text.replacen(from, to, 1)
}

/// What falls short once the message's bytes are changed.
fn with_bytes(from: &str, to: &str) -> Vec<Point> {
    failed(swapped(&String::from_utf8(sent(&real())).unwrap(), from, to).as_bytes())
}

/// What falls short once the HTML form is changed.
fn with_html(from: &str, to: &str) -> Vec<Point> {
    let view = real();
    let html = swapped(&template::html(&view), from, to);
    failed(&sent_as(view.subject.as_str(), &html, &template::text(&view)))
}

/// What falls short once the text form is changed.
fn with_text(from: &str, to: &str) -> Vec<Point> {
    let view = real();
    let text = swapped(&template::text(&view), from, to);
    failed(&sent_as(view.subject.as_str(), &template::html(&view), &text))
}

/// The real letter passes whole, and each damage is found: the point, and nothing besides but what
/// `related` allows.
fn holds(
    point: Point,
    damaged: impl Fn(&str, &str) -> Vec<Point>,
    damages: &[(&str, &str)],
    related: &[Point],
) {
    assert_eq!(check(&sent(&real())), []);
    for (from, to) in damages {
        let found = damaged(from, to);
        assert!(found.contains(&point), "{point}: {from} -> {to:.60}: {found:?}");
        let others = found.iter().filter(|other| **other != point && !related.contains(other));
        assert_eq!(others.count(), 0, "{point}: {from} -> {to:.60}: {found:?}");
    }
}

#[test]
fn a_letter_from_a_disk_with_plain_line_ends_is_judged_as_it_was_sent() {
    let raw = sent(&real());
    let on_disk = String::from_utf8(raw.clone()).unwrap().replace("\r\n", "\n");
    assert!(failed(on_disk.as_bytes()).contains(&Point::LineEnds));
    assert_eq!(normalised(on_disk.as_bytes()), raw);
    assert_eq!(normalised(&raw), raw);
    assert!(failed(&normalised(b"From: a\r\nTo: b\n\n")).contains(&Point::LineEnds));
}

#[test]
fn findings_say_where_and_what_to_do_and_hold_no_token() {
    let text = template::text(&real()).replace(UNSUBSCRIBE_MARK, "");
    let raw = sent_as(real().subject.as_str(), &template::html(&real()), &text);
    let raw = swapped(&String::from_utf8(raw).unwrap(), "u/AbC-123", "u/AbCdEfGhIjKlMnOp0123");
    let found = check(raw.as_bytes());
    assert!(found.iter().any(|finding| finding.point == Point::VisibleUnsubscribe), "{found:?}");
    for finding in &found {
        assert!(!finding.place.is_empty() && !finding.remedy.is_empty());
        assert!(!format!("{finding:?}").contains("AbCdEfGh"), "{finding:?}");
    }
}
