//! Reads added up per page: hour by hour, within the window, in whole thousandths of a visitor.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::article_key::path_of;
use crate::domain::reads::ReadCount;

const HOUR_S: i128 = 3_600;
/// More people than can read one page; larger counts are taken for this many, which keeps every sum
/// and product below in range.
const MOST: i64 = 10_000_000_000;
/// Counts are kept in thousandths, since a span may lie partly in the window.
const THOUSANDTHS: i128 = 1_000;
/// Weights are whole millionths: rounded once, before anything is added, so that sums are exact.
const WEIGHT: f64 = 1_000_000.0;

/// The reads of some pages in the window.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Visitors by the hour's number since 1970, from spans of an hour or less.
    hours: BTreeMap<i128, i128>,
    /// Visitors from longer spans, as far as they lie in the window.
    days: i128,
    /// Views by hour.
    views: BTreeMap<i128, i128>,
    /// Visitors by hour in the last quarter of the window, and in the quarter before.
    lately: i128,
    before: i128,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        for (hour, visitors) in &other.hours {
            *self.hours.entry(*hour).or_default() += visitors;
        }
        for (hour, views) in &other.views {
            *self.views.entry(*hour).or_default() += views;
        }
        self.days += other.days;
        self.lately += other.lately;
        self.before += other.before;
    }

    fn add_read(&mut self, read: &ReadCount, window_s: i128, at_s: i128) {
        let start = i128::from(read.start_at.timestamp());
        let span = i128::from(read.span_s);
        // A span that is still running was counted up to now.
        let end = (start + span).min(at_s);
        let (length, counted_since) = (end - start, at_s - window_s);
        if span <= 0 || length <= 0 {
            return;
        }
        let inside = |from: i128, to: i128| (end.min(to) - start.max(from)).max(0);
        let part =
            |count: i64, seconds: i128| i128::from(count.clamp(0, MOST)) * THOUSANDTHS * seconds / length;
        let in_window = inside(counted_since, at_s);
        if in_window == 0 {
            return;
        }
        let visitors = part(read.visitors, in_window);
        if span > HOUR_S {
            self.days += visitors;
            return;
        }
        let hour = start.div_euclid(HOUR_S);
        *self.hours.entry(hour).or_default() += visitors;
        *self.views.entry(hour).or_default() += part(read.views.max(read.visitors), in_window);
        let quarter = window_s / 4;
        self.lately += part(read.visitors, inside(at_s - quarter, at_s));
        self.before += part(read.visitors, inside(at_s - 2 * quarter, at_s - quarter));
    }

    /// Visitors in the window, rounded to whole ones.
    pub(super) fn visitors(&self) -> u64 {
        let thousandths = self.hours.values().sum::<i128>() + self.days;
        u64::try_from((thousandths + THOUSANDTHS / 2) / THOUSANDTHS).unwrap_or(u64::MAX)
    }

    /// Thousandths of visitors in the last quarter of the window.
    pub(super) fn lately(&self) -> i128 {
        self.lately
    }

    /// Thousandths of visitors in the quarter before the last.
    pub(super) fn before(&self) -> i128 {
        self.before
    }

    /// Clamped and decayed visitors, times 1,000.
    pub(super) fn score(&self, half_life: TimeDelta, at: DateTime<Utc>) -> i64 {
        let most = most_an_hour_counts(self.hours.values().copied().filter(|v| *v > 0).collect());
        let at_s = i128::from(at.timestamp());
        let weighed = |(hour, visitors): (&i128, &i128)| {
            let counted = most.map_or(*visitors, |most| most.min(*visitors));
            counted * weight(at_s - hour * HOUR_S, half_life)
        };
        let hourly = self.hours.iter().map(weighed).sum::<i128>() / weight(0, half_life);
        i64::try_from(hourly + self.days).unwrap_or(i64::MAX)
    }

    /// Whether more than 60 % of the views came in one hour.
    pub(super) fn is_suspicious(&self) -> bool {
        let all: i128 = self.views.values().sum::<i128>() + self.days;
        self.views.values().max().is_some_and(|most| most * 10 > all * 6)
    }
}

/// The most that one hour may count, in thousandths; `None` for a story with fewer than four hours.
fn most_an_hour_counts(mut hours: Vec<i128>) -> Option<i128> {
    if hours.len() < 4 {
        return None;
    }
    hours.sort_unstable();
    let upper = hours.get(hours.len() / 2)?;
    let lower = hours.get((hours.len() - 1) / 2)?;
    Some((2 * (lower + upper)).max(20 * THOUSANDTHS))
}

/// 2^(−age ÷ half-life) in millionths.
fn weight(age_s: i128, half_life: TimeDelta) -> i128 {
    #[expect(clippy::cast_precision_loss, reason = "ages within a window are far below 2^52")]
    let half_lives = age_s.max(0) as f64 / half_life.num_seconds().max(1) as f64;
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and 1,000,000")]
    let millionths = ((-half_lives).exp2() * WEIGHT).round() as i128;
    millionths
}

/// Every candidate page with its reads.
pub(super) struct Pages<'a> {
    by_key: HashMap<&'a str, Tally>,
    total: Tally,
}

impl<'a> Pages<'a> {
    /// Adds up what `reads` say about `pages` in the window before `at`.
    pub(super) fn count(
        pages: impl Iterator<Item = &'a String>,
        reads: &[ReadCount],
        window: TimeDelta,
        at: DateTime<Utc>,
    ) -> Self {
        let mut by_key: HashMap<&str, Tally> = pages.map(|page| (page.as_str(), Tally::default())).collect();
        let mut by_path: HashMap<&str, Vec<&str>> = HashMap::new();
        for key in by_key.keys() {
            by_path.entry(path_of(key)).or_default().push(key);
        }
        let (window_s, at_s) = (i128::from(window.num_seconds().max(0)), i128::from(at.timestamp()));
        let mut total = Tally::default();
        for read in reads {
            let mut one = Tally::default();
            one.add_read(read, window_s, at_s);
            let mut credit = |page: &str| {
                if let Some(tally) = by_key.get_mut(page) {
                    tally.add(&one);
                    total.add(&one);
                }
            };
            match read.url_key.as_str() {
                path if path.starts_with('/') => {
                    by_path.get(path).into_iter().flatten().for_each(|page| credit(page));
                }
                page => credit(page),
            }
        }
        Self { by_key, total }
    }

    /// The reads of all pages together.
    pub(super) fn total(&self) -> &Tally {
        &self.total
    }

    /// The reads of these pages together.
    pub(super) fn tally(&self, pages: &BTreeSet<String>) -> Tally {
        let mut sum = Tally::default();
        for tally in pages.iter().filter_map(|page| self.by_key.get(page.as_str())) {
            sum.add(tally);
        }
        sum
    }
}
