//! Transfer encodings and charsets, decoded without ever failing.

use std::borrow::Cow;

use encoding_rs::{Encoding, ISO_2022_JP, REPLACEMENT, WINDOWS_1252};

/// The most bytes that a charset is guessed from.
const MOST_GUESS: usize = 4 << 10;

/// Decodes base64; what is no letter of it is passed over, and the first padding ends a run.
pub(super) fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in bytes {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                (bits, count) = (0, 0);
                continue;
            }
            _ => continue,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count).to_le_bytes()[0]);
        }
    }
    out
}

/// Decodes quoted-printable; what is broken stays as it is.
pub(super) fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| match byte? {
        byte @ b'0'..=b'9' => Some(byte - b'0'),
        byte @ b'a'..=b'f' => Some(byte - b'a' + 10),
        byte @ b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'=', rest) {
        out.extend_from_slice(&rest[..at]);
        let after = &rest[at + 1..];
        if let (Some(high), Some(low)) = (digit(after.first()), digit(after.get(1))) {
            out.push(high << 4 | low);
            rest = &after[2..];
            continue;
        }
        // A soft line break, white space at its end or not.
        let blank = after.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
        match after.get(blank) {
            Some(b'\n') => rest = &after[blank + 1..],
            None => rest = &[],
            Some(_) => {
                out.push(b'=');
                rest = after;
            }
        }
    }
    out.extend_from_slice(rest);
    out
}

/// The text of these bytes: of the charset that is named, where it can be; UTF-8 and ISO-2022-JP are
/// known by what they look like, whatever is named; else it is guessed.
pub(super) fn text_of<'a>(bytes: &'a [u8], charset: Option<&str>) -> Cow<'a, str> {
    if bytes.is_ascii() {
        if memchr::memmem::find(bytes, b"\x1b$").is_some() || memchr::memmem::find(bytes, b"\x1b(").is_some()
        {
            return ISO_2022_JP.decode_without_bom_handling(bytes).0;
        }
        if !charset
            .is_some_and(|name| name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("utf-16")))
        {
            return String::from_utf8_lossy(bytes);
        }
    }
    if let Ok(text) = str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let named = charset.and_then(|name| Encoding::for_label(name.trim().as_bytes()));
    let named = named.filter(|encoding| *encoding != REPLACEMENT && *encoding != encoding_rs::UTF_8);
    // "us-ascii" says nothing of bytes beyond ASCII.
    let empty = charset.is_some_and(|name| name.to_ascii_lowercase().contains("ascii"));
    let encoding = named.filter(|_| !empty).unwrap_or_else(|| guess(bytes));
    encoding.decode_without_bom_handling(bytes).0
}

/// The charset that these bytes look most like.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let beyond = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or_default();
    let sample = &bytes[beyond..bytes.len().min(beyond + MOST_GUESS)];
    if sample.iter().filter(|byte| !byte.is_ascii()).count() < 4 {
        return WINDOWS_1252;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_any_form() {
        for (text, bytes) in
            [("aGFsbG8=", "hallo"), ("aGFs\r\n bG8", "hallo"), ("aA==aA==", "hh"), ("****", "")]
        {
            assert_eq!(base64(text.as_bytes()), bytes.as_bytes());
        }
    }

    #[test]
    fn quoted_printable_of_any_form() {
        for (text, bytes) in
            [("a=3D=\r\nb", "a=b"), ("a= \nb", "ab"), ("100=% =", "100=% "), ("=4", "=4"), ("=4a", "J")]
        {
            assert_eq!(quoted_printable(text.as_bytes()), bytes.as_bytes());
        }
    }

    #[test]
    fn charsets_named_wrongly_and_not_at_all() {
        for (bytes, charset, text) in [
            (&b"caf\xe9"[..], Some("iso-8859-1"), "café"),
            (b"caf\xe9", Some("utf-8"), "café"),
            (b"caf\xe9", Some("x-nothing"), "café"),
            ("café".as_bytes(), Some("iso-8859-1"), "café"),
            (b"\x1b$BF|K\\\x1b(B", None, "日本"),
            (b"\xcd\xe5 \xe4\xee\xf1\xf2\xe0\xe2\xeb\xe5\xed\xee", Some("windows-1251"), "Не доставлено"),
        ] {
            assert_eq!(text_of(bytes, charset), text);
        }
    }
}
