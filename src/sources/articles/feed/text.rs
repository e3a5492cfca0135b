//! Text constructs: what their type says, and what it should have said.

use data_encoding::BASE64;

use super::super::xml::{Element, Space};
use crate::sources::plain_text::{declared_plain, plain_text};

/// The content of a text construct as HTML or text, and which of both.
pub(super) struct Content {
    /// Escaped markup, inline markup written out, or text.
    pub raw: String,
    /// Whether its source declares it to be text without markup.
    pub is_plain: bool,
}

impl Content {
    /// Reads `element` by its type (RFC 4287 section 3.1, Atom 0.3 `mode`): RSS holds HTML, Atom
    /// holds text unless it says otherwise.
    pub fn of(element: &Element) -> Self {
        let kind = element.attribute("type").unwrap_or_default().to_ascii_lowercase();
        let is_plain = match kind.as_str() {
            "text" | "text/plain" | "plain" => true,
            "" => matches!(element.space, Space::Atom | Space::Media),
            _ => false,
        };
        let has_markup = element.elements().next().is_some();
        let markup = element.markup();
        if !has_markup && is_encoded(element, &kind) {
            let packed: String = markup.chars().filter(|c| !c.is_whitespace()).collect();
            if let Ok(bytes) = BASE64.decode(packed.as_bytes()) {
                return Self { raw: String::from_utf8_lossy(&bytes).into_owned(), is_plain: false };
            }
        }
        Self { raw: markup, is_plain: is_plain && !has_markup }
    }

    /// As clean plain text.
    pub fn text(&self) -> String {
        if self.is_plain { declared_plain(&self.raw) } else { plain_text(&self.raw) }
    }
}

/// Atom 0.3 says `mode="base64"`; in Atom 1.0 every type that is neither text nor XML is base64.
fn is_encoded(element: &Element, kind: &str) -> bool {
    let is_text = kind.starts_with("text/") || kind.ends_with("+xml") || kind.ends_with("/xml");
    element.attribute("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("base64"))
        || element.space == Space::Atom
            && element.attribute("mode").is_none()
            && kind.contains('/')
            && !is_text
}
