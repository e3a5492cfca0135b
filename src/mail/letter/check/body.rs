//! What is asked of the two parts.

use mail_parser::{Encoding, MessageParser, MessagePart, MimeHeaders as _, PartType};

use super::header::Header;
use super::{Findings, Point};
use crate::mail::letter::EncodedLetter;

pub(super) fn check(raw: &[u8], header: &Header, findings: &mut Findings) {
    let Some(message) = MessageParser::default().parse(raw) else {
        findings.add(Point::Alternative, "the message cannot be read");
        return;
    };
    let is_alternative = is_of_type(message.root_part(), "multipart", "alternative");
    let parts = message.parts.iter().skip(1).collect::<Vec<_>>();
    let (Some(text), Some(html), true, 2) = (parts.first(), parts.get(1), is_alternative, parts.len()) else {
        findings.add(Point::Alternative, "the message is not multipart/alternative of just text and HTML");
        return;
    };
    let ordered = is_of_type(text, "text", "plain") && is_of_type(html, "text", "html");
    findings.expect(ordered, Point::Alternative, "the parts are not text/plain, then text/html");
    for part in [text, html] {
        let charset = part.content_type().and_then(|kind| kind.attribute("charset")).unwrap_or_default();
        let sound = charset.eq_ignore_ascii_case("utf-8") && !part.is_encoding_problem;
        findings.expect(sound, Point::Alternative, "a part is not sound UTF-8");
        findings.expect(
            part.encoding == Encoding::QuotedPrintable,
            Point::TransferEncoding,
            "a part is not quoted-printable",
        );
        let long = encoded(raw, part)
            .split(|&byte| byte == b'\n')
            .any(|line| line.strip_suffix(b"\r").unwrap_or(line).len() > 76);
        findings.expect(!long, Point::EncodedLineLength, "an encoded body has a line of over 76 octets");
    }
    let (PartType::Text(text), PartType::Html(markup)) = (&text.body, &html.body) else {
        return;
    };
    let size = encoded(raw, html).len().max(markup.len());
    findings.expect(
        size < EncodedLetter::HTML_LIMIT,
        Point::HtmlSize,
        format!(
            "the HTML part has {size} octets; at {} mail programs hide its end",
            EncodedLetter::HTML_LIMIT
        ),
    );
    active_content(markup, findings);
    visible_unsubscribe(text, markup, header, findings);
}

fn is_of_type(part: &MessagePart<'_>, kind: &str, subtype: &str) -> bool {
    part.content_type().is_some_and(|found| {
        found.ctype().eq_ignore_ascii_case(kind)
            && found.subtype().is_some_and(|found| found.eq_ignore_ascii_case(subtype))
    })
}

/// A part's body as it travels.
fn encoded<'r>(raw: &'r [u8], part: &MessagePart<'_>) -> &'r [u8] {
    let (from, to) = (usize::try_from(part.offset_body), usize::try_from(part.offset_end));
    from.ok().zip(to.ok()).and_then(|(from, to)| raw.get(from..to)).unwrap_or_default()
}

fn active_content(markup: &str, findings: &mut Findings) {
    let markup = markup.to_ascii_lowercase();
    for element in ["<script", "<form", "<iframe", "<object", "<embed", "src=\"data:", "href=\"javascript:"] {
        findings.expect(!markup.contains(element), Point::ActiveContent, format!("the HTML has {element}"));
    }
}

/// A link that stands in both parts and leads to where List-Unsubscribe does.
fn visible_unsubscribe(text: &str, markup: &str, header: &Header, findings: &mut Findings) {
    let target = header
        .one("list-unsubscribe")
        .and_then(|value| value.strip_prefix('<'))
        .and_then(|value| value.split_once('>'));
    let origin = target.and_then(|(url, _)| url::Url::parse(url).ok()).map(|url| url.origin());
    let shown = markup.split("href=\"").skip(1).filter_map(|rest| rest.split_once('"')).any(|(link, _)| {
        let link = html_escape::decode_html_entities(link);
        let same_site = url::Url::parse(&link).ok().map(|url| url.origin()) == origin;
        same_site && text.lines().any(|line| line.trim() == link)
    });
    findings.expect(
        origin.is_some() && shown,
        Point::VisibleUnsubscribe,
        "no link in both parts leads to the site of List-Unsubscribe",
    );
}
