//! From an encoded letter to one recipient's message.

use std::borrow::Cow;

use super::header::Field;
use super::quoted_printable::QuotedPrintable;
use super::{BodyPlace, EncodedLetter, FieldPlace, LetterError, PlaceValues, Segment};

/// The longest value that still leaves room for its field's name within 998 octets.
const VALUE_MAX: usize = 900;

impl EncodedLetter {
    /// The whole message for one recipient, with CRLF line ends, not dot-stuffed.
    ///
    /// # Errors
    /// [`LetterError`] when a value cannot stand in its place; nothing is sent half-filled.
    pub fn fill(&self, values: &PlaceValues) -> Result<Vec<u8>, LetterError> {
        let mut message = Vec::with_capacity(self.fixed_size() + 1024);
        for segment in &self.segments {
            message.extend_from_slice(piece(segment, values)?.as_bytes());
        }
        Ok(message)
    }

    /// Size of the message without what is filled in, in octets.
    pub fn fixed_size(&self) -> usize {
        self.segments
            .iter()
            .map(|segment| if let Segment::Fixed(piece) = segment { piece.len() } else { 0 })
            .sum()
    }
}

/// One segment of a recipient's message. A body's place is filled by a word: ASCII without blanks and
/// empty lines, which begins and ends with a printable character.
pub(in crate::mail) fn piece<'a>(
    segment: &'a Segment,
    values: &PlaceValues,
) -> Result<Cow<'a, str>, LetterError> {
    Ok(match segment {
        Segment::Fixed(piece) => Cow::Borrowed(piece),
        Segment::Field(place) => field(*place, values)?.into(),
        Segment::Html(place) => {
            let value = body_value(*place, values)?.replace('&', "&amp;");
            QuotedPrintable::default().word(&value).take().into()
        }
        Segment::Text(place) => QuotedPrintable::default().word(body_value(*place, values)?).take().into(),
    })
}

impl FieldPlace {
    /// The field's name.
    pub(in crate::mail) const fn name(self) -> &'static str {
        match self {
            Self::To => "To",
            Self::Date => "Date",
            Self::MessageId => "Message-ID",
            Self::OneClickUrl => "List-Unsubscribe",
        }
    }
}

/// One recipient's header field.
pub(super) fn field(place: FieldPlace, values: &PlaceValues) -> Result<String, LetterError> {
    let field = Field::new(place.name());
    Ok(match place {
        FieldPlace::To => field.mailbox(&values.to).end(),
        FieldPlace::Date => field.word(&values.date.to_rfc2822()).end(),
        FieldPlace::MessageId => {
            let id = &values.message_id;
            if !is_pair(id) {
                return Err(LetterError::MessageId);
            }
            field.word(&format!("<{id}>")).end()
        }
        FieldPlace::OneClickUrl => {
            let url = web_address(&values.one_click_url, "one-click unsubscribe address")?;
            let address = &values.unsubscribe_address;
            // What could end the address within the link (RFC 6068 2), or the list of links.
            if !is_pair(address) || address.contains(['?', '&', '%', '#', ',', '/']) {
                return Err(LetterError::UnsubscribeAddress);
            }
            // The one that providers post to stands first (RFC 8058 3.1), the others by preference
            // (RFC 2369 2).
            field.word(&format!("<{url}>,")).word(&format!("<mailto:{address}>")).end()
        }
    })
}

fn body_value(place: BodyPlace, values: &PlaceValues) -> Result<&str, LetterError> {
    match place {
        BodyPlace::UnsubscribeUrl => web_address(&values.unsubscribe_url, "unsubscribe address"),
        BodyPlace::PreferencesUrl => web_address(&values.preferences_url, "preferences address"),
    }
}

fn web_address<'v>(url: &'v str, what: &'static str) -> Result<&'v str, LetterError> {
    let leads_to_the_web = url.starts_with("https://") || url.starts_with("http://");
    if leads_to_the_web && is_token(url) { Ok(url) } else { Err(LetterError::Url(what)) }
}

/// Whether a value has the form `left@right`.
fn is_pair(value: &str) -> bool {
    let parts = value.split_once('@');
    parts.is_some_and(|(left, right)| !left.is_empty() && !right.is_empty() && !right.contains('@'))
        && is_token(value)
}

/// Printable ASCII that can stand between angle brackets, in a double-quoted attribute and on a line.
fn is_token(value: &str) -> bool {
    value.len() <= VALUE_MAX && value.bytes().all(|byte| OF_TOKENS[usize::from(byte)])
}

/// Which bytes a token may have, looked up since each recipient has some hundreds of them.
const OF_TOKENS: [bool; 256] = {
    let mut allowed = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        allowed[byte as usize] = !matches!(byte, b'<' | b'>' | b'"' | b'\\' | b'`');
        byte += 1;
    }
    allowed
};
