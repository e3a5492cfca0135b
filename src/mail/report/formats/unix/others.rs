//! Further servers of the Unix world that have a form of their own, one table entry each.

use super::super::listed::Strictness;
use super::super::marks::Mark;
use super::super::shape::Shape;

/// OpenSMTPD.
pub(in crate::mail::report) static OPENSMTPD: Shape = Shape {
    name: "opensmtpd",
    marks: &[Mark::Machine, Mark::Text(&["this is the mailer-daemon, please do not reply to this"])],
    below: &["the following list of recipients:"],
    until: &["below is a copy"],
    ..Shape::NONE
};

/// DragonFly Mail Agent.
pub(in crate::mail::report) static DRAGONFLY: Shape = Shape {
    name: "dragonfly",
    marks: &[Mark::Machine, Mark::Text(&["this is the dragonfly mail agent"])],
    behind: &["there was an error delivering your mail to"],
    until: &["message headers follow", "original message follows"],
    whole: true,
    ..Shape::NONE
};

/// Smail, also at T-Online.
pub(in crate::mail::report) static SMAIL: Shape = Shape {
    name: "smail",
    marks: &[Mark::Machine, Mark::Text(&["failed addresses follow:"])],
    below: &["failed addresses follow:"],
    until: &["|---"],
    lines: Strictness::Loose,
    ..Shape::NONE
};

/// Apache James.
pub(in crate::mail::report) static JAMES: Shape = Shape {
    name: "james",
    marks: &[
        Mark::Machine,
        Mark::Any(&[
            Mark::Text(&["this is the james mail server"]),
            Mark::Text(&["error message below: 5", "error message below: 4"]),
        ]),
    ],
    below: &["failed recipient(s):"],
    behind: &["rcpt to:"],
    above: true,
    ..Shape::NONE
};

/// PMDF and what became of it: Sun, iPlanet and Oracle's messaging servers, at Apple among others.
pub(in crate::mail::report) static MESSAGING_SERVER: Shape = Shape {
    name: "messaging-server",
    marks: &[
        Mark::Machine,
        Mark::Text(&["this report relates to a message you sent with the following header fields"]),
    ],
    behind: &["recipient address:"],
    whole: true,
    until: &["original-envelope-id:", "reporting-mta:", "delivery attempt history"],
    ..Shape::NONE
};

/// Post.Office and InterMail, at Japanese carriers (ezweb), Netscape and many providers.
pub(in crate::mail::report) static INTERMAIL: Shape = Shape {
    name: "intermail",
    marks: &[
        Mark::Machine,
        Mark::Text(&[
            "this message was undeliverable due to the following reason",
            "each of the following recipients was rejected by a remote",
            "the following recipients did not receive",
            "the user(s) account is",
            "the number of messages in recipient's mailbox",
        ]),
    ],
    below: &[
        "the following recipients did not receive your message:",
        "the following recipients did not receive this message:",
    ],
    behind: &["recipient: <"],
    until: &["please reply to"],
    whole: true,
    ..Shape::NONE
};

/// PowerMTA.
pub(in crate::mail::report) static POWERMTA: Shape = Shape {
    name: "powermta",
    marks: &[Mark::Machine, Mark::Text(&["hello, this is the mail server on"])],
    below: &["as well as the headers of the original message", "list of the affected recipients"],
    lines: Strictness::Loose,
    ..Shape::NONE
};

/// LSMTP, which speaks to LISTSERV.
pub(in crate::mail::report) static LSMTP: Shape = Shape {
    name: "lsmtp",
    marks: &[Mark::Machine, Mark::Text(&["--> error description:"])],
    behind: &["error-for:"],
    until: &["error-end:"],
    ..Shape::NONE
};

/// Dovecot's Sieve: a letter that was refused after delivery.
pub(in crate::mail::report) static SIEVE: Shape = Shape {
    name: "sieve",
    marks: &[
        Mark::Any(&[Mark::Machine, Mark::Field("auto-submitted", "rejected")]),
        Mark::Text(&["was automatically rejected:"]),
    ],
    behind: &["your message to"],
    whole: true,
    ..Shape::NONE
};

/// Cisco's IronPort.
pub(in crate::mail::report) static IRONPORT: Shape = Shape {
    name: "ironport",
    marks: &[Mark::Machine, Mark::Text(&["the reason for the problem:"])],
    behind: &["the following message to"],
    whole: true,
    ..Shape::NONE
};

/// Verizon's gateway to telephones, which names nobody but the letter's own addressee.
pub(in crate::mail::report) static MMSC: Shape = Shape {
    name: "mmsc",
    marks: &[Mark::Machine, Mark::Text(&["message could not be delivered to mobile"])],
    behind: &["to:"],
    above: true,
    ..Shape::NONE
};
