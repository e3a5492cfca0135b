//! Characters that have no business in a letter, wherever they hide: controls, and what turns the
//! reading direction.

use newsletterd_templates::content::turns_direction;

use super::header::{Header, decoded};
use super::{Findings, Point, Severity};

/// The first character of `text` that should not be there.
pub(super) fn hostile(text: &str) -> Option<char> {
    text.chars().find(|&c| (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || turns_direction(c))
}

/// The finding for a character in a body: one that overrides the direction can disguise an
/// address, the others are only untidy.
pub(super) fn in_body(found: char, place: &str, findings: &mut Findings) {
    let overrides = matches!(found, '\u{202D}' | '\u{202E}');
    let severity = if overrides { Severity::Broken } else { Severity::Advice };
    let message = format!("the character U+{:04X} stands in it", u32::from(found));
    findings.weighed(Point::HostileText, severity, place, message);
}

pub(super) fn in_header(header: &Header, findings: &mut Findings) {
    for (name, value) in header.fields() {
        let words = value.split_ascii_whitespace().filter_map(decoded);
        let words = words.map(|octets| String::from_utf8_lossy(&octets).into_owned()).collect::<Vec<_>>();
        let found =
            words.iter().find_map(|word| word.chars().find(|&c| c.is_control() || turns_direction(c)));
        if let Some(found) = found.or_else(|| hostile(value)) {
            let message = format!("it decodes to the character U+{:04X}", u32::from(found));
            findings.add(Point::HostileHeaders, name, message);
        }
    }
}
