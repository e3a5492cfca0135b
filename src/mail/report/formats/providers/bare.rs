//! Providers that name recipients without a domain, as AOL did, and universities do: they are at the
//! domain of the sender.

use super::super::listed::{Strictness, listed};
use super::super::marks::{self, Mark};
use crate::mail::report::failure::Found;
use crate::mail::report::view::View;

/// What stands above such a list.
const OPENS: [&str; 3] = [
    "to the following recipients could not be delivered because",
    "message not delivered to the following:",
    "your mail cannot be delivered to the following address(es):",
];

/// What stands between it and the list.
const HEADS: [&str; 2] = ["error detail", "address"];

/// Reads a report of this form.
pub(in crate::mail::report) fn read(view: &View) -> Option<Found> {
    if !Mark::Machine.holds(view) {
        return None;
    }
    let text = marks::text(view);
    let (_, end) = OPENS.iter().find_map(|opens| marks::find(text, opens, 0))?;
    let from = view.header.get("from")?;
    let domain = from.rsplit_once('@')?.1.split(['>', ' ', '"', '(']).next()?;
    let opened = view.line_at(end);
    let mut found = Found::new("bare-names");
    for line in view.lines().skip_while(|line| line.number < opened) {
        let lower = line.lower.trim();
        if line.number == opened {
            found.saw(view, &line, "kind");
            found.diagnostic = Some(line.text.trim().to_owned());
        } else if let Some((name, said)) = bare(line.text) {
            found.recipient(&format!("{name}@{domain}"), Some(said).filter(|said| !said.is_empty()));
            found.saw(view, &line, "recipient");
        } else if let Some(named) = listed(line.text, Strictness::List) {
            found.recipient(named.address, Some(named.said).filter(|said| !said.is_empty()));
        } else if !lower.is_empty() && !found.recipients.is_empty() && !HEADS.contains(&lower) {
            break;
        }
    }
    (!found.recipients.is_empty()).then_some(found)
}

/// A name that stands alone on an indented line, and what is said of it: after two spaces, or in
/// quotes.
fn bare(line: &str) -> Option<(&str, &str)> {
    let text = line.trim();
    if !line.starts_with([' ', '\t']) {
        return None;
    }
    let (name, said) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    let apart = said.is_empty() || said.starts_with([' ', '\t', '"', '(']);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+');
    let is_name = (1..=64).contains(&name.len()) && name.bytes().all(plain) && !name.ends_with('.');
    (apart && is_name).then(|| (name, said.trim()))
}
