//! From matching local times to instants. The fields are matched against a clock without a zone;
//! each reading is then placed in the zone, where it may exist once, twice or not at all.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::iter::Peekable;

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::expression::Fields;

/// No zone ever moved its clocks by more than a day (Samoa, Kwajalein), so a reading this much
/// older than an instant's own cannot stand for anything after it.
const FURTHEST_JUMP: TimeDelta = TimeDelta::hours(25);

/// The slots after `after`, earliest first.
pub(super) fn slots_after(
    fields: &Fields,
    after: DateTime<Utc>,
    zone: Tz,
) -> impl Iterator<Item = DateTime<Utc>> {
    // The years that the cron crate knows, less one at each end for the jumps.
    let first = NaiveDate::from_ymd_opt(1971, 1, 1).unwrap_or_default().and_time(chrono::NaiveTime::MIN);
    let last = NaiveDate::from_ymd_opt(2100, 1, 1).unwrap_or_default().and_time(chrono::NaiveTime::MIN);
    let start = after.naive_utc().clamp(first, last);
    let start = zone.from_utc_datetime(&start).naive_local() - FURTHEST_JUMP;
    Slots {
        readings: readings_after(fields, start).take_while(move |reading| *reading < last).peekable(),
        zone,
        elapsed: fields.elapsed,
        pending: BinaryHeap::new(),
        newest: after,
    }
}

/// The local times after `start` that match, in order, each once.
fn readings_after(fields: &Fields, start: NaiveDateTime) -> impl Iterator<Item = NaiveDateTime> {
    let mut sources: Vec<_> =
        fields.any_of.iter().map(|any| any.after(&start.and_utc()).peekable()).collect();
    std::iter::from_fn(move || {
        let next = sources.iter_mut().filter_map(|source| source.peek().copied()).min()?;
        for source in &mut sources {
            source.next_if_eq(&next);
        }
        Some(next.naive_utc())
    })
}

struct Slots<I: Iterator<Item = NaiveDateTime>> {
    readings: Peekable<I>,
    zone: Tz,
    elapsed: bool,
    /// Instants of readings that were taken already: when an hour comes twice, the second 02:00
    /// comes after the first 02:45.
    pending: BinaryHeap<Reverse<DateTime<Utc>>>,
    /// The newest instant that was given out, or where to begin; later ones alone are slots.
    newest: DateTime<Utc>,
}

impl<I: Iterator<Item = NaiveDateTime>> Iterator for Slots<I> {
    type Item = DateTime<Utc>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            // Later readings give no earlier instants, so what lies before the next reading's
            // first chance is in its final order.
            let bound = self.readings.peek().and_then(|reading| first_chance(self.zone, *reading));
            if let Some(Reverse(slot)) = self.pending.peek().copied()
                && bound.is_none_or(|bound| slot <= bound)
            {
                self.pending.pop();
                if slot > self.newest {
                    self.newest = slot;
                    return Some(slot);
                }
                continue;
            }
            let reading = self.readings.next()?;
            self.pending
                .extend(instants(self.zone, reading, self.elapsed).into_iter().flatten().map(Reverse));
        }
    }
}

/// The instants that a reading stands for.
fn instants(zone: Tz, reading: NaiveDateTime, elapsed: bool) -> [Option<DateTime<Utc>>; 2] {
    if elapsed {
        let found = zone.from_local_datetime(&reading).map(|time| time.to_utc());
        [found.earliest(), found.latest().filter(|_| matches!(found, LocalResult::Ambiguous(..)))]
    } else {
        [first_chance(zone, reading), None]
    }
}

/// The first instant of a reading that exists, else the first minute after the gap it fell into.
fn first_chance(zone: Tz, reading: NaiveDateTime) -> Option<DateTime<Utc>> {
    (0..=FURTHEST_JUMP.num_minutes())
        .map(|minutes| zone.from_local_datetime(&(reading + TimeDelta::minutes(minutes))))
        .find_map(LocalResult::earliest)
        .map(|time| time.to_utc())
}
