//! What is added to a story's address so that the site's own statistics tell its letters from one
//! another (`utm_source` and its kin).

use std::fmt;

use chrono::NaiveDate;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// All that must not stand for itself in a query: everything but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What the places of a [`Pattern`] stand for.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// `{newsletter}`: its name in the configuration.
    pub newsletter: &'a str,
    /// `{date}`: the day that the letter is of.
    pub date: NaiveDate,
    /// `{edition}`: the newsletter's how-many-eth edition it is.
    pub edition: i64,
}

/// A value with places for what differs between editions: `{newsletter}`, `{date}` (`2026-11-25`)
/// and `{edition}` (its running number).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

/// Why a text is no [`Pattern`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing in it, or too much.
    #[error("has {0} characters; 1 to {max} are wanted", max = Pattern::MAX)]
    Length(usize),
    /// A line break, say.
    #[error("has control characters in it")]
    Control,
    /// In braces, but nothing that is known.
    #[error("has {{{0}}} in it; {{newsletter}}, {{date}} and {{edition}} can stand in braces")]
    Unknown(String),
    /// A brace without its partner.
    #[error("has a brace without its partner")]
    Brace,
}

impl Pattern {
    /// The longest one, in characters.
    pub const MAX: usize = 100;

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value for one edition.
    pub fn fill(&self, facts: &Facts<'_>) -> String {
        self.0
            .replace("{newsletter}", facts.newsletter)
            .replace("{date}", &facts.date.format("%Y-%m-%d").to_string())
            .replace("{edition}", &facts.edition.to_string())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let text = text.trim();
        let length = text.chars().count();
        if !(1..=Self::MAX).contains(&length) {
            return Err(PatternError::Length(length));
        }
        if text.chars().any(char::is_control) {
            return Err(PatternError::Control);
        }
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let inside = rest[at..].strip_prefix('{').ok_or(PatternError::Brace)?;
            let (name, after) = inside.split_once('}').ok_or(PatternError::Brace)?;
            if !matches!(name, "newsletter" | "date" | "edition") {
                return Err(PatternError::Unknown(name.to_owned()));
            }
            rest = after;
        }
        Ok(Self(text.to_owned()))
    }
}

/// One parameter of a query: its name, which is plain ASCII, and its value before any encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// `utm_source`, say.
    pub name: &'static str,
    /// As the site's statistics show it.
    pub value: String,
}

/// `url` with `parameters` at the end of its query. What it says already stays byte for byte: its
/// path, its own query and its fragment; a parameter that it has already, in whatever case, is left
/// as it is.
pub fn with_parameters(url: &str, parameters: &[Parameter]) -> String {
    let (before, fragment) = url.find('#').map_or((url, ""), |at| url.split_at(at));
    let query = before.split_once('?').map(|(_, query)| query);
    let mut tagged = before.to_owned();
    let mut joint = match query {
        None => "?",
        Some(query) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    for Parameter { name, value } in parameters {
        if has(query.unwrap_or_default(), name) {
            continue;
        }
        tagged.push_str(joint);
        tagged.push_str(name);
        tagged.push('=');
        tagged.extend(utf8_percent_encode(value, RESERVED));
        joint = "&";
    }
    tagged.push_str(fragment);
    tagged
}

/// Whether a query names a parameter.
fn has(query: &str, name: &str) -> bool {
    query.split('&').any(|pair| {
        let written = pair.split('=').next().unwrap_or_default();
        percent_decode_str(written).decode_utf8_lossy().eq_ignore_ascii_case(name)
    })
}
