//! Further servers of the Unix world that have a form of their own, one table entry each.

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
