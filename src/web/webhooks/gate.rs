//! How many calls are read in a second, and how many refusals are told.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

/// Calls in a second, of all webhooks together. The largest sender's provider makes fewer, as it puts
/// events together; checking this many signatures takes a small part of one processor.
const CALLS_PER_SECOND: u32 = 200;

/// Lets so many calls pass in a second, and no more.
pub(super) struct Gate(Mutex<(i64, u32)>);

impl Gate {
    pub(super) const fn new() -> Self {
        Self(Mutex::new((0, 0)))
    }

    pub(super) fn admits(&self, now: DateTime<Utc>) -> bool {
        let mut passed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if passed.0 != now.timestamp() {
            *passed = (now.timestamp(), 0);
        }
        passed.1 = passed.1.saturating_add(1);
        passed.1 <= CALLS_PER_SECOND
    }
}

/// Says when a refusal may be told again: once a minute for each webhook, so that a stranger cannot
/// fill the log.
pub(super) struct Quiet(Vec<AtomicI64>);

impl Quiet {
    pub(super) fn new(webhooks: usize) -> Self {
        Self((0..webhooks).map(|_| AtomicI64::new(i64::MIN)).collect())
    }

    pub(super) fn may_tell(&self, webhook: usize, now: DateTime<Utc>) -> bool {
        let minute = now.timestamp().div_euclid(60);
        self.0.get(webhook).is_some_and(|told| told.swap(minute, Ordering::Relaxed) != minute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_room_for_so_many_calls() {
        let gate = Gate::new();
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let passed = (0..1000).filter(|_| gate.admits(at(1))).count();
        assert_eq!(passed, usize::try_from(CALLS_PER_SECOND).unwrap());
        assert!(gate.admits(at(2)) && gate.admits(at(2)));
    }

    #[test]
    fn refusals_are_told_once_a_minute() {
        let quiet = Quiet::new(2);
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        assert_eq!([0, 59, 60, 61].map(|second| quiet.may_tell(0, at(second))), [true, false, true, false]);
        assert!(quiet.may_tell(1, at(61)) && !quiet.may_tell(2, at(61)));
    }
}
