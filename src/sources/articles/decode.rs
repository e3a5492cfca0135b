//! Bytes of a file into text: byte order marks, declared encodings, and a guess where nothing is
//! declared or the declaration cannot be true.
//!
//! Promise: a stray byte costs one character, never the document.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// A document as text, and what a person should know about its encoding.
pub(super) struct Decoded {
    /// Without a byte order mark.
    pub text: String,
    /// What was repaired, if anything.
    pub remark: Option<String>,
}

/// How UTF-16 and UTF-32 show themselves, with or without a byte order mark (XML 1.0 appendix F).
enum Wide {
    Utf16(&'static Encoding),
    Utf32 { big_endian: bool },
}

/// Text of `bytes`. An XML declaration's encoding counts where there is no byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Decoded {
    match wide(bytes) {
        Some(Wide::Utf16(encoding)) => return plain(encoding.decode_with_bom_removal(bytes).0.into_owned()),
        Some(Wide::Utf32 { big_endian }) => return plain(utf32(bytes, big_endian)),
        None => {}
    }
    let (bytes, has_mark) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    if let Ok(text) = std::str::from_utf8(bytes)
        && (has_mark || text.is_ascii())
    {
        return plain(text.to_owned());
    }
    let label = if has_mark { Some("utf-8".to_owned()) } else { declared(bytes) };
    let declared = label.as_deref().map(|label| (label, encoding_for(label)));
    match declared {
        Some((_, Some(encoding))) if encoding != UTF_8 => {
            plain(encoding.decode_without_bom_handling(bytes).0.into_owned())
        }
        Some((label, None)) => guess(bytes, Some(format!("nobody knows the encoding `{}`", short(label)))),
        Some((_, Some(_))) => utf8_with_strays(bytes),
        None => guess(bytes, None),
    }
}

fn plain(text: String) -> Decoded {
    Decoded { text, remark: None }
}

fn short(label: &str) -> String {
    label.chars().take(40).collect()
}

fn wide(bytes: &[u8]) -> Option<Wide> {
    match bytes {
        [0, 0, 0xfe, 0xff, ..] | [0, 0, 0, b'<', ..] => Some(Wide::Utf32 { big_endian: true }),
        [0xff, 0xfe, 0, 0, ..] | [b'<', 0, 0, 0, ..] => Some(Wide::Utf32 { big_endian: false }),
        [0xfe, 0xff, ..] | [0, b'<', 0, ..] => Some(Wide::Utf16(UTF_16BE)),
        [0xff, 0xfe, ..] | [b'<', 0, _, 0, ..] => Some(Wide::Utf16(UTF_16LE)),
        _ => None,
    }
}

fn utf32(bytes: &[u8], big_endian: bool) -> String {
    let units = bytes.chunks_exact(4).filter_map(|unit| unit.try_into().ok());
    let codes =
        units.map(|unit| if big_endian { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) });
    codes
        .map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
        .filter(|c| *c != '\u{feff}')
        .collect()
}

/// The encoding that the XML declaration at the head of `bytes` names.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]);
    let declaration = head.trim_start().strip_prefix("<?xml")?;
    let declaration = &declaration[..declaration.find("?>")?];
    let value = declaration[declaration.find("encoding")? + "encoding".len()..]
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(value[1..].split(quote).next()?.trim().to_owned())
}

/// The encoding of a label; also of spellings with `_`. A document that could be read up to its
/// declaration is not UTF-16, whatever it says.
fn encoding_for(label: &str) -> Option<&'static Encoding> {
    let dashed = label.replace('_', "-");
    let compact = dashed.replace("iso8859", "iso-8859").replace("cp125", "windows-125");
    [label, &dashed, &compact]
        .iter()
        .find_map(|label| Encoding::for_label(label.as_bytes()))
        .map(|encoding| if encoding == UTF_16BE || encoding == UTF_16LE { UTF_8 } else { encoding })
}

/// Undeclared, or declared in a way that nobody knows.
fn guess(bytes: &[u8], remark: Option<String>) -> Decoded {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded { text: text.to_owned(), remark };
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, chardetng::Utf8Detection::Allow);
    let text = encoding.decode_without_bom_handling(bytes).0.into_owned();
    let guessed = format!("read as {}, which is a guess", encoding.name());
    Decoded { text, remark: Some(remark.map_or(guessed.clone(), |remark| format!("{remark}; {guessed}"))) }
}

/// Declared UTF-8 that may hold bytes which are none.
fn utf8_with_strays(bytes: &[u8]) -> Decoded {
    let mut text = String::with_capacity(bytes.len());
    let (mut strays, mut whole) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        text.push_str(chunk.valid());
        match chunk.invalid() {
            [] => continue,
            // Word processors: 0x80 is `€` in windows-1252, and never begins a UTF-8 character.
            [byte @ 0x80..=0x9f] => text.push_str(&WINDOWS_1252.decode_without_bom_handling(&[*byte]).0),
            _ => text.push(char::REPLACEMENT_CHARACTER),
        }
        strays += 1;
    }
    if strays > whole {
        return guess(bytes, Some("declared as UTF-8, which it is not".to_owned()));
    }
    let remark = (strays > 0).then(|| format!("{strays} stray bytes are not UTF-8; each was replaced"));
    Decoded { text, remark }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        decode(bytes).text
    }

    #[test]
    fn declared_encodings_count_also_after_a_blank_line() {
        assert!(
            text(b"\n<?xml version=\"1.0\" encoding=\"windows-1251\"?><a>\xcc\xee</a>")
                .ends_with("<a>Мо</a>")
        );
        assert!(text(b"<?xml version='1.0' encoding='iso8859_15'?>\xa4").ends_with('€'));
        assert!(text(b"<?xml version='1.0' encoding='utf-16'?><a>\xc3\xbc</a>").ends_with("<a>ü</a>"));
    }

    #[test]
    fn wide_encodings_are_known_by_their_first_bytes() {
        for (mark, sample) in [("", "<a>ü</a>"), ("\u{feff}", "<a>ü</a>")] {
            let units: Vec<u16> = format!("{mark}{sample}").encode_utf16().collect();
            assert_eq!(text(&units.iter().flat_map(|u| u.to_be_bytes()).collect::<Vec<_>>()), sample);
            assert_eq!(text(&units.iter().flat_map(|u| u.to_le_bytes()).collect::<Vec<_>>()), sample);
            let codes: Vec<u32> = format!("{mark}{sample}").chars().map(u32::from).collect();
            assert_eq!(text(&codes.iter().flat_map(|u| u.to_be_bytes()).collect::<Vec<_>>()), sample);
            assert_eq!(text(&codes.iter().flat_map(|u| u.to_le_bytes()).collect::<Vec<_>>()), sample);
        }
    }

    #[test]
    fn a_stray_byte_costs_one_character() {
        let decoded = decode(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>Zürich, Größe 5 \u{1}"
                .replace('\u{1}', "@")
                .as_bytes(),
        );
        assert_eq!(decoded.remark, None);
        let mut bytes = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>Zürich, Größe 5 ".as_bytes().to_vec();
        bytes.push(0x80);
        let decoded = decode(&bytes);
        assert!(decoded.text.ends_with("Zürich, Größe 5 €"));
        assert!(decoded.remark.is_some());
    }

    #[test]
    fn what_is_not_utf8_at_all_is_guessed() {
        let cyrillic =
            encoding_rs::WINDOWS_1251.encode("<a>Мостът отваря в понеделник и снягът по пътищата</a>").0;
        assert!(text(&cyrillic).contains("Мостът отваря"));
        assert!(
            decode(&[b"<?xml version='1.0' encoding='utf-8'?>", &*cyrillic].concat()).text.contains("снягът")
        );
        assert!(decode(&[b"<?xml version='1.0' encoding='bogus'?>", &*cyrillic].concat()).remark.is_some());
    }
}
