//! Reports in paragraphs that begin with `<address>:`: qmail's form (cr.yp.to/proto/qsbmf.txt), which
//! Yahoo, Courier and many hosters took over, and Postfix's, where what is said follows on the line.

use super::super::listed::Strictness;
use super::super::marks::Mark;
use super::super::shape::Shape;
use crate::domain::bounce::BounceReason;
use crate::mail::report::failure::Found;
use crate::mail::report::view::View;

/// qmail, whose reports begin with `Hi. This is the`, and its relatives.
static QMAIL: Shape = Shape {
    name: "qmail",
    marks: &[
        Mark::Machine,
        Mark::Text(&[
            "hi. this is the",
            "wasn't able to deliver your message to the following addresses",
            "this is a permanent error; i've given up",
        ]),
    ],
    below: &["hi. this is the", "to the following addresses", "this is a permanent error"],
    until: &["--- below this line", "--- enclosed is a copy", "---below this line"],
    lines: Strictness::Paragraph,
    ..Shape::NONE
};

/// qmail's form where it names nobody but in a line of its own: `To: nina@example.org`.
static QMAIL_BARE: Shape = Shape { below: &[], behind: &["to:"], whole: true, ..QMAIL };

/// Yahoo, also for the domains of others.
pub(in crate::mail::report) static YAHOO: Shape = Shape {
    name: "yahoo",
    marks: &[
        Mark::Machine,
        Mark::Text(&[
            "unable to deliver message to the following address(es)",
            "sorry, we were unable to deliver your message to the following address",
        ]),
    ],
    below: &["message to the following address"],
    until: &["--- original message follows", "--- below this line", "---------- forwarded message"],
    lines: Strictness::Paragraph,
    // Said after the letter was taken, of accounts that refuse it too.
    says: &[("this user doesn't have a", BounceReason::Filtered)],
    ..Shape::NONE
};

/// Postfix before 2.3, or whose report parts were lost on the way.
pub(in crate::mail::report) static POSTFIX: Shape = Shape {
    name: "postfix",
    marks: &[
        Mark::Machine,
        Mark::Text(&[
            "program at host",
            "this is the mail system at host",
            "this is the postfix program",
            "could not be delivered to one or more destinations",
            "could not be delivered to one or more recipients. it's attached below",
        ]),
    ],
    below: &[
        "the mail system",
        "delete your own text from the message returned below",
        "delete your own text from the attached returned message",
    ],
    until: &["reporting-mta:", "--"],
    lines: Strictness::Paragraph,
    ..Shape::NONE
};

/// Hosters that wrote an introduction of their own above qmail's paragraphs.
pub(in crate::mail::report) static PARAGRAPHS: Shape = Shape {
    name: "paragraphs",
    marks: &[
        Mark::Machine,
        Mark::Text(&[
            "your mail was not delivered to the following address",
            "able to deliver your message to the following address",
            "the following address(es) could not be delivered",
            "your message could not be delivered",
            "there's a problem with the e-mail address",
            "message could not be delivered to the following",
            "no pudo ser entregado",
        ]),
    ],
    below: &[
        "not delivered to",
        "able to deliver",
        "could not be delivered",
        "problem with the e-mail address",
        "no pudo ser entregado",
    ],
    until: &["---"],
    lines: Strictness::Paragraph,
    ..Shape::NONE
};

/// Reads qmail's.
pub(in crate::mail::report) fn qmail(view: &View) -> Option<Found> {
    QMAIL.read(view).or_else(|| QMAIL_BARE.read(view))
}
