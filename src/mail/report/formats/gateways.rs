//! Filters that stand before mail servers and report in their own words, one table entry each.

use super::listed::Strictness;
use super::marks::Mark;
use super::shape::Shape;
use crate::domain::bounce::BounceReason;

/// MailMarshal: the reason above, the recipients below.
pub(super) static MAILMARSHAL: Shape = Shape {
    name: "mailmarshal",
    marks: &[
        Mark::Machine,
        Mark::Text(&["could not be delivered because of"]),
        Mark::Text(&["the following recipients were affected:"]),
    ],
    below: &["the following recipients were affected:"],
    until: &["additional information"],
    above: true,
    ..Shape::NONE
};

/// Trend Micro's InterScan.
pub(super) static INTERSCAN: Shape = Shape {
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

/// SurfControl.
pub(super) static SURFCONTROL: Shape = Shape {
    name: "surfcontrol",
    marks: &[Mark::Machine, Mark::Text(&["a transcript of the attempts to send the message follows"])],
    behind: &["addressed to:"],
    until: &["--- message non-deliverable"],
    whole: true,
    ..Shape::NONE
};

/// Mimecast.
pub(super) static MIMECAST: Shape = Shape {
    name: "mimecast",
    marks: &[
        Mark::Any(&[Mark::Field("x-mimecast-originator", ""), Mark::Field("x-mc-system", ""), Mark::Machine]),
        Mark::Text(&[
            "an email that you attempted to send to the following address",
            "this is a delivery failure notification message indicating that",
        ]),
    ],
    below: &[
        "to the following address could not be delivered:",
        "an email you addressed to email address :",
        "an email you addressed to email address:",
    ],
    until: &["if you sent the email to multiple", "this condition occurred"],
    whole: true,
    ..Shape::NONE
};

/// MailFoundry.
pub(super) static MAILFOUNDRY: Shape = Shape {
    name: "mailfoundry",
    marks: &[Mark::Machine, Mark::Text(&["delivery failed for the following reason:"])],
    behind: &["unable to deliver message to:"],
    until: &["this has been a permanent failure"],
    whole: true,
    lines: Strictness::Loose,
    ..Shape::NONE
};
