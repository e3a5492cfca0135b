//! Mails that are no edition: alerts, tests, confirmations, goodbyes. One message to
//! one person, encoded as letters are.

use chrono::{DateTime, FixedOffset};

use super::encode::{AUTO_SUBMITTED, Assembly, Form, alternative, part, sender_fields};
use super::{EncodedLetter, FieldPlace, LetterError, PlaceValues, fill};
use crate::domain::address::Mailbox;

/// One mail to one person.
#[derive(Clone, Debug)]
pub struct SingleMail {
    /// Who sends it.
    pub from: Mailbox,
    /// Where answers go, when not to `from`.
    pub reply_to: Option<Mailbox>,
    /// Who gets it.
    pub to: Mailbox,
    /// The subject, unencoded.
    pub subject: String,
    /// The text form.
    pub text: String,
    /// The HTML form, where there is one.
    pub html: Option<String>,
    /// Without angle brackets.
    pub message_id: String,
    /// Written with its own offset.
    pub date: DateTime<FixedOffset>,
}

/// The whole message, with CRLF line ends, not dot-stuffed. It says that no person wrote it.
///
/// # Errors
/// [`LetterError`] when the sender or the Message-ID cannot stand in a header.
pub fn single(mail: &SingleMail) -> Result<Vec<u8>, LetterError> {
    let values = PlaceValues {
        to: mail.to.clone(),
        message_id: mail.message_id.clone(),
        date: mail.date,
        unsubscribe_url: String::new(),
        preferences_url: String::new(),
        one_click_url: String::new(),
        unsubscribe_address: String::new(),
    };
    let mut message = Assembly::default();
    message.fixed(&sender_fields(&mail.from, mail.reply_to.as_ref(), &mail.subject)?);
    for place in [FieldPlace::To, FieldPlace::Date, FieldPlace::MessageId] {
        message.fixed(&fill::field(place, &values)?);
    }
    message.fixed(AUTO_SUBMITTED);
    match &mail.html {
        Some(html) => {
            alternative(&mut message, &mail.text, html);
        }
        None => {
            message.fixed("MIME-Version: 1.0\r\n");
            part(&mut message, Form::Text, &mail.text);
        }
    }
    EncodedLetter { segments: message.segments, html_size: 0, web_html: String::new() }.fill(&values)
}
