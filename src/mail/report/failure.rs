//! What a recogniser found in a report, before it becomes a verdict.
//!
//! A recogniser says what stands there: who failed, what was done, and what the server said. It leaves
//! out what it does not see: the status and the reason that follow from the words are read from the
//! diagnostic by one table for all (`reasons`), and with them the kind.

use super::view::{Line, View};
use crate::domain::bounce::{Action, BounceReason, EnhancedStatus, Evidence, ReportedRecipient};

/// The most letters of a diagnostic that are kept.
const MOST_DIAGNOSTIC: usize = 1000;

/// The most letters of a piece of evidence that are kept.
const MOST_EVIDENCE: usize = 200;

/// The most recipients of one report.
pub const MOST_RECIPIENTS: usize = 100;

/// What a recogniser found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name: `qmail`.
    pub rule: &'static str,
    /// What was done, for recipients that have no action of their own.
    pub action: Action,
    /// Of whom the report speaks. The action, status, diagnostic and reason of each may be left out.
    pub recipients: Vec<ReportedRecipient>,
    /// What the server said, for recipients that have no diagnostic of their own. Where neither is
    /// there, the report's whole text is looked at.
    pub diagnostic: Option<String>,
    /// Why, where the form itself says so, whatever the words are.
    pub reason: Option<BounceReason>,
    /// Who reports, where it is told.
    pub reporting_mta: Option<String>,
    /// What was seen, in the order in which it counted.
    pub evidence: Vec<Evidence>,
}

impl Found {
    /// A report of failure, with nobody in it yet.
    pub fn new(rule: &'static str) -> Self {
        Self {
            rule,
            action: Action::Failed,
            recipients: Vec::new(),
            diagnostic: None,
            reason: None,
            reporting_mta: None,
            evidence: Vec::new(),
        }
    }

    /// Notes a recipient with what was said of it; an address that is none, or that is there already, is
    /// not noted (what is said of one that is there already is, where it had nothing).
    pub fn recipient(&mut self, address: &str, diagnostic: Option<&str>) {
        let Some(address) = super::address::cleaned(address) else { return };
        let diagnostic = diagnostic.map(diagnostic_of).filter(|text| !text.is_empty());
        if let Some(known) =
            self.recipients.iter_mut().find(|known| known.address.eq_ignore_ascii_case(&address))
        {
            known.diagnostic = known.diagnostic.take().or(diagnostic);
        } else if self.recipients.len() < MOST_RECIPIENTS {
            self.recipients.push(ReportedRecipient { address, diagnostic, ..ReportedRecipient::default() });
        }
    }

    /// Notes that a line of the report's text told something: `kind`, `recipient`, `status`, `reason`.
    pub fn saw(&mut self, view: &View, line: &Line<'_>, tells: &str) {
        let (part, number) = view.place(line.number);
        self.evidence.push(evidence(part, number, tells, line.text));
    }

    /// Notes that a header field of the message told something.
    pub fn saw_field(&mut self, view: &View, name: &str, tells: &str) {
        if let Some(field) = view.header.field(name) {
            let text = format!("{}: {}", field.name, field.value);
            self.evidence.push(evidence("header".to_owned(), field.line, tells, &text));
        }
    }

    /// The enhanced status of the last recipient, for forms that tell it apart from the words.
    pub fn status(&mut self, status: EnhancedStatus) {
        if let Some(last) = self.recipients.last_mut() {
            last.status = Some(status);
        }
    }
}

/// A piece of evidence, cut short.
pub fn evidence(part: String, line: u32, tells: &str, text: &str) -> Evidence {
    Evidence { part, line, tells: tells.to_owned(), text: text.trim().chars().take(MOST_EVIDENCE).collect() }
}

/// What a server said, on one line, cut short.
pub fn diagnostic_of(text: &str) -> String {
    super::view::squeezed(text).chars().take(MOST_DIAGNOSTIC).collect()
}
