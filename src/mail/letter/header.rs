//! Header fields: cleaned, encoded where they must be (RFC 2047), and folded (RFC 5322 2.2.3).

use newsletterd_templates::content::{is_line_break, turns_direction};

use crate::domain::address::Mailbox;

/// The line length that RFC 5322 2.1.1 wishes for.
const LINE: usize = 78;
/// The longest encoded word (RFC 2047 2).
const ENCODED_WORD: usize = 75;
/// `=?utf-8?B??=`: what an encoded word adds to its text.
const ENVELOPE: usize = 12;
/// Longer words and names are encoded, because encoded words can be folded anywhere.
const LONGEST_PLAIN: usize = 60;

/// One header field being written.
#[derive(Debug)]
pub(super) struct Field {
    out: String,
    column: usize,
}

impl Field {
    /// Begins the field `name`, which is one of ours.
    pub(super) fn new(name: &'static str) -> Self {
        Self { out: format!("{name}:"), column: name.len() + 1 }
    }

    /// Adds one word of printable ASCII after a blank, on a new line when it does not fit on this
    /// one but would on the next.
    pub(super) fn word(mut self, word: &str) -> Self {
        let too_long = self.column + 1 + word.len() > LINE;
        if too_long && word.len() < LINE {
            self.out.push_str("\r\n");
            self.column = 0;
        }
        self.out.push(' ');
        self.out.push_str(word);
        self.column += 1 + word.len();
        self
    }

    /// Adds running text, as a Subject holds it.
    pub(super) fn text(self, text: &str) -> Self {
        let text = clean(text);
        if text.is_empty() {
            return self;
        }
        if is_plain(&text) { text.split(' ').fold(self, Self::word) } else { self.encoded(&text) }
    }

    /// Adds a phrase: a name before an address or an identifier.
    pub(super) fn phrase(self, phrase: &str) -> Self {
        let phrase = clean(phrase);
        if phrase.is_empty() {
            return self;
        }
        if is_plain(&phrase) && phrase.split(' ').all(|word| word.bytes().all(is_atext)) {
            return phrase.split(' ').fold(self, Self::word);
        }
        let quoted = format!("\"{}\"", phrase.replace('\\', "\\\\").replace('"', "\\\""));
        let may_be_quoted = quoted.len() <= LONGEST_PLAIN && is_printable(&quoted) && !quoted.contains("=?");
        if may_be_quoted { self.word(&quoted) } else { self.encoded(&phrase) }
    }

    /// Adds a name, where there is one, and its address.
    pub(super) fn mailbox(self, mailbox: &Mailbox) -> Self {
        match &mailbox.name {
            Some(name) if !clean(name).is_empty() => {
                self.phrase(name).word(&format!("<{}>", mailbox.address.as_string()))
            }
            _ => self.word(&mailbox.address.as_string()),
        }
    }

    /// The field with its line end.
    pub(super) fn end(mut self) -> String {
        self.out.push_str("\r\n");
        self.out
    }

    /// Adds `text` as encoded words, in the shorter of the two encodings, none of which splits a
    /// character.
    fn encoded(mut self, text: &str) -> Self {
        let as_q = text.chars().map(|c| q_unit(c).len()).sum::<usize>();
        let encoding = if as_q <= text.len().div_ceil(3) * 4 { Encoding::Q } else { Encoding::B };
        let mut chunk = String::new();
        for c in text.chars() {
            let room = (LINE - 1).saturating_sub(self.column).min(ENCODED_WORD);
            chunk.push(c);
            if ENVELOPE + encoding.length(&chunk) > room {
                chunk.pop();
                if !chunk.is_empty() {
                    self = self.word(&encoding.word(&chunk));
                }
                // The next word begins a line.
                self.out.push_str("\r\n");
                self.column = 0;
                chunk.clear();
                chunk.push(c);
            }
        }
        self.word(&encoding.word(&chunk))
    }
}

/// The two encodings of RFC 2047 4.
#[derive(Clone, Copy, Debug)]
enum Encoding {
    B,
    Q,
}

impl Encoding {
    fn length(self, text: &str) -> usize {
        match self {
            Self::B => text.len().div_ceil(3) * 4,
            Self::Q => text.chars().map(|c| q_unit(c).len()).sum(),
        }
    }

    fn word(self, text: &str) -> String {
        match self {
            Self::B => format!("=?utf-8?B?{}?=", data_encoding::BASE64.encode(text.as_bytes())),
            Self::Q => format!("=?utf-8?Q?{}?=", text.chars().map(q_unit).collect::<String>()),
        }
    }
}

/// One character in the Q encoding, by the strictest of its sets (RFC 2047 5 (3), within phrases).
fn q_unit(c: char) -> String {
    match c {
        ' ' => "_".to_owned(),
        c if c.is_ascii_alphanumeric() || "!*+-/".contains(c) => c.to_string(),
        c => c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("={byte:02X}")).collect(),
    }
}

/// `text` on one line: line breaks become blanks; controls and what turns the reading direction go.
pub(super) fn clean(text: &str) -> String {
    let kept = text.chars().filter_map(|c| match c {
        c if is_line_break(c) => Some(' '),
        c if c.is_control() || turns_direction(c) => None,
        c => Some(c),
    });
    kept.collect::<String>().trim_matches(' ').to_owned()
}

fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Whether text can stand unencoded and be folded at any of its blanks without changing it.
fn is_plain(text: &str) -> bool {
    is_printable(text)
        && !text.contains("=?")
        && !text.contains("  ")
        && text.split(' ').all(|word| word.len() <= LONGEST_PLAIN)
}

/// Characters of atoms (RFC 5322 3.2.3).
fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}
