//! From a letter's source to its encoded form.

use sha2::{Digest as _, Sha256};

use newsletterd_templates::content::is_private;

use super::header::Field;
use super::quoted_printable::QuotedPrintable;
use super::{
    BodyPlace, EncodedLetter, FieldPlace, LetterError, LetterSource, PREFERENCES_MARK, Segment,
    UNSUBSCRIBE_MARK,
};
use crate::domain::address::Mailbox;

/// Encodes a letter once for all its recipients. The same source gives the same bytes.
///
/// # Errors
/// [`LetterError::SenderBeyondAscii`] when From or Reply-To cannot stand in an ASCII header.
pub fn encode(source: &LetterSource) -> Result<EncodedLetter, LetterError> {
    let mut message = Assembly::default();
    message.fixed(&sender_fields(&source.from, source.reply_to.as_ref(), &source.subject)?);
    message.place(Segment::Field(FieldPlace::To));
    message.place(Segment::Field(FieldPlace::Date));
    message.place(Segment::Field(FieldPlace::MessageId));
    let list =
        Field::new("List-Id").phrase(&source.list_id.phrase).word(&format!("<{}>", source.list_id.id)).end();
    message.fixed(&list);
    message.place(Segment::Field(FieldPlace::OneClickUrl));
    message.fixed("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
    if let Some(feedback) = &source.feedback_id {
        message.fixed(&Field::new("Feedback-ID").word(&feedback.0).end());
    }
    message.fixed(AUTO_SUBMITTED);
    message.fixed("Precedence: bulk\r\n");
    let html_size = alternative(&mut message, &source.text, &source.html);
    Ok(EncodedLetter { segments: message.segments, html_size, web_html: source.web_html.clone() })
}

/// Says that no person wrote the message, which keeps vacation programs from answering (RFC 3834).
pub(super) const AUTO_SUBMITTED: &str = "Auto-Submitted: auto-generated\r\n";

/// From, Reply-To and Subject.
pub(super) fn sender_fields(
    from: &Mailbox,
    reply_to: Option<&Mailbox>,
    subject: &str,
) -> Result<String, LetterError> {
    let mut fields = sender("From", from)?;
    if let Some(reply_to) = reply_to {
        fields.push_str(&sender("Reply-To", reply_to)?);
    }
    fields.push_str(&Field::new("Subject").text(subject).end());
    Ok(fields)
}

fn sender(name: &'static str, mailbox: &Mailbox) -> Result<String, LetterError> {
    if mailbox.address.needs_smtputf8() {
        return Err(LetterError::SenderBeyondAscii(name));
    }
    Ok(Field::new(name).mailbox(mailbox).end())
}

/// A message being put together: neighbouring fixed pieces become one.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    pub(super) segments: Vec<Segment>,
}

impl Assembly {
    pub(super) fn fixed(&mut self, piece: &str) {
        match self.segments.last_mut() {
            Some(Segment::Fixed(last)) => last.push_str(piece),
            _ => self.segments.push(Segment::Fixed(piece.to_owned())),
        }
    }

    fn place(&mut self, place: Segment) {
        self.segments.push(place);
    }
}

/// The two forms of a body.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Text,
    Html,
}

impl Form {
    const fn subtype(self) -> &'static str {
        match self {
            Self::Text => "plain",
            Self::Html => "html",
        }
    }

    const fn place(self, place: BodyPlace) -> Segment {
        match self {
            Self::Text => Segment::Text(place),
            Self::Html => Segment::Html(place),
        }
    }
}

/// Ends the header and adds both forms, text first (RFC 2046 5.1.4). Returns the size of the HTML
/// form as encoded.
pub(super) fn alternative(message: &mut Assembly, text: &str, html: &str) -> usize {
    let boundary = boundary(text, html);
    message.fixed(&format!(
        "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n"
    ));
    part(message, Form::Text, text);
    message.fixed(&format!("\r\n--{boundary}\r\n"));
    let html_size = part(message, Form::Html, html);
    message.fixed(&format!("\r\n--{boundary}--\r\n"));
    html_size
}

/// Adds one body with its own header, and returns its encoded size.
pub(super) fn part(message: &mut Assembly, form: Form, body: &str) -> usize {
    message.fixed(&format!(
        "Content-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
        form.subtype()
    ));
    let mut encoder = QuotedPrintable::default();
    let mut size = 0;
    let mut rest = body;
    loop {
        let next = next_place(rest);
        let (piece, place, after) =
            next.map_or((rest, None, ""), |(piece, place, after)| (piece, Some(place), after));
        let piece = piece.chars().filter(|&c| !is_private(c)).collect::<String>();
        encoder.text(&piece);
        if place.is_some() {
            encoder.soft_break();
        }
        let encoded = encoder.take();
        message.fixed(&encoded);
        size += encoded.len();
        let Some(place) = place else { return size };
        message.place(form.place(place));
        encoder.soft_break();
        rest = after;
    }
}

/// The first place in a body: what stands before it, which it is, and what stands after it.
fn next_place(body: &str) -> Option<(&str, BodyPlace, &str)> {
    [(UNSUBSCRIBE_MARK, BodyPlace::UnsubscribeUrl), (PREFERENCES_MARK, BodyPlace::PreferencesUrl)]
        .into_iter()
        .filter_map(|(mark, place)| body.split_once(mark).map(|(before, after)| (before, place, after)))
        .min_by_key(|(before, ..)| before.len())
}

/// A boundary that the bodies cannot hold: `=_` never occurs in quoted-printable.
fn boundary(text: &str, html: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(text);
    hash.update([0]);
    hash.update(html);
    format!("=_{}", data_encoding::HEXLOWER.encode(&hash.finalize()[..16]))
}
