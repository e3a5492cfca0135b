//! What a report says of one of those whom it names. Pure.

use crate::domain::address::EmailAddress;
use crate::domain::bounce::{BounceReason, EnhancedStatus, Report, ReportKind, ReportedRecipient};

/// What a report says of one reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict<'a> {
    /// What kind it is for them.
    pub kind: ReportKind,
    /// Why.
    pub reason: Option<BounceReason>,
    /// The enhanced status.
    pub status: Option<EnhancedStatus>,
    /// What the server said.
    pub diagnostic: Option<&'a str>,
}

impl<'a> Verdict<'a> {
    /// What a report says as a whole.
    pub fn of(report: &'a Report) -> Self {
        Self {
            kind: report.kind,
            reason: report.reason,
            status: report.status,
            diagnostic: report.diagnostic.as_deref(),
        }
    }

    /// What a report says of the reader at `address`; `None` when it speaks of others only. One that
    /// names nobody speaks of whoever its letter went to, and so does a complaint: services blot out
    /// whom it is from.
    pub fn about(report: &'a Report, address: &EmailAddress) -> Option<Self> {
        let whole = Self::of(report);
        let named: Vec<_> =
            report.recipients.iter().filter_map(|one| Some((one, is_of(one, address)?))).collect();
        if named.is_empty() || report.kind == ReportKind::Complaint {
            return Some(whole);
        }
        let (recipient, _) = named.iter().find(|(_, own)| *own)?;
        if report.recipients.len() == 1 {
            return Some(whole);
        }
        Some(Self {
            kind: report.kind_for(recipient),
            reason: recipient.reason.or(report.reason),
            status: recipient.status,
            diagnostic: recipient.diagnostic.as_deref(),
        })
    }
}

/// Whether a recipient that a report names is the one at `address`; `None` where it names nobody that
/// could be compared.
fn is_of(recipient: &ReportedRecipient, address: &EmailAddress) -> Option<bool> {
    let addresses = [Some(&recipient.address), recipient.final_address.as_ref()];
    let mut known = None;
    for text in addresses.into_iter().flatten() {
        let own = match EmailAddress::parse(text) {
            Ok(parsed) => parsed.key() == address.key(),
            // Some systems name the mailbox alone.
            Err(_) if !text.is_empty() && !text.contains('@') => text.eq_ignore_ascii_case(address.local()),
            Err(_) => continue,
        };
        known = Some(known.unwrap_or(false) || own);
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::bounce::{Action, Rule, Traces};

    fn report(kind: ReportKind, recipients: Vec<ReportedRecipient>) -> Report {
        Report {
            reason: Some(BounceReason::UserUnknown),
            recipients,
            status: "5.1.1".parse().ok(),
            diagnostic: Some("550 no such user".to_owned()),
            ..Report::bare(kind, Rule::default(), Traces::default())
        }
    }

    fn recipient(address: &str, action: Action, reason: BounceReason, status: &str) -> ReportedRecipient {
        ReportedRecipient {
            address: address.to_owned(),
            action: Some(action),
            reason: Some(reason),
            status: status.parse().ok(),
            ..ReportedRecipient::default()
        }
    }

    #[test]
    fn a_report_speaks_of_whom_it_names() {
        use BounceReason::{MailboxFull, UserUnknown};
        let ana = EmailAddress::parse("Ana@example.org").unwrap();
        let nobody = report(ReportKind::Hard, Vec::new());
        assert_eq!(Verdict::about(&nobody, &ana).unwrap().kind, ReportKind::Hard);
        let failed = |address| vec![recipient(address, Action::Failed, UserUnknown, "5.1.1")];
        for own in ["ana@EXAMPLE.org", "ANA"] {
            assert!(Verdict::about(&report(ReportKind::Hard, failed(own)), &ana).is_some(), "{own}");
        }
        for other in ["eve@example.org", "ana@example.com", "anna"] {
            assert_eq!(Verdict::about(&report(ReportKind::Hard, failed(other)), &ana), None, "{other}");
            assert!(Verdict::about(&report(ReportKind::Complaint, failed(other)), &ana).is_some(), "{other}");
        }
        assert!(Verdict::about(&report(ReportKind::Hard, failed("/G=Ana/@")), &ana).is_some());
        let mut moved = failed("ana@elsewhere.example");
        moved[0].final_address = Some("ana@example.org".to_owned());
        assert!(Verdict::about(&report(ReportKind::Hard, moved), &ana).is_some());

        let several = report(
            ReportKind::Hard,
            vec![
                recipient("eve@example.org", Action::Failed, UserUnknown, "5.1.1"),
                recipient("ana@example.org", Action::Failed, MailboxFull, "5.2.2"),
                recipient("bea@example.org", Action::Delayed, MailboxFull, "4.2.2"),
                recipient("dea@example.org", Action::Delivered, MailboxFull, "2.0.0"),
                recipient("kat@example.org", Action::Failed, UserUnknown, "4.1.1"),
            ],
        );
        let kind =
            |address: &str| Verdict::about(&several, &EmailAddress::parse(address).unwrap()).unwrap().kind;
        assert_eq!(kind("eve@example.org"), ReportKind::Hard);
        assert_eq!(kind("ana@example.org"), ReportKind::Soft);
        assert_eq!(kind("bea@example.org"), ReportKind::Delayed);
        assert_eq!(kind("dea@example.org"), ReportKind::NotABounce);
        assert_eq!(kind("kat@example.org"), ReportKind::Soft);
    }
}
