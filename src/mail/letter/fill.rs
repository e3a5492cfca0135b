//! From an encoded letter to one recipient's message.

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
            match segment {
                Segment::Fixed(piece) => message.extend_from_slice(piece.as_bytes()),
                Segment::Field(place) => message.extend_from_slice(field(*place, values)?.as_bytes()),
                Segment::Html(place) => {
                    let value = body_value(*place, values)?.replace('&', "&amp;");
                    message.extend_from_slice(QuotedPrintable::default().text(&value).take().as_bytes());
                }
                Segment::Text(place) => {
                    let value = body_value(*place, values)?;
                    message.extend_from_slice(QuotedPrintable::default().text(value).take().as_bytes());
                }
            }
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

/// One recipient's header field.
pub(super) fn field(place: FieldPlace, values: &PlaceValues) -> Result<String, LetterError> {
    Ok(match place {
        FieldPlace::To => Field::new("To").mailbox(&values.to).end(),
        FieldPlace::Date => Field::new("Date").word(&values.date.to_rfc2822()).end(),
        FieldPlace::MessageId => {
            let id = &values.message_id;
            let parts = id.split('@').filter(|part| !part.is_empty()).count();
            if parts != 2 || id.matches('@').count() != 1 || !is_token(id) {
                return Err(LetterError::MessageId);
            }
            Field::new("Message-ID").word(&format!("<{id}>")).end()
        }
        FieldPlace::OneClickUrl => {
            let url = web_address(&values.one_click_url, "one-click unsubscribe address")?;
            Field::new("List-Unsubscribe").word(&format!("<{url}>")).end()
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

/// Printable ASCII that can stand between angle brackets, in a double-quoted attribute and on a line.
fn is_token(value: &str) -> bool {
    value.len() <= VALUE_MAX
        && value.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"\\`".contains(&byte))
}
