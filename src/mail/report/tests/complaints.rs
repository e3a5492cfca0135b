//! Complaints, in the standard form and older ones.

use super::read_mail;
use crate::domain::bounce::ReportKind;

fn feedback(fields: &str, returned: &str) -> String {
    format!(
        "From: fbl@provider.example\nTo: bounce-abc@news.example\nSubject: complaint\n\
         Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\n\
         This is an email abuse report.\n\n--b\nContent-Type: message/feedback-report\n\n{fields}\n\
         --b\nContent-Type: message/rfc822\n\n{returned}\n--b--\n"
    )
}

const LETTER: &str = "Return-Path: <bounce-xyz@news.example>\nFrom: a@news.example\nTo: nina@example.org\n\
    Message-ID: <1@news.example>\nSubject: x\n\nGood morning.\n";

#[test]
fn feedback_reports() {
    let report = read_mail(&feedback(
        "Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: <tom@example.org>\n\
         Original-Mail-From: <bounce-mf@news.example>\nOriginal-Envelope-Id: bounce-env\n",
        LETTER,
    ));
    assert_eq!((report.kind, report.rule.0.as_str()), (ReportKind::Complaint, "arf"));
    assert_eq!(report.recipients[0].address, "tom@example.org");
    assert_eq!(report.traces.return_paths, ["bounce-abc", "bounce-mf", "bounce-env", "bounce-xyz"]);
    assert_eq!(report.traces.message_ids, ["1@news.example"]);

    let report = read_mail(&feedback("Feedback-Type: fraud\nUser-Agent: x/1\nVersion: 1\n", LETTER));
    assert_eq!(report.kind, ReportKind::Complaint);
    assert_eq!(report.recipients[0].address, "nina@example.org");

    let report = read_mail(&feedback("Feedback-Type: not-spam\nUser-Agent: x/1\nVersion: 1\n", LETTER));
    assert_eq!(report.kind, ReportKind::NotABounce);
}

#[test]
fn a_letter_in_words_that_call_it_a_complaint() {
    let mail = format!(
        "From: staff@provider.example\nSubject: complaint about message from 192.0.2.1\n\
         Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n\
         X-HmXmrOriginalRecipient: <tom@example.org>\n{LETTER}\n--b--\n"
    );
    let report = read_mail(&mail);
    assert_eq!((report.kind, report.rule.0.as_str()), (ReportKind::Complaint, "complaint"));
    assert_eq!(report.recipients[0].address, "tom@example.org");
}

#[test]
fn a_reader_who_asks_about_spam_does_not_complain() {
    let report = read_mail(
        "From: nina@example.org\nSubject: Re: news\nIn-Reply-To: <1@news.example>\n\nYour letter lands in my spam folder.\n",
    );
    assert_eq!(report.kind, ReportKind::NotABounce);
}
