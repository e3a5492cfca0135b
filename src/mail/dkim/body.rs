//! The canonical form of a body (RFC 6376 3.4.4) and its hash. Our own: mail-auth's counts a last line
//! of nothing but white space, which the RFC ignores.

use sha2::{Digest as _, Sha256};

/// SHA-256 over the body's relaxed form.
pub(super) fn hash(body: &[u8]) -> [u8; 32] {
    Sha256::digest(relaxed(body)).into()
}

/// White space at the end of lines goes, within them it becomes one blank; empty lines at the end go;
/// what is left ends in CR LF.
fn relaxed(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut empty = 0;
    for line in lines(body) {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let Some(last) = line.iter().rposition(|byte| !blank(byte)) else {
            empty += 1;
            continue;
        };
        for _ in 0..std::mem::take(&mut empty) {
            out.extend_from_slice(b"\r\n");
        }
        let line = &line[..=last];
        if memchr::memchr(b'\t', line).is_none() && memchr::memmem::find(line, b"  ").is_none() {
            out.extend_from_slice(line);
        } else {
            for (at, word) in line.split(blank).filter(|word| !word.is_empty()).enumerate() {
                if at > 0 || blank(&line[0]) {
                    out.push(b' ');
                }
                out.extend_from_slice(word);
            }
        }
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// The lines without their CR LF; what follows the last one is a line, too.
fn lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(body);
    std::iter::from_fn(move || {
        let body = rest?;
        match memchr::memchr(b'\n', body) {
            Some(end) => {
                rest = Some(&body[end + 1..]);
                let line = &body[..end];
                Some(line.strip_suffix(b"\r").unwrap_or(line))
            }
            None => rest.take(),
        }
    })
}

#[cfg(test)]
mod tests {
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
}
