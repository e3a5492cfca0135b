//! A message as it goes after DATA.

use std::fmt;

/// The end of a message (RFC 5321 4.1.1.4).
pub(super) const FINAL_DOT: &[u8] = b".\r\n";

/// A message as it goes after DATA (RFC 5321 4.5.2): a dot at the start of a line doubled, every
/// line ended by CR LF, also one that came with a lone CR or LF (which RFC 5321 2.3.8 forbids to
/// send), and the final dot. Made once, and written as often as it takes.
#[derive(Clone, PartialEq, Eq)]
pub struct MailData {
    bytes: Vec<u8>,
    size: usize,
    eight_bit: bool,
}

impl MailData {
    /// Takes a whole message with its headers.
    pub fn new(message: &[u8]) -> Self {
        let look = Look::at(message);
        let mut bytes = Vec::new();
        if look.lines_end_well {
            bytes.reserve(message.len() + message.len() / 64 + 8);
            push_dotted(&mut bytes, message, look.has_dots);
        } else {
            push_mended(&mut bytes, message);
        }
        bytes.extend_from_slice(FINAL_DOT);
        Self { bytes, size: message.len(), eight_bit: look.eight_bit }
    }

    /// How many bytes the message had before dots were doubled, for SIZE (RFC 1870).
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Whether it needs 8BITMIME (RFC 6152).
    pub(super) const fn is_eight_bit(&self) -> bool {
        self.eight_bit
    }

    /// What goes over the line, with the final dot.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for MailData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailData({} bytes)", self.size)
    }
}

impl From<Vec<u8>> for MailData {
    /// As [`MailData::new`], without a copy where the message can go as it is.
    fn from(message: Vec<u8>) -> Self {
        let look = Look::at(&message);
        if !look.lines_end_well || look.has_dots {
            return Self::new(&message);
        }
        let (size, mut bytes) = (message.len(), message);
        bytes.extend_from_slice(FINAL_DOT);
        Self { bytes, size, eight_bit: look.eight_bit }
    }
}

/// What must be known of a message before it can go.
struct Look {
    /// Every line ends in CR LF, also the last, and neither stands alone.
    lines_end_well: bool,
    /// A line begins with a dot.
    has_dots: bool,
    eight_bit: bool,
}

impl Look {
    /// One pass without branches, which compilers make into a few instructions for many bytes.
    fn at(message: &[u8]) -> Self {
        let (mut lone, mut dots, mut high) = (false, false, 0);
        for (byte, next) in message.iter().zip(message.get(1..).unwrap_or_default()) {
            lone |= (*byte == b'\r') != (*next == b'\n');
            dots |= (*byte == b'\n') & (*next == b'.');
            high |= byte;
        }
        let ends = message.is_empty() || (message.ends_with(b"\r\n") && message[0] != b'\n');
        Self {
            lines_end_well: ends && !lone,
            has_dots: dots || message.first() == Some(&b'.'),
            eight_bit: high > 127 || message.last().is_some_and(|last| *last > 127),
        }
    }
}

/// Copies a message whose lines end well, with dots doubled.
fn push_dotted(out: &mut Vec<u8>, message: &[u8], has_dots: bool) {
    let mut from = 0;
    if has_dots {
        if message.first() == Some(&b'.') {
            out.push(b'.');
        }
        for line_end in memchr::memmem::find_iter(message, b"\n.") {
            out.extend_from_slice(&message[from..=line_end]);
            out.push(b'.');
            from = line_end + 1;
        }
    }
    out.extend_from_slice(&message[from..]);
}

/// Copies any message, line by line.
fn push_mended(out: &mut Vec<u8>, message: &[u8]) {
    let mut rest = message;
    while let Some(first) = rest.first() {
        if *first == b'.' {
            out.push(b'.');
        }
        let end = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
        out.extend_from_slice(&rest[..end]);
        out.extend_from_slice(b"\r\n");
        let after = &rest[end..];
        rest = after.strip_prefix(b"\r\n").unwrap_or_else(|| after.get(1..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dots_are_doubled_and_lines_end_well() {
        for (message, sent) in [
            (&b""[..], &b".\r\n"[..]),
            (b"a", b"a\r\n.\r\n"),
            (b"a\r\n", b"a\r\n.\r\n"),
            (b".\r\n", b"..\r\n.\r\n"),
            (b"a\r\n.b\r\n..\r\n", b"a\r\n..b\r\n...\r\n.\r\n"),
            (b"a\n.\nb\r.\r", b"a\r\n..\r\nb\r\n..\r\n.\r\n"),
            (b"a\r\r\n\n", b"a\r\n\r\n\r\n.\r\n"),
        ] {
            assert_eq!(MailData::new(message).bytes, sent, "{:?}", String::from_utf8_lossy(message));
        }
    }

    proptest! {
        #[test]
        fn no_message_ends_data_early(message in "[aé.\\r\\n]{0,40}|([a.]{0,5}\r\n){0,9}") {
            let data = MailData::new(message.as_bytes());
            prop_assert_eq!(&data, &MailData::from(message.clone().into_bytes()));
            prop_assert_eq!((data.size(), data.is_eight_bit()), (message.len(), !message.is_ascii()));
            let text = String::from_utf8(data.bytes).unwrap();
            // Lines end in CR LF only, and the first lone dot is the last line.
            prop_assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
            let lines: Vec<_> = text.split_terminator("\r\n").collect();
            prop_assert_eq!(lines.iter().position(|line| *line == "."), Some(lines.len() - 1));
        }

        #[test]
        fn whatever_way_is_taken_it_is_the_same(message in "([a.]{0,5}\r\n){0,9}|[a.\\r\\n]{0,40}") {
            let mut mended = Vec::new();
            push_mended(&mut mended, message.as_bytes());
            mended.extend_from_slice(FINAL_DOT);
            prop_assert_eq!(MailData::new(message.as_bytes()).bytes, mended);
        }
    }
}
