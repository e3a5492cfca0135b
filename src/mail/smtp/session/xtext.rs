//! Text in the parameters of MAIL and RCPT: xtext (RFC 3461 section 4), and its form for addresses
//! beyond ASCII (RFC 6533 section 3).

/// Appends `text` as xtext: what is no printable ASCII character, or `+` or `=`, becomes `+` and two
/// upper-case hexadecimal digits.
pub(super) fn push_xtext(out: &mut Vec<u8>, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if matches!(byte, b'!'..=b'~') && !matches!(byte, b'+' | b'=') {
            out.push(byte);
        } else {
            out.extend_from_slice(&[b'+', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
    }
}

/// Appends `text` as `utf-8-addr-unitext`, which a server that offers SMTPUTF8 understands: letters
/// beyond ASCII stand for themselves, and `+`, `=`, `\` and what is not printable become `\x{2B}`.
pub(super) fn push_unitext(out: &mut Vec<u8>, text: &str) {
    for letter in text.chars() {
        if !letter.is_control() && !matches!(letter, ' ' | '+' | '=' | '\\') {
            out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            out.extend_from_slice(format!("\\x{{{:02X}}}", u32::from(letter)).as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn xtext(text: &str) -> String {
        let mut out = Vec::new();
        push_xtext(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    fn unitext(text: &str) -> String {
        let mut out = Vec::new();
        push_unitext(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn examples_of_the_standards() {
        for (text, encoded) in [
            ("", ""),
            ("ana.beridze@example.org", "ana.beridze@example.org"),
            ("ana+news=x@example.org", "ana+2Bnews+3Dx@example.org"),
            ("QQ314159", "QQ314159"),
            ("a b\t~\u{7f}!", "a+20b+09~+7F!"),
            ("é", "+C3+A9"),
        ] {
            assert_eq!(xtext(text), encoded);
        }
        for (text, encoded) in [
            ("დავითი@example.org", "დავითი@example.org"),
            ("é+n=\\@example.org", "é\\x{2B}n\\x{3D}\\x{5C}@example.org"),
            ("a b", "a\\x{20}b"),
        ] {
            assert_eq!(unitext(text), encoded);
        }
    }

    /// As RFC 3461 section 4 reads it.
    fn decoded(xtext: &str) -> Option<Vec<u8>> {
        let mut bytes = xtext.bytes();
        let mut out = Vec::new();
        while let Some(byte) = bytes.next() {
            out.push(match byte {
                b'+' => {
                    let pair = [bytes.next()?, bytes.next()?];
                    let upper = pair.iter().all(|digit| digit.is_ascii_digit() || digit.is_ascii_uppercase());
                    let pair = std::str::from_utf8(&pair).ok().filter(|_| upper)?;
                    u8::from_str_radix(pair, 16).ok()?
                }
                b'!'..=b'~' if byte != b'=' => byte,
                _ => return None,
            });
        }
        Some(out)
    }

    proptest! {
        #[test]
        fn xtext_comes_back_as_it_was(text in "\\PC{0,40}|[+=a-c \\t\\r\\n\u{7f}]{0,20}") {
            prop_assert_eq!(decoded(&xtext(&text)), Some(text.into_bytes()));
        }

        #[test]
        fn unitext_ends_no_parameter_and_no_line(text in "\\PC{0,40}|[+=a-c \\\\\\t\\r\\n\u{7f}]{0,20}") {
            let encoded = unitext(&text);
            prop_assert!(!encoded.contains(|c: char| c == ' ' || c == '+' || c == '=' || c.is_ascii_control()));
            prop_assert_eq!(encoded.matches('\\').count(), encoded.matches("\\x{").count());
        }
    }
}
