//! The structural checklist for a finished letter, as a function: what mailbox providers and the
//! RFCs ask of its bytes. It reads the message anew, with another parser, and knows nothing of how
//! it was made. What needs DNS, a key or a clock (authentication, freshness) is left to others.

mod body;
mod header;

use serde::Serialize;

use header::Header;

/// What a letter is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Point {
    /// Only CRLF ends lines, and there is no NUL (RFC 5321 2.3.8).
    LineEnds,
    /// Lines have at most 998 octets; header lines at most 78 where they can be folded (RFC 5322 2.1.1).
    LineLength,
    /// Encoded bodies have lines of at most 76 (RFC 2045 6.7).
    EncodedLineLength,
    /// From, To, Date, Message-ID, Subject and MIME-Version stand there once each (RFC 5322 3.6).
    OneOfEach,
    /// Date can be read and has a numeric zone (RFC 5322 3.3).
    Date,
    /// Message-ID has the form left@right, with From's domain on the right (RFC 5322 3.6.4).
    MessageId,
    /// Headers are ASCII, save for an international recipient in To (RFC 6532).
    AsciiHeaders,
    /// Encoded words are short, stand alone and decode by themselves (RFC 2047 2 and 5).
    EncodedWords,
    /// multipart/alternative, text first, then HTML, both UTF-8 (RFC 2046 5.1.4).
    Alternative,
    /// Both parts travel as quoted-printable (RFC 6376 5.3).
    TransferEncoding,
    /// The HTML part stays below what Gmail clips.
    HtmlSize,
    /// No attachment, script, form, frame or data: picture.
    ActiveContent,
    /// List-Unsubscribe holds an https address in angle brackets first (RFC 2369, 8058).
    ListUnsubscribe,
    /// List-Unsubscribe-Post is exactly List-Unsubscribe=One-Click (RFC 8058 3.1).
    OneClick,
    /// Both parts show an unsubscribe link of the same site.
    VisibleUnsubscribe,
    /// List-Id holds an identifier in angle brackets (RFC 2919).
    ListId,
    /// Feedback-ID, where there is one, has at most four fields and a sender of 5 to 15 characters.
    FeedbackId,
    /// Auto-Submitted says auto-generated (RFC 3834 5).
    AutoSubmitted,
}

/// One point that a letter fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which point.
    pub point: Point,
    /// What was found, for the person who mends it. Holds no address of a reader.
    pub message: String,
}

/// Everything that `raw`, a letter as it would be handed to an SMTP server before dot-stuffing,
/// fails; empty when it passes.
pub fn check(raw: &[u8]) -> Vec<Finding> {
    let mut findings = Findings::default();
    line_ends(raw, &mut findings);
    let (head, body) = split_head(raw);
    for line in body.split(|&byte| byte == b'\n') {
        if line.strip_suffix(b"\r").unwrap_or(line).len() > 998 {
            findings.add(Point::LineLength, "a line of the body is longer than 998 octets");
            break;
        }
    }
    let header = Header::parse(head);
    header::check(&header, &mut findings);
    body::check(raw, &header, &mut findings);
    findings.0
}

/// Findings as they are gathered.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, point: Point, message: impl Into<String>) {
        self.0.push(Finding { point, message: message.into() });
    }

    fn expect(&mut self, holds: bool, point: Point, message: impl Into<String>) {
        if !holds {
            self.add(point, message);
        }
    }
}

fn line_ends(raw: &[u8], findings: &mut Findings) {
    let bare = (0..raw.len()).any(|at| match raw[at] {
        b'\r' => raw.get(at + 1) != Some(&b'\n'),
        b'\n' => at == 0 || raw[at - 1] != b'\r',
        _ => false,
    });
    findings.expect(!bare, Point::LineEnds, "a CR or LF stands alone");
    findings.expect(!raw.contains(&0), Point::LineEnds, "there is a NUL");
}

/// The header block with its last CRLF, and the body.
fn split_head(raw: &[u8]) -> (&[u8], &[u8]) {
    match raw.windows(4).position(|four| four == b"\r\n\r\n") {
        Some(at) => (&raw[..at + 2], &raw[at + 4..]),
        None => (raw, &[]),
    }
}
