//! Providers of mailboxes.

use super::{holds, read, read_raw};
use crate::domain::bounce::{Action, BounceReason};

#[test]
fn gmail_and_its_groups() {
    let text = "Delivery to the following recipient failed permanently:\n\n     nina@example.org\n\n\
        Technical details of permanent failure: \nGoogle tried to deliver your message.\n\n\
        The error that the other server returned was:\n550 5.1.1 no such person\n\n----- Original message -----\n\n\
        Received: by 192.0.2.1 with SMTP id x\n";
    let from = "Mail Delivery Subsystem <mailer-daemon@googlemail.com>";
    let named = [("nina@example.org", "550 5.1.1")];
    holds(read(from, "Delivery Status Notification (Failure)", text), "gmail", Action::Failed, &named);
    let delay = "THIS IS A WARNING MESSAGE ONLY.\n\nDelivery to the following recipient has been delayed:\n\n     \
        nina@example.org\n\nMessage will be retried for 2 more day(s)\n";
    let named = [("nina@example.org", "")];
    holds(read(from, "Delivery Status Notification (Delay)", delay), "gmail", Action::Delayed, &named);
    let group = format!(
        "From: {from}\nX-Failed-Recipients: nina@googlegroups.com\nSubject: x\n\nHallo a@example.com,\n\n\
         die Gruppe gibt es nicht. Hilfe: https://groups.google.com/support/.\n\nGoogle Groups\n"
    );
    let found = read_raw(&group);
    assert_eq!(found.as_ref().and_then(|found| found.reason), Some(BounceReason::Policy));
    holds(found, "google-groups", Action::Failed, &[("nina@googlegroups.com", "")]);
}

#[test]
fn yahoo_old_and_new() {
    let old = "Message from yahoo.example.\nUnable to deliver message to the following address(es).\n\n\
        <nina@example.org>:\nThis account is over quota.\n\n<tom@example.org>:\nThis account has been disabled.\n\n\
        --- Original message follows.\n\nReturn-Path: <a@example.com>\n";
    let all = [("nina@example.org", "over quota"), ("tom@example.org", "disabled")];
    holds(read("MAILER-DAEMON@yahoo.example", "Delivery failure", old), "yahoo", Action::Failed, &all);
    let new = "Sorry, we were unable to deliver your message to the following address.\n\n<nina@example.org>:\n\
        550: 5.1.1 no such person\n\n---------- Forwarded message ----------\n";
    let named = [("nina@example.org", "5.1.1")];
    holds(read("MAILER-DAEMON@yahoo.example", "Failure Notice", new), "yahoo", Action::Failed, &named);
}

#[test]
fn names_without_a_domain() {
    let aol = "Sorry a@example.com. Your mail to the following recipients could not be delivered because they \
        are not accepting mail from you:\n\tnina\n\ttom\n\nGoodbye\n\tx\n";
    let from = "Mail Delivery Subsystem <MAILER-DAEMON@aol.example>";
    let all = [("nina@aol.example", "not accepting"), ("tom@aol.example", "not accepting")];
    holds(read(from, "Mail Delivery Problem", aol), "bare-names", Action::Failed, &all);
    let house = "Message not delivered to the following:\n\n    nina            No matches to nameserver query\n\n\
        Error Detail (phquery V4.1):\n";
    let named = [("nina@mx.example.edu", "No matches")];
    holds(
        read("MAILER-DAEMON@mx.example.edu (Mail)", "Undeliverable", house),
        "bare-names",
        Action::Failed,
        &named,
    );
}

#[test]
fn zoho_says_it_beside_the_address() {
    let failed = "From: mailer-daemon@mail.zoho.com\nSubject: Undelivered Mail\n\n\
        This message was created automatically by mail delivery software.\n\
        A message that you sent could not be delivered to one or more of its recipients. This is a permanent error. \n\n\
        nina@example.org Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 no such person\n\n\
        Received:from x by y\n";
    holds(read_raw(failed), "zoho", Action::Failed, &[("nina@example.org", "5.1.1")]);
    let late = "From: mailer-daemon@example.net\nX-Mailer: Zoho Mail\nSubject: Mail Delivery Status Notification (Delay)\n\n\
        This message was created automatically by mail delivery system.\n\nTHIS IS A WARNING MESSAGE ONLY.\n\n\
        ----- The following addresses had fatal errors ----- \n\
        [Status: Error, Address: <nina@example.org>, ResponseCode 421, , Host not reachable.]\n\n\
        Message will be retried for 4 more day(s)\n";
    holds(read_raw(late), "zoho", Action::Delayed, &[("nina@example.org", "421")]);
}

#[test]
fn notifications_of_ses_by_mail() {
    let head = "From: news <no-reply@sns.amazonaws.com>\nx-amz-sns-message-id: 1\nSubject: AWS Notification Message\n\n";
    let bounce = r#"{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"nina@example.org","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 no such person"}],"reportingMTA":"dsn; a.example"}}"#;
    let found = read_raw(&format!("{head}{bounce}\n\n--\nIf you wish to stop receiving\n"));
    assert_eq!(
        found
            .as_ref()
            .and_then(|found| found.recipients[0].status)
            .map(|status| status.to_string())
            .as_deref(),
        Some("5.1.1")
    );
    holds(found, "sns", Action::Failed, &[("nina@example.org", "550 5.1.1")]);
    let delivered = r#"{"notificationType":"Delivery","delivery":{"recipients":["nina@example.org"]}}"#;
    holds(read_raw(&format!("{head}{delivered}\n")), "sns", Action::Delivered, &[("nina@example.org", "")]);
    // Broken lines, and what is none.
    let broken = bounce.replace("\"action\"", "!\n \"action\"");
    holds(
        read_raw(&format!("{head}{broken}\n")),
        "sns",
        Action::Failed,
        &[("nina@example.org", "550 5.1.1")],
    );
    assert_eq!(read_raw(&format!("{head}{{\"notificationType\":\"Bounce\"")), None);
}

#[test]
fn systems_of_japan() {
    let kddi = "Your mail sent on: Mon, 3 Jun 2024 12:00:00 +0900 \n     Could not be delivered to: <nina@example.org> \n     \
        As their mailbox is full.\n";
    let named = [("nina@example.org", "mailbox is full")];
    holds(read("no-reply@example.net", "Mail", kddi), "kddi", Action::Failed, &named);
    let filter = "From: POSTMASTER <postmaster@example.net>\nX-Mailer: m-FILTER\nContent-Type: text/plain; charset=utf-8\n\
        Subject: failure notice\n\n以下のメールアドレスへの送信に失敗しました。\nnina@example.org\n\n-------server message\n\
        552 mailbox is full\n\n-------SMTP command\nDATA\n\n-------original message\nReceived: from x\n";
    holds(read_raw(filter), "m-filter", Action::Failed, &named);
    let fml = "From: news-admin@example.org\nX-MLServer: fml [fml 4.0]\nSubject: You are not member\n\n\
        You are not a member of this mailing list <news@example.org>.\n";
    holds(read_raw(fml), "fml", Action::Failed, &[("news@example.org", "not a member")]);
}
