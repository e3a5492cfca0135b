//! Further servers of companies, one table entry each.

use super::super::marks::Mark;
use super::super::shape::Shape;
use crate::domain::bounce::BounceReason;

/// Lotus Domino.
pub(in crate::mail::report) static DOMINO: Shape = Shape {
    name: "domino",
    marks: &[Mark::Machine, Mark::Text(&["was not delivered to:"]), Mark::Text(&["because:"])],
    below: &["was not delivered to:"],
    ..Shape::NONE
};

/// The SMTP agent of Lotus Notes before Domino: the reason stands above the recipient.
pub(in crate::mail::report) static NOTES: Shape = Shape {
    name: "notes",
    marks: &[Mark::Machine, Mark::Text(&["failure reasons --"])],
    below: &["failure reasons --------"],
    until: &["-------"],
    ..Shape::NONE
};

/// Novell GroupWise.
pub(in crate::mail::report) static GROUPWISE: Shape = Shape {
    name: "groupwise",
    marks: &[Mark::Machine, Mark::Text(&["the message that you sent was undeliverable to the following:"])],
    below: &["was undeliverable to the following:"],
    ..Shape::NONE
};

/// Ipswitch IMail: one line says what happened, and to whom.
pub(in crate::mail::report) static IMAIL: Shape = Shape {
    name: "imail",
    marks: &[Mark::Field("x-mailer", "<smtp32 ")],
    behind: &[
        "undeliverable to",
        "attempts:",
        "userid:",
        "user mailbox exceeds allowed size:",
        "unknown user:",
        "unknown host:",
        "invalid user:",
    ],
    until: &["original message follows"],
    whole: true,
    ..Shape::NONE
};

/// Trend Micro's InterScan.
pub(in crate::mail::report) static INTERSCAN: Shape = Shape {
    name: "interscan",
    marks: &[
        Mark::Machine,
        Mark::Any(&[Mark::Text(&["message from interscan"]), Mark::From(&["interscan"])]),
    ],
    behind: &["unable to deliver message to", "rcpt to:"],
    until: &["****"],
    whole: true,
    says: &[("please check if address is correct", BounceReason::UserUnknown)],
    ..Shape::NONE
};
