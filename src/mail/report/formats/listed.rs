//! Lines that name a recipient: `<a@b.example>: said no`, `* a@b.example`, `"a@b.example" [full]`,
//! `a@b.example on Monday`, and so on.

/// A line that names a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Listed<'a> {
    /// The address, as written.
    pub address: &'a str,
    /// What is said of it on the same line.
    pub said: &'a str,
    /// How far the line is indented.
    pub indent: usize,
}

/// How strictly a line must be of that form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strictness {
    /// The address in angle brackets, then a colon.
    Paragraph,
    /// The address, and then nothing, or a sign that begins what is said.
    List,
    /// The address, and then anything.
    Loose,
}

/// What may stand before an address in a list.
const BULLETS: [&str; 7] = [">>> ", "-- ", "- ", "* ", "--> ", "• ", "o "];

/// Reads a line that names a recipient at its start.
pub(super) fn listed(line: &str, strictness: Strictness) -> Option<Listed<'_>> {
    let mut text = line.trim_start();
    let indent = line.len() - text.len();
    if strictness == Strictness::Paragraph {
        let (address, said) = text.strip_prefix('<')?.split_once(">:")?;
        return is_address(address).then_some(Listed { address, said: said.trim(), indent });
    }
    for bullet in BULLETS {
        if let Some(rest) = text.strip_prefix(bullet) {
            text = rest.trim_start();
            break;
        }
    }
    let (address, rest) = first_address(text)?;
    let rest = rest.trim();
    let said = match strictness {
        _ if rest.is_empty() => "",
        Strictness::Loose => rest.trim_start_matches([':', '-']).trim(),
        Strictness::List | Strictness::Paragraph => said(rest)?,
    };
    Some(Listed { address, said, indent })
}

/// The address at a text's start, in any dress, and what follows it.
fn first_address(text: &str) -> Option<(&str, &str)> {
    let (address, rest) = if let Some(inner) = text.strip_prefix('<') {
        inner.split_once('>')?
    } else if let Some(inner) = text.strip_prefix(['"', '\'']) {
        let quote = &text[..1];
        let (inner, rest) = inner.split_once(quote)?;
        return match rest.trim_start().strip_prefix('<').and_then(|named| named.split_once('>')) {
            Some((address, rest)) if is_address(address) => Some((address, rest)),
            _ => is_address(inner).then_some((inner, rest)),
        };
    } else if let Some(at) = text.find("SMTP=").filter(|_| text.starts_with("c=")) {
        // X.400 with an Internet address in it: c=US;a= ;p=House;dda:SMTP=nina@example.org;
        let inner = &text[at + "SMTP=".len()..];
        let end = inner.find([';', ' ']).unwrap_or(inner.len());
        (&inner[..end], inner[end..].trim_start_matches(';'))
    } else {
        let text = text.strip_prefix("mailto:").unwrap_or(text);
        let end = text
            .find(|letter: char| {
                letter.is_whitespace() || matches!(letter, '<' | '>' | '(' | ')' | '[' | ']' | ';' | ',')
            })
            .unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        let address = word.trim_end_matches([':', '.', '"']);
        // A name that is an address, and then the address: the latter counts.
        if is_address(address)
            && !rest.starts_with("<mailto:")
            && let Some((inner, rest)) =
                rest.trim_start().strip_prefix('<').and_then(|inner| inner.split_once('>'))
            && is_address(inner)
        {
            return Some((inner, rest));
        }
        (address, &text[address.len()..])
    };
    is_address(address).then_some((address, rest))
}

/// What is said after an address in a list, if it may stand there.
fn said(rest: &str) -> Option<&str> {
    if let Some(rest) = rest.strip_prefix(':') {
        return Some(rest.trim());
    }
    if rest.starts_with(['(', '[', ';', ',']) || rest.starts_with("...") || rest.starts_with("- ") {
        let said = rest.trim_start_matches(['(', '[', ';', ',', '.', '-', ' ']);
        return Some(said.trim_end_matches([')', ']']).trim());
    }
    if rest.starts_with("<mailto:") || rest.starts_with("on ") {
        return Some("");
    }
    None
}

/// Whether a text is an address of mail, roughly: an `@` with something on both sides, and no space.
pub(super) fn is_address(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        let plain = |letter: char| !letter.is_whitespace() && !matches!(letter, '<' | '>' | '|');
        !local.is_empty()
            && local.len() <= 320
            && (local.starts_with('"') || !local.contains(['@', '/', '(']) || local.contains("/o="))
            && local.chars().all(plain)
            && domain.starts_with(|letter: char| letter.is_alphanumeric() || letter == '[')
            && domain.len() <= 255
            && domain.chars().all(plain)
    })
}

/// The first address within a text.
pub(super) fn address_within(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        let start =
            rest.find(|letter: char| !letter.is_whitespace() && !matches!(letter, ',' | ';' | ':'))?;
        rest = &rest[start..];
        if let Some((address, _)) = first_address(rest) {
            return Some(address);
        }
        let end = rest.find(char::is_whitespace)?;
        rest = &rest[end..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_name_a_recipient() {
        for (line, address, said) in [
            ("<nina@example.org>", "nina@example.org", ""),
            ("  <nina@example.org>: 550 no", "nina@example.org", "550 no"),
            ("nina@example.org:", "nina@example.org", ""),
            ("\"nina@example.org\":", "nina@example.org", ""),
            ("\"Nina\" <nina@example.org>", "nina@example.org", ""),
            ("tom@example.org <nina@example.org>: malformed", "nina@example.org", "malformed"),
            ("   * nina@example.org", "nina@example.org", ""),
            (">>> nina@example.org <nina@example.org>", "nina@example.org", ""),
            ("nina@example.org [User unknown]", "nina@example.org", "User unknown"),
            ("\tnina@example.org (user not found)", "nina@example.org", "user not found"),
            ("nina@example.org on Thu, 20 Jul 2001 11:08:59 -0700", "nina@example.org", ""),
            ("nina@example.org<mailto:nina@example.org>", "nina@example.org", ""),
            ("<nina@example.org>... User unknown", "nina@example.org", "User unknown"),
            ("c=US;a= ;p=House;dda:SMTP=nina@example.org; on Fri", "nina@example.org", ""),
        ] {
            let found = listed(line, Strictness::List).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((found.address, found.said), (address, said), "{line}");
        }
        for line in
            ["550 <nina@example.org>: no", "nina@example.org said no", "write to nina@example.org", ""]
        {
            assert_eq!(listed(line, Strictness::List), None, "{line}");
        }
        let loose = listed("nina@example.org Invalid Address, 550", Strictness::Loose).unwrap();
        assert_eq!(loose.said, "Invalid Address, 550");
        assert_eq!(listed("nina@example.org: no", Strictness::Paragraph), None);
        assert!(listed("<nina@example.org>: no", Strictness::Paragraph).is_some());
    }

    #[test]
    fn addresses_within_a_line() {
        for (text, address) in [
            (" 'nina@example.org',", Some("nina@example.org")),
            (": <nina@example.org> (and others)", Some("nina@example.org")),
            ("nobody here nina@example.org.", Some("nina@example.org")),
            ("nobody", None),
        ] {
            assert_eq!(address_within(text), address, "{text}");
        }
    }
}
