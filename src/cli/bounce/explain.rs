//! `newsletterd bounce --explain`: what a mail says, and by what evidence.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::{Failure, output};
use crate::domain::bounce::{Report, ReportKind, ReportedRecipient};
use crate::mail::report;

pub(super) fn run(files: &[PathBuf], came_to: Option<&str>, as_json: bool) -> Result<(), Failure> {
    let mut unread = 0_usize;
    for (number, path) in files.iter().enumerate() {
        let mail = match read(path) {
            Ok(mail) => mail,
            Err(error) => {
                output::note(format!("{} cannot be read: {error}", path.display()))?;
                unread += 1;
                continue;
            }
        };
        let report = report::read(&mail, came_to);
        if as_json {
            output::json(&object(path, &report))?;
        } else {
            if number > 0 {
                output::line("")?;
            }
            show(path, &report)?;
        }
    }
    match unread {
        0 => Ok(()),
        _ => Err(Failure::failed(format!("{unread} of {} mails could not be read", files.len()))),
    }
}

/// Reads as much of a mail as is looked at.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let most = report::MOST as u64;
    let mut mail = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().take(most).read_to_end(&mut mail)?;
    } else {
        std::fs::File::open(path)?.take(most).read_to_end(&mut mail)?;
    }
    Ok(mail)
}

/// A report for machines. A recipient's `address` is the one at which it failed; where it was forwarded
/// there, `original` is the one that we wrote to.
fn object(path: &Path, report: &Report) -> Value {
    let recipients = report.recipients.iter().map(|recipient| {
        let address = report::failed_at(recipient);
        let mut object = json!({
            "address": address, "kind": report.kind_for(recipient), "reason": recipient.reason,
            "status": recipient.status, "action": recipient.action,
        });
        if address != recipient.address {
            object["original"] = json!(recipient.address);
        }
        object
    });
    json!({
        "file": path.display().to_string(),
        "kind": report.kind,
        "reason": report.reason,
        "recipients": recipients.collect::<Vec<_>>(),
        "status": report.status,
        "token": report.traces.return_paths.first(),
        "rule": report.rule,
    })
}

/// A report for people: the verdict, whom it is about, and what it was read from.
fn show(path: &Path, report: &Report) -> Result<(), Failure> {
    let name = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
    output::line(name)?;
    output::line(format!("  {}", verdict(report)))?;
    for recipient in &report.recipients {
        output::line(format!("  recipient   {}", of_recipient(recipient)))?;
    }
    let traces = &report.traces;
    let known = [
        ("said", report.diagnostic.iter().collect::<Vec<_>>()),
        ("reporter", report.reporting_mta.iter().collect()),
        ("return path", traces.return_paths.iter().collect()),
        ("leaving", traces.unsubscribe.iter().collect()),
        ("envelope id", traces.envelope_ids.iter().collect()),
        ("message id", traces.message_ids.iter().collect()),
    ];
    for (what, values) in known {
        for value in values {
            output::line(format!("  {what:<11} {}", printable(value)))?;
        }
    }
    output::line(format!("  rule        {}", report.rule.0))?;
    if !report.evidence.is_empty() {
        output::line("  evidence")?;
    }
    for seen in &report.evidence {
        let place =
            if seen.line > 0 { format!("{}, line {}", seen.part, seen.line) } else { seen.part.clone() };
        output::line(format!("    {:<9} {place}: {}", seen.tells, printable(&seen.text)))?;
    }
    Ok(())
}

/// The verdict in one line.
fn verdict(report: &Report) -> String {
    let meaning = match report.kind {
        ReportKind::Hard => "given up, and the address is no good",
        ReportKind::Soft => "given up for this letter; the address may be good",
        ReportKind::Delayed => "not given up: still being tried",
        ReportKind::Complaint => "the reader complained",
        ReportKind::Autoreply => "an automatic answer",
        ReportKind::Unsubscribe => "the reader leaves, by mail",
        ReportKind::NotABounce => "ordinary mail, or a report of success",
        ReportKind::Unknown => "a report of failure that does not say why",
    };
    let status = report.status.map(|status| format!(" {status}")).unwrap_or_default();
    let reason = report.reason.map(|reason| format!(" {reason}")).unwrap_or_default();
    format!("{}{status}{reason}: {meaning}", report.kind.as_str().to_uppercase())
}

fn of_recipient(recipient: &ReportedRecipient) -> String {
    let mut line = printable(&recipient.address);
    if let Some(last) = &recipient.final_address {
        line.push_str(&format!(" → {}", printable(last)));
    }
    let facts = [
        recipient.action.map(|action| action.to_string()),
        recipient.status.map(|status| status.to_string()),
        recipient.reason.map(|reason| reason.to_string()),
    ];
    let facts: Vec<_> = facts.into_iter().flatten().collect();
    if !facts.is_empty() {
        line.push_str(&format!(" ({})", facts.join(", ")));
    }
    line
}

/// Text from outside, fit for a terminal: no control characters.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{FFFD}' } else { letter }).collect()
}
