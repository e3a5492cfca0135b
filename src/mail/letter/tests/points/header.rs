//! The header block.

use super::*;

#[test]
fn point_11_answers_reach_somebody() {
    holds(
        Point::ReplyAddress,
        with_bytes,
        &[
            ("<readers@example.org>", "<no-reply@example.org>"),
            ("<readers@example.org>", "<DoNotReply@example.org>"),
        ],
        &[],
    );
    let raw = String::from_utf8(sent(&real())).unwrap();
    let lone = swapped(&raw, "Reply-To: \"Readers, Desk of\" <readers@example.org>\r\n", "");
    assert_eq!(check(lone.as_bytes()), []);
    let lone = swapped(&lone, "<news@example.org>", "<noreply@example.org>");
    assert_eq!(failed(lone.as_bytes()), [Point::ReplyAddress]);
}

#[test]
fn point_13_list_unsubscribe_begins_with_https() {
    holds(
        Point::ListUnsubscribe,
        with_bytes,
        &[
            ("List-Unsubscribe: <https:", "List-Unsubscribe: <http:"),
            ("List-Unsubscribe: <https:", "List-Unsubscribe: <mailto:a@example.org>, <https:"),
            (
                "List-Unsubscribe: <https://letters.example.org/u/AbC-123>,",
                "X: <https://letters.example.org/>,",
            ),
        ],
        // Another scheme is another site.
        &[Point::VisibleUnsubscribe, Point::LineLength, Point::LeaveByMail],
    );
    // A demo on a machine's own loopback has no certificate, and needs none.
    let found = with_bytes(
        "List-Unsubscribe: <https://letters.example.org",
        "List-Unsubscribe: <http://127.0.0.1:8080",
    );
    assert!(!found.contains(&Point::ListUnsubscribe), "{found:?}");
}

#[test]
fn point_13_list_unsubscribe_has_an_address_to_write_to() {
    let raw = String::from_utf8(sent(&real())).unwrap();
    let field = "List-Unsubscribe: <https://letters.example.org/u/AbC-123>,\r\n \
        <mailto:unsubscribe+abc123@bounces.example.org>\r\n";
    assert!(raw.contains(field), "{}", head(raw.as_bytes()));
    holds(
        Point::LeaveByMail,
        with_bytes,
        &[
            (",\r\n <mailto:unsubscribe+abc123@bounces.example.org>", ""),
            (
                "<mailto:unsubscribe+abc123@bounces.example.org>",
                "mailto:unsubscribe+abc123@bounces.example.org",
            ),
            ("<mailto:unsubscribe+abc123@", "<mailto:"),
            ("<mailto:", "<mail:"),
        ],
        &[],
    );
}

#[test]
fn point_14_one_click_is_exact_and_stands_once() {
    let field = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
    holds(
        Point::OneClick,
        with_bytes,
        &[("List-Unsubscribe=One-Click", "List-Unsubscribe=1"), (field, ""), (field, &field.repeat(2))],
        &[],
    );
}

#[test]
fn point_19_list_id_names_the_list() {
    holds(
        Point::ListId,
        with_bytes,
        &[("<readers-en.example.org>", "<readers>"), ("<readers-en.example.org>", "")],
        &[],
    );
    let other = sent(&LetterView { subject: "Another day".into(), ..real() });
    let list_id = |raw: &[u8]| {
        head(raw).split("\r\nList-Id: ").nth(1).unwrap().split("\r\nL").next().unwrap().to_owned()
    };
    assert_eq!(list_id(&other), list_id(&sent(&real())), "stable");
}

#[test]
fn point_20_feedback_id_has_four_fields_and_nobody_in_it() {
    let field = "Feedback-ID: 7:daily-en:readers-en:example-org\r\n";
    holds(
        Point::FeedbackId,
        with_bytes,
        &[
            (":example-org", ":abc"),
            (":example-org", ":more:example-org"),
            ("Feedback-ID: 7", "Feedback-ID: ana@example.org"),
            (field, &field.repeat(2)),
        ],
        &[],
    );
}

#[test]
fn point_21_auto_submitted_says_that_no_person_wrote_it() {
    let field = "Auto-Submitted: auto-generated\r\n";
    holds(Point::AutoSubmitted, with_bytes, &[(field, ""), (field, "Auto-Submitted: no\r\n")], &[]);
}

#[test]
fn point_22_return_path_is_not_from() {
    let sound = "Return-Path: <b+token@bounces.example.org>\r\nFrom:";
    assert_eq!(with_bytes("From:", sound), []);
    holds(Point::ReturnPath, with_bytes, &[("From:", "Return-Path: <news@example.org>\r\nFrom:")], &[]);
}

#[test]
fn point_23_one_of_each() {
    for name in ["From", "To", "Date", "Message-ID", "Subject", "MIME-Version"] {
        let raw = String::from_utf8(sent(&real())).unwrap();
        let at = raw.find(&format!("{name}: ")).unwrap();
        let end = at + raw[at..].find("\r\n").unwrap() + 2;
        let field = &raw[at..end];
        let without = format!("{}{}", &raw[..at], &raw[end..]);
        let twice = format!("{}{field}{}", &raw[..end], &raw[end..]);
        for damaged in [without, twice] {
            assert!(failed(damaged.as_bytes()).contains(&Point::OneOfEach), "{name}");
        }
    }
    assert_eq!(check(&sent(&real())), []);
}

#[test]
fn point_24_date_has_a_numeric_zone() {
    holds(Point::Date, with_bytes, &[("+0400", "GMT"), ("24 Nov 2026", "2026-11-24")], &[]);
    // Close to now: the letter carries the time at which it is filled in, not that of its lock.
    assert!(head(&sent(&real())).contains("\r\nDate: Tue, 24 Nov 2026 07:00:00 +0400\r\n"));
}

#[test]
fn point_25_message_id_is_unique_and_of_the_domain_of_from() {
    holds(
        Point::MessageId,
        with_bytes,
        &[
            ("edition-7.42@example.org", "edition-7.42@host.invalid"),
            ("<edition-7.42@example.org>", "edition-7.42@example.org"),
            ("edition-7.42@example.org", "@example.org"),
        ],
        &[],
    );
    let at = |millis| DateTime::from_timestamp_millis(millis).unwrap();
    let keys = crate::domain::token::TokenKeys::new(1, [(1, [7; 32])].into()).unwrap();
    let id = |edition, opened, subscriber| {
        use crate::domain::ids::{EditionId, SubscriberId};
        message_id(&keys, EditionId(edition), at(opened), SubscriberId(subscriber), "example.org")
    };
    let ids = [id(1, 5, 1), id(1, 5, 2), id(2, 5, 1), id(1, 6, 1)];
    assert_eq!(ids.iter().collect::<std::collections::HashSet<_>>().len(), 4);
}

#[test]
fn point_29_headers_are_ascii_and_encoded_words_stand_alone() {
    let subject = &format!("Subject: {}", real().subject);
    holds(Point::AsciiHeaders, with_bytes, &[(subject, "Subject: Sóund")], &[Point::HtmlTitle]);
    let long = format!("Subject: =?utf-8?Q?{}?=", "x".repeat(70));
    holds(
        Point::EncodedWords,
        with_bytes,
        &[(subject, "Subject: a=?utf-8?Q?b?="), (subject, "Subject: =?utf-8?B?4Q==?="), (subject, &long)],
        &[Point::HtmlTitle, Point::LineLength],
    );
}

#[test]
fn point_50_headers_hide_no_control_characters() {
    let subject = &format!("Subject: {}", real().subject);
    for hostile in ["=?utf-8?Q?a=0D=0ABcc:_x?=", "=?utf-8?Q?=E2=80=AEgnp.exe?=", "=?utf-8?Q?=00?="] {
        let found = with_bytes(subject, &format!("Subject: {hostile}"));
        assert!(found.contains(&Point::HostileHeaders), "{hostile}: {found:?}");
    }
    let hostile = LetterView { subject: "a\r\nBcc: x@example.org\u{202E}\0".into(), ..real() };
    assert_eq!(check(&sent(&hostile)), []);
    assert!(!head(&sent(&hostile)).contains("\r\nBcc"));
}

#[test]
fn a_reader_beyond_ascii_stands_in_to_and_only_there() {
    let view = real();
    let encoded =
        encode(&source(view.subject.as_str(), &template::html(&view), &template::text(&view))).unwrap();
    let raw = encoded.fill(&values("დავითი <დავითი@example.org>")).unwrap();
    let text = String::from_utf8(raw.clone()).unwrap();
    assert!(text.contains(" <დავითი@example.org>\r\n"));
    assert_eq!(check(&raw), []);
    let mut beyond = source("Sound", "", "");
    beyond.from = Mailbox::parse("დავითი@example.org").unwrap();
    assert_eq!(encode(&beyond), Err(LetterError::SenderBeyondAscii("From")));
}
