//! How much the newsroom is read: hourly counts that look like those of a small paper. A day has
//! its curve, a story fades with age, some are favourites, and some are passed on and read by many
//! at once.
//!
//! The noise comes from a hash of page and hour instead of a random generator, so that the same
//! hour always counts the same.

use chrono::{DateTime, DurationRound as _, TimeDelta, Timelike as _, Utc};
use url::Url;

use super::noise::fraction;
use super::texts::StoryFacts;
use crate::domain::article_key::{UrlKeyRules, url_key};
use crate::domain::language::Language;
use crate::domain::reads::ReadCount;

/// How far the counts go back.
const HOURS: i64 = 240;

/// Readers in each hour of the day in per cent of the busiest one, which is noon.
const DAY_CURVE: [f64; 24] = [
    14.0, 8.0, 5.0, 4.0, 5.0, 10.0, 26.0, 52.0, 76.0, 88.0, 90.0, 95.0, 100.0, 96.0, 82.0, 74.0, 72.0, 78.0,
    86.0, 92.0, 90.0, 74.0, 48.0, 28.0,
];

/// The town's clock is four hours ahead of UTC all year.
const TOWN_OFFSET: TimeDelta = TimeDelta::hours(4);

/// Readers of each language in per cent of the English paper's.
const fn audience(language: Language) -> f64 {
    match language {
        Language::English => 100.0,
        Language::Georgian => 180.0,
        Language::Armenian => 70.0,
        Language::Azerbaijani => 60.0,
        Language::Russian => 85.0,
    }
}

/// The reads of one story up to the last whole hour.
pub fn story(
    now: DateTime<Utc>,
    language: Language,
    fact: &StoryFacts,
    page: &Url,
    published_at: DateTime<Utc>,
) -> Vec<ReadCount> {
    counts(now, language, page, |hour| {
        let age_h = whole_hours(hour + TimeDelta::hours(1) - published_at)?;
        let shared = fact.shared_after_h.map_or(1.0, |after| match age_h - f64_of(after) {
            since if (0.0..3.0).contains(&since) => 5.0,
            _ => 1.0,
        });
        Some(fact.appeal * fading(age_h) * shared)
    })
}

/// The reads of a front page, which never fades and never stands in a ranking.
pub fn front_page(now: DateTime<Utc>, language: Language, page: &Url) -> Vec<ReadCount> {
    counts(now, language, page, |_| Some(260.0))
}

/// Counts of a page whose readers at the busiest time of day are `busiest(hour)`, `None` before it
/// came out. Hours in which nobody came have no count.
fn counts(
    now: DateTime<Utc>,
    language: Language,
    page: &Url,
    busiest: impl Fn(DateTime<Utc>) -> Option<f64>,
) -> Vec<ReadCount> {
    let Some(url_key) = url_key(page.as_str(), &UrlKeyRules::default()) else { return Vec::new() };
    let end = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
    let hours = (1..=HOURS).rev().map(|back| end - TimeDelta::hours(back));
    hours
        .filter_map(|hour| {
            let time_of_day = DAY_CURVE[(hour + TOWN_OFFSET).hour() as usize] / 100.0;
            let noise = 0.85 + 0.3 * fraction(page.path(), hour.timestamp());
            let visitors = busiest(hour)? * audience(language) / 100.0 * time_of_day * noise;
            let (visitors, views) = (round(visitors), round(visitors * 1.25));
            (visitors > 0).then(|| ReadCount {
                url_key: url_key.clone(),
                start_at: hour,
                span_s: 3_600,
                views,
                visitors,
            })
        })
        .collect()
}

/// The share of its first readers that a story still has at an age: half after eight hours, an
/// eighth after twenty-one, and a few for good. Only operations that every machine rounds alike.
fn fading(age_h: f64) -> f64 {
    let eights = age_h / 8.0;
    0.02 + 0.98 / (1.0 + eights * eights)
}

/// Whole hours of an age; `None` before its beginning.
fn whole_hours(age: TimeDelta) -> Option<f64> {
    (age > TimeDelta::zero()).then(|| f64_of(age.num_hours()))
}

fn f64_of(hours: i64) -> f64 {
    i32::try_from(hours).map_or(f64::MAX, f64::from)
}

#[expect(clippy::cast_possible_truncation, reason = "some thousands of readers at most; `as` saturates")]
fn round(count: f64) -> i64 {
    count.round() as i64
}
