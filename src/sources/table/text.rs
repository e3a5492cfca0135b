//! Bytes to text: byte order marks, UTF-8, UTF-16, and the old code pages that spreadsheets still
//! save in.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// A file's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// Without byte order mark; every line ends in `\n` or `\r\n`.
    pub text: Cow<'a, str>,
    /// The encoding's name, as in the WHATWG list: `UTF-8`, `windows-1251`.
    pub encoding: &'static str,
    /// Whether the file itself said so (by its mark, or by being valid UTF-8).
    pub certain: bool,
}

/// Why bytes are no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// An Office or LibreOffice file.
    #[error("this is a spreadsheet file, not text: save it as \"CSV UTF-8\" and import that")]
    Spreadsheet,
    /// Something else with bytes that no text has.
    #[error("this is not text: it holds binary data")]
    Binary,
}

/// Decodes by byte order mark, else as UTF-8, else by what the bytes look like.
///
/// # Errors
/// [`TextError`] for files that hold no text.
pub fn decode(bytes: &[u8]) -> Result<Decoded<'_>, TextError> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(TextError::Spreadsheet);
    }
    let (encoding, certain) = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => (encoding, true),
        None => guess(bytes),
    };
    let (text, _, _) = encoding.decode(bytes);
    if text.contains('\0') {
        return Err(TextError::Binary);
    }
    // Old Macs ended lines with a lone carriage return.
    let text =
        if text.contains('\r') && !text.contains('\n') { text.replace('\r', "\n").into() } else { text };
    Ok(Decoded { text, encoding: encoding.name(), certain })
}

fn guess(bytes: &[u8]) -> (&'static Encoding, bool) {
    if let Some(encoding) = utf16_without_mark(bytes) {
        return (encoding, false);
    }
    let (mut letters, mut damaged) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        letters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        damaged += usize::from(!chunk.invalid().is_empty());
    }
    // One bad byte in a UTF-8 file must not turn every name in it into another code page.
    if damaged == 0 || letters > damaged * 10 {
        return (UTF_8, damaged == 0);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    (detector.guess(None, Utf8Detection::Deny), false)
}

/// Mostly Latin text in UTF-16 has a zero in every second byte.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = &bytes[..bytes.len().min(512)];
    let zeros = |odd: usize| start.iter().skip(odd).step_by(2).filter(|&&byte| byte == 0).count();
    let enough = start.len() / 2 - start.len() / 8;
    match (zeros(0), zeros(1)) {
        _ if start.len() < 8 => None,
        (0, high) if high >= enough => Some(UTF_16LE),
        (high, 0) if high >= enough => Some(UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(bytes: &[u8]) -> (String, &'static str) {
        let decoded = decode(bytes).unwrap();
        (decoded.text.into_owned(), decoded.encoding)
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn encodings_are_found() {
        assert_eq!(text(b"\xEF\xBB\xBFemail"), ("email".to_owned(), "UTF-8"));
        assert_eq!(text("სახელი".as_bytes()), ("სახელი".to_owned(), "UTF-8"));
        let with_mark = utf16("\u{FEFF}email,имя\n", u16::to_le_bytes);
        assert_eq!(text(&with_mark), ("email,имя\n".to_owned(), "UTF-16LE"));
        assert_eq!(text(&utf16("email,name\n", u16::to_be_bytes)), ("email,name\n".to_owned(), "UTF-16BE"));
        let (russian, _, _) = encoding_rs::WINDOWS_1251.encode("email;имя\na@example.org;Надежда Петровна\n");
        assert_eq!(
            text(&russian),
            ("email;имя\na@example.org;Надежда Петровна\n".to_owned(), "windows-1251")
        );
        assert_eq!(text(b"M\xFCller Stra\xDFe"), ("Müller Straße".to_owned(), "windows-1252"));
        assert_eq!(text(b"a\rb").0, "a\nb");
        assert_eq!(text(b""), (String::new(), "UTF-8"));
    }

    #[test]
    fn one_bad_byte_does_not_change_the_encoding() {
        let mut bytes = "Надежда Петровна, ".repeat(3).into_bytes();
        bytes.push(0xFF);
        let decoded = decode(&bytes).unwrap();
        assert_eq!((decoded.encoding, decoded.certain), ("UTF-8", false));
        assert!(decoded.text.ends_with('\u{FFFD}'));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(decode(b"PK\x03\x04\x14\x00"), Err(TextError::Spreadsheet));
        assert_eq!(decode(b"abc\0\0\0\x01"), Err(TextError::Binary));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(decoded) = decode(&bytes) {
                prop_assert!(!decoded.text.contains('\0'));
            }
        }
    }
}
