//! Quoted-printable (RFC 2045 6.7), written line by line so that places can be cut into it.
//!
//! Beyond what the RFC asks: a character is never split between lines, a dot or "From " that begins
//! a line is encoded (some transports touch them), and controls are dropped.

use std::borrow::Cow;

/// The longest line without its CRLF is 76; one column is kept for the `=` of a soft break.
const ROOM: usize = 75;

/// A body being encoded.
#[derive(Debug, Default)]
pub(super) struct QuotedPrintable {
    out: String,
    column: usize,
}

impl QuotedPrintable {
    /// Encodes `text`; CRLF, LF and CR are line breaks.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        let text = cleaned(text);
        self.out.reserve(text.len() + text.len() / 8);
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.out.push_str("\r\n");
                self.column = 0;
            }
            self.line(line);
        }
        self
    }

    /// Encodes a word of printable ASCII, as [`Self::text`] would, and much faster: each recipient's
    /// message has several.
    pub(super) fn word(&mut self, word: &str) -> &mut Self {
        self.out.reserve(word.len() + word.len() / 4 + 8);
        let mut rest = word;
        while let Some(first) = rest.bytes().next() {
            let plain = memchr::memchr(b'=', rest.as_bytes()).unwrap_or(rest.len());
            // A dot that begins a line stands for itself nowhere.
            let is_coded = plain == 0 || (first == b'.' && self.column == 0);
            let width = if is_coded { 3 } else { 1 };
            if self.column > 0 && self.column + width > ROOM {
                self.soft_break();
                continue;
            }
            let taken = if is_coded {
                self.out.push_str(if first == b'=' { "=3D" } else { "=2E" });
                self.column += 3;
                1
            } else {
                let taken = plain.min(ROOM - self.column);
                self.out.push_str(&rest[..taken]);
                self.column += taken;
                taken
            };
            rest = &rest[taken..];
        }
        self
    }

    /// Ends the line without ending the text's line.
    pub(super) fn soft_break(&mut self) -> &mut Self {
        self.out.push_str("=\r\n");
        self.column = 0;
        self
    }

    /// What was encoded since the last call.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    fn line(&mut self, line: &str) {
        for (at, c) in line.char_indices() {
            let rest = &line[at..];
            let mut as_is = stands_as_is(c, rest, self.column == 0);
            let width = if as_is { 1 } else { 3 * c.len_utf8() };
            if self.column > 0 && self.column + width > ROOM {
                self.soft_break();
                as_is = stands_as_is(c, rest, true);
            }
            if as_is {
                self.out.push(c);
                self.column += 1;
                continue;
            }
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                self.out.push('=');
                self.out.push(hex(byte >> 4));
                self.out.push(hex(byte & 0xf));
                self.column += 3;
            }
        }
    }
}

/// `text` with LF alone for its line ends, and without other controls than tabs.
fn cleaned(text: &str) -> Cow<'_, str> {
    let is_dropped = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if !text.contains(is_dropped) {
        return Cow::Borrowed(text);
    }
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.retain(|c| !is_dropped(c));
    Cow::Owned(text)
}

/// Whether a character travels as itself; `rest` is its line from there on, and `begins` says
/// whether it stands first on a line of the encoded body.
fn stands_as_is(c: char, rest: &str, begins: bool) -> bool {
    match c {
        ' ' | '\t' => rest.len() > 1,
        '=' => false,
        '.' => !begins,
        'F' => !(begins && rest.starts_with("From ")),
        c => c.is_ascii_graphic(),
    }
}

/// One hexadecimal digit, as RFC 2045 6.7 (1) wants it.
fn hex(four_bits: u8) -> char {
    char::from(if four_bits < 10 { b'0' + four_bits } else { b'A' - 10 + four_bits })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encode(text: &str) -> String {
        QuotedPrintable::default().text(text).take()
    }

    #[test]
    fn plain_text_stays_and_the_rest_is_written_in_hex() {
        for (text, encoded) in [
            ("a = b", "a =3D b"),
            ("né", "n=C3=A9"),
            ("end \nnext\t", "end=20\r\nnext=09"),
            ("a\r\nb\rc\nd", "a\r\nb\r\nc\r\nd"),
            (".hidden", "=2Ehidden"),
            ("From here", "=46rom here"),
            ("not.From here", "not.From here"),
            ("nul\0 bell\u{7}", "nul bell"),
            ("tab\t\u{7f}\0", "tab=09"),
        ] {
            assert_eq!(encode(text), encoded, "{text:?}");
        }
    }

    #[test]
    fn a_dot_that_a_soft_break_puts_first_is_encoded_too() {
        let encoded = encode(&format!("{}.net", "a".repeat(75)));
        assert_eq!(encoded, format!("{}=\r\n=2Enet", "a".repeat(75)));
    }

    proptest! {
        #[test]
        fn a_word_is_encoded_as_a_text_is(before in "[a-z]{0,80}", word in "[!-~]{0,300}|[a=.]{0,300}") {
            let (mut one, mut other) = (QuotedPrintable::default(), QuotedPrintable::default());
            one.text(&before).text(&word);
            other.text(&before).word(&word);
            prop_assert_eq!(one.take(), other.take());
        }

        #[test]
        fn lines_are_short_and_decode_to_the_text(text in "(?s).{0,400}") {
            let encoded = encode(&text);
            prop_assert!(encoded.is_ascii());
            for line in encoded.split("\r\n") {
                prop_assert!(line.len() <= 76 && !line.contains(['\r', '\n']));
                prop_assert!(!line.ends_with([' ', '\t']) && !line.starts_with('.'));
            }
            let decoded = mail_parser::decoders::quoted_printable::quoted_printable_decode(encoded.as_bytes());
            let expected = text.replace("\r\n", "\n").replace('\r', "\n");
            let expected: String = expected.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
            prop_assert_eq!(String::from_utf8(decoded.unwrap_or_default()).unwrap().replace("\r\n", "\n"), expected);
        }
    }
}
