//! Reads reports: from the bytes of a mail to what it says. Pure; no database, no clock, no keys.
//!
//! Whatever comes in, reading ends, in time and memory that grow with its size at most, and never
//! panics. What cannot be understood is said to be unknown; nothing is guessed.
//!
//! # Order
//! Delivery reports (RFC 3464, RFC 6522), complaints (RFC 5965), the forms of single mail systems
//! (`formats`, one recogniser each), automatic answers, and at last an honest unknown or ordinary
//! mail. What was done counts before the status, the status before the text.

mod address;
mod failure;
mod formats;
mod view;

mod reply;

pub use reply::reason_of_reply;

use crate::domain::bounce::{Report, ReportKind, Rule, Traces};

/// The most bytes of a message that are looked at.
pub const MOST: usize = 1 << 20;

/// Reads a message as it came. `came_to` is the address of ours that it came to, where the envelope
/// told it.
pub fn read(_message: &[u8], _came_to: Option<&str>) -> Report {
    Report {
        kind: ReportKind::Unknown,
        reason: None,
        recipients: Vec::new(),
        status: None,
        diagnostic: None,
        reporting_mta: None,
        traces: Traces::default(),
        rule: Rule::default(),
        evidence: Vec::new(),
    }
}
