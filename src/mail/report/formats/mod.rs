//! The private forms in which single mail systems report failure, one recogniser each.

use super::failure::Found;
use super::view::View;

/// A form that one mail system has for its reports.
pub(super) struct Format {
    /// Its name, which is also the rule that a report understood by it bears.
    pub name: &'static str,
    /// Reads a report of this form; `None` where it is none.
    pub read: fn(&View) -> Option<Found>,
}

/// All forms, in the order in which they are tried. The first that finds something is believed.
pub(super) static FORMATS: &[Format] = &[];
