//! Encoded words in header fields (RFC 2047).

use super::decode::{base64, quoted_printable, text_of};

/// Decodes the encoded words of a field's value; what is none stays as it is.
pub(super) fn decode_words(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    let mut after_word = false;
    while let Some(at) = rest.find("=?") {
        let (before, word) = rest.split_at(at);
        // White space between two encoded words is none (section 6.2).
        if !(after_word && before.trim().is_empty()) {
            out.push_str(before);
        }
        match encoded_word(word) {
            Some((text, length)) => {
                out.push_str(&text);
                rest = &word[length..];
                after_word = true;
            }
            None => {
                out.push_str("=?");
                rest = &word[2..];
                after_word = false;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The text of the encoded word that begins here, and its length.
fn encoded_word(word: &str) -> Option<(String, usize)> {
    let (charset, rest) = word.get(2..)?.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    if charset.len() > 40 || charset.contains(' ') {
        return None;
    }
    let end = rest.find("?=")?;
    let bytes = match encoding {
        "B" | "b" => base64(&rest.as_bytes()[..end]),
        "Q" | "q" => quoted_printable(rest[..end].replace('_', " ").as_bytes()),
        _ => return None,
    };
    let charset = charset.split('*').next();
    let length = 2 + (word.len() - 2 - rest.len()) + end + 2;
    Some((text_of(&bytes, charset).replace(['\r', '\n'], " "), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_every_form() {
        for (value, text) in [
            ("plain", "plain"),
            ("=?ISO-8859-1?Q?Andr=E9?= Pirard", "André Pirard"),
            ("=?utf-8?B?0L3QtQ==?= =?utf-8?B?INC00L7RgdGC?=", "не дост"),
            ("=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "日本"),
            ("=?x?", "=?x?"),
            ("a =?nonsense?Q?b?= c", "a b c"),
            ("=?utf-8?X?b?=", "=?utf-8?X?b?="),
        ] {
            assert_eq!(decode_words(value), text, "{value}");
        }
    }
}
