//! The soft bounces of one address, added up: at most one a day counts, half of the sum is forgotten in
//! thirty days, and a letter that arrived begins it anew.

/// Half of a score is forgotten in so many days.
const HALF_LIFE: f64 = 30.0;
/// What one soft bounce adds.
const ONE: i64 = 1_000;
/// What is left of a score below this is forgotten.
const NOTHING: i64 = 500;

/// A score. Days are whole days since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Score {
    /// Thousandths of a soft bounce, as of `last_day`.
    pub thousandths: i64,
    /// The first day of the run.
    pub first_day: i64,
    /// The day of the last soft bounce.
    pub last_day: i64,
}

impl Score {
    /// The score after a soft bounce on `day`, when it was `before`; `None` when another one of that
    /// day, or of a later one, has counted already.
    pub fn add(before: Option<Self>, day: i64) -> Option<Self> {
        let fresh = Self { thousandths: ONE, first_day: day, last_day: day };
        let Some(before) = before else { return Some(fresh) };
        if before.last_day >= day {
            return None;
        }
        let left = before.on(day);
        if left < NOTHING {
            return Some(fresh);
        }
        Some(Self { thousandths: left + ONE, first_day: before.first_day, last_day: day })
    }

    /// What is left of it on `day`, in thousandths.
    pub fn on(self, day: i64) -> i64 {
        let days = (day - self.last_day).max(0);
        #[expect(clippy::cast_precision_loss, reason = "scores and days are far below 2^52")]
        let left = (self.thousandths as f64) * 0.5_f64.powf(days as f64 / HALF_LIFE);
        #[expect(clippy::cast_possible_truncation, reason = "never more than it was")]
        let left = left.round() as i64;
        left
    }

    /// The first day behind `day` on which it would suppress if a letter came back on each day from then
    /// on. `span` is at most ten years.
    pub fn would_suppress_on(self, day: i64, limit: u16, span: i64) -> Option<i64> {
        // A daily one settles at 44: it has got as near as it ever does in a few half-lives.
        let most = span.max(365) + 1;
        let mut score = Some(self);
        (day + 1..=day + most).find(|&next| {
            score = Self::add(score, next).or(score);
            score.is_some_and(|score| score.is_enough(limit, span))
        })
    }

    /// Whether it suppresses, as of its last day: the sum has reached `limit`, and the run has gone on
    /// for `span` days.
    pub fn is_enough(self, limit: u16, span: i64) -> bool {
        self.thousandths >= i64::from(limit) * ONE && self.last_day - self.first_day >= span
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The day on which soft bounces every `every` days suppress, in the first 400.
    fn suppressed_on(every: usize) -> Option<i64> {
        let mut score = None;
        for day in (0..400).step_by(every) {
            score = Score::add(score, day).or(score);
            if score.unwrap().is_enough(4, 10) {
                return Some(day);
            }
        }
        None
    }

    #[test]
    fn what_lasts_suppresses_and_what_passes_does_not() {
        assert_eq!(suppressed_on(1), Some(10), "a daily letter: after the span");
        assert_eq!(suppressed_on(2), Some(10));
        assert_eq!(suppressed_on(7), Some(35), "a weekly one: six in a row");
        assert_eq!(suppressed_on(14), None, "a fortnightly one, at its worst 3.6: never");
        assert_eq!(suppressed_on(30), None);
    }

    #[test]
    fn one_a_day_counts() {
        let first = Score::add(None, 5).unwrap();
        assert_eq!(Score::add(Some(first), 5), None);
        assert_eq!(Score::add(Some(first), 4), None, "a report that comes late");
        assert_eq!(Score::add(Some(first), 6).unwrap().first_day, 5);
    }

    #[test]
    fn it_tells_when_it_would_suppress() {
        let first = Score::add(None, 5).unwrap();
        assert_eq!(first.would_suppress_on(5, 4, 10), Some(15), "the span decides");
        assert_eq!(first.would_suppress_on(5, 4, 0), Some(9), "the sum decides: a little is forgotten");
        assert_eq!(first.would_suppress_on(40, 4, 10), Some(51), "forgotten by then");
        assert_eq!(first.would_suppress_on(5, 60, 10), None, "never so many");
    }

    #[test]
    fn what_is_long_past_is_forgotten() {
        let first = Score::add(None, 0).unwrap();
        assert_eq!(first.on(30), 500);
        assert_eq!(Score::add(Some(first), 30).unwrap().first_day, 0);
        assert_eq!(
            Score::add(Some(first), 31),
            Some(Score { thousandths: 1_000, first_day: 31, last_day: 31 })
        );
    }

    proptest! {
        #[test]
        fn a_score_stays_bounded(days in proptest::collection::vec(0..100_000_i64, 1..200)) {
            let mut score: Option<Score> = None;
            for day in days {
                score = Score::add(score, day).or(score);
                let now = score.unwrap();
                prop_assert!((1_000..=44_000).contains(&now.thousandths) && now.first_day <= now.last_day);
            }
        }
    }
}
