//! Addresses as reports write them: in angle brackets, after `rfc822;`, quoted, as xtext, or not at all.

/// The address in a piece of text that should be one; `None` where it is none. The local part may be
/// of any letters; the domain must look like one.
pub fn cleaned(text: &str) -> Option<String> {
    let mut text = text.trim();
    if let Some((kind, rest)) = text.split_once(';')
        && kind.len() <= 12
        && kind.trim().bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'/' | b' '))
    {
        // `X400;`, `EX;`, `dns;` and the like are no addresses of mail; `LOCAL;` and `unknown;` may be.
        if matches!(kind.trim().to_ascii_lowercase().as_str(), "x400" | "ex" | "dns" | "smtp/dns") {
            return None;
        }
        text = rest.trim();
    }
    if let (Some(open), Some(close)) = (text.rfind('<'), text.rfind('>'))
        && open < close
    {
        text = &text[open + 1..close];
    }
    let text = text.trim_matches(|letter: char| {
        letter.is_whitespace()
            || matches!(
                letter,
                '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';' | ':' | '`' | '\'' | '*' | '|'
            )
    });
    let text = strip_prefix_of_case(text, "mailto:");
    let text = strip_prefix_of_case(text, "smtp:");
    let text = text.trim_end_matches(['.', '!', '?', ',', ':', ';', '>', ')']);
    let text = unquoted(text);
    // Source routes (RFC 5321 appendix C): @a,@b:c@d
    let text = if text.starts_with('@') { text.split_once(':').map_or(text, |(_, rest)| rest) } else { text };
    let (local, domain) = text.rsplit_once('@')?;
    let local_is_fine = !local.is_empty()
        && local.len() <= 256
        && (quoted(local)
            || !local.chars().any(|letter| {
                letter.is_whitespace()
                    || matches!(letter, '<' | '>' | '(' | ')' | ',' | ';' | ':' | '"' | '@')
            }));
    (local_is_fine && is_domain(domain)).then(|| format!("{local}@{domain}"))
}

/// Whether a text looks like a domain: labels of letters and digits, at most 253 bytes, or an address
/// in brackets. One label alone will do: machines of one house are named so.
pub fn is_domain(domain: &str) -> bool {
    let inner = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(literal) = inner {
        return !literal.is_empty()
            && literal
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'I' | b'P' | b'v'));
    }
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_'))
    };
    domain.len() <= 253 && domain.split('.').all(label)
}

/// Whether a local part is a quoted string.
fn quoted(local: &str) -> bool {
    local.len() > 2 && local.starts_with('"') && local.ends_with('"')
}

/// Text without quotes around the whole of it.
fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner.trim();
        }
    }
    text
}

/// Text without this prefix, in whatever case it is.
fn strip_prefix_of_case<'a>(text: &'a str, prefix: &str) -> &'a str {
    match text.get(..prefix.len()) {
        Some(start) if start.eq_ignore_ascii_case(prefix) => text[prefix.len()..].trim_start(),
        _ => text,
    }
}

/// All addresses in a text, in their order, each as [`cleaned`] has it.
pub fn addresses_in(text: &str) -> impl Iterator<Item = String> + '_ {
    let is_edge = |letter: char| {
        letter.is_whitespace()
            || matches!(
                letter,
                '<' | '>'
                    | '('
                    | ')'
                    | ','
                    | ';'
                    | '['
                    | ']'
                    | '{'
                    | '}'
                    | '|'
                    | '「'
                    | '」'
                    | '«'
                    | '»'
                    | '“'
                    | '”'
                    | '„'
            )
    };
    text.split(is_edge).filter(|word| word.contains('@')).filter_map(|word| {
        let word =
            word.rsplit_once(":").filter(|(_, rest)| rest.contains('@')).map_or(word, |(_, rest)| rest);
        cleaned(word.trim_end_matches(['.', '!', '?']).trim_matches(['"', '\'', '`', '=', '*']))
    })
}

/// Text decoded from xtext (RFC 3461 section 4): `+2B` is `+`. What is none stays.
pub fn from_xtext(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|code| {
            *first == b'+' && code.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
        });
        match code.and_then(|code| u8::from_str_radix(str::from_utf8(code).ok()?, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = &after[2..];
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// An address in the form `utf-8-addr-xtext` or `utf-8-addr-unitext` (RFC 6533 section 3):
/// `\x{10E4}` is the letter itself. What is none stays.
pub fn from_unitext(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\x{") {
        out.push_str(&rest[..at]);
        let after = &rest[at + 3..];
        let letter = after.split_once('}').and_then(|(code, below)| {
            let letter = char::from_u32(u32::from_str_radix(code, 16).ok()?)?;
            Some((letter, below))
        });
        match letter {
            Some((letter, below)) => {
                out.push(letter);
                rest = below;
            }
            None => {
                out.push_str("\\x{");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_every_dress() {
        for (text, address) in [
            ("rfc822; nina@example.org", Some("nina@example.org")),
            ("rfc822;<nina@example.org>", Some("nina@example.org")),
            ("RFC822 ; \"nina@example.org\"", Some("nina@example.org")),
            ("<nina@example.org>:", Some("nina@example.org")),
            ("Nina <nina@example.org> (gone)", Some("nina@example.org")),
            ("<@hub.example,@b.example:nina@example.org>", Some("nina@example.org")),
            ("\"nina berg\"@example.org", Some("\"nina berg\"@example.org")),
            ("smtp:nina@example.org", Some("nina@example.org")),
            ("X400; /C=DE/A=x/", None),
            ("nina", None),
            ("nina@", None),
            ("two words@example.org", None),
        ] {
            assert_eq!(cleaned(text).as_deref(), address, "{text}");
        }
    }

    #[test]
    fn addresses_within_a_text() {
        let found: Vec<_> =
            addresses_in("to <nina@example.org>, mailto:tom@example.net and \"ines@example.org\".").collect();
        assert_eq!(found, ["nina@example.org", "tom@example.net", "ines@example.org"]);
    }

    #[test]
    fn xtext_is_undone() {
        for (text, plain) in [("a+2Bb+3Dc", "a+b=c"), ("a+b", "a+b"), ("a+", "a+"), ("", "")] {
            assert_eq!(from_xtext(text), plain);
        }
    }
}
