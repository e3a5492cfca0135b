//! Systems of Japan, one table entry each.

use super::super::marks::Mark;
use super::super::shape::Shape;
use crate::domain::bounce::BounceReason;

/// KDDI.
pub(in crate::mail::report) static KDDI: Shape = Shape {
    name: "kddi",
    marks: &[Mark::Text(&["your mail sent on:", "your mail attempted to be delivered on:"])],
    behind: &["could not be delivered to:"],
    whole: true,
    ..Shape::NONE
};

/// m-FILTER.
pub(in crate::mail::report) static MFILTER: Shape = Shape {
    name: "m-filter",
    marks: &[Mark::Field("x-mailer", "m-filter")],
    below: &["以下のメールアドレスへの送信に失敗しました"],
    until: &["-------smtp command", "-------original"],
    whole: true,
    ..Shape::NONE
};

/// FML, which keeps mailing lists: a list that does not take our letter.
pub(in crate::mail::report) static FML: Shape = Shape {
    name: "fml",
    marks: &[
        Mark::Field("x-mlserver", "fml"),
        Mark::Text(&["not a member of this mailing list", "duplicated message-id in", "loop alert"]),
    ],
    behind: &["member of this mailing list", "duplicated message-id in"],
    until: &["original mail"],
    whole: true,
    reason: Some(BounceReason::Policy),
    ..Shape::NONE
};
