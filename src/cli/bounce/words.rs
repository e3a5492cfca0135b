//! Reports in words, for people.

use crate::domain::bounce::Effect;
use crate::store::reports::Shown;

/// `hard, user unknown, 5.1.1`.
pub fn kind_and_reason(report: &Shown) -> String {
    let Some(kind) = report.kind else { return "not looked at yet".to_owned() };
    let reason = report.reason.map(|reason| reason.as_str().replace('_', " "));
    let parts = [Some(kind.as_str().replace('-', " ")), reason, report.status.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What a report came to.
pub const fn effect(effect: Option<Effect>) -> &'static str {
    let Some(effect) = effect else { return "waits to be looked at" };
    match effect {
        Effect::Nothing => "asks for nothing",
        Effect::SuppressedHard => "the address was suppressed",
        Effect::Doubtful => "not suppressed: so many of its edition bounced that the fault looks like ours",
        Effect::CountedSoft => "counted as a soft bounce",
        Effect::SameDay => "not counted: another one of that day was",
        Effect::SuppressedSoft => "one soft bounce too many: the address was suppressed",
        Effect::Ours => "the fault is ours: nothing is held against the reader",
        Effect::SuppressedComplaint => "the subscription ended, and the address was suppressed",
        Effect::Left => "the subscription ended",
        Effect::NotSubscribed => "there was no subscription to end",
        Effect::Repeated => "changed nothing: the same was reported before",
        Effect::Unattributed => "changed nothing: it leads to no letter of ours",
        Effect::SomebodyElse => "changed nothing: it speaks of somebody else than the letter's reader",
        Effect::Unproven => "changed nothing: anybody could have written it",
        Effect::Stale => "changed nothing: its letter is of another time",
        Effect::NotDelivered => "changed nothing: its letter was never out, or had ended otherwise",
        Effect::Erased => "changed nothing: the subscriber is erased",
        Effect::Failed => "it could not be processed: the log says why",
    }
}
