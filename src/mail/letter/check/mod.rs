//! The structural checklist for a finished letter, as a function: what mailbox providers, the RFCs
//! and the craft ask of its bytes. It reads the message anew, with other parsers, and knows nothing
//! of how it was made; so it judges anybody's letter.
//!
//! Promises: it never panics, and its time and memory are bounded whatever it is given. What needs
//! DNS, a key, a browser or a clock (authentication, layout as drawn, freshness) is left to others;
//! docs/letter.md says to whom.

mod body;
mod bytes;
mod finding;
mod header;
mod hostile;
mod html;
mod list;
mod points;
mod text;

use crate::mail::message;
use header::Header;

pub use bytes::normalised;
use finding::Findings;
pub use finding::{Finding, Judgement};
pub use points::{Part, Point, Severity};

/// More than any letter has, in octets: larger ones are not read.
pub const MOST: usize = 8 * 1024 * 1024;

/// Everything that `raw`, a letter as it would be handed to an SMTP server before dot-stuffing,
/// fails; empty when it passes.
pub fn check(raw: &[u8]) -> Vec<Finding> {
    judge(raw).findings
}

/// As [`check`], and says what could not be judged.
pub fn judge(raw: &[u8]) -> Judgement {
    let mut findings = Findings::default();
    if raw.len() > MOST {
        let message = format!("it has {} octets; more than {MOST} are not read", raw.len());
        findings.add(Point::Readable, "message", message);
        let others = Point::ALL.iter().filter(|&&point| point != Point::Readable);
        return Judgement { findings: findings.end(), not_judged: others.copied().collect() };
    }
    let (head, body) = message::split(raw).unwrap_or((raw, &[]));
    bytes::check(raw, body, &mut findings);
    let header = Header::parse(head);
    header::check(&header, &mut findings);
    list::check(&header, &mut findings);
    hostile::in_header(&header, &mut findings);
    let seen = body::check(raw, &header, &mut findings);
    let not_judged = Point::ALL.iter().filter(|point| match point.part() {
        Part::Header => false,
        Part::Message => !seen.message,
        Part::Html => !seen.html,
        Part::Text => !(seen.text && (seen.html || !matches!(point, Point::TextLinks))),
    });
    let not_judged =
        not_judged.filter(|point| !matches!(point, Point::Readable | Point::LineEnds | Point::LineLength));
    Judgement { not_judged: not_judged.copied().collect(), findings: findings.end() }
}
