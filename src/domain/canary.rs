//! The judgement on a canary: the few letters that go out before the rest.

use chrono::{DateTime, TimeDelta, Utc};

use super::setback::Setback;

/// How the letters of a canary did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Letters that were tried at least once.
    pub attempted: u64,
    /// Of them, letters that were taken and that nobody complained about.
    pub accepted: u64,
    /// Of them, letters that bounced, were rejected, or were complained about.
    pub failed: u64,
    /// Of them, letters that wait for another attempt.
    pub deferred: u64,
    /// What was answered most often to those that bounced or were rejected.
    pub reply: Option<String>,
}

/// What a canary says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The rest may follow.
    Pass,
    /// The run pauses.
    Fail(Setback),
    /// Nothing yet.
    Wait,
}

impl Tally {
    /// The judgement once the wait is over. `too_many` says whether so many failures of so many
    /// attempts are more than may be; `seeds`, whether the canary has named addresses, of which at
    /// least one must have got it. A canary of which nobody is left holds up nothing.
    ///
    /// Where nothing was accepted and some wait for another attempt, it has said nothing yet: the
    /// rest would be put off as well.
    pub fn verdict(&self, too_many: impl FnOnce(u64, u64) -> bool, seeds: bool) -> Verdict {
        if self.attempted == 0 {
            return if seeds { Verdict::Fail(Setback::NoSeeds) } else { Verdict::Pass };
        }
        if too_many(self.failed, self.attempted) {
            return Verdict::Fail(self.failure());
        }
        if self.accepted == 0 && self.deferred > 0 { Verdict::Wait } else { Verdict::Pass }
    }

    fn failure(&self) -> Setback {
        Setback::CanaryFailed { failed: self.failed, of: self.attempted, reply: self.reply.clone() }
    }
}

/// When a canary that has said nothing yet is looked at again: a moment after its next attempt.
pub fn next_look(next_retry: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
    const MOMENT: TimeDelta = TimeDelta::seconds(30);
    next_retry.map_or(now, |retry| retry.max(now)) + MOMENT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(attempted: u64, accepted: u64, failed: u64, deferred: u64) -> Tally {
        Tally { attempted, accepted, failed, deferred, reply: Some("550 5.7.1 spam".to_owned()) }
    }

    /// More than one in fifty.
    fn too_many(failed: u64, of: u64) -> bool {
        failed * 50 > of
    }

    #[test]
    fn a_share_that_is_just_allowed_passes_and_one_more_fails() {
        assert_eq!(tally(100, 98, 2, 0).verdict(too_many, false), Verdict::Pass);
        let why = Setback::CanaryFailed { failed: 3, of: 100, reply: Some("550 5.7.1 spam".to_owned()) };
        assert_eq!(tally(100, 97, 3, 0).verdict(too_many, false), Verdict::Fail(why));
    }

    #[test]
    fn what_is_only_put_off_has_said_nothing() {
        assert_eq!(tally(10, 0, 0, 10).verdict(too_many, false), Verdict::Wait);
        assert_eq!(tally(10, 1, 0, 9).verdict(too_many, false), Verdict::Pass);
        assert!(matches!(tally(10, 0, 1, 9).verdict(too_many, false), Verdict::Fail(_)));
        // Nobody knows what became of the one letter: no reason to wait for ever.
        assert_eq!(tally(1, 0, 0, 0).verdict(too_many, false), Verdict::Pass);
    }

    #[test]
    fn nobody_left_holds_up_nothing_but_seeds_are_missed() {
        assert_eq!(Tally::default().verdict(too_many, false), Verdict::Pass);
        assert_eq!(Tally::default().verdict(too_many, true), Verdict::Fail(Setback::NoSeeds));
    }

    #[test]
    fn the_next_look_follows_the_next_attempt() {
        let now: DateTime<Utc> = "2026-11-25T08:00:00Z".parse().unwrap();
        let at = |seconds| now + TimeDelta::seconds(seconds);
        assert_eq!(next_look(Some(at(300)), now), at(330));
        assert_eq!(next_look(Some(at(-300)), now), at(30));
        assert_eq!(next_look(None, now), at(30));
    }
}
