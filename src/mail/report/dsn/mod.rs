//! Delivery reports of the standard form (RFC 3464), with every deviation that mail brings.

mod fields;

use fields::{Group, StatusReport};

use super::address;
use super::failure::{Found, MOST_RECIPIENTS, diagnostic_of, evidence};
use super::plain;
use super::reasons::{statuses_in, weight};
use super::view::{Role, View};
use crate::domain::bounce::{Action, EnhancedStatus, ReportedRecipient};

/// The rule's name.
pub(super) const RULE: &str = "dsn";

/// Reads the delivery report in a message, wherever its fields stand; `None` where there is none.
pub(super) fn read(view: &View) -> Option<Found> {
    let mut found = Found::new(RULE);
    let mut reports: Vec<(String, u32, StatusReport)> = view
        .of_role(Role::DeliveryStatus)
        .map(|part| (part.name(), 0, StatusReport::read(&part.text)))
        .collect();
    if reports.iter().all(|(_, _, report)| report.groups.is_empty())
        && let Some((line, text)) = within_text(view)
    {
        let (part, number) = view.place(line);
        reports.push((part, number.saturating_sub(1), StatusReport::read(text)));
    }
    for (part, above, report) in &reports {
        found.reporting_mta = found.reporting_mta.take().or_else(|| report.reporting_mta.clone());
        for group in &report.groups {
            note(&mut found, part, *above, group);
        }
    }
    let any = reports.iter().any(|(_, _, report)| !report.groups.is_empty());
    any.then_some(found)
}

/// The ENVIDs that the message's delivery reports tell, as written.
pub(super) fn envelope_ids(view: &View) -> Vec<String> {
    let parts = view.of_role(Role::DeliveryStatus).map(|part| part.text.as_str());
    let pasted = within_text(view).map(|(_, text)| text);
    parts.chain(pasted).filter_map(|text| StatusReport::read(text).envelope_id).collect()
}

/// Fields of a delivery report pasted into the text: where they begin, and the text from there.
fn within_text(view: &View) -> Option<(usize, &str)> {
    // A person's answer may quote a report, with or without marks.
    if view.header.has("in-reply-to") && !plain::is_by_reporter(view) {
        return None;
    }
    let mut at = 0;
    let mut first = None;
    let (mut recipient, mut told) = (false, false);
    for line in view.lines() {
        let name = line.lower.split(':').next().unwrap_or_default().trim();
        let length = line.text.len() + 1;
        if line.lower.contains(':') && fields::KNOWN.contains(&name) {
            first = first.or(Some((line.number, at)));
            recipient |= matches!(name, "final-recipient" | "original-recipient");
            told |= matches!(name, "action" | "status");
        }
        at += length;
    }
    let (line, at) = first.filter(|_| recipient && told)?;
    Some((line, view.report_text().get(at..)?))
}

/// Notes the recipient of whom a group of fields speaks.
fn note(found: &mut Found, part: &str, above: u32, group: &Group) {
    if found.recipients.len() >= MOST_RECIPIENTS {
        return;
    }
    let original =
        group.original_recipient.as_ref().and_then(|(value, line)| Some((address_of(value)?, *line)));
    let last = group.final_recipient.as_ref().and_then(|(value, line)| Some((address_of(value)?, *line)));
    let mut diagnostic = group.diagnostic.as_ref().map(|(value, _)| diagnostic_of(without_type(value)));
    let action = action_of(group);
    let status = status_of(group, diagnostic.as_deref());
    if diagnostic.as_deref().is_none_or(str::is_empty) {
        diagnostic = None;
    }
    let (address, final_address) = match (original, last) {
        (Some((original, line)), last) => {
            found.evidence.push(evidence(part.to_owned(), above + line, "recipient", &original));
            let other = last
                .map(|(last, _)| last)
                .filter(|last| last.contains('@') && !last.eq_ignore_ascii_case(&original));
            (original, other)
        }
        (None, Some((last, line))) => {
            found.evidence.push(evidence(part.to_owned(), above + line, "recipient", &last));
            (last, None)
        }
        (None, None) => (String::new(), None),
    };
    if let Some((value, line)) = &group.action {
        found.evidence.push(evidence(part.to_owned(), above + line, "kind", value));
    }
    if let Some((value, line)) = &group.status {
        found.evidence.push(evidence(part.to_owned(), above + line, "status", value));
    }
    if let Some((value, line)) = &group.diagnostic {
        found.evidence.push(evidence(part.to_owned(), above + line, "reason", value));
    }
    let recipient = ReportedRecipient { address, final_address, action, status, diagnostic, reason: None };
    let known =
        found.recipients.iter_mut().find(|known| known.address.eq_ignore_ascii_case(&recipient.address));
    match known {
        Some(known) => {
            known.status = known.status.or(recipient.status);
            known.action = known.action.or(recipient.action);
            known.diagnostic = known.diagnostic.take().or(recipient.diagnostic);
        }
        None => found.recipients.push(recipient),
    }
}

/// The address in a recipient field: as [`address::cleaned`] has it, or a bare name, which a later step
/// gives its domain.
fn address_of(value: &str) -> Option<String> {
    let value = address::from_unitext(value);
    address::cleaned(&value).or_else(|| {
        let (kind, name) = value.split_once(';')?;
        let name = name.trim().trim_matches(['<', '>', '"']);
        let plain = kind.trim().eq_ignore_ascii_case("rfc822") || kind.trim().eq_ignore_ascii_case("local");
        let fine = (1..=64).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte));
        (plain && fine).then(|| name.to_owned())
    })
}

/// A diagnostic without the type in front of it: `smtp;`.
fn without_type(value: &str) -> &str {
    match value.split_once(';') {
        Some((kind, rest)) if kind.len() <= 16 && !kind.trim().contains(' ') => rest.trim(),
        _ => value.trim(),
    }
}

/// What was done: what the field says, else what the class of the status says.
fn action_of(group: &Group) -> Option<Action> {
    let word = group.action.as_ref().map(|(value, _)| value.trim().to_ascii_lowercase()).unwrap_or_default();
    let by_word = [
        ("fail", Action::Failed),
        ("expired", Action::Failed),
        ("undeliver", Action::Failed),
        ("error", Action::Failed),
        ("delay", Action::Delayed),
        ("deliver", Action::Delivered),
        ("relay", Action::Relayed),
        ("expand", Action::Expanded),
    ];
    let by_word = by_word.iter().find(|(start, _)| word.starts_with(start)).map(|(_, action)| *action);
    let class =
        group.status.as_ref().and_then(|(value, _)| statuses_in(value).next()).map(|status| status.class);
    by_word.or(match class {
        Some(2) => Some(Action::Delivered),
        Some(5) => Some(Action::Failed),
        _ => None,
    })
}

/// The status: the field's, unless it says less than the one in the diagnostic.
fn status_of(group: &Group, diagnostic: Option<&str>) -> Option<EnhancedStatus> {
    let field = group.status.as_ref().and_then(|(value, _)| statuses_in(value).next());
    let said = diagnostic.and_then(best_status);
    match (field, said) {
        // What the other server said itself counts before what ours made of it.
        (Some(field), Some(said)) if weight(said) >= weight(field) => Some(said),
        (None, said) => said,
        (field, _) => field,
    }
}

/// The status in a text that says most; of equals the first.
pub(super) fn best_status(text: &str) -> Option<EnhancedStatus> {
    let mut best: Option<EnhancedStatus> = None;
    for status in statuses_in(text).filter(|status| status.class != 2).take(20) {
        if best.is_none_or(|best| weight(status) > weight(best)) {
            best = Some(status);
        }
    }
    best
}
