//! The canonical form of a body (RFC 6376 3.4.4) and its hash. Our own: mail-auth's counts a last line
//! of nothing but white space, which the RFC ignores.

use sha2::{Digest as _, Sha256};

/// SHA-256 over the body's relaxed form.
pub(super) fn hash(body: &[u8]) -> [u8; 32] {
    Sha256::digest(relaxed(body)).into()
}

fn relaxed(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut form = Relaxed::default();
    form.write(body, &mut out);
    form.end(&mut out);
    out
}

/// The relaxed form in the making, piece by piece: white space at the end of lines goes, within them
/// it becomes one blank; empty lines at the end go; what is left ends in CR LF. A piece may end
/// anywhere but between CR and LF.
#[derive(Debug, Default)]
pub(super) struct Relaxed {
    /// Empty lines that count only when a text follows.
    empty: usize,
    /// White space that counts only when a text follows on its line.
    blank: bool,
    /// Whether the line has a text already.
    text: bool,
}

impl Relaxed {
    /// Takes the next piece, and appends what is known of its form.
    pub(super) fn write(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let mut rest = piece;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let line = &rest[..end];
            self.write_within(line.strip_suffix(b"\r").unwrap_or(line), out);
            if self.text {
                out.extend_from_slice(b"\r\n");
            } else {
                self.empty += 1;
            }
            (self.text, self.blank) = (false, false);
            rest = &rest[end + 1..];
        }
        self.write_within(rest, out);
    }

    /// A text follows that begins with something else than white space.
    pub(super) fn begin_text(&mut self, out: &mut Vec<u8>) {
        for _ in 0..std::mem::take(&mut self.empty) {
            out.extend_from_slice(b"\r\n");
        }
        if std::mem::take(&mut self.blank) {
            out.push(b' ');
        }
        self.text = true;
    }

    /// Nothing follows.
    pub(super) fn end(self, out: &mut Vec<u8>) {
        if self.text {
            out.extend_from_slice(b"\r\n");
        }
    }

    /// A piece of one line.
    fn write_within(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let is_text = |byte: &u8| !matches!(byte, b' ' | b'\t');
        let (Some(first), Some(last)) = (piece.iter().position(is_text), piece.iter().rposition(is_text))
        else {
            self.blank |= !piece.is_empty();
            return;
        };
        self.blank |= first > 0;
        self.begin_text(out);
        let text = &piece[first..=last];
        if memchr::memchr(b'\t', text).is_none() && memchr::memmem::find(text, b"  ").is_none() {
            out.extend_from_slice(text);
        } else {
            let words = text.split(|byte| !is_text(byte)).filter(|word| !word.is_empty());
            for (at, word) in words.enumerate() {
                if at > 0 {
                    out.push(b' ');
                }
                out.extend_from_slice(word);
            }
        }
        self.blank = last + 1 < piece.len();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_canonical_form_is_that_of_the_rfc() {
        for (body, canonical) in [
            // RFC 6376 3.4.5.
            (" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n"),
            ("", ""),
            ("\r\n\r\n", ""),
            ("\t", ""),
            (" \r\n\t\r\n", ""),
            ("a\r\n \t\r\n", "a\r\n"),
            ("a\r\n \t\r\nb", "a\r\n\r\nb\r\n"),
            ("a  b\tc \r\n", "a b c\r\n"),
            ("  a", " a\r\n"),
        ] {
            assert_eq!(String::from_utf8(relaxed(body.as_bytes())).unwrap(), canonical, "{body:?}");
        }
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_pieces_end(
            body in "(a|b| |\t|\r\n){0,30}",
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        ) {
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
            cuts.retain(|cut| !body[*cut..].starts_with('\n'));
            cuts.extend([0, body.len()]);
            cuts.sort_unstable();
            let (mut form, mut out) = (Relaxed::default(), Vec::new());
            for piece in cuts.windows(2) {
                form.write(&body.as_bytes()[piece[0]..piece[1]], &mut out);
            }
            form.end(&mut out);
            prop_assert_eq!(out, relaxed(body.as_bytes()));
        }
    }
}
