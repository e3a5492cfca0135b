//! The checklist finds what it is there for: each test damages one thing of a sound letter.

use super::*;

/// The points that `raw` fails, each once.
fn failed(raw: &[u8]) -> Vec<Point> {
    let mut points = check(raw).into_iter().map(|finding| finding.point).collect::<Vec<_>>();
    points.dedup();
    points
}

fn damaged(from: &str, to: &str) -> Vec<Point> {
    let raw = String::from_utf8(letter("Sound")).unwrap();
    assert!(raw.contains(from), "{from} in {raw}");
    failed(raw.replacen(from, to, 1).as_bytes())
}

#[test]
fn a_sound_letter_passes() {
    assert_eq!(check(&letter("Sound")), []);
}

#[test]
fn each_damage_is_found_and_nothing_else() {
    let long_html = format!("<p>Hello</p>{}", "<b>x</b>=\r\n".repeat(12_000));
    for (from, to, point) in [
        ("Auto-Submitted: auto-generated\r\n", "Auto-Submitted: auto-generated\n", Point::LineEnds),
        ("Subject: Sound\r\n", "Subject: Sound\r\nSubject: Twice\r\n", Point::OneOfEach),
        ("Subject: Sound\r\n", "", Point::OneOfEach),
        ("+0400", "GMT", Point::Date),
        ("edition-7.42@example.org", "edition-7.42@host.invalid", Point::MessageId),
        ("Subject: Sound", "Subject: Sóund", Point::AsciiHeaders),
        ("Subject: Sound", "Subject: a=?utf-8?Q?b?=", Point::EncodedWords),
        ("Subject: Sound", "Subject: =?utf-8?B?4Q==?=", Point::EncodedWords),
        ("multipart/alternative", "multipart/mixed", Point::Alternative),
        ("text/plain", "text/html", Point::Alternative),
        ("text/plain; charset=utf-8", "text/plain; charset=iso-8859-1", Point::Alternative),
        ("<p>Hello</p>", &long_html, Point::HtmlSize),
        ("<p>Hello</p>", "<script>x()</script>", Point::ActiveContent),
        ("<p>Hello</p>", "<form>", Point::ActiveContent),
        ("List-Unsubscribe: <https:", "List-Unsubscribe: <http:", Point::ListUnsubscribe),
        ("List-Unsubscribe=One-Click", "List-Unsubscribe=1", Point::OneClick),
        ("Unsubscribe:\r\n", "Unsubscribe: ", Point::VisibleUnsubscribe),
        ("<readers-en.example.org>", "<readers>", Point::ListId),
        (":example-org", ":abc", Point::FeedbackId),
        ("Auto-Submitted: auto-generated\r\n", "", Point::AutoSubmitted),
    ] {
        let found = damaged(from, to);
        assert!(found.contains(&point), "{from} -> {to:.40}: {found:?}");
        let related = match point {
            // Another scheme is another site.
            Point::ListUnsubscribe => vec![point, Point::VisibleUnsubscribe],
            _ => vec![point],
        };
        assert!(found.iter().all(|other| related.contains(other)), "{from} -> {to:.40}: {found:?}");
    }
}

#[test]
fn long_lines_are_found_where_they_stand() {
    let word = "x".repeat(40);
    assert_eq!(damaged("Subject: Sound", &format!("Subject: {word} {word}")), [Point::LineLength]);
    assert_eq!(damaged("Subject: Sound", &format!("Subject: {}", "x".repeat(90))), [], "it cannot be folded");
    assert_eq!(damaged("Subject: Sound", &format!("Subject: {}", "x".repeat(1000))), [Point::LineLength]);
    let body = damaged("<p>Hello</p>", &"x".repeat(80));
    assert_eq!(body, [Point::EncodedLineLength]);
    assert!(damaged("<p>Hello</p>", &"x".repeat(1000)).contains(&Point::LineLength));
}

#[test]
fn another_encoding_is_found() {
    let found = damaged("Content-Transfer-Encoding: quoted-printable", "Content-Transfer-Encoding: 7bit");
    assert!(found.contains(&Point::TransferEncoding), "{found:?}");
}

#[test]
fn a_reader_beyond_ascii_stands_in_to_and_only_there() {
    let encoded = encode(&source("Sound", UNSUBSCRIBE_MARK, UNSUBSCRIBE_MARK)).unwrap();
    let raw = encoded.fill(&values("დავითი <დავითი@example.org>")).unwrap();
    let text = String::from_utf8(raw.clone()).unwrap();
    assert!(text.contains(" <დავითი@example.org>\r\n"));
    assert!(!failed(&raw).contains(&Point::AsciiHeaders));
    let mut beyond = source("Sound", "", "");
    beyond.from = Mailbox::parse("დავითი@example.org").unwrap();
    assert_eq!(encode(&beyond), Err(LetterError::SenderBeyondAscii("From")));
}
