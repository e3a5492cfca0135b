//! Quoted-printable (RFC 2045 6.7), written line by line so that places can be cut into it.
//!
//! Beyond what the RFC asks: a character is never split between lines, a dot or "From " that begins
//! a line is encoded (some transports touch them), and controls are dropped.

use std::fmt::Write as _;

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
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.out.push_str("\r\n");
                self.column = 0;
            }
            self.line(line);
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
        let mut unit = String::with_capacity(12);
        for (at, c) in line.char_indices().filter(|(_, c)| *c == '\t' || !c.is_control()) {
            let rest = &line[at..];
            let is_last = rest.len() == c.len_utf8();
            unit.clear();
            // Whether a unit begins a line depends on whether it still fits on this one.
            let mut begins = self.column == 0;
            loop {
                unit.clear();
                let as_is = match c {
                    ' ' | '\t' => !is_last,
                    '=' => false,
                    '.' => !begins,
                    'F' => !(begins && rest.starts_with("From ")),
                    c => c.is_ascii_graphic(),
                };
                if as_is {
                    unit.push(c);
                } else {
                    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                        let _ = write!(unit, "={byte:02X}");
                    }
                }
                if begins || self.column + unit.len() <= ROOM {
                    break;
                }
                self.soft_break();
                begins = true;
            }
            self.out.push_str(&unit);
            self.column += unit.len();
        }
    }
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
