//! Systems that put another's report into one of their own, as virus filters and some providers do:
//! theirs names nobody, and the letter that came back is the report.

use super::super::dsn;
use super::super::failure::Found;
use super::super::view::{Returned, View};
use super::marks::Mark;
use super::{FORMATS, NAMED_LAST};

/// The rule's name.
pub(super) const RULE: &str = "wrapped";

/// Reads the report within a report.
pub(super) fn read(view: &View) -> Option<Found> {
    if !Mark::Machine.holds(view) {
        return None;
    }
    let inner = view.returned.iter().find_map(|returned| inner(view, returned))?;
    let found = dsn::read(&inner).or_else(|| {
        let forms = FORMATS.iter().filter(|form| form.name != RULE && !NAMED_LAST.contains(&form.name));
        forms.into_iter().find_map(|form| (form.read)(&inner))
    })?;
    if found.recipients.is_empty() {
        return None;
    }
    let mut wrapped = Found { rule: RULE, evidence: Vec::new(), ..found };
    wrapped.saw_field(view, "subject", "kind");
    Some(wrapped)
}

/// What came back, if it is from a machine that delivers mail.
fn inner(view: &View, returned: &Returned) -> Option<View> {
    let text = &view.parts.get(returned.part)?.text;
    let above = usize::try_from(returned.line).ok()?.saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(above).map(str::len).sum();
    let inner = View::new(text.get(start..)?.as_bytes());
    (inner.header.has("from") && Mark::Machine.holds(&inner)).then_some(inner)
}
