//! The letter's MIME form: encoded once per revision, with typed places for what differs from one
//! recipient to the next (RFC 5322, 2045 to 2047, 2369, 2919, 8058).
//!
//! Promises: lines end in CRLF and are at most 998 octets long (76 in bodies), header blocks are
//! ASCII save for an international recipient's own address, nothing from outside adds a header or
//! turns one around, and filling a place gives byte for byte what encoding its value afresh gives.
//! Dot-stuffing, DKIM and sending are left to others.

mod encode;
mod fill;
mod header;
mod identity;
mod quoted_printable;
mod single;

pub mod check;
#[cfg(test)]
mod tests;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use crate::domain::address::Mailbox;

pub use check::{Finding, Judgement, Point, Severity, check, judge};
pub use encode::encode;
pub(super) use fill::piece;
pub use identity::{FeedbackId, ListId, message_id};
pub use single::{SingleMail, single};

/// Stands in a letter's HTML and text where the reader's own unsubscribe address will: give it to
/// the templates as their `unsubscribe_url`. Its private-use characters cannot come from content:
/// the templates drop them from every text, and the encoder drops all that remain.
pub const UNSUBSCRIBE_MARK: &str = "\u{E000}unsubscribe\u{E001}";

/// Stands where the address of the reader's own choices will: the templates' `preferences_url`.
pub const PREFERENCES_MARK: &str = "\u{E000}preferences\u{E001}";

/// One letter before it is encoded: everything that all its recipients share.
#[derive(Clone, Debug)]
pub struct LetterSource {
    /// Who sends it.
    pub from: Mailbox,
    /// Where answers go, when not to `from`.
    pub reply_to: Option<Mailbox>,
    /// The subject, unencoded.
    pub subject: String,
    /// Identity of the list.
    pub list_id: ListId,
    /// By what mailbox providers report complaints.
    pub feedback_id: Option<FeedbackId>,
    /// The HTML form, with [`UNSUBSCRIBE_MARK`] in it and perhaps [`PREFERENCES_MARK`].
    pub html: String,
    /// The text form, with the same marks in it.
    pub text: String,
    /// The public HTML form for archive and browser, without anything personal.
    pub web_html: String,
}

/// One letter, encoded once and stored with its revision. Its JSON form is stable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncodedLetter {
    /// The message in order.
    pub segments: Vec<Segment>,
    /// Size of the HTML part as it travels, in octets: its encoded body without the reader's address.
    pub html_size: usize,
    /// The public HTML form for archive and browser.
    pub web_html: String,
}

impl EncodedLetter {
    /// Above this size of its HTML part, Gmail hides the end of a letter: 102 KB.
    pub const HTML_LIMIT: usize = 102 * 1024;
}

/// A piece of an encoded letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// The same for everyone: bytes of the message, all ASCII.
    Fixed(String),
    /// A whole header field, which starts a line and ends it.
    Field(FieldPlace),
    /// A value within the HTML part: HTML-escaped, in quoted-printable, on lines of its own between
    /// soft breaks.
    Html(BodyPlace),
    /// A value within the text part: in quoted-printable, on lines of its own between soft breaks.
    Text(BodyPlace),
}

/// A header field that differs from recipient to recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldPlace {
    /// `To`.
    To,
    /// `Date`.
    Date,
    /// `Message-ID`.
    MessageId,
    /// `List-Unsubscribe`, with the address of the one-click POST and the one to write to.
    OneClickUrl,
}

/// A value in the body that differs from recipient to recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyPlace {
    /// Where this reader leaves the list.
    UnsubscribeUrl,
    /// Where this reader sees and changes what they get. Letters of earlier versions lack it.
    PreferencesUrl,
}

/// What is filled in for one recipient.
#[derive(Clone, Debug)]
pub struct PlaceValues {
    /// The recipient. A local part beyond ASCII stands as it is in `To`: such a message can only
    /// travel under SMTPUTF8, as its envelope can.
    pub to: Mailbox,
    /// Without angle brackets, as [`message_id`] makes it.
    pub message_id: String,
    /// Written with its own offset.
    pub date: DateTime<FixedOffset>,
    /// For the body: where the reader is asked.
    pub unsubscribe_url: String,
    /// For the body: where the reader chooses.
    pub preferences_url: String,
    /// For `List-Unsubscribe`: where the one-click POST goes.
    pub one_click_url: String,
    /// For `List-Unsubscribe`: the mail address at which anything that comes is taken for leaving.
    pub unsubscribe_address: String,
}

/// Why a message could not be made. None of them carries the value: it may be an address or a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LetterError {
    /// From or Reply-To would need SMTPUTF8 from every relay and recipient.
    #[error("the address in {0} has letters beyond ASCII before its @; give the newsletter a plain one")]
    SenderBeyondAscii(&'static str),
    /// Not usable as Message-ID.
    #[error("the Message-ID is not of the form left@right in printable ASCII of at most 900 characters")]
    MessageId,
    /// Not usable as a link in a letter.
    #[error(
        "the {0} is no http(s) address in printable ASCII of at most 900 characters; check web.public_url"
    )]
    Url(&'static str),
    /// Not usable in a mailto link.
    #[error("the address to leave by mail is no plain mail address; check bounces.return_path")]
    UnsubscribeAddress,
}
