//! Servers of the Unix world.

use super::{DAEMON, holds, read, read_raw};
use crate::domain::bounce::Action;

#[test]
fn qmail_and_its_relatives() {
    let text = "Hi. This is the qmail-send program at mx.example.net.\n\
        I'm afraid I wasn't able to deliver your message to the following addresses.\n\
        This is a permanent error; I've given up. Sorry it didn't work out.\n\n\
        <nina@example.org>:\n192.0.2.1 does not like recipient.\n\
        Remote host said: 550 5.1.1 no such person\nGiving up on 192.0.2.1.\n\n\
        <tom@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n\
        --- Below this line is a copy of the message.\n\nReturn-Path: <a@example.com>\nTo: x@example.org\n";
    let all = [("nina@example.org", "550 5.1.1 no such"), ("tom@example.org", "(#5.1.1)")];
    holds(read("MAILER-DAEMON@mx.example.net", "failure notice", text), "qmail", Action::Failed, &all);
    // Another program's name, and another subject.
    let text = text.replace("qmail-send program", "mail gateway");
    holds(read("MAILER-DAEMON@mx.example.net", "Zurück", &text), "qmail", Action::Failed, &all);
    // Nobody but in a copied line.
    let bare = "I'm afraid I wasn't able to deliver the following message.\n\
        This is a permanent error; I've given up. Sorry it didn't work out.\n\nTo: nina@example.org\n";
    let named = [("nina@example.org", "")];
    holds(read("MAILER-DAEMON@mx.example.net", "Re: news", bare), "qmail", Action::Failed, &named);
}

#[test]
fn paragraphs_below_introductions_of_all_kinds() {
    for intro in [
        "Unfortunately, your mail was not delivered to the following address:",
        "Hello. We were not able to deliver your message to the following address(es):",
        "Su mensaje no pudo ser entregado - Your message could not be delivered.",
    ] {
        let text =
            format!("{intro}\n\n<nina@example.org>:\nmailbox full, could not be delivered\n\n--- copy\n");
        let named = [("nina@example.org", "mailbox full")];
        holds(read(DAEMON, "Mail Not Delivered", &text), "paragraphs", Action::Failed, &named);
    }
}

#[test]
fn postfix_without_a_report_part() {
    let text = "This is the Postfix program at host mx.example.net.\n\n\
        I'm sorry to have to inform you that the message returned\n\
        below could not be delivered to one or more destinations.\n\n\
        If you do so, please include this problem report. You can\n\
        delete your own text from the message returned below.\n\n\t\t\tThe Postfix program\n\n\
        <nina@example.org>: host mx.example.org[192.0.2.1] said: 550 no such\n    person here\n";
    let named = [("nina@example.org", "550 no such person here")];
    holds(read(DAEMON, "Undelivered Mail", text), "postfix", Action::Failed, &named);
    let warning = "This is the mail system at host mx.example.net.\n\n# THIS IS A WARNING ONLY. #\n\n\
        Your message could not be delivered for more than 4 hour(s).\n\
        It will be retried until it is 5 day(s) old.\n\n                   The mail system\n\n\
        <nina@example.org>: connect to mx.example.org[192.0.2.1]:25: Connection timed out\n";
    let named = [("nina@example.org", "timed out")];
    holds(read(DAEMON, "Delayed Mail (still being retried)", warning), "postfix", Action::Delayed, &named);
}

#[test]
fn exim_failures() {
    let text = "This message was created automatically by mail delivery software.\n\n\
        A message that you sent could not be delivered to one or more of its\n\
        recipients. This is a permanent error. The following address(es) failed:\n\n  nina@example.org\n    \
        SMTP error from remote mail server after RCPT TO:<nina@example.org>:\n    \
        host mx.example.org [192.0.2.1]: 550 5.1.1 unknown:\n    nina@example.org\n  tom@example.org\n    \
        Unrouteable address\n\n------ This is a copy of the message, including all the headers. ------\n\n\
        Return-path: <a@example.com>\n";
    let all = [("nina@example.org", "550 5.1.1 unknown"), ("tom@example.org", "Unrouteable")];
    holds(read(DAEMON, "Mail delivery failed", text), "exim", Action::Failed, &all);
    // The forms of GMX and 1&1.
    let text = "This message was created automatically by mail delivery software.\n\n\
        A message that you sent could not be delivered to one or more of\n\
        its recipients. This is a permanent error. The following address\nfailed:\n\n\
        \"nina@example.org\":\nSMTP error from remote server after RCPT command:\nhost: mx.example.org\n\
        5.1.1 unknown\n\n--- The header of the original message is following. ---\n\nReceived: from x\n";
    holds(
        read(DAEMON, "Mail delivery failed", text),
        "exim",
        Action::Failed,
        &[("nina@example.org", "5.1.1")],
    );
    let text = "This message was created automatically by mail delivery software.\n\n\
        The following address failed:\n\nnina@example.org\n\nFor the following reason:\n\n\
        Mail size limit exceeded.\n\n--- The header of the original message is following. ---\n";
    holds(
        read(DAEMON, "Mail delivery failed", text),
        "exim",
        Action::Failed,
        &[("nina@example.org", "size limit")],
    );
}

#[test]
fn exim_pipes_warnings_and_wrong_addresses() {
    let pipe = "From: Mailer-Daemon@mx.example.net\nX-Failed-Recipients: nina@example.org, tom@example.org\n\
        Subject: Mail delivery failed\n\n\
        This message was created automatically by mail delivery software.\n\n\
        The following address(es) failed:\n\n  pipe to |/usr/bin/sort nina@example.org\n    \
        generated by nina@example.org\n    local delivery failed\n";
    let all = [("nina@example.org", "local delivery failed"), ("tom@example.org", "")];
    holds(read_raw(pipe), "exim", Action::Failed, &all);
    let warning = "This message was created automatically by mail delivery software.\n\
        A message that you sent has not yet been delivered to one or more of its\n\
        recipients after more than 24 hours on the queue on mx.example.net.\n\n\
        The address to which the message has not yet been delivered is:\n\n  nina@example.org\n    \
        Delay reason: 451 later\n\nNo action is required on your part. Delivery attempts will continue for\n\
        some time.\n";
    let named = [("nina@example.org", "451 later")];
    holds(read(DAEMON, "Warning: message x delayed 24 hours", warning), "exim", Action::Delayed, &named);
    let wrong = "A message that you sent contained one or more recipient addresses that were\n\
        incorrectly constructed:\n\n  nina@@example.org: domain missing\n  \
        Tom <tom@example.org> (x: malformed address\n\nThis address has been ignored.\n";
    let found = read(DAEMON, "Mail failure - malformed recipient address", wrong);
    assert_eq!(found.map(|found| found.rule), Some("exim"));
}

#[test]
fn sendmail_with_a_list_and_with_a_transcript_alone() {
    let text = "The original message was received at Mon, 3 Jun 2024 12:00:00 +0000\nfrom host [192.0.2.1]\n\n   \
        ----- The following addresses had permanent fatal errors -----\n<nina@example.org>\n    \
        (reason: 552 5.2.2 Over quota)\ntom@example.net\n    (reason: 550 refused)\n    \
        (expanded from: <tom@example.org>)\n\n   ----- Transcript of session follows -----\n\
        ... while talking to mx.example.org.:\n>>> DATA\n<<< 552 5.2.2 Over quota\n\n   \
        ----- Original message follows -----\n\nReturn-Path: <a@example.com>\n";
    let found = read(DAEMON, "Returned mail: see transcript for details", text);
    let ends = found.as_ref().and_then(|found| found.recipients[1].final_address.clone());
    assert_eq!(ends.as_deref(), Some("tom@example.net"));
    let all = [("nina@example.org", "552 5.2.2"), ("tom@example.org", "550 refused")];
    holds(found, "sendmail", Action::Failed, &all);
    let old = "   ----- Transcript of session follows -----\nWhile talking to mx.example.org:\n\
        >>> RCPT To:<nina@example.org>\n<<< 550 not here\n550 <nina@example.org>... User unknown\n\
        554 <tom@example.net>... 550 Host unknown (Authoritative answer from name server)\n\n   \
        ----- Unsent message follows -----\nReceived: by mx.example.net; (5.65/1.36) id 00\n";
    let all = [("nina@example.org", "(in reply to RCPT"), ("tom@example.net", "Host unknown")];
    holds(read(DAEMON, "Returned mail: User unknown", old), "sendmail", Action::Failed, &all);
}

#[test]
fn sendmail_warnings_and_its_imitators() {
    let warning = "    **********************************************\n    \
        **      THIS IS A WARNING MESSAGE ONLY      **\n\n   \
        ----- The following addresses had transient non-fatal errors -----\n<nina@example.org>\n\n   \
        ----- Transcript of session follows -----\n451 <nina@example.org>... Deferred: later\n\
        Will keep trying until message is 5 days old\n";
    let named = [("nina@example.org", "Deferred")];
    holds(read(DAEMON, "Warning: could not send message", warning), "sendmail", Action::Delayed, &named);
    for (list, line) in [
        ("---The following addresses had delivery errors---", "nina@example.org [mailbox full]"),
        ("    --- The following addresses had delivery problems ---", "<nina@example.org>   (mailbox full)"),
        (
            "  ----- The following addresses had permanent fatal errors -----",
            ">>> nina@example.org <nina@example.org>\n\n  ----- Transcript of session follows -----\n550 mailbox full",
        ),
        (
            "   ----- The following addresses had delivery problems -----",
            "nina@example.org\n\n   ----- Non-delivered information -----\nmailbox full",
        ),
    ] {
        let named = [("nina@example.org", "mailbox full")];
        holds(
            read(DAEMON, "Returned mail", &format!("{list}\n\n{line}\n")),
            "sendmail",
            Action::Failed,
            &named,
        );
    }
}

#[test]
fn smaller_servers() {
    let named = [("nina@example.org", "said no")];
    let smtpd = "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this e-mail.\n\n    \
        An error has occurred while attempting to deliver a message for\n    \
        the following list of recipients:\n\nnina@example.org: said no\n\n    Below is a copy of the original message:\n";
    holds(read(DAEMON, "Delivery status notification", smtpd), "opensmtpd", Action::Failed, &named);
    let delayed = smtpd.replace(
        "An error has occurred while attempting to deliver a message for",
        "A message is delayed for more than 4 hours for",
    );
    holds(read(DAEMON, "Delivery status notification", &delayed), "opensmtpd", Action::Delayed, &named);
    let fly = "This is the DragonFly Mail Agent v0.13 at mx.example.net.\n\n\
        There was an error delivering your mail to <nina@example.org>.\n\nmx.example.org did not like our RCPT TO:\n\
        said no\n\nMessage headers follow.\n\nReceived: from x\n";
    holds(read("MAILER-DAEMON <>", "Mail delivery failed", fly), "dragonfly", Action::Failed, &named);
}

#[test]
fn intermail() {
    let office = "This Message was undeliverable due to the following reason:\n\n\
        Each of the following recipients was rejected by a remote mail server.\n\n    \
        Recipient: <nina@example.org>\n    Reason:    said no\n\nPlease reply to Postmaster@mx.example.net\n";
    let named = [("nina@example.org", "said no")];
    holds(
        read("Postmaster@mx.example.net", "Mail System Error - Returned Mail", office),
        "intermail",
        Action::Failed,
        &named,
    );
    let late = "This Message was undeliverable due to the following reason:\n\n\
        Your message was not delivered within 2 days.\nHost example.org is not responding.\n\n\
        The following recipients did not receive your message:\n\n     <nina@example.org>\n\n\
        Please reply to Postmaster@mx.example.net\n";
    holds(
        read("Postmaster@mx.example.net", "Mail System Error", late),
        "intermail",
        Action::Failed,
        &[("nina@example.org", "")],
    );
}
