//! Complaints: feedback reports (RFC 5965), and the older forms without fields.

use super::address::{self, addresses_in};
use super::failure::{MOST_RECIPIENTS, evidence};
use super::view::{Header, Role, View};
use crate::domain::bounce::{Evidence, ReportedRecipient};

/// The rule's name.
pub(super) const RULE: &str = "arf";

/// The name of the rule for the forms without fields.
const OLD_RULE: &str = "complaint";

/// What the older forms say of themselves, in lower case.
const SAYS: [&str; 9] = [
    "this is an email abuse report",
    "this is an abuse report",
    "email abuse report for",
    "abuse report for an email message",
    "complaint about message",
    "complaint about the message",
    "user complaint about",
    "reported this message as spam",
    "reported as junk by",
];

/// A complaint, as it was found.
pub(super) struct Complaint {
    pub rule: &'static str,
    /// Whether it complains: a report that mail is no spam does not.
    pub complains: bool,
    pub recipients: Vec<ReportedRecipient>,
    pub reporting_mta: Option<String>,
    pub diagnostic: Option<String>,
    pub evidence: Vec<Evidence>,
}

/// Reads the complaint in a message; `None` where there is none.
pub(super) fn read(view: &View) -> Option<Complaint> {
    let part = view.of_role(Role::Feedback).next();
    let Some(part) = part else { return old_form(view) };
    let fields = Header::read(part.text.as_bytes()).0;
    let kind = fields.get("feedback-type").unwrap_or("abuse").to_ascii_lowercase();
    let mut complaint = Complaint {
        rule: RULE,
        complains: !kind.starts_with("not-spam"),
        recipients: Vec::new(),
        reporting_mta: fields
            .get("reporting-mta")
            .map(|mta| mta.split_once(';').map_or(mta, |(_, mta)| mta).trim().to_owned()),
        diagnostic: Some(format!("Feedback-Type: {kind}")),
        evidence: Vec::new(),
    };
    let line = fields.field("feedback-type").map_or(0, |field| field.line);
    complaint.evidence.push(evidence(part.name(), line, "kind", &format!("Feedback-Type: {kind}")));
    for name in ["original-rcpt-to", "removal-recipient", "x-original-rcpt-to"] {
        for field in fields.fields.iter().filter(|field| field.name == name) {
            if let Some(address) = address::cleaned(&address::from_unitext(&field.value)) {
                complaint.note(
                    address,
                    evidence(
                        part.name(),
                        field.line,
                        "recipient",
                        &format!("{}: {}", field.name, field.value),
                    ),
                );
            }
        }
    }
    if complaint.recipients.is_empty() {
        complaint.note_returned(view);
    }
    Some(complaint)
}

impl Complaint {
    fn note(&mut self, address: String, seen: Evidence) {
        let known = self.recipients.iter().any(|known| known.address.eq_ignore_ascii_case(&address));
        if !known && self.recipients.len() < MOST_RECIPIENTS {
            self.recipients.push(ReportedRecipient { address, ..ReportedRecipient::default() });
            self.evidence.push(seen);
        }
    }

    /// Takes the recipients from the letter that came back.
    fn note_returned(&mut self, view: &View) {
        for returned in &view.returned {
            for name in ["x-hmxmroriginalrecipient", "x-original-to", "delivered-to", "to"] {
                let Some(field) = returned.header.field(name) else { continue };
                let part = view.parts.get(returned.part).map(super::view::Part::name).unwrap_or_default();
                let text = format!("{}: {}", field.name, field.value);
                for address in addresses_in(&field.value) {
                    self.note(
                        address,
                        evidence(part.clone(), returned.line + field.line - 1, "recipient", &text),
                    );
                }
                if !self.recipients.is_empty() {
                    return;
                }
            }
        }
    }
}

/// Reads a complaint of an older form: words, and the letter in a part of its own.
fn old_form(view: &View) -> Option<Complaint> {
    let returned = view.returned.first()?;
    let subject = view.header.get("subject").unwrap_or_default().to_ascii_lowercase();
    let line = view.lines().take(40).find(|line| SAYS.iter().any(|says| line.lower.contains(says)));
    let by_subject = SAYS.iter().any(|says| subject.contains(says));
    let asked = returned.header.has("x-hmxmroriginalrecipient");
    if !(by_subject || asked || line.is_some()) {
        return None;
    }
    let seen = match line {
        Some(line) => {
            let (part, number) = view.place(line.number);
            evidence(part, number, "kind", line.text)
        }
        None => evidence(
            "header".to_owned(),
            view.header.field("subject").map_or(0, |field| field.line),
            "kind",
            &subject,
        ),
    };
    let mut complaint = Complaint {
        rule: OLD_RULE,
        complains: true,
        recipients: Vec::new(),
        reporting_mta: None,
        diagnostic: None,
        evidence: vec![seen],
    };
    complaint.note_returned(view);
    Some(complaint)
}
