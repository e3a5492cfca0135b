//! Exim, and what was built on it: Mail.Ru, GMX and 1&1, MX Logic, and many hosters.

use super::super::marks::Mark;
use super::super::shape::{Otherwise, Shape};

/// Exim: recipients a little indented, what is said of them further. A pipe or a file that failed
/// stands in place of the recipient; then the header names who it is.
pub(in crate::mail::report) static EXIM: Shape = Shape {
    name: "exim",
    marks: &[
        Mark::Machine,
        Mark::Text(&[
            "was created automatically by mail delivery",
            "was created automatically by the smtp relay",
            "a message that you sent could not be delivered to",
            "a message that you sent contained one or more recipient addresses that were incorrectly",
            "a message that you sent was rejected by the local scanning code",
            "has been frozen",
        ]),
    ],
    below: &[
        "following address(es) failed:",
        "following addresses failed:",
        "following address failed:",
        "address to which the message has not yet been delivered is:",
        "addresses to which the message has not yet been delivered are:",
        "following address(es) have yet to be delivered:",
        "following addresses have yet to be delivered:",
        "addresses that were incorrectly constructed:",
        "one or more of its recipients. this is a permanent error.",
    ],
    behind: &["following message, addressed to", "no longer be delivered to:"],
    until: &[
        "------ this is a copy",
        "--- the header of the original",
        "included is a copy",
        "no action is required",
    ],
    otherwise: Otherwise::Nobody,
    ..Shape::NONE
};

/// Zoho: Exim's introduction, then recipients with what is said on the same line.
pub(in crate::mail::report) static ZOHO: Shape = Shape {
    name: "zoho",
    marks: &[
        Mark::Any(&[
            Mark::From(&["zoho"]),
            Mark::Field("x-mailer", "zoho"),
            Mark::Field("user-agent", "zoho"),
        ]),
        Mark::Text(&["this message was created automatically by mail delivery"]),
    ],
    below: &["this is a permanent error."],
    behind: &["status: error, address:", "status: failed, address:", "address: <"],
    lines: super::super::listed::Strictness::Loose,
    ..Shape::NONE
};
