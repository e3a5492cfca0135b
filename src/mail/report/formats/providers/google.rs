//! Google: Gmail before it wrote report parts, and Google Groups.

use super::super::marks::Mark;
use super::super::shape::{Otherwise, Shape, failed_recipients};
use crate::domain::bounce::BounceReason;
use crate::mail::report::failure::Found;
use crate::mail::report::view::View;

/// Gmail.
pub(in crate::mail::report) static GMAIL: Shape = Shape {
    name: "gmail",
    marks: &[Mark::From(&["googlemail.com", "google.com", "gmail.com"]), Mark::Machine],
    below: &[
        "delivery to the following recipient failed permanently:",
        "delivery to the following recipients failed permanently:",
        "delivery to the following recipient has been delayed:",
        "delivery to the following recipients has been delayed:",
    ],
    until: &["----- "],
    whole: true,
    otherwise: Otherwise::Field,
    ..Shape::NONE
};

/// Google Groups, in any language: a group that does not exist or takes nothing from us.
pub(in crate::mail::report) fn groups(view: &View) -> Option<Found> {
    let from_google = Mark::From(&["googlemail.com", "google.com"]).holds(view);
    if !from_google || !Mark::Text(&["groups.google.com/support"]).holds(view) {
        return None;
    }
    let mut found = Found::new("google-groups");
    // Which of the two it is, it does not tell.
    found.reason = Some(BounceReason::Policy);
    failed_recipients(view, &mut found);
    (!found.recipients.is_empty()).then_some(found)
}
