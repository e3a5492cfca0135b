//! Mail addresses, parsed once at the edge.

use std::fmt;
use std::str::FromStr;

/// An address that mail can be sent to: a local part and a domain (RFC 5321 4.1.2), without
/// display name, comments or quoted local parts.
///
/// The domain is kept in ASCII (IDNs as punycode, RFC 5891), lower-case. The local part is kept as
/// written and may hold non-ASCII letters (RFC 6531), in Unicode NFC; such an address needs SMTPUTF8.
///
/// `Debug` hides the address, so that no log line ever carries it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmailAddress {
    local: String,
    domain: String,
}

/// Why a text is no address that mail can be sent to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing there.
    #[error("the address is empty")]
    Empty,
    /// No `@`.
    #[error("there is no @ in it")]
    NoAt,
    /// The part before `@` is not usable.
    #[error("the part before @ {0}")]
    Local(&'static str),
    /// The part after `@` is not usable.
    #[error("the part after @ {0}")]
    Domain(&'static str),
}

impl EmailAddress {
    /// The longest local part, in octets (RFC 5321 4.5.3.1.1).
    pub const LOCAL_MAX: usize = 64;
    /// The longest address, in octets: a path of 256 with its angle brackets (RFC 5321 4.5.3.1.3).
    pub const MAX: usize = 254;

    /// Parses one bare address. White space around it is dropped.
    ///
    /// # Errors
    /// [`AddressError`] with what is wrong, in words for the person who typed it.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        use unicode_normalization::UnicodeNormalization as _;
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::NoAt)?;
        let local: String = local.nfc().collect();
        check_local(&local)?;
        let domain = ascii_domain(domain)?;
        if local.len() + 1 + domain.len() > Self::MAX {
            return Err(AddressError::Domain("is too long"));
        }
        Ok(Self { local, domain })
    }

    /// The part before `@`, as written.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The part after `@`, in lower-case ASCII.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The form by which two spellings of one mailbox are the same: all lower-case. Mail systems in
    /// use do not tell `Ana@` from `ana@`, and neither do we.
    pub fn key(&self) -> String {
        format!("{}@{}", self.local.to_lowercase(), self.domain)
    }

    /// The whole address.
    pub fn as_string(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// The address as far as it may be shown to somebody to whom its owner passed something on:
    /// `a…@example.org`. Its owner knows it again; nobody else can write to it.
    pub fn masked(&self) -> String {
        let mut letters = self.local.chars();
        let first = letters.next().filter(|_| letters.next().is_some());
        format!("{}…@{}", first.map(String::from).unwrap_or_default(), self.domain)
    }

    /// Whether the receiving side must offer SMTPUTF8 (RFC 6531).
    pub fn needs_smtputf8(&self) -> bool {
        !self.local.is_ascii()
    }
}

/// Whether the part before an `@` says that nobody reads what is answered.
pub fn takes_no_reply(local: &str) -> bool {
    let letters: String = local.chars().filter(char::is_ascii_alphabetic).collect();
    let letters = letters.to_ascii_lowercase();
    ["noreply", "donotreply", "dontreply", "noanswer"].iter().any(|word| letters.contains(word))
}

fn check_local(local: &str) -> Result<(), AddressError> {
    let err = |why| Err(AddressError::Local(why));
    if local.is_empty() {
        return err("is empty");
    }
    if local.len() > EmailAddress::LOCAL_MAX {
        return err("is longer than 64 bytes");
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return err("begins or ends with a dot, or has two in a row");
    }
    let allowed = |c: char| {
        c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c) || (!c.is_ascii() && is_visible(c))
    };
    if !local.chars().all(allowed) {
        return err("has a character that no mail address has");
    }
    Ok(())
}

/// Letters, marks and symbols that show; no controls, no spaces, no direction overrides.
fn is_visible(c: char) -> bool {
    !(c.is_control()
        || c.is_whitespace()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
            | '\u{E000}'..='\u{F8FF}' | '\u{FFF0}'..='\u{FFFF}'))
}

/// A host name in lower-case ASCII with at least two labels.
fn ascii_domain(domain: &str) -> Result<String, AddressError> {
    let err = |why| Err(AddressError::Domain(why));
    if domain.is_empty() {
        return err("is empty");
    }
    let Ok(ascii) = idna::domain_to_ascii_strict(domain) else {
        return err("is no host name");
    };
    if ascii.len() > 253 {
        return err("is too long");
    }
    if !ascii.contains('.') {
        return err("has no dot");
    }
    if ascii.split('.').any(|label| label.is_empty() || label.len() > 63) {
        return err("has an empty or too long label");
    }
    if ascii.rsplit('.').next().is_some_and(|top| top.bytes().all(|b| b.is_ascii_digit())) {
        return err("ends in a number");
    }
    Ok(ascii)
}

impl FromStr for EmailAddress {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

impl serde::Serialize for EmailAddress {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.as_string())
    }
}

impl<'de> serde::Deserialize<'de> for EmailAddress {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// An address with the name that stands before it: `The Example Post <news@example.org>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// Display name; `None` when there is none.
    pub name: Option<String>,
    /// Where mail goes.
    pub address: EmailAddress,
}

impl Mailbox {
    /// Parses `Name <address>`, `"Name, with comma" <address>` or a bare address. RFC 2047 encoded
    /// words in the name are left as they are: decode them first where they may occur.
    ///
    /// # Errors
    /// [`AddressError`] when there is no usable address in it.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let Some((name, rest)) = text.strip_suffix('>').and_then(|inner| inner.rsplit_once('<')) else {
            return Ok(Self { name: None, address: EmailAddress::parse(text)? });
        };
        let name = name.trim();
        let name = match name.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
            Some(quoted) => unquote(quoted),
            None => name.to_owned(),
        };
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = name.chars().filter(|c| !c.is_control()).collect::<String>();
        Ok(Self { name: (!name.is_empty()).then_some(name), address: EmailAddress::parse(rest)? })
    }
}

/// Takes the backslashes off a quoted string (RFC 5322 3.2.4).
fn unquote(quoted: &str) -> String {
    let mut plain = String::with_capacity(quoted.len());
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_masked_address_shows_one_letter_of_several() {
        for (address, masked) in [
            ("ana.beridze@Example.org", "a…@example.org"),
            ("a@example.org", "…@example.org"),
            ("დავითი@example.org", "დ…@example.org"),
        ] {
            assert_eq!(EmailAddress::parse(address).unwrap().masked(), masked);
        }
    }

    #[test]
    fn usual_addresses_are_taken() {
        for (text, key) in [
            ("ana@example.org", "ana@example.org"),
            ("  Ana.Maria+news@Example.ORG ", "ana.maria+news@example.org"),
            ("o'neil@example.org", "o'neil@example.org"),
            ("a@bücher.example", "a@xn--bcher-kva.example"),
            ("დავითი@example.org", "დავითი@example.org"),
        ] {
            assert_eq!(EmailAddress::parse(text).map(|a| a.key()), Ok(key.to_owned()), "{text}");
        }
        assert!(EmailAddress::parse("დავითი@example.org").unwrap().needs_smtputf8());
        assert!(!EmailAddress::parse("a@bücher.example").unwrap().needs_smtputf8());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            " ",
            "ana",
            "@example.org",
            "ana@",
            "ana@localhost",
            "a b@example.org",
            "ana@exa mple.org",
            "ana@example..org",
            ".ana@example.org",
            "ana.@example.org",
            "a..b@example.org",
            "ana@-example.org",
            "ana@example.org\r\nBcc: x@example.org",
            "ana\n@example.org",
            "<ana@example.org>",
            "ana@127.0.0.1",
            "a,b@example.org",
            "\"a b\"@example.org",
            "a\u{202E}b@example.org",
            "ana@example.org,bo@example.org",
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
        assert!(EmailAddress::parse(&format!("{}@example.org", "a".repeat(65))).is_err());
    }

    #[test]
    fn a_mailbox_has_a_name() {
        let named = Mailbox::parse("\"Wolf, \\\"Ines\\\"\" <ines@example.org>").unwrap();
        assert_eq!(named.name.as_deref(), Some("Wolf, \"Ines\""));
        assert_eq!(Mailbox::parse("ana@example.org").unwrap().name, None);
        assert_eq!(Mailbox::parse("<ana@example.org>").unwrap().name, None);
        assert!(Mailbox::parse("Ana <ana>").is_err());
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_what_it_takes_it_takes_again(text in "\\PC{0,80}|[a-z.+@\\r\\n ]{0,40}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                let again = EmailAddress::parse(&address.as_string());
                prop_assert_eq!(again.as_ref(), Ok(&address));
                prop_assert!(!address.as_string().contains(['\r', '\n', ' ', '<', '>']));
                prop_assert!(address.as_string().len() <= EmailAddress::MAX);
            }
            let _ = Mailbox::parse(&text);
        }
    }
}
