//! What is asked of the message as bytes.

use std::borrow::Cow;

use super::{Findings, Point};
use crate::mail::message::lone_line_end;

/// A letter as it lies on a disk, with CRLF line ends: one that has only LF is a file's form of a
/// letter, not a broken letter. One that has both stays as it is.
pub fn normalised(raw: &[u8]) -> Cow<'_, [u8]> {
    if raw.contains(&b'\r') || !raw.contains(&b'\n') {
        return Cow::Borrowed(raw);
    }
    let mut lines = Vec::with_capacity(raw.len() + raw.len() / 32);
    for &byte in raw {
        if byte == b'\n' {
            lines.push(b'\r');
        }
        lines.push(byte);
    }
    Cow::Owned(lines)
}

pub(super) fn check(raw: &[u8], body: &[u8], findings: &mut Findings) {
    if let Some(at) = lone_line_end(raw) {
        findings.add(Point::LineEnds, line_of(raw, at), "a CR or LF stands alone");
    }
    if let Some(at) = memchr::memchr(0, raw) {
        findings.add(Point::LineEnds, line_of(raw, at), "there is a NUL");
    }
    let mut at = raw.len() - body.len();
    for line in body.split(|&byte| byte == b'\n') {
        if line.strip_suffix(b"\r").unwrap_or(line).len() > 998 {
            findings.add(Point::LineLength, line_of(raw, at), "a line of the body is longer than 998 octets");
            break;
        }
        at += line.len() + 1;
    }
}

/// The line of the message at an offset, counted from 1.
pub(super) fn line_of(raw: &[u8], at: usize) -> String {
    let before = raw.get(..at).unwrap_or(raw);
    format!("line {}", memchr::memchr_iter(b'\n', before).count() + 1)
}
