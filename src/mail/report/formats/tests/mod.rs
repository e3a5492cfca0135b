//! Each recogniser on short mails of its form.

mod gateways;
mod houses;
mod people;
mod providers;
mod unix;

use super::super::failure::Found;
use super::super::view::View;
use super::FORMATS;
use crate::domain::bounce::Action;

/// What the forms make of a mail with this sender, subject and text.
fn read(from: &str, subject: &str, text: &str) -> Option<Found> {
    read_raw(&format!("From: {from}\nSubject: {subject}\n\n{text}"))
}

/// What the forms make of a mail.
fn read_raw(mail: &str) -> Option<Found> {
    let view = View::new(mail.as_bytes());
    FORMATS.iter().find_map(|format| {
        let found = (format.read)(&view)?;
        assert_eq!(found.rule, format.name);
        Some(found)
    })
}

/// Asserts by which rule a report was read, whether letters failed, and of whom it speaks with what
/// words (a part of what is said).
#[track_caller]
fn holds(found: Option<Found>, rule: &str, action: Action, recipients: &[(&str, &str)]) {
    let found = found.expect("a report");
    assert_eq!((found.rule, found.action), (rule, action));
    let named: Vec<&str> = found.recipients.iter().map(|one| one.address.as_str()).collect();
    let expected: Vec<&str> = recipients.iter().map(|(address, _)| *address).collect();
    assert_eq!(named, expected);
    for (one, (_, said)) in found.recipients.iter().zip(recipients) {
        let told = one.diagnostic.as_deref().or(found.diagnostic.as_deref()).unwrap_or_default();
        assert!(told.contains(said), "{said:?} in {told:?}");
    }
    assert!(!found.evidence.is_empty() || found.recipients.is_empty(), "no evidence");
}

/// The sender of most reports.
const DAEMON: &str = "Mail Delivery System <MAILER-DAEMON@mx.example.net>";
