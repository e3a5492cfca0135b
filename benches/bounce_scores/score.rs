//! Counting: what was said beside what should have been.

use std::fmt;

use newsletterd::domain::bounce::{
    Action, BounceReason, EnhancedStatus, Fault, Report, ReportKind, ReportedRecipient,
};
use newsletterd::mail::report::read_without;

use crate::labels::{Corpus, Mail, Row};

/// What a reader says of a recipient.
pub struct Named {
    /// The address that was written to, in lower case.
    pub address: String,
    /// The one at which it failed in the end, if that is another.
    pub ends: Option<String>,
    pub kind: ReportKind,
    pub status: Option<EnhancedStatus>,
}

impl Named {
    /// The one of its addresses that is among these, else the first.
    pub fn among<'a>(&'a self, wanted: &[String]) -> &'a String {
        self.ends.as_ref().filter(|ends| wanted.contains(ends)).unwrap_or(&self.address)
    }

    /// Whether it has this address.
    fn is(&self, address: &String) -> bool {
        self.address == *address || self.ends.as_ref() == Some(address)
    }
}

/// What a reader says of a message.
pub struct Said {
    pub kind: ReportKind,
    pub recipients: Vec<Named>,
    pub status: Option<EnhancedStatus>,
    pub rule: String,
}

impl Said {
    /// What it says of the recipients of a row: its kind and status.
    fn of(&self, row: &Row) -> (ReportKind, Option<EnhancedStatus>) {
        let own = self.recipients.iter().find(|one| row.recipients.iter().any(|address| one.is(address)));
        own.map_or((self.kind, self.status), |one| (one.kind, one.status))
    }
}

/// What our reader says of all mail, with these rules switched off.
pub fn ours(corpus: &Corpus, off: &[&str]) -> Vec<Said> {
    corpus.mails.iter().map(|mail| said(read_without(&mail.bytes, None, off))).collect()
}

fn said(report: Report) -> Said {
    let kind_of =
        |one: &ReportedRecipient| match (report.kind, one.action, one.reason.map(BounceReason::fault)) {
            (ReportKind::Hard | ReportKind::Soft | ReportKind::Unknown, Some(Action::Delayed), _) => {
                ReportKind::Delayed
            }
            (ReportKind::Hard | ReportKind::Soft | ReportKind::Unknown, _, Some(Fault::Address)) => {
                ReportKind::Hard
            }
            (ReportKind::Hard, _, Some(_)) => ReportKind::Soft,
            (kind, ..) => kind,
        };
    let named = |one: &ReportedRecipient| Named {
        address: one.address.to_lowercase(),
        ends: one.final_address.as_ref().map(|ends| ends.to_lowercase()),
        kind: kind_of(one),
        status: one.status,
    };
    let recipients = report.recipients.iter().map(named).collect();
    Said { kind: report.kind, recipients, status: report.status, rule: report.rule.0 }
}

/// How many rows are right.
#[derive(Clone, Default)]
pub struct Score {
    pub rows: u32,
    pub kinds: u32,
    pub with_recipients: u32,
    pub recipients: u32,
    pub with_status: u32,
    pub status: u32,
    /// Autoreplies and ordinary mail taken for failures or delays.
    pub false_bounces: u32,
    /// Rows labelled otherwise, without doubt, that were called hard.
    pub false_hard: u32,
    /// What is not right, a line each.
    pub wrong: Vec<String>,
}

impl Score {
    /// Compares, over all mail or over that whose label is certain.
    pub fn of(corpus: &Corpus, said: &[Said], doubtful: bool) -> Self {
        let mut score = Self::default();
        let counted = corpus.mails.iter().zip(said).filter(|(mail, _)| doubtful || !mail.doubtful);
        for (mail, said) in counted {
            let wanted: Vec<String> = mail.rows.iter().flat_map(|row| row.recipients.clone()).collect();
            let nobody_else = said.recipients.iter().all(|one| wanted.contains(one.among(&wanted)));
            for row in &mail.rows {
                score.count(mail, row, said, nobody_else);
            }
        }
        score
    }

    fn count(&mut self, mail: &Mail, row: &Row, said: &Said, nobody_else: bool) {
        let (kind, status) = said.of(row);
        let right =
            mail.doubtful || kind == row.kind || (row.kind == ReportKind::Unknown && is_failure(kind));
        self.rows += 1;
        self.kinds += u32::from(right);
        let mut faults = Vec::new();
        if !right {
            faults.push(format!("kind {kind}, not {}", row.kind));
        }
        if !row.recipients.is_empty() {
            let all = row.recipients.iter().all(|address| said.recipients.iter().any(|one| one.is(address)));
            self.with_recipients += 1;
            let right = mail.doubtful || (all && nobody_else);
            self.recipients += u32::from(right);
            if !right {
                let named: Vec<&str> = said.recipients.iter().map(|one| one.address.as_str()).collect();
                faults.push(format!("recipients {}, not {}", named.join(","), row.recipients.join(",")));
            }
        }
        if let Some(wanted) = row.status {
            self.with_status += 1;
            let right = mail.doubtful || status == Some(wanted);
            self.status += u32::from(right);
            if !right {
                faults.push(format!(
                    "status {}, not {wanted}",
                    status.map_or("none".to_owned(), |one| one.to_string())
                ));
            }
        }
        let ordinary = matches!(row.kind, ReportKind::Autoreply | ReportKind::NotABounce);
        if ordinary && (is_failure(kind) || kind == ReportKind::Delayed) {
            self.false_bounces += 1;
            faults.push("false bounce".to_owned());
        }
        if kind == ReportKind::Hard && row.kind != ReportKind::Hard && !mail.doubtful {
            self.false_hard += 1;
            faults.push("false hard".to_owned());
        }
        if !faults.is_empty() {
            self.wrong.push(format!("{}\t{}\t{}", mail.file, said.rule, faults.join("; ")));
        }
    }
}

fn is_failure(kind: ReportKind) -> bool {
    matches!(kind, ReportKind::Hard | ReportKind::Soft | ReportKind::Unknown)
}

/// A part of a whole in percent.
pub fn percent(part: u32, whole: u32) -> String {
    format!("{:.1} %", f64::from(part) * 100.0 / f64::from(whole.max(1)))
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| | right | of | |\n| --- | ---: | ---: | ---: |")?;
        for (name, right, of) in [
            ("kind", self.kinds, self.rows),
            ("recipients", self.recipients, self.with_recipients),
            ("status", self.status, self.with_status),
        ] {
            writeln!(f, "| {name} | {right} | {of} | {} |", percent(right, of))?;
        }
        writeln!(f, "| ordinary mail or automatic answer taken for a bounce | {} | | |", self.false_bounces)?;
        write!(
            f,
            "| hard, though labelled otherwise | {} | {} | {} |",
            self.false_hard,
            self.rows,
            percent(self.false_hard, self.rows)
        )
    }
}
