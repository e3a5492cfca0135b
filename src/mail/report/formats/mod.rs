//! The private forms in which single mail systems report failure, one recogniser each.
//!
//! Most are entries of a table (`shape`): what marks the system, which words open its list of
//! recipients, and how that goes on. Those that need more have a function. Each wants the system's own
//! marks, so that what a person writes about a failure is none.

mod houses;
mod listed;
mod marks;
mod providers;
mod shape;
mod simple;
#[cfg(test)]
mod tests;
mod unix;

use super::failure::Found;
use super::view::View;
use houses::{exchange, others as house};
use providers::{bare, google, japan, sns};
use unix::{exim, others as server, paragraphs, sendmail};

/// A form that one mail system has for its reports.
pub(super) struct Format {
    /// Its name, which is also the rule that a report understood by it bears.
    pub name: &'static str,
    /// Reads a report of this form; `None` where it is none.
    pub read: fn(&View) -> Option<Found>,
}

/// A form that is an entry of the table.
macro_rules! shape {
    ($shape:path) => {
        Format { name: $shape.name, read: |view| $shape.read(view) }
    };
}

/// A form that has a function.
const fn code(name: &'static str, read: fn(&View) -> Option<Found>) -> Format {
    Format { name, read }
}

/// All forms, in the order in which they are tried. The first that finds something is believed: those
/// with a mark that no other has come first, the sentences of anybody last.
pub(super) static FORMATS: &[Format] = &[
    code("sns", sns::read),
    code("google-groups", google::groups),
    shape!(google::GMAIL),
    shape!(house::IMAIL),
    shape!(japan::MFILTER),
    shape!(japan::FML),
    shape!(exim::ZOHO),
    code("bare-names", bare::read),
    code("qmail", paragraphs::qmail),
    shape!(paragraphs::YAHOO),
    shape!(paragraphs::POSTFIX),
    shape!(server::DRAGONFLY),
    shape!(server::OPENSMTPD),
    shape!(server::SIEVE),
    shape!(exchange::EXCHANGE_2003),
    code("exchange-2007", exchange::exchange_2007),
    shape!(exchange::SMTPSVC),
    shape!(house::DOMINO),
    shape!(house::NOTES),
    shape!(house::GROUPWISE),
    shape!(house::INTERSCAN),
    shape!(japan::KDDI),
    code("sendmail", sendmail::read),
    shape!(server::INTERMAIL),
    shape!(exim::EXIM),
    shape!(paragraphs::PARAGRAPHS),
    code("simple", simple::read),
];
