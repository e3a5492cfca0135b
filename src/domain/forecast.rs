//! When a run will be done, from how it went lately. A forecast is made of what was seen, and
//! where nothing moves it says that nobody knows.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Letters that wait for their first attempt, or are on their way.
    pub waiting: u64,
    /// Letters that were refused for now and wait for their next attempt.
    pub deferred: u64,
    /// Letters that have ended, well or not.
    pub ended: u64,
    /// When the next of the deferred letters is due.
    pub next_retry: Option<DateTime<Utc>>,
}

impl Standing {
    /// How many letters there are.
    pub const fn audience(&self) -> u64 {
        self.waiting.saturating_add(self.deferred).saturating_add(self.ended)
    }

    /// Whether the deferred letters are so many that they are part of the run. A few are always
    /// deferred, by greylisting or a full mailbox: their receivers are not ready, and no run is
    /// late for it. More than a hundredth of the audience is something else: a receiver that
    /// slows us down.
    const fn deferred_count(&self) -> bool {
        self.deferred.saturating_mul(100) > self.audience()
    }

    /// Letters that are still to be done before the run counts as done.
    const fn remaining(&self) -> u64 {
        if self.deferred_count() { self.waiting.saturating_add(self.deferred) } else { self.waiting }
    }
}

/// When a run will be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "forecast", content = "done_at")]
pub enum Forecast {
    /// It is done, but for a few letters that wait for their next attempt.
    Done,
    /// About then, if it goes on as it went lately.
    About(DateTime<Utc>),
    /// Nobody knows: too little was seen yet, or nothing moves.
    Unknown,
}

/// Whether a run keeps the time that is set for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// It does, or it will if it goes on so.
    Yes,
    /// It will not, or it has not. When it will be done instead, if anybody knows.
    No(Option<DateTime<Utc>>),
    /// Nobody knows yet.
    Unknown,
}

impl Forecast {
    /// Whether a run with this forecast, made at `now`, is done by `due`.
    pub fn keeps(self, due: DateTime<Utc>, now: DateTime<Utc>) -> Keeps {
        match self {
            Self::Done => Keeps::Yes,
            Self::About(at) if at > due => Keeps::No(Some(at)),
            Self::About(_) => Keeps::Yes,
            Self::Unknown if now > due => Keeps::No(None),
            Self::Unknown => Keeps::Unknown,
        }
    }
}

/// For so long nobody needs to have looked, and it is still the same run of things.
const UNSEEN: TimeDelta = TimeDelta::minutes(2);

/// What was seen of a run lately.
#[derive(Clone, Debug)]
pub struct Recent {
    span: TimeDelta,
    samples: VecDeque<(DateTime<Utc>, Standing)>,
}

impl Recent {
    /// Remembers about the last `span`.
    pub const fn new(span: TimeDelta) -> Self {
        Self { span, samples: VecDeque::new() }
    }

    /// The instant that was looked at last.
    pub fn last(&self) -> Option<DateTime<Utc>> {
        self.samples.back().map(|(at, _)| *at)
    }

    /// Adds how things stand at `at`. A clock that went back, or a long time in which nobody looked
    /// (a jump of the clock, a machine that slept, a pause), begins anew: no rate is made of that.
    pub fn add(&mut self, at: DateTime<Utc>, standing: Standing) {
        let unseen = (self.span * 2).max(UNSEEN);
        if self.last().is_some_and(|last| at < last || at - last > unseen) {
            self.samples.clear();
        }
        // A retry sends again what had ended.
        if self.samples.back().is_some_and(|(_, before)| standing.ended < before.ended) {
            self.samples.clear();
        }
        self.samples.push_back((at, standing));
        // One sample older than the span stays: it is where the span begins.
        while self.samples.get(1).is_some_and(|(second, _)| at - *second >= self.span) {
            self.samples.pop_front();
        }
    }

    /// Letters a second that left the queue lately, deferred ones among them; `None` before there
    /// are two looks at least a second apart.
    pub fn rate(&self) -> Option<f64> {
        self.rate_of(|standing| standing.ended.saturating_add(standing.deferred))
    }

    fn rate_of(&self, done: impl Fn(&Standing) -> u64) -> Option<f64> {
        let (first, last) = (self.samples.front()?, self.samples.back()?);
        let milliseconds = (last.0 - first.0).num_milliseconds();
        if milliseconds < 1_000 {
            return None;
        }
        // A deferred letter that is on its way again makes this smaller for a while.
        let letters = done(&last.1).saturating_sub(done(&first.1));
        #[expect(clippy::cast_precision_loss, reason = "letters and milliseconds are far below 2^52")]
        Some(letters as f64 * 1_000.0 / milliseconds as f64)
    }

    /// When the run will be done.
    pub fn forecast(&self) -> Forecast {
        let Some((at, standing)) = self.samples.back() else { return Forecast::Unknown };
        let remaining = standing.remaining();
        if remaining == 0 {
            return Forecast::Done;
        }
        let rate = if standing.deferred_count() { self.rate_of(|seen| seen.ended) } else { self.rate() };
        let Some(rate) = rate.filter(|rate| *rate > 0.0) else { return Forecast::Unknown };
        #[expect(clippy::cast_precision_loss, reason = "an audience is far below 2^52")]
        let seconds = remaining as f64 / rate;
        // What takes longer than any edition lives is no forecast.
        if seconds > 31.0 * 86_400.0 {
            return Forecast::Unknown;
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most a month in milliseconds")]
        let pace = *at + TimeDelta::milliseconds((seconds * 1_000.0) as i64);
        let retry = standing.next_retry.filter(|_| standing.deferred_count());
        Forecast::About(retry.map_or(pace, |retry| pace.max(retry)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn standing(waiting: u64, deferred: u64, ended: u64) -> Standing {
        let next_retry = (deferred > 0).then(|| at(3_600));
        Standing { waiting, deferred, ended, next_retry }
    }

    fn seen(samples: &[(i64, Standing)]) -> Recent {
        let mut recent = Recent::new(TimeDelta::seconds(60));
        for (seconds, standing) in samples {
            recent.add(at(*seconds), *standing);
        }
        recent
    }

    #[test]
    fn it_goes_on_as_it_went_lately() {
        // 50 a second at first, 10 a second in the last minute: only that counts.
        let recent = seen(&[
            (0, standing(10_000, 0, 0)),
            (60, standing(7_000, 0, 3_000)),
            (120, standing(6_400, 0, 3_600)),
        ]);
        assert_eq!(recent.rate(), Some(10.0));
        assert_eq!(recent.forecast(), Forecast::About(at(120 + 640)));
    }

    #[test]
    fn where_nothing_moves_or_little_was_seen_nobody_knows() {
        assert_eq!(seen(&[]).forecast(), Forecast::Unknown);
        assert_eq!(seen(&[(0, standing(10, 0, 0))]).forecast(), Forecast::Unknown);
        let still = seen(&[(0, standing(10, 0, 5)), (30, standing(10, 0, 5))]);
        assert_eq!((still.rate(), still.forecast()), (Some(0.0), Forecast::Unknown));
        // One letter in a minute, and a million to go: no date two years from now.
        let crawling = seen(&[(0, standing(1_000_000, 0, 0)), (60, standing(999_999, 0, 1))]);
        assert_eq!(crawling.forecast(), Forecast::Unknown);
    }

    #[test]
    fn a_few_that_are_deferred_hold_up_no_run_and_many_do() {
        let few = seen(&[(0, standing(100, 0, 0)), (10, standing(0, 1, 99))]);
        assert_eq!(few.forecast(), Forecast::Done);
        // A receiver that slows us down: every second letter is to wait.
        let many = seen(&[(0, standing(1_000, 0, 0)), (10, standing(800, 100, 100))]);
        assert_eq!(many.rate(), Some(20.0), "both left the queue");
        assert_eq!(many.forecast(), Forecast::About(at(3_600)), "not before the next retry");
        let slow = seen(&[(0, standing(100_000, 0, 0)), (10, standing(99_800, 1_100, 100))]);
        assert_eq!(slow.forecast(), Forecast::About(at(10 + 10_090)), "and at the pace of what ends");
    }

    #[test]
    fn a_clock_that_jumps_makes_no_rate() {
        for jump in [3_600, -3_600] {
            let mut recent = seen(&[(0, standing(1_000, 0, 0)), (30, standing(700, 0, 300))]);
            recent.add(at(60 + jump), standing(400, 0, 600));
            assert_eq!((recent.rate(), recent.forecast()), (None, Forecast::Unknown), "{jump}");
            recent.add(at(90 + jump), standing(100, 0, 900));
            assert_eq!(recent.rate(), Some(10.0), "{jump}");
        }
    }

    #[test]
    fn a_time_that_is_set_is_kept_or_not() {
        let due = at(100);
        assert_eq!(Forecast::Done.keeps(due, at(200)), Keeps::Yes);
        assert_eq!(Forecast::About(at(100)).keeps(due, at(50)), Keeps::Yes);
        assert_eq!(Forecast::About(at(101)).keeps(due, at(50)), Keeps::No(Some(at(101))));
        assert_eq!(Forecast::Unknown.keeps(due, at(100)), Keeps::Unknown);
        assert_eq!(Forecast::Unknown.keeps(due, at(101)), Keeps::No(None));
    }

    proptest! {
        #[test]
        fn a_forecast_is_never_past_and_samples_stay_few(
            steps in prop::collection::vec((0_i64..200, 0_u64..5_000, 0_u64..500), 1..200),
        ) {
            let mut recent = Recent::new(TimeDelta::seconds(60));
            let (mut now, mut left, mut ended) = (0, 200_000_u64, 0);
            for (pause, sent, deferred) in steps {
                now += pause;
                let sent = sent.min(left);
                left -= sent;
                ended += sent;
                recent.add(at(now), Standing { waiting: left, deferred, ended, next_retry: None });
                if let Forecast::About(done) = recent.forecast() {
                    prop_assert!(done >= at(now));
                }
                let spread = recent.samples.iter().filter(|(seen, _)| at(now) - *seen >= TimeDelta::seconds(60)).count();
                prop_assert!(spread <= 1);
            }
        }
    }
}
