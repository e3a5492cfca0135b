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
        Self { bytes: transparent(message), size: message.len(), eight_bit: !message.is_ascii() }
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

fn transparent(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + message.len() / 64 + 8);
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
    out.extend_from_slice(b".\r\n");
    out
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
            assert_eq!(transparent(message), sent, "{:?}", String::from_utf8_lossy(message));
        }
    }

    proptest! {
        #[test]
        fn no_message_ends_data_early(message in "[a.\\r\\n]{0,40}") {
            let sent = transparent(message.as_bytes());
            let text = String::from_utf8(sent).unwrap();
            // Lines end in CR LF only, and the first lone dot is the last line.
            prop_assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
            let lines: Vec<_> = text.split_terminator("\r\n").collect();
            prop_assert_eq!(lines.iter().position(|line| *line == "."), Some(lines.len() - 1));
        }
    }
}
