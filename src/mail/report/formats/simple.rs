//! Systems whose name nobody knows, and those with a few words of their own: a machine that delivers
//! mail says that it could not, and then to whom. What counts is that sender, and an address right
//! where such a sentence puts it.

use super::super::failure::Found;
use super::super::view::View;
use super::marks::Mark;
use super::shape::Shape;

/// Sentences of that kind.
static SIMPLE: Shape = Shape {
    name: "simple",
    marks: &[Mark::Machine],
    below: &[
        "the following recipients did not receive this message:",
        "the following recipients did not receive your message:",
        "could not be delivered to the following recipients:",
        "could not be delivered to the following recipient:",
        "could not be delivered to the following recipient(s):",
        "could not be delivered to the following address:",
        "could not be delivered to the following addresses:",
        "could not be delivered to the following address(es):",
        "could not be delivered to the following user:",
        "a message could not be delivered to:",
        "message could not be delivered to:",
        "was not delivered to:",
        "was not delivered to the following recipients:",
        "was not delivered to the following recipient:",
        "was not delivered to the following address:",
        "not delivered to the following:",
        "cannot be delivered to the following recipients:",
        "cannot be delivered to the following address(es):",
        "could not deliver message to the following recipient(s):",
        "unable to deliver your message to the following recipient:",
        "unable to deliver your message to the following recipients:",
        "unable to deliver your message to the following address:",
        "unable to deliver your message to the following addresses:",
        "unable to deliver message to the following address(es).",
        "unable to deliver to the following recipients:",
        "unable to deliver your mail to:",
        "able to deliver your message to the following address(es):",
        "the following recipient(s) could not be reached:",
        "the following addresses failed:",
        "the following address failed:",
        "following addresses not found:",
        "here is your list of failed recipients",
        "failed recipients ------",
        "failed recipients:",
        "undelivered recipients:",
        "delivery of email to this address",
        "problem delivering your message to the following recipients:",
        "problem delivering mail to the following recipients:",
    ],
    behind: &[
        "failed recipient:",
        "intended recipient:",
        "undeliverable address:",
        "undeliverable to:",
        "mailbox is full:",
        "could not be delivered to",
        "couldn't be delivered to",
        "cannot be delivered to",
        "was not delivered to",
        "unable to deliver message to",
        "unable to deliver your message to",
        "unable to deliver mail to",
        "unable to deliver to",
        "problem delivering your message to",
        "problem delivering mail to",
        "error delivering your mail to",
        "delivery failed:",
        "delivery failed to:",
        "delivery failed for:",
        "rejected recipient",
        "your message was addressed,",
    ],
    until: &["-- the header"],
    whole: true,
    ..Shape::NONE
};

/// A sentence that names the recipient before it says what became of the letter: that has to be said
/// too, as answers begin like that.
static NAMED_FIRST: Shape = Shape {
    marks: &[
        Mark::Machine,
        Mark::Text(&[
            "has not yet been delivered",
            "has not been delivered",
            "was not delivered",
            "could not be delivered",
            "cannot be delivered",
            "has been delayed",
            "is undeliverable",
        ]),
    ],
    below: &["your message to:", "your mail to:"],
    behind: &[],
    ..SIMPLE
};

/// Reads such a report.
pub(super) fn read(view: &View) -> Option<Found> {
    SIMPLE.read(view).or_else(|| NAMED_FIRST.read(view))
}
