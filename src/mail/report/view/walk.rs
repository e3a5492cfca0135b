//! The parts of a message, in their order, decoded.

use super::decode::{base64, quoted_printable, text_of};
use super::header::{first_line, name_end};
use super::{Header, MOST_DEPTH, MOST_PARTS, Part, Role, html};

/// The media type of a header in lower case, and its parameters; `text/plain` where there is none.
pub(super) fn content_type(header: &Header) -> (String, Vec<(String, String)>) {
    let value = header.get("content-type").unwrap_or("text/plain");
    let mut pieces = split_parameters(value).into_iter();
    let media = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
    let media = media.split_whitespace().next().unwrap_or_default();
    let media = if media.contains('/') { media } else { "text/plain" };
    let parameters = pieces
        .filter_map(|piece| {
            let (name, value) = piece.split_once('=')?;
            Some((name.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_owned()))
        })
        .take(20)
        .collect();
    (media.to_owned(), parameters)
}

/// A field's value, cut at the semicolons that stand outside quotes.
fn split_parameters(value: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut from, mut quoted) = (0, false);
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b';' if !quoted => {
                pieces.push(&value[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&value[from..]);
    pieces
}

/// Walks through a message and notes its parts.
pub(super) fn walk(header: &Header, body: &[u8], parts: &mut Vec<Part>) {
    let (media, parameters) = content_type(header);
    part(header, body, String::new(), (media, parameters), 0, parts);
}

/// Notes a part, and those within it.
fn part(
    header: &Header,
    body: &[u8],
    path: String,
    kind: (String, Vec<(String, String)>),
    depth: usize,
    parts: &mut Vec<Part>,
) {
    if parts.len() >= MOST_PARTS {
        return;
    }
    let (media, parameters) = kind;
    let parameter =
        |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    if media.starts_with("multipart/") && depth < MOST_DEPTH {
        let boundary = parameter("boundary").map(str::as_bytes);
        let bodies = boundary.map_or_else(Vec::new, |boundary| split(body, boundary));
        let bodies = if bodies.is_empty() { split_by_guess(body) } else { bodies };
        if !bodies.is_empty() {
            let digest = media == "multipart/digest";
            parts.push(Part { path: path.clone(), media, role: Role::Container, text: String::new() });
            for (number, bytes) in bodies.into_iter().enumerate() {
                let (header, body) = Header::read(bytes);
                // A part may begin with its text at once.
                let (header, body) = if bytes.starts_with(b"\n") || bytes.starts_with(b"\r\n") {
                    (Header::default(), bytes)
                } else {
                    (header, body)
                };
                let kind = match header.has("content-type") {
                    false if digest => ("message/rfc822".to_owned(), Vec::new()),
                    _ => content_type(&header),
                };
                let dot = if path.is_empty() { "" } else { "." };
                part(&header, body, format!("{path}{dot}{}", number + 1), kind, depth + 1, parts);
            }
            return;
        }
    }
    let role = role_of(&media);
    let text =
        if role == Role::Other { String::new() } else { decoded(header, &media, parameter("charset"), body) };
    let path = if path.is_empty() { "1".to_owned() } else { path };
    parts.push(Part { path, media, role, text });
}

/// What a part is by its type.
fn role_of(media: &str) -> Role {
    match media {
        "message/delivery-status" | "message/global-delivery-status" => Role::DeliveryStatus,
        "message/feedback-report" => Role::Feedback,
        "message/rfc822" | "message/global" | "message/partial" | "message/news" => Role::Returned,
        "text/rfc822-headers" | "text/rfc822-header" | "text/rfc822" => Role::Returned,
        "message/rfc822-headers" | "message/global-headers" => Role::Returned,
        _ if media.starts_with("text/") || media.starts_with("multipart/") => Role::Text,
        _ => Role::Other,
    }
}

/// The text of a part that has no parts.
fn decoded(header: &Header, media: &str, charset: Option<&str>, body: &[u8]) -> String {
    let encoding = header.get("content-transfer-encoding").unwrap_or_default().to_ascii_lowercase();
    let bytes = match encoding.trim() {
        "base64" => base64(body),
        "quoted-printable" => quoted_printable(body),
        _ => body.to_vec(),
    };
    let text = text_of(&bytes, charset);
    let text =
        if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.into_owned() };
    if media == "text/html" { html::plain(&text) } else { text }
}

/// The bodies between lines of this boundary. The last may lack its end.
fn split<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut bodies = Vec::new();
    if boundary.is_empty() {
        return bodies;
    }
    let (mut begun, mut rest): (Option<usize>, &[u8]) = (None, body);
    while !rest.is_empty() && bodies.len() < MOST_PARTS {
        let at = body.len() - rest.len();
        let (line, below) = first_line(rest);
        rest = below;
        let Some(after) = line.strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary)) else {
            continue;
        };
        let after = after.trim_ascii_end();
        if !after.is_empty() && after != b"--" {
            continue;
        }
        if let Some(from) = begun.take() {
            bodies.push(&body[from..at]);
        }
        if after == b"--" {
            return bodies;
        }
        begun = Some(body.len() - rest.len());
    }
    bodies.extend(begun.map(|from| &body[from..]));
    bodies
}

/// The bodies between lines that look like boundaries: `--…` with a header of a part below.
fn split_by_guess(body: &[u8]) -> Vec<&[u8]> {
    let mut rest = body;
    while !rest.is_empty() {
        let (line, below) = first_line(rest);
        rest = below;
        let Some(boundary) = line.strip_prefix(b"--").filter(|boundary| boundary.len() > 4) else {
            continue;
        };
        let next = first_line(rest).0;
        if next.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-"))
            && name_end(next).is_some()
        {
            return split(body, boundary.trim_ascii_end());
        }
    }
    Vec::new()
}

/// Whether a text only says again what another form of it said: the HTML of a multipart/alternative
/// whose plain text says something.
pub(super) fn is_second_form(parts: &[Part], index: usize) -> bool {
    let part = &parts[index];
    let parent = part.path.rsplit_once('.').map_or("", |(parent, _)| parent);
    part.media == "text/html"
        && parts.iter().any(|other| {
            other.role == Role::Container && other.path == parent && other.media == "multipart/alternative"
        })
        && parts[..index].iter().any(|other| {
            other.media == "text/plain"
                && other.path.rsplit_once('.').map_or("", |(parent, _)| parent) == parent
                && !other.text.trim().is_empty()
        })
}
