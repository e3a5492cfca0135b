//! Reads reports: from the bytes of a mail to what it says. Pure; no database, no clock, no keys.
//!
//! Whatever comes in, reading ends, in time and memory that grow with its size at most, and never
//! panics. What cannot be understood is said to be unknown; nothing is guessed.
//!
//! # Order
//! Complaints (RFC 5965), delivery reports (RFC 3464, RFC 6522), the forms of single mail systems
//! (`formats`, one recogniser each), automatic answers, reports in plain words, and at last ordinary
//! mail. What was done counts before the status, the status before the text.

mod address;
mod answers;
mod arf;
mod dsn;
mod failure;
mod formats;
mod mbox;
mod plain;
mod reasons;
mod recipients;
mod reply;
mod traces;
mod verdict;
mod view;

#[cfg(test)]
mod tests;

pub use reasons::statuses_in;
pub use reply::reason_of_reply;

use crate::domain::bounce::{Report, ReportKind, ReportedRecipient, Rule, Traces};
use view::View;

/// The most bytes of a message that are looked at.
pub const MOST: usize = 1 << 20;

/// The rule of mail that is no report at all.
const ORDINARY: &str = "ordinary";

/// Reads a message as it came. `came_to` is the address of ours that it came to, where the envelope
/// told it.
pub fn read(message: &[u8], came_to: Option<&str>) -> Report {
    read_without(message, came_to, &[])
}

/// Reads a message as [`read`] does, with the rules of these names switched off: to measure what each
/// is worth.
pub fn read_without(message: &[u8], came_to: Option<&str>, off: &[&str]) -> Report {
    let message = &message[..message.len().min(MOST)];
    let mut reports = mbox::messages(message).into_iter().map(|message| read_one(message, came_to, off));
    match reports.next() {
        Some(first) => mbox::together(first, reports),
        None => read_one(message, came_to, off),
    }
}

/// The address at which it failed, as reports name it themselves: the final one, unless that is only
/// the original's name on a machine within its own domain.
pub fn failed_at(recipient: &ReportedRecipient) -> &str {
    let Some(last) = recipient.final_address.as_deref() else { return &recipient.address };
    let domain = |address: &str| {
        address.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase()).unwrap_or_default()
    };
    let (original, end) = (domain(&recipient.address), domain(last));
    let within = end.strip_suffix(&original).is_some_and(|above| above.ends_with('.'));
    if end.contains('.') && !within { last } else { &recipient.address }
}

fn read_one(message: &[u8], came_to: Option<&str>, off: &[&str]) -> Report {
    let view = View::new(message);
    let traces = traces::traces(&view, came_to);
    let report = verdict(&view, traces, off);
    leaving(&view, report)
}

/// The names of all rules, in the order in which they are tried.
pub fn rules() -> Vec<&'static str> {
    let forms = formats::FORMATS.iter().map(|format| format.name);
    [arf::RULE, dsn::RULE].into_iter().chain(forms).chain([answers::RULE, plain::RULE]).collect()
}

fn verdict(view: &View, traces: Traces, off: &[&str]) -> Report {
    let on = |rule: &str| !off.contains(&rule);
    if let Some(complaint) = on(arf::RULE).then(|| arf::read(view)).flatten() {
        let kind = if complaint.complains { ReportKind::Complaint } else { ReportKind::NotABounce };
        return Report {
            recipients: complaint.recipients,
            reporting_mta: complaint.reporting_mta,
            diagnostic: complaint.diagnostic,
            evidence: complaint.evidence,
            ..Report::bare(kind, Rule(complaint.rule.to_owned()), traces)
        };
    }
    let standard = on(dsn::RULE).then(|| dsn::read(view)).flatten();
    let found = standard.or_else(|| {
        formats::FORMATS.iter().filter(|format| on(format.name)).find_map(|format| (format.read)(view))
    });
    if let Some(found) = found {
        let report = verdict::of(view, found, traces.clone());
        return passed_on(view, &report, off).unwrap_or(report);
    }
    if let Some(answer) = on(answers::RULE).then(|| answers::read(view)).flatten() {
        return Report {
            recipients: answer.recipients,
            evidence: answer.evidence,
            ..Report::bare(answer.kind, Rule(answer.rule.to_owned()), traces)
        };
    }
    match on(plain::RULE).then(|| plain::read(view)).flatten() {
        Some(found) => {
            let report = verdict::of(view, found, traces);
            passed_on(view, &report, off).unwrap_or(report)
        }
        None => Report::bare(ReportKind::NotABounce, Rule(ORDINARY.to_owned()), traces),
    }
}

/// The report that a report without a verdict passes on: a mail server between sent another's report
/// back as it would a letter.
fn passed_on(view: &View, report: &Report, off: &[&str]) -> Option<Report> {
    if report.kind != ReportKind::Unknown || !plain::is_by_reporter(view) {
        return None;
    }
    let returned = view.returned.iter().find(|returned| {
        returned
            .header
            .get("content-type")
            .is_some_and(|media| media.to_ascii_lowercase().starts_with("multipart/report"))
    })?;
    let text = &view.parts.get(returned.part)?.text;
    let above = usize::try_from(returned.line).ok()?.saturating_sub(1);
    let at = text.split_inclusive('\n').take(above).map(str::len).sum::<usize>();
    let inner = View::new(text.get(at..)?.as_bytes());
    let found = (!off.contains(&dsn::RULE)).then(|| dsn::read(&inner)).flatten()?;
    Some(verdict::of(&inner, found, report.traces.clone()))
}

/// Ordinary mail to an address for leaving is a reader who leaves.
fn leaving(view: &View, report: Report) -> Report {
    let ordinary = report.kind == ReportKind::NotABounce && report.rule.0 == ORDINARY;
    let leaves =
        ordinary && (!report.traces.unsubscribe.is_empty() || view.header.has("x-apple-unsubscribe"));
    if leaves {
        let from = view.header.get("from").and_then(|from| address::addresses_in(from).next());
        let recipients = from.map(|address| ReportedRecipient { address, ..ReportedRecipient::default() });
        Report {
            kind: ReportKind::Unsubscribe,
            rule: Rule("unsubscribe".to_owned()),
            recipients: recipients.into_iter().collect(),
            ..report
        }
    } else {
        report
    }
}
