//! What is asked of the message's parts, and the way into each of them.

use mail_parser::{Encoding, Message, MessageParser, MessagePart, MimeHeaders as _, PartType};

use super::header::Header;
use super::{Findings, Point, Severity, html, text};
use crate::mail::letter::EncodedLetter;

/// What of a letter was there to be judged.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) message: bool,
    pub(super) html: bool,
    pub(super) text: bool,
}

pub(super) fn check(raw: &[u8], header: &Header, findings: &mut Findings) -> Seen {
    let Some(message) = MessageParser::default().parse(raw) else {
        findings.add(Point::Readable, "message", "it cannot be read as a mail");
        return Seen::default();
    };
    let plain = message.parts.iter().find(|part| is_of_type(part, "text", "plain") || is_untyped(part));
    let markup = message.parts.iter().find(|part| is_of_type(part, "text", "html"));
    structure(&message, plain, markup, findings);
    for (part, place) in [(plain, "text part"), (markup, "HTML part")] {
        let Some(part) = part else { continue };
        encoding(raw, part, place, findings);
    }
    let words = plain.and_then(words_of);
    let page = markup.and_then(|part| {
        let markup = words_of(part)?;
        size(encoded(raw, part).len(), markup, findings);
        html::parse(markup, findings)
    });
    if let Some(page) = &page {
        html::check(page, words.unwrap_or_default(), header, findings);
    }
    if let (Some(plain), Some(words)) = (plain, words) {
        let flowed = plain
            .content_type()
            .and_then(|kind| kind.attribute("format"))
            .is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
        text::check(words, flowed, page.as_ref(), findings);
    }
    Seen { message: true, html: page.is_some(), text: words.is_some() }
}

/// The two parts, in order, and nothing else.
fn structure(
    message: &Message<'_>,
    plain: Option<&MessagePart<'_>>,
    markup: Option<&MessagePart<'_>>,
    findings: &mut Findings,
) {
    let leaves = message.parts.iter().filter(|part| !matches!(part.body, PartType::Multipart(_)));
    let extra = leaves.filter(|part| !same(Some(part), plain) && !same(Some(part), markup)).count();
    let attached = match extra {
        0 => None,
        1 => Some("there is a part besides text and HTML".to_owned()),
        n => Some(format!("there are {n} parts besides text and HTML")),
    };
    if let Some(attached) = attached {
        findings.add(Point::Attachments, "message", attached);
    }
    let problem = match (plain, markup) {
        (None, None) => {
            findings.weighed(
                Point::Alternative,
                Severity::Broken,
                "message",
                "there is neither text nor HTML",
            );
            return;
        }
        (Some(_), None) => Some("there is no HTML form"),
        (None, Some(_)) => Some("there is no text form, which filters count against a letter"),
        (Some(plain), Some(markup)) if plain.offset_header > markup.offset_header => {
            Some("the text form stands behind the HTML form, so it is the one that is shown")
        }
        (Some(_), Some(_)) => message
            .parts
            .iter()
            .all(|part| !is_of_type(part, "multipart", "alternative"))
            .then_some("the two forms are not one multipart/alternative"),
    };
    if let Some(problem) = problem {
        findings.add(Point::Alternative, "message", problem);
    }
}

fn encoding(raw: &[u8], part: &MessagePart<'_>, place: &str, findings: &mut Findings) {
    let charset = part.content_type().and_then(|kind| kind.attribute("charset")).unwrap_or_default();
    if part.is_encoding_problem {
        findings.weighed(Point::Alternative, Severity::Broken, place, "its encoding is damaged");
    }
    let utf8 = charset.eq_ignore_ascii_case("utf-8");
    findings.expect(utf8, Point::Alternative, place, "its charset is not utf-8");
    let quoted = part.encoding == Encoding::QuotedPrintable;
    findings.expect(quoted, Point::TransferEncoding, place, "it is not quoted-printable");
    if part.encoding == Encoding::None {
        return;
    }
    let long = encoded(raw, part)
        .split(|&byte| byte == b'\n')
        .position(|line| line.strip_suffix(b"\r").unwrap_or(line).len() > 76);
    if let Some(line) = long {
        let place = format!("{place}, line {} of it", line + 1);
        findings.add(Point::EncodedLineLength, place, "an encoded line has over 76 octets");
    }
}

/// From this size of its HTML part a letter is near the limit, in octets: 85 KB.
pub(super) const NEAR_LIMIT: usize = 85 * 1024;

fn size(encoded: usize, markup: &str, findings: &mut Findings) {
    let size = encoded.max(markup.len());
    let limit = EncodedLetter::HTML_LIMIT;
    if size >= limit {
        let message =
            format!("it has {size} octets; at {limit} Gmail hides the end, and the way out with it");
        findings.add(Point::HtmlSize, "HTML part", message);
    } else if size >= NEAR_LIMIT {
        let message = format!("it has {size} octets, near the {limit} at which Gmail hides the end");
        findings.weighed(Point::HtmlSize, Severity::Advice, "HTML part", message);
    }
}

fn same(one: Option<&MessagePart<'_>>, other: Option<&MessagePart<'_>>) -> bool {
    one.zip(other).is_some_and(|(one, other)| std::ptr::eq(one, other))
}

fn words_of<'m>(part: &'m MessagePart<'_>) -> Option<&'m str> {
    match &part.body {
        PartType::Text(words) | PartType::Html(words) => Some(words),
        _ => None,
    }
}

fn is_of_type(part: &MessagePart<'_>, kind: &str, subtype: &str) -> bool {
    part.content_type().is_some_and(|found| {
        found.ctype().eq_ignore_ascii_case(kind)
            && found.subtype().is_some_and(|found| found.eq_ignore_ascii_case(subtype))
    })
}

/// A part that says nothing of its type is plain text (RFC 2045 5.2).
fn is_untyped(part: &MessagePart<'_>) -> bool {
    part.content_type().is_none() && matches!(part.body, PartType::Text(_))
}

/// A part's body as it travels.
fn encoded<'r>(raw: &'r [u8], part: &MessagePart<'_>) -> &'r [u8] {
    let (from, to) = (usize::try_from(part.offset_body), usize::try_from(part.offset_end));
    from.ok().zip(to.ok()).and_then(|(from, to)| raw.get(from..to)).unwrap_or_default()
}
