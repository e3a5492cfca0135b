//! Whole messages, read back by two parsers that know nothing of each other or of us.

mod cases;
mod names;
mod points;
mod properties;
mod single;

use chrono::{DateTime, FixedOffset};
use newsletterd_templates::strings::EN;
use newsletterd_templates::view::LetterView;
use newsletterd_templates::{LocalDate, WebLink, letter as template};

use super::*;

/// A letter whose bodies hold the mark.
fn source(subject: &str, html: &str, text: &str) -> LetterSource {
    LetterSource {
        from: Mailbox::parse("The Example Post <news@example.org>").unwrap(),
        reply_to: Some(Mailbox::parse("\"Readers, Desk of\" <readers@example.org>").unwrap()),
        subject: subject.to_owned(),
        list_id: ListId::new("Today in Example", "readers-en", "example.org"),
        feedback_id: Some(FeedbackId::new(
            crate::domain::ids::EditionId(7),
            "daily-en",
            "readers-en",
            "example.org",
        )),
        html: html.to_owned(),
        text: text.to_owned(),
        web_html: "<p>public</p>".to_owned(),
    }
}

fn date() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-24T07:00:00+04:00").unwrap()
}

fn values(to: &str) -> PlaceValues {
    PlaceValues {
        to: Mailbox::parse(to).unwrap(),
        message_id: "edition-7.42@example.org".to_owned(),
        date: date(),
        unsubscribe_url: "https://letters.example.org/u/AbC-123?x=1&y=2".to_owned(),
        preferences_url: "https://letters.example.org/p/AbC-456?x=1&y=2".to_owned(),
        one_click_url: "https://letters.example.org/u/AbC-123".to_owned(),
        unsubscribe_address: "unsubscribe+abc123@bounces.example.org".to_owned(),
    }
}

/// A letter with nothing in it yet but what every letter has.
fn bare(subject: &str) -> LetterView {
    LetterView {
        site_name: "The Example Post".into(),
        site_url: WebLink::parse("https://news.example.org/"),
        subject: subject.into(),
        preheader: "Also today: who pays for the ferries now that nobody takes them.".into(),
        list_title: "Readers".into(),
        postal_address: "1 Example Street".into(),
        preferences_url: Some(PREFERENCES_MARK.into()),
        unsubscribe_url: Some(UNSUBSCRIBE_MARK.into()),
        ..LetterView::new(&EN, "Today in Example".into(), LocalDate::new(2026, 11, 24).unwrap())
    }
}

/// The message of a view as it is mailed.
fn sent(view: &LetterView) -> Vec<u8> {
    sent_as(view.subject.as_str(), &template::html(view), &template::text(view))
}

fn sent_as(subject: &str, html: &str, text: &str) -> Vec<u8> {
    encode(&source(subject, html, text)).unwrap().fill(&values("Ana <ana@example.org>")).unwrap()
}

/// One sound letter, filled in; its header has the subject as it is.
fn letter(subject: &str) -> Vec<u8> {
    let view = bare(subject);
    sent_as(subject, &template::html(&view), &template::text(&view))
}

/// What both parsers read: subject, text and HTML, with line ends made LF. They must agree.
fn read(raw: &[u8]) -> (String, String, String) {
    let lf = |body: &str| body.replace("\r\n", "\n");
    let one = mail_parser::MessageParser::default().parse(raw).unwrap();
    let one = (
        one.subject().unwrap_or_default().to_owned(),
        lf(&one.body_text(0).unwrap()),
        lf(&one.body_html(0).unwrap()),
    );
    let other = mailparse::parse_mail(raw).unwrap();
    assert_eq!(other.subparts.len(), 2);
    assert_eq!(other.ctype.mimetype, "multipart/alternative");
    let other = (
        mailparse::MailHeaderMap::get_first_value(&other.headers[..], "Subject").unwrap_or_default(),
        lf(&other.subparts[0].get_body().unwrap()),
        lf(&other.subparts[1].get_body().unwrap()),
    );
    assert_eq!(one, other);
    one
}

/// The header block, with its last CRLF.
fn head(raw: &[u8]) -> &str {
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    std::str::from_utf8(&raw[..end + 2]).unwrap()
}
