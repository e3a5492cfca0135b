//! The cases of the shared data that are about reports.

use crate::domain::bounce::{Report, ReportKind};
use crate::domain::shared_data::shared;
use crate::mail::report::read;

/// Reads a case's mail as it would come, with its places filled in.
fn case(file: &str, recipient: &str) -> Option<Report> {
    let mail = String::from_utf8(shared(&format!("cases/{file}"))?).unwrap();
    let mail = mail
        .replace("@@ENVELOPE_FROM@@", "bounce-4xq7@news.example")
        .replace("@@MESSAGE_ID@@", "<77.abc@news.example>")
        .replace("@@RECIPIENT@@", recipient)
        .replace("@@UNSUBSCRIBE_URL@@", "https://news.example/u/token");
    Some(read(mail.as_bytes(), None))
}

#[test]
fn c34_the_identifying_headers_are_only_in_the_returned_part() {
    for (file, recipient, has_letter) in [
        ("headers-only.eml", "nina.berg@example.org", true),
        ("whole-message.eml", "tom.aas@example.net", true),
        ("no-original.eml", "ines.wolf@example.org", false),
    ] {
        let Some(report) = case(&format!("c34-returned-headers-only/{file}"), recipient) else { return };
        assert_eq!(report.kind, ReportKind::Hard, "{file}");
        assert_eq!(report.status.map(|status| status.to_string()).as_deref(), Some("5.1.1"));
        assert_eq!(report.recipients.len(), 1);
        assert_eq!(report.recipients[0].address, recipient);
        assert_eq!(report.traces.return_paths, ["bounce-4xq7"]);
        assert_eq!(report.traces.message_ids.len(), usize::from(has_letter));
        assert_eq!(report.diagnostic.is_some(), has_letter);
    }
}

#[test]
fn c36_away_from_desk() {
    for (file, kind) in [
        ("vacation.eml", ReportKind::Autoreply),
        ("vacation-unmarked.eml", ReportKind::Autoreply),
        ("question.eml", ReportKind::NotABounce),
    ] {
        let Some(report) = case(&format!("c36-away-from-desk/{file}"), "nina.berg@example.org") else {
            return;
        };
        assert_eq!(report.kind, kind, "{file}");
        assert!(report.traces.unsubscribe.is_empty());
    }
}
