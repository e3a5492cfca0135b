//! What holds for any content.

use proptest::prelude::*;

use super::super::header::clean;
use super::super::quoted_printable::QuotedPrintable;
use super::*;

/// A body as its reader gets it.
fn as_read(body: &str) -> String {
    let lines = body.replace("\r\n", "\n").replace('\r', "\n");
    let dropped = |c: &char| {
        (c.is_control() && !matches!(c, '\n' | '\t')) || newsletterd_templates::content::is_private(*c)
    };
    lines.chars().filter(|c| !dropped(c)).collect()
}

/// `pieces` with the values between them encoded in line: what [`EncodedLetter::fill`] must give.
fn encoded_afresh(pieces: &[String], values: &[String]) -> String {
    let mut encoder = QuotedPrintable::default();
    for (at, piece) in pieces.iter().enumerate() {
        if at > 0 {
            encoder.soft_break().text(&values[at - 1]).soft_break();
        }
        encoder.text(&as_read(piece));
    }
    encoder.take()
}

/// `pieces` with `between` them.
fn joined(pieces: &[String], between: &[String]) -> String {
    let mut body = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        body.push_str(if at > 0 { &between[at - 1] } else { "" });
        body.push_str(piece);
    }
    body
}

fn assert_sound(raw: &[u8]) {
    for (at, &byte) in raw.iter().enumerate() {
        assert!(byte != b'\r' || raw.get(at + 1) == Some(&b'\n'), "bare CR");
        assert!(byte != b'\n' || (at > 0 && raw[at - 1] == b'\r'), "bare LF");
    }
    assert!(raw.is_ascii() && !raw.contains(&0));
}

proptest! {
    #[test]
    fn any_subject_comes_through_as_one_field(subject in "(?s).{0,300}") {
        let raw = letter(&subject);
        assert_sound(&raw);
        prop_assert_eq!(read(&raw).0, clean(&subject));
        prop_assert_eq!(head(&raw).matches("\r\nSubject:").count(), 1);
        prop_assert_eq!(head(&raw).lines().filter(|line| !line.starts_with(' ')).count(), 14);
        prop_assert!(head(&raw).lines().all(|line| line.len() <= 78));
        prop_assert_eq!(check(&raw), vec![]);
    }

    #[test]
    fn any_name_comes_through_beside_its_address(name in "(?s).{0,120}") {
        let mut source = source("Names", UNSUBSCRIBE_MARK, UNSUBSCRIBE_MARK);
        source.from.name = Some(name.clone());
        source.list_id = ListId::new(&name, "readers", "example.org");
        let mut values = values("ana@example.org");
        values.to.name = Some(name.clone());
        let raw = encode(&source).unwrap().fill(&values).unwrap();
        assert_sound(&raw);
        prop_assert!(head(&raw).lines().all(|line| line.len() <= 78));
        prop_assert_eq!(head(&raw).lines().filter(|line| !line.starts_with(' ')).count(), 14);
        let expected = Some(clean(&name)).filter(|name| !name.is_empty());
        let message = mail_parser::MessageParser::default().parse(&raw).unwrap();
        for (field, address) in [(message.from(), "news@example.org"), (message.to(), "ana@example.org")] {
            let all = field.unwrap().iter().collect::<Vec<_>>();
            prop_assert_eq!(all.len(), 1);
            prop_assert_eq!(all[0].address(), Some(address));
            prop_assert_eq!(all[0].name().map(str::to_owned), expected.clone());
        }
    }

    #[test]
    fn filling_a_place_is_encoding_its_value_afresh(
        pieces in prop::collection::vec("(?s)[ -~\né.=\u{E000}\u{10D0}]{0,160}", 1..5),
        chosen in prop::collection::vec(any::<bool>(), 4),
        path in "[a-zA-Z0-9._~/?=&%-]{0,200}",
    ) {
        let values = PlaceValues {
            unsubscribe_url: format!("https://letters.example.org/{path}"),
            preferences_url: format!("https://letters.example.org/choices/{path}"),
            ..values("ana@example.org")
        };
        let each = |[leave, choose]: [&str; 2]| {
            chosen.iter().map(|&choice| if choice { choose } else { leave }.to_owned()).collect::<Vec<_>>()
        };
        let urls = [&*values.unsubscribe_url, &*values.preferences_url];
        let escaped = urls.map(|url| url.replace('&', "&amp;"));
        let (in_text, in_html) = (each(urls), each([&escaped[0], &escaped[1]]));
        let body = joined(&pieces, &each([UNSUBSCRIBE_MARK, PREFERENCES_MARK]));
        // What forges no mark when joined: the marks' characters are only ever whole in `body`.
        let marks = body.matches(UNSUBSCRIBE_MARK).count() + body.matches(PREFERENCES_MARK).count();
        prop_assume!(marks + 1 == pieces.len());
        let raw = encode(&source("Same", &body, &body)).unwrap().fill(&values).unwrap();
        assert_sound(&raw);
        let raw_text = std::str::from_utf8(&raw).unwrap();
        for urls in [&in_text, &in_html] {
            let part = format!("charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}\r\n--=_", encoded_afresh(&pieces, urls));
            prop_assert!(raw_text.contains(&part));
        }
        let (_, text, html) = read(&raw);
        let read_pieces = pieces.iter().map(|piece| as_read(piece)).collect::<Vec<_>>();
        prop_assert_eq!(text, joined(&read_pieces, &in_text));
        prop_assert_eq!(html, joined(&read_pieces, &in_html));
        prop_assert!(raw.split(|&byte| byte == b'\n').all(|line| line.len() <= 79));
    }

    #[test]
    fn nothing_unfit_is_filled_in(value in "(?s).{0,60}") {
        let body = format!("{UNSUBSCRIBE_MARK} {PREFERENCES_MARK}");
        let encoded = encode(&source("Values", &body, &body)).unwrap();
        for with in [
            PlaceValues { message_id: value.clone(), ..values("ana@example.org") },
            PlaceValues { one_click_url: format!("https://{value}"), ..values("ana@example.org") },
            PlaceValues { unsubscribe_address: format!("{value}@example.org"), ..values("ana@example.org") },
            PlaceValues { unsubscribe_address: format!("a@{value}"), ..values("ana@example.org") },
            PlaceValues { unsubscribe_url: format!("https://{value}"), ..values("ana@example.org") },
            PlaceValues { preferences_url: format!("https://{value}"), ..values("ana@example.org") },
        ] {
            if let Ok(raw) = encoded.fill(&with) {
                assert_sound(&raw);
                prop_assert_eq!(head(&raw).lines().filter(|line| !line.starts_with(' ')).count(), 14);
            }
        }
    }

    #[test]
    fn the_checklist_reads_anything(raw in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!check(&raw).is_empty());
    }

    #[test]
    fn the_checklist_reads_good_letters_gone_wrong(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, "(?s)[<>/=\"'&;: \\x00-\\xFFa-z]{0,12}"), 1..12),
        on_disk in any::<bool>(),
    ) {
        let mut raw = letter("Mutated");
        for (at, length, piece) in cuts {
            let at = at.index(raw.len());
            let end = raw.len().min(at + length);
            raw.splice(at..end, piece.into_bytes());
        }
        if on_disk {
            raw.retain(|&byte| byte != b'\r');
        }
        let judged = judge(&check::normalised(&raw));
        prop_assert!(judged.findings.len() <= 4 * Point::ALL.len());
        for finding in judged.findings {
            prop_assert!(finding.message.chars().count() < 340 && !finding.message.contains('\n'));
        }
    }
}

#[test]
fn the_stored_form_is_stable_json() {
    let body = format!("{UNSUBSCRIBE_MARK} {PREFERENCES_MARK}");
    let encoded = encode(&source("Stored", &body, &body)).unwrap();
    let json = serde_json::to_string(&encoded).unwrap();
    assert_eq!(serde_json::from_str::<EncodedLetter>(&json).unwrap(), encoded);
    for part in [
        "{\"fixed\":\"From: The Example Post",
        "{\"field\":\"to\"}",
        "{\"field\":\"one_click_url\"}",
        "{\"html\":\"unsubscribe_url\"}",
        "{\"text\":\"unsubscribe_url\"}",
        "{\"html\":\"preferences_url\"}",
        "{\"text\":\"preferences_url\"}",
    ] {
        assert!(json.contains(part), "{part} in {json}");
    }
    assert_eq!(encode(&source("Stored", &body, &body)).unwrap(), encoded, "the same source, the same bytes");
}

#[test]
fn a_letter_of_an_earlier_version_is_filled_in_as_it_was_stored() {
    let stored = r#"{"segments":[{"fixed":"From: news@example.org\r\n"},{"field":"to"},{"fixed":"\r\nLeave: ="},
        {"fixed":"\r\n"},{"text":"unsubscribe_url"},{"fixed":"=\r\n"}],"html_size":9,"web_html":"<p>public</p>"}"#;
    let letter = serde_json::from_str::<EncodedLetter>(stored).unwrap();
    let raw = letter.fill(&values("ana@example.org")).unwrap();
    assert_eq!(
        String::from_utf8(raw).unwrap(),
        "From: news@example.org\r\nTo: ana@example.org\r\n\r\nLeave: =\r\n\
         https://letters.example.org/u/AbC-123?x=3D1&y=3D2=\r\n"
    );
}

#[test]
fn the_size_of_the_html_part_is_that_of_its_encoded_body() {
    let html = "né".repeat(1000);
    let encoded = encode(&source("Size", &html, "text")).unwrap();
    let raw = encoded.fill(&values("ana@example.org")).unwrap();
    let message = mail_parser::MessageParser::default().parse(&raw).unwrap();
    let part = message.html_part(0).unwrap();
    let travelled = usize::try_from(part.offset_end - part.offset_body).unwrap();
    assert_eq!(encoded.html_size, travelled);
    assert!(encoded.html_size > 7000, "{}", encoded.html_size);
}

#[test]
fn what_would_take_too_long_is_not_read() {
    let began = std::time::Instant::now();
    for html in [
        "<div>".repeat(200_000),
        "<font color=1><p>x".repeat(20_000),
        "<a href=https://a.example/>x</a>".repeat(12_000),
        "<table><tr><td>".repeat(30_000),
        "<h2>same</h2>".repeat(30_000),
        format!("<p {}>", "a=1 ".repeat(100_000)),
        "x".repeat(9_000_000),
    ] {
        let found = check(&sent_as("Large", &html, "x"));
        assert!(found.iter().any(|finding| finding.severity == Severity::Broken), "{html:.40}");
    }
    // Unoptimised, on a busy machine; what grows with the square would take hours.
    assert!(began.elapsed() < std::time::Duration::from_secs(60), "{:?}", began.elapsed());
}
