//! Filters, and systems without a name.

use super::{DAEMON, holds, read, read_raw};
use crate::domain::bounce::Action;

#[test]
fn filters() {
    let marshal = "Your message:\n   From:    a@example.com\n   Subject: News\n\nCould not be delivered because of\n\n\
        550 5.1.1 said no\n\nThe following recipients were affected: \n    nina@example.org\n    tom@example.org\n\n\
        Additional Information\n======\nOriginal Sender:    <a@example.com>\n";
    let all = [("nina@example.org", ""), ("tom@example.org", "")];
    holds(read("postmaster@example.net", "Undeliverable Mail", marshal), "mailmarshal", Action::Failed, &all);
    let named = [("nina@example.org", "said no")];
    for scan in [
        "***\n\nMessage from InterScan Messaging Security Suite\n\nUnable to deliver message to <nina@example.org> (said no).\n\n***\n",
        "****** Message from InterScan ******\n\nSent <<< RCPT TO:<nina@example.org>\nReceived >>> 550 said no\n",
    ] {
        holds(
            read("postmaster@example.net", "Mail could not be delivered", scan),
            "interscan",
            Action::Failed,
            &named,
        );
    }
    let surf = "Your message could not be sent.\nA transcript of the attempts to send the message follows.\n\
        The number of attempts made: 1\nAddressed To: nina@example.org\n\nMon 3 Jun 2024\nFailed to send to identified host,\n\
        nina@example.org: [192.0.2.1], 550 said no\n--- Message non-deliverable.\n";
    holds(read(DAEMON, "Message non-deliverable", surf), "surfcontrol", Action::Failed, &named);
    let mimecast = "An email that you attempted to send to the following address could not be delivered:\n-- nina@example.org\n\n\
        The problem appears to be :\n-- said no\n\nIf you sent the email to multiple recipients,\n";
    holds(
        read("\"postmaster\" <postmaster@example.net>", "[Postmaster] Email Delivery Failure", mimecast),
        "mimecast",
        Action::Failed,
        &named,
    );
    let foundry = "Unable to deliver message to: <nina@example.org>\nDelivery failed for the following reason:\n\
        Server mx.example.org[192.0.2.1] failed with: 550 said no\n\nThis has been a permanent failure.\n";
    holds(
        read(DAEMON, "Message delivery has failed", foundry),
        "mailfoundry",
        Action::Failed,
        &[("nina@example.org", "")],
    );
    let iron = "The following message to <nina@example.org> was undeliverable.\nThe reason for the problem:\n\
        5.1.0 - Unknown address error 550-'said no'\n";
    holds(
        read("Mail Delivery System <MAILER-DAEMON@mx.example.net>", "Delivery Status", iron),
        "ironport",
        Action::Failed,
        &named,
    );
}

#[test]
fn sentences_of_a_machine() {
    for text in [
        "Your message could not be delivered to the following recipients:\n\nnina@example.org\n\nsaid no\n",
        "Could not deliver message to the following recipient(s):\n\nFailed Recipient: nina@example.org\nReason: said no\n",
        "------ Failed Recipients ------\n\n<nina@example.org>: said no\n-------- Returned Mail --------\n",
        "Intended recipient: nina@example.org\n\nThe server said no.\n",
        "We had trouble.\n\nSMTP Server <mx.example.org> rejected recipient <nina@example.org> (said no)\n",
        "Your letter was not delivered to nina@example.org: said no\n",
    ] {
        let named = [("nina@example.org", "said no")];
        holds(read(DAEMON, "Returned Mail", text), "simple", Action::Failed, &named);
    }
    let late = "This is an automated message.\n\nYour message to:\n\tnina@example.org\n\nhas not yet been delivered because the \
        server did not respond.\n\nThis is just a warning.\n";
    holds(
        read(DAEMON, "Warning", late),
        "simple",
        Action::Delayed,
        &[("nina@example.org", "did not respond")],
    );
}

#[test]
fn a_report_within_a_report() {
    let inner = "From: MAILER-DAEMON@mx.example.org (Mail Delivery System)\nSubject: Undelivered Mail\n\
        Message-ID: <1@mx.example.org>\n\nThis is the Postfix program at host mx.example.org.\n\n\
        delete your own text from the message returned below.\n\n<nina@example.org>: said no\n";
    let outer = |inner: &str| {
        format!(
            "From: {DAEMON}\nSubject: Returned mail\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n\
             ----- The following addresses had permanent delivery errors -----\n\n--b\nContent-Type: message/rfc822\n\n\
             {inner}\n--b--\n"
        )
    };
    holds(read_raw(&outer(inner)), "wrapped", Action::Failed, &[("nina@example.org", "said no")]);
    // The letter of a person is no report.
    let letter =
        inner.replace("MAILER-DAEMON@mx.example.org (Mail Delivery System)", "Tom <tom@example.org>");
    assert_eq!(read_raw(&outer(&letter.replace("Undelivered Mail", "Re: x"))), None);
}
