//! A whole year in zones with and without clock changes. What is expected comes from the other
//! direction: every minute of the year is turned into a local reading, which a matcher written
//! here looks at; nothing is parsed and nothing is placed into a zone.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::{America, Asia, Australia, Europe, Tz};
use proptest::prelude::*;

use super::{schedule, utc};

const ZONES: [Tz; 4] = [Europe::Berlin, America::New_York, Australia::Lord_Howe, Asia::Tbilisi];

/// Whether a schedule goes by elapsed time or by the time of day.
#[derive(Clone, Copy, PartialEq)]
enum Rule {
    Elapsed,
    TimeOfDay,
}

/// Minute, hour, day of month, month, weekday from 0 = Sunday.
type Reading = (u32, u32, u32, u32, u32);

type Matches = fn(Reading) -> bool;

fn reading(local: NaiveDateTime) -> Reading {
    let weekday = local.weekday().num_days_from_sunday();
    (local.minute(), local.hour(), local.day(), local.month(), weekday)
}

/// A clock on the wall: every minute from `start` to `end` with what it shows in `zone`.
fn clock(zone: Tz, start: DateTime<Utc>, end: DateTime<Utc>) -> Vec<(DateTime<Utc>, NaiveDateTime)> {
    let minutes = (0..(end - start).num_minutes()).map(|minute| start + TimeDelta::minutes(minute));
    minutes.map(|now| (now, now.with_timezone(&zone).naive_local())).collect()
}

/// The instants after the first day of `clock` at which somebody would send who watches it: for a
/// time of day, at the first minute at which it shows that time *or has just passed it*, and never
/// again for a reading that was passed before. (The day before shows which were.)
fn watched(
    matches: &dyn Fn(Reading) -> bool,
    rule: Rule,
    clock: &[(DateTime<Utc>, NaiveDateTime)],
) -> Vec<DateTime<Utc>> {
    let minute = TimeDelta::minutes(1);
    let (begin, mut passed) = clock[0];
    let mut found = Vec::new();
    for &(now, local) in clock {
        let send = match rule {
            Rule::Elapsed => matches(reading(local)),
            Rule::TimeOfDay => {
                let mut send = false;
                while passed < local {
                    passed += minute;
                    send |= matches(reading(passed));
                }
                send
            }
        };
        if send && now >= begin + TimeDelta::days(1) {
            found.push(now);
        }
    }
    found
}

fn slots(expression: &str, zone: Tz, start: DateTime<Utc>, end: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let before = start - TimeDelta::milliseconds(1);
    schedule(expression).slots_after(before, zone).take_while(|slot| *slot < end).collect()
}

#[test]
fn a_year_of_slots_is_what_a_person_at_the_clock_would_do() {
    use Rule::{Elapsed, TimeOfDay};
    let table: [(&str, Rule, Matches); 19] = [
        ("15 2 * * *", TimeOfDay, |(m, h, ..)| m == 15 && h == 2),
        ("30 2 * * *", TimeOfDay, |(m, h, ..)| m == 30 && h == 2),
        ("0 3 * * *", TimeOfDay, |(m, h, ..)| m == 0 && h == 3),
        ("45 1 * * *", TimeOfDay, |(m, h, ..)| m == 45 && h == 1),
        ("*/20 2 * * *", TimeOfDay, |(m, h, ..)| m % 20 == 0 && h == 2),
        ("* 2 * * 0", TimeOfDay, |(_, h, _, _, d)| h == 2 && d == 0),
        ("0 0-23 * * *", TimeOfDay, |(m, ..)| m == 0),
        ("10,50 1-3 * * sat,SUN", TimeOfDay, |(m, h, _, _, d)| {
            (m == 10 || m == 50) && (1..=3).contains(&h) && (d == 6 || d == 0)
        }),
        ("0 7 * * Mon-Fri", TimeOfDay, |(m, h, _, _, d)| m == 0 && h == 7 && (1..=5).contains(&d)),
        ("30 2 * * 7", TimeOfDay, |(m, h, _, _, d)| m == 30 && h == 2 && d == 0),
        ("0 6 1,15 * 5", TimeOfDay, |(m, h, day, _, d)| {
            m == 0 && h == 6 && (day == 1 || day == 15 || d == 5)
        }),
        ("0 6 */2 * 5", TimeOfDay, |(m, h, day, _, d)| m == 0 && h == 6 && day % 2 == 1 && d == 5),
        ("15 2 31 * *", TimeOfDay, |(m, h, day, ..)| m == 15 && h == 2 && day == 31),
        ("0 12 25 dec *", TimeOfDay, |(m, h, day, month, _)| m == 0 && h == 12 && day == 25 && month == 12),
        ("@daily", TimeOfDay, |(m, h, ..)| m == 0 && h == 0),
        ("0 * * * *", Elapsed, |(m, ..)| m == 0),
        ("*/15 * * * Sun", Elapsed, |(m, _, _, _, d)| m % 15 == 0 && d == 0),
        ("0 */2 * * *", Elapsed, |(m, h, ..)| m == 0 && h % 2 == 0),
        ("45 */1 * * *", Elapsed, |(m, ..)| m == 45),
    ];
    let (start, end) = (utc("2026-01-01T00:00:00Z"), utc("2027-01-01T00:00:00Z"));
    for zone in ZONES {
        let clock = clock(zone, start - TimeDelta::days(1), end);
        for (expression, rule, matches) in table {
            let expected = watched(&matches, rule, &clock);
            assert!(!expected.is_empty(), "{expression} in {zone}");
            assert_eq!(slots(expression, zone, start, end), expected, "{expression} in {zone}");
        }
    }
}

#[test]
fn hourly_schedules_run_as_often_as_the_day_has_hours() {
    let table = [
        (Europe::Berlin, "0 * * * *", "2026-03-29", 23),
        (Europe::Berlin, "0 * * * *", "2026-10-25", 25),
        (Europe::Berlin, "0 * * * *", "2026-10-26", 24),
        (America::New_York, "0 * * * *", "2026-03-08", 23),
        (America::New_York, "0 * * * *", "2026-11-01", 25),
        // Half an hour comes twice on 5 April, and half an hour is missing on 4 October.
        (Australia::Lord_Howe, "0 * * * *", "2026-04-05", 24),
        (Australia::Lord_Howe, "45 * * * *", "2026-04-05", 25),
        (Australia::Lord_Howe, "0 * * * *", "2026-10-04", 23),
        (Australia::Lord_Howe, "45 * * * *", "2026-10-04", 24),
        (Asia::Tbilisi, "0 * * * *", "2026-03-29", 24),
        (Asia::Tbilisi, "0 * * * *", "2026-10-25", 24),
    ];
    for (zone, expression, day, times) in table {
        let on_day = slots(
            expression,
            zone,
            utc(&format!("{day}T00:00:00Z")) - TimeDelta::days(2),
            utc(&format!("{day}T00:00:00Z")) + TimeDelta::days(2),
        )
        .into_iter()
        .filter(|slot| slot.with_timezone(&zone).date_naive().to_string() == day)
        .count();
        assert_eq!(on_day, times, "{expression} in {zone} on {day}");
    }
}

#[test]
fn a_day_that_a_zone_left_out_gives_one_slot_at_its_end() {
    // Samoa went from 29 to 31 December 2011.
    let zone = chrono_tz::Pacific::Apia;
    let (start, end) = (utc("2011-12-29T12:00:00Z"), utc("2012-01-01T00:00:00Z"));
    let found = slots("0 7,18 * * *", zone, start, end);
    let clock = clock(zone, start - TimeDelta::days(1), end);
    let expected = watched(&|(m, h, ..)| m == 0 && (h == 7 || h == 18), Rule::TimeOfDay, &clock);
    assert_eq!(found, expected);
    assert!(found.contains(&utc("2011-12-30T10:00:00Z")), "{found:?}");
}

/// One field as text, with the values that it stands for.
fn field(least: u32, most: u32) -> impl Strategy<Value = (String, BTreeSet<u32>)> {
    let single = (least..=most).prop_map(|value| (value.to_string(), BTreeSet::from([value])));
    let range = (least..=most, least..=most, 1..=most).prop_map(|(a, b, step)| {
        let (first, last) = (a.min(b), a.max(b));
        let values: BTreeSet<u32> = (first..=last).filter(|value| (value - first) % step == 0).collect();
        (format!("{first}-{last}/{step}"), values)
    });
    let list = (range.clone(), single.clone())
        .prop_map(|((a, left), (b, right))| (format!("{a},{b}"), left.union(&right).copied().collect()));
    let all = Just(("*".to_owned(), (least..=most).collect()));
    prop_oneof![all, single, range, list]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_schedule_keeps_the_promise_around_a_change(
        (minute, minutes) in field(0, 59),
        (hour, hours) in field(0, 23),
        (day, days) in field(1, 31),
        (weekday, weekdays) in field(0, 6),
        (zone, change) in prop::sample::select(vec![
            (Europe::Berlin, "2026-03-29T00:00:00Z"),
            (Europe::Berlin, "2026-10-25T00:00:00Z"),
            (America::New_York, "2026-03-08T00:00:00Z"),
            (America::New_York, "2026-11-01T00:00:00Z"),
            (Australia::Lord_Howe, "2026-04-04T12:00:00Z"),
            (Australia::Lord_Howe, "2026-10-03T12:00:00Z"),
        ]),
        offset_minutes in -900_i64..900,
    ) {
        let expression = format!("{minute} {hour} {day} * {weekday}");
        let either = !day.starts_with('*') && !weekday.starts_with('*');
        let matches = |(m, h, d, _, w): Reading| {
            let day_matches = if either { days.contains(&d) || weekdays.contains(&w) } else { days.contains(&d) && weekdays.contains(&w) };
            minutes.contains(&m) && hours.contains(&h) && day_matches
        };
        let rule = if hour == "*" { Rule::Elapsed } else { Rule::TimeOfDay };
        // Beginning in the midst of the change, too: what was before must not come again.
        let start = utc(change) + TimeDelta::minutes(offset_minutes);
        let end = utc(change) + TimeDelta::days(2);
        let clock = clock(zone, start - TimeDelta::days(1), end);
        prop_assert_eq!(slots(&expression, zone, start, end), watched(&matches, rule, &clock));
    }
}
