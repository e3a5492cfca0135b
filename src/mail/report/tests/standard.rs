//! Delivery reports of the standard form, and how they deviate from it.

use super::{dsn, read_mail};
use crate::domain::bounce::{Action, BounceReason, ReportKind};

#[test]
fn kinds_and_reasons() {
    use BounceReason as R;
    use ReportKind as K;
    for (action, status, said, kind, reason) in [
        ("failed", "5.1.1", "550 5.1.1 No such mailbox here", K::Hard, Some(R::UserUnknown)),
        ("failed", "5.0.0", "550 User unknown (in reply to RCPT TO command)", K::Hard, Some(R::UserUnknown)),
        ("failed", "5.1.2", "Host not found", K::Hard, Some(R::HostUnknown)),
        ("failed", "4.4.3", "Host not found, try again", K::Soft, Some(R::Network)),
        ("failed", "5.1.6", "551 5.1.6 has moved", K::Hard, Some(R::Moved)),
        ("failed", "5.1.1", "552 5.2.2 Mailbox is full", K::Soft, Some(R::MailboxFull)),
        ("failed", "5.1.1", "550 5.1.1 rejected: listed at zen.spamhaus.org", K::Soft, Some(R::Reputation)),
        ("failed", "5.7.1", "550 5.7.1 Message rejected as spam", K::Soft, Some(R::Spam)),
        (
            "failed",
            "5.1.8",
            "553 5.1.8 Domain of sender address does not exist",
            K::Soft,
            Some(R::Reputation),
        ),
        ("failed", "5.0.0", "553 Domain of sender address x does not exist", K::Soft, Some(R::Reputation)),
        ("failed", "5.7.26", "550 5.7.26 no DMARC", K::Soft, Some(R::Authentication)),
        ("failed", "5.7.1", "550 5.7.1 Recipient rejected: User unknown", K::Soft, Some(R::Filtered)),
        ("failed", "5.0.0", "550 Unknown user (in reply to end of DATA command)", K::Soft, Some(R::Filtered)),
        ("failed", "4.4.7", "delivery time expired", K::Soft, Some(R::Expired)),
        (
            "failed",
            "5.3.4",
            "552 5.3.4 Message size exceeds fixed maximum message size",
            K::Soft,
            Some(R::TooLarge),
        ),
        ("failed", "5.0.0", "", K::Unknown, Some(R::Undefined)),
        ("delayed", "4.4.1", "connect to mx: Connection refused", K::Delayed, Some(R::Network)),
        ("delayed", "4.1.1", "user unknown", K::Delayed, Some(R::UserUnknown)),
        ("delivered", "2.0.0", "250 2.0.0 ok", K::NotABounce, None),
        ("relayed", "2.0.0", "250 ok", K::NotABounce, None),
        ("expanded", "2.0.0", "", K::NotABounce, None),
    ] {
        let fields = format!(
            "Final-Recipient: rfc822; nina@example.org\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {said}\n"
        );
        let report = read_mail(&dsn(&fields, "To: nina@example.org\nMessage-ID: <1@news.example>\n"));
        assert_eq!((report.kind, report.reason), (kind, reason), "{action} {status} {said}");
        assert_eq!(report.rule.0, "dsn");
        assert_eq!(report.recipients[0].address, "nina@example.org");
        assert_eq!(report.reporting_mta.as_deref(), Some("mx.example.net"));
    }
}

#[test]
fn the_recipient_is_the_one_that_we_wrote_to() {
    let fields = "Original-Recipient: rfc822;nina+2Bnews@example.org\nFinal-Recipient: rfc822; <n.berg@example.net>\n\
                  Action: failed\nStatus: 5.1.1\n";
    let report = read_mail(&dsn(fields, ""));
    assert_eq!(report.recipients[0].address, "nina+2Bnews@example.org");
    assert_eq!(report.recipients[0].final_address.as_deref(), Some("n.berg@example.net"));
    assert_eq!(super::super::failed_at(&report.recipients[0]), "n.berg@example.net");
}

#[test]
fn several_recipients_have_their_own_verdicts() {
    let fields = "final-recipient: rfc822;a@example.org\naction: failed\nstatus: 5.1.1\n\n\
                  final-recipient: rfc822;b@example.org\naction: failed\nstatus: 5.2.2 (full)\n\n\n\
                  action: delayed\nstatus: 4.4.1\nfinal-recipient: rfc822;c@example.org\n";
    let report = read_mail(&dsn(fields, ""));
    assert_eq!(report.kind, ReportKind::Soft, "of those that failed, the one that blames the address least");
    let kinds: Vec<_> = report.recipients.iter().map(|one| report.kind_for(one)).collect();
    assert_eq!(kinds, [ReportKind::Hard, ReportKind::Soft, ReportKind::Delayed]);
    let all: Vec<_> = report
        .recipients
        .iter()
        .map(|one| (one.address.as_str(), one.action, one.status.map(|status| status.to_string())))
        .collect();
    assert_eq!(
        all,
        [
            ("a@example.org", Some(Action::Failed), Some("5.1.1".to_owned())),
            ("b@example.org", Some(Action::Failed), Some("5.2.2".to_owned())),
            ("c@example.org", Some(Action::Delayed), Some("4.4.1".to_owned())),
        ]
    );
}

#[test]
fn fields_under_another_type_or_pasted_into_the_text() {
    let mislabelled = "From: postmaster@mx.example.net\nSubject: failure\nContent-Type: multipart/mixed; boundary=b\n\n\
        --b\n\nIt failed.\n--b\nContent-Type: text/plain\n\nReporting-MTA: dns; mx.example.net\n\n\
        Final-Recipient: rfc822; nina@example.org\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: text/plain\n\n\
        Received: from a by b\nReturn-Path: <bounce-xyz@news.example>\nFrom: a@news.example\nTo: nina@example.org\nSubject: x\n\n";
    let pasted = "From: postmaster@mx.example.net\nSubject: failure\n\nIt failed:\n\
        Final-Recipient: rfc822; nina@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such\n  user\n\n\
        ---- Original message follows ----\nReturn-Path: <bounce-xyz@news.example>\nTo: nina@example.org\n";
    let base64 = dsn("", "").replace(
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n\n",
        "Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n\
         RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IG5pbmFAZXhhbXBsZS5vcmcKQWN0aW9uOiBmYWlsZWQK\nU3RhdHVzOiA1LjEuMQo=\n",
    );
    for mail in [mislabelled, pasted, &base64] {
        let report = read_mail(mail);
        assert_eq!((report.kind, report.rule.0.as_str()), (ReportKind::Hard, "dsn"), "{mail}");
        assert_eq!(report.recipients[0].address, "nina@example.org");
        assert_eq!(report.recipients[0].status.map(|status| status.to_string()).as_deref(), Some("5.1.1"));
    }
}

#[test]
fn a_recipient_that_no_field_names_is_found_in_the_letter() {
    let report = read_mail(&dsn(
        "Action: failed\nStatus: 5.1.1\n",
        "To: Nina <nina@example.org>\nFrom: a@news.example\n",
    ));
    assert_eq!(report.recipients[0].address, "nina@example.org");
    let report = read_mail(&dsn(
        "Final-Recipient: rfc822; nina\nAction: failed\nStatus: 5.1.1\n",
        "To: nina@example.org\n",
    ));
    assert_eq!(report.recipients[0].address, "nina@example.org");
}

#[test]
fn one_report_that_passes_on_another() {
    let inner = dsn("Final-Recipient: rfc822; nina@example.org\nAction: failed\nStatus: 5.1.1\n", "")
        .replace("--b", "--inner");
    let inner = inner.replace("boundary=\"b\"", "boundary=\"inner\"");
    let mail = format!(
        "From: MAILER-DAEMON@hub.example\nSubject: Returned mail\nContent-Type: multipart/mixed; boundary=outer\n\n\
         --outer\n\nThe message could not be delivered.\n--outer\nContent-Type: message/rfc822\n\n{inner}\n--outer--\n"
    );
    let report = read_mail(&mail);
    assert_eq!((report.kind, report.rule.0.as_str()), (ReportKind::Hard, "dsn"));
    assert_eq!(report.recipients[0].address, "nina@example.org");
}

#[test]
fn what_is_given_up_without_a_word_is_an_address_that_is_not_known() {
    let mail = |said: &str| {
        format!(
            "From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\nHi. This is the qmail-send program at mx.example.\n\
             I'm afraid I wasn't able to deliver your message to the following addresses.\n\
             This is a permanent error; I've given up. Sorry it didn't work out.\n\n<nina@example.org>:\n{said}\n\
             --- Below this line is a copy of the message.\n\nTo: nina@example.org\n"
        )
    };
    assert_eq!(read_mail(&mail("")).kind, ReportKind::Hard);
    assert_eq!(read_mail(&mail("Something is odd with the cupboard.\n")).kind, ReportKind::Unknown);
}
