//! Sendmail without a report part: version 5, reports that lost their parts on the way, and systems
//! that took its form over (Active!hunter, Biglobe, McAfee's gateway, several unnamed ones in Japan).
//!
//! A list of addresses with reasons, and below it the transcript of the session. Where a list says
//! `expanded from`, that is whom we wrote to.

use super::super::listed::{Strictness, address_within, listed};
use super::super::marks::{self, Mark};
use super::super::shape::warns;
use super::transcript::{Outcome, outcomes};
use crate::domain::bounce::Action;
use crate::mail::report::failure::Found;
use crate::mail::report::view::{Line, View};

/// Begin the list of recipients.
const LISTS: [&str; 6] = [
    "the following addresses had permanent",
    "the following addresses had transient",
    "the following addresses had delivery problems",
    "the following addresses had delivery errors",
    "the following addresses had fatal errors",
    "the following recipients had permanent",
];

/// Begins the transcript.
const TRANSCRIPT: &str = "transcript of session follows";

/// Further words that begin what was said, in systems that have no transcript.
const SAID: [&str; 2] = ["non-delivered information", "reason for failure"];

/// What it says where even the letter is missing.
const NO_MESSAGE: &str = "<<< no message collected >>>";

/// What must be so besides.
static MACHINE: Mark = Mark::Machine;

/// Where in the report a reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Outside,
    Recipients,
    Transcript,
    Said,
}

/// A recipient of the list.
struct Entry<'a> {
    address: &'a str,
    expanded_from: Option<&'a str>,
    said: String,
    line: Line<'a>,
}

/// Reads a report of this form.
pub(in crate::mail::report) fn read(view: &View) -> Option<Found> {
    let text = marks::text(view);
    let is_ours = marks::find(text, TRANSCRIPT, 0).is_some()
        || LISTS.iter().any(|list| marks::find(text, list, 0).is_some())
        || text.contains(NO_MESSAGE);
    if !is_ours || !MACHINE.holds(view) {
        return None;
    }
    let mut found = Found::new("sendmail");
    let mut section = Section::Outside;
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut transcript: Vec<Line<'_>> = Vec::new();
    let mut said = String::new();
    for line in view.lines().take(2_000) {
        if marks::quotes(line.text) {
            continue;
        }
        if let Some(next) = heading(line.lower) {
            if section == Section::Outside {
                found.saw(view, &line, "kind");
            }
            section = next;
            continue;
        }
        match section {
            Section::Outside => {}
            Section::Recipients => take(line, &mut entries),
            Section::Transcript => transcript.push(line),
            Section::Said => {
                said.push(' ');
                said.push_str(line.text.trim());
            }
        }
    }
    if warns(view) || text.contains("had transient non-fatal errors") || is_warning(view) {
        found.action = Action::Delayed;
    }
    let lines: Vec<&str> = transcript.iter().map(|line| line.text).collect();
    let outcomes = outcomes(&lines);
    for entry in &entries {
        note(view, &mut found, entry, &outcomes);
    }
    if entries.is_empty() {
        for outcome in &outcomes {
            let told = outcome.answered.as_ref().map(|answer| format!("{answer} {}", outcome.said));
            found.recipient(outcome.address, told.as_deref().or(Some(outcome.said)));
            if let Some(line) = transcript.get(outcome.line) {
                found.saw(view, line, "recipient");
            }
        }
    }
    if !said.trim().is_empty() {
        found.diagnostic = Some(said.trim().to_owned());
    } else if !lines.is_empty() {
        found.diagnostic = Some(lines.join(" "));
    }
    if found.recipients.is_empty() && !lines.is_empty() {
        addressed_to(view, &mut found);
    }
    // A list of nobody above what came back: who wraps a report says no more than that.
    (!found.recipients.is_empty() || text.contains(NO_MESSAGE)).then_some(found)
}

/// Which section a heading begins.
fn heading(lower: &str) -> Option<Section> {
    let line = lower.trim();
    let ruled = line.starts_with("--");
    if LISTS.iter().any(|list| line.contains(list)) && (ruled || line.ends_with(':')) {
        Some(Section::Recipients)
    } else if ruled && line.contains(TRANSCRIPT) {
        Some(Section::Transcript)
    } else if ruled && SAID.iter().any(|words| line.contains(words)) {
        Some(Section::Said)
    } else if ruled && line.len() > 10 {
        Some(Section::Outside)
    } else {
        None
    }
}

/// Takes a line of the list.
fn take<'a>(line: Line<'a>, entries: &mut Vec<Entry<'a>>) {
    let text = line.text.trim();
    if let (Some(entry), Some(inner)) = (entries.last_mut(), text.strip_prefix('(')) {
        let inner = inner.strip_suffix(')').unwrap_or(inner);
        if let Some(from) = inner.strip_prefix("expanded from:") {
            entry.expanded_from = address_within(from);
            return;
        }
        entry.said.push_str(inner.strip_prefix("reason:").unwrap_or(inner).trim());
        return;
    }
    if let Some(named) = listed(line.text, Strictness::List) {
        entries.push(Entry {
            address: named.address,
            expanded_from: None,
            said: named.said.to_owned(),
            line,
        });
    } else if let Some(entry) = entries.last_mut().filter(|entry| !entry.said.is_empty() && !text.is_empty())
    {
        entry.said.push(' ');
        entry.said.push_str(text.strip_suffix(')').unwrap_or(text));
    }
}

/// Notes a recipient of the list, with what the transcript says of it.
fn note(view: &View, found: &mut Found, entry: &Entry<'_>, outcomes: &[Outcome<'_>]) {
    let outcome = outcomes.iter().find(|outcome| outcome.address.eq_ignore_ascii_case(entry.address));
    let mut said = entry.said.clone();
    for more in
        outcome.iter().flat_map(|outcome| outcome.answered.as_deref().into_iter().chain([outcome.said]))
    {
        if !said.is_empty() {
            said.push_str("; ");
        }
        said.push_str(more);
    }
    found.recipient(entry.expanded_from.unwrap_or(entry.address), Some(said.as_str()));
    if let (Some(_), Some(last)) = (entry.expanded_from, found.recipients.last_mut()) {
        last.final_address = Some(entry.address.to_owned());
    }
    found.saw(view, &entry.line, "recipient");
}

/// Whether its subject is that of a warning: `Warning: could not send message for past 4 hours`.
fn is_warning(view: &View) -> bool {
    view.header.get("subject").is_some_and(|subject| subject.to_ascii_lowercase().starts_with("warning"))
}

/// Where nobody is named: to whom the returned letter was addressed.
fn addressed_to(view: &View, found: &mut Found) {
    if let Some(to) = view.returned.first().and_then(|returned| returned.header.get("to")) {
        for address in crate::mail::report::address::addresses_in(to) {
            found.recipient(&address, None);
        }
    }
}
