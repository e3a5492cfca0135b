//! What people and their machines write is no report, whatever it quotes.

use super::{DAEMON, read, read_raw};

/// A report, as somebody may quote or forward it.
const REPORT: &str = "This message was created automatically by mail delivery software.\n\n\
    A message that you sent could not be delivered to one or more of its\n\
    recipients. This is a permanent error. The following address(es) failed:\n\n  nina@example.org\n    \
    Unrouteable address\n";

#[test]
fn answers_that_quote_a_report() {
    let quoted: String = REPORT.lines().map(|line| format!("> {line}\n")).collect();
    for (from, subject) in [
        ("Tom <tom@example.org>", "Re: Mail delivery failed"),
        ("Tom <tom@example.org>", "Fwd: Mail delivery failed: returning message to sender"),
        ("Tom <tom@example.org>", "What is this?"),
        // Even a machine's sender: what is quoted is not its own.
        (DAEMON, "Re: Mail delivery failed"),
    ] {
        assert_eq!(read(from, subject, &format!("Why do I get this?\n\n{quoted}")), None, "{subject}");
    }
}

#[test]
fn forwards_that_do_not_quote() {
    for subject in ["Fwd: Mail delivery failed", "WG: Mail delivery failed", "Look at that"] {
        let text = format!("See below.\n\nBegin forwarded message:\n\n{REPORT}");
        assert_eq!(read("Tom <tom@example.org>", subject, &text), None, "{subject}");
    }
}

#[test]
fn automatic_answers() {
    let away = "From: Nina <nina@example.org>\nAuto-Submitted: auto-replied\nReturn-Path: <>\n\
        Subject: Automatic reply: News\n\nYour message to: tom@example.org\nwas not delivered to: me, as I am away.\n";
    assert_eq!(read_raw(away), None);
    let received = "Return-Path: <>\nFrom: Nina <nina@example.org>\nSubject: Received\n\nYour message to:\n\
        nina@example.org\nhas arrived. I read it when I am back.\n";
    assert_eq!(read_raw(received), None);
    let replied = "Return-Path: <>\nAuto-Submitted: auto-replied\nFrom: Nina <nina@example.org>\nSubject: Gone\n\n\
        Mail to me cannot be delivered to nina@example.org any more; write to tom@example.org.\n";
    assert_eq!(read_raw(replied), None);
    let letter = "Dear all,\n\nmy letter was not delivered to: nina@example.org. Could you help?\n";
    assert_eq!(read("Tom <tom@example.org>", "Letter", letter), None);
}

#[test]
fn reports_of_nobody() {
    for (from, subject, text) in [
        (DAEMON, "Returned mail", ""),
        (DAEMON, "Returned mail", "Your message could not be delivered to the following recipients:\n"),
        ("postmaster@example.net", "Maintenance", "Dear user, we will move nina@example.org tomorrow.\n"),
    ] {
        assert_eq!(read(from, subject, text), None, "{text}");
    }
}
