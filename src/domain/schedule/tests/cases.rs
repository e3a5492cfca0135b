//! Stories of what went wrong elsewhere, as tables that lie beside the project.

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::{schedule, utc};
use crate::domain::shared_data::shared_rows;

#[test]
fn weekdays_count_as_in_crontab() {
    let Some(rows) = shared_rows("c19-weekday-numbers/expected.tsv") else { return };
    let mut seen: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for row in &rows {
        let [expression, run, weekday] = row.as_slice() else { panic!("{row:?}") };
        let nth = seen.entry(expression.clone()).or_default();
        let found = schedule(expression)
            .slots_after(utc("2026-02-12T12:00:00Z"), chrono_tz::Europe::Berlin)
            .nth(*nth);
        assert_eq!(found, Some(utc(run)), "{expression}");
        let local = utc(run).with_timezone(&chrono_tz::Europe::Berlin);
        assert_eq!(local.format("%a").to_string(), *weekday);
        *nth += 1;
    }
    assert!(!rows.is_empty());
}

#[test]
fn an_hour_that_comes_twice_has_one_letter() {
    let Some(rows) = shared_rows("c21-hour-that-comes-twice/expected.tsv") else { return };
    for row in &rows {
        let [zone, expression, day, runs, run] = row.as_slice() else { panic!("{row:?}") };
        let zone: Tz = zone.parse().unwrap();
        let on_day: Vec<_> = schedule(expression)
            .slots_after(utc("2026-10-20T00:00:00Z"), zone)
            .take_while(|slot| *slot < utc("2026-10-30T00:00:00Z"))
            .filter(|slot| slot.with_timezone(&zone).date_naive().to_string() == *day)
            .collect();
        assert_eq!(on_day.len().to_string(), *runs, "{expression} {day}");
        assert_eq!(on_day, [utc(run)], "{expression} {day}");
    }
    assert!(!rows.is_empty());
}

#[test]
fn a_restart_between_the_two_readings_sends_no_second_letter() {
    let berlin = chrono_tz::Europe::Berlin;
    let next = schedule("15 2 * * *").slots_after(utc("2026-10-25T00:50:00Z"), berlin).next();
    assert_eq!(next, Some(utc("2026-10-26T01:15:00Z")));
}

#[test]
fn utc_is_left_alone() {
    let runs: Vec<_> =
        schedule("15 1 * * *").slots_after(utc("2026-10-24T00:00:00Z"), Tz::UTC).take(3).collect();
    let first = utc("2026-10-24T01:15:00Z");
    assert_eq!(runs, [first, first + TimeDelta::days(1), first + TimeDelta::days(2)]);
}
