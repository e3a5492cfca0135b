//! Further providers.

use super::super::listed::Strictness;
use super::super::marks;
use super::super::marks::Mark;
use crate::mail::report::failure::Found;
use crate::mail::report::view::View;

/// AOL before its reports had parts: bare names, at the domain of the sender.
pub(in crate::mail::report) fn aol(view: &View) -> Option<Found> {
    const OPENS: &str = "to the following recipients could not be delivered because";
    if !Mark::From(&["@aol."]).holds(view) || !Mark::Machine.holds(view) {
        return None;
    }
    let text = marks::text(view);
    let (_, end) = marks::find(text, OPENS, 0)?;
    let from = view.header.get("from")?;
    let domain = from.rsplit_once('@')?.1.trim_end_matches(['>', ' ', '"']);
    let opened = view.line_at(end);
    let mut found = Found::new("aol");
    for line in view.lines().skip_while(|line| line.number < opened) {
        let name = line.text.trim();
        if line.number == opened {
            found.saw(view, &line, "kind");
            found.diagnostic = Some(line.text.get(..).unwrap_or_default().trim().to_owned());
        } else if super::super::listed::listed(name, Strictness::List).is_some() {
            found.recipient(name, None);
        } else if !name.is_empty()
            && name.len() <= 64
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
        {
            found.recipient(&format!("{name}@{domain}"), None);
            found.saw(view, &line, "recipient");
        }
    }
    (!found.recipients.is_empty()).then_some(found)
}
