//! Warming up a relay whose address receivers do not know yet: so many letters on the first day, so
//! many on the second, and so on; after the table's end it no longer limits.

use std::num::NonZeroU64;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

/// How many letters a relay takes on the day of `now`, by the table of its days from `from` on; days
/// are those of UTC. `None` where the table says nothing: there is none, or it is over. Before its
/// first day the first day's number holds, so that a date in the future is no open door.
pub fn limit(table: &[NonZeroU64], from: NaiveDate, now: DateTime<Utc>) -> Option<u64> {
    let passed = usize::try_from((now.date_naive() - from).num_days()).unwrap_or(0);
    table.get(passed).map(|letters| letters.get())
}

/// When the number of [`limit`] next changes: the end of the day of `now`.
pub fn next_day(now: DateTime<Utc>) -> DateTime<Utc> {
    let midnight = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    midnight + TimeDelta::days(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(days: &[u64]) -> Vec<NonZeroU64> {
        days.iter().map(|letters| NonZeroU64::new(*letters).unwrap()).collect()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn each_day_has_its_number_and_after_the_last_there_is_none() {
        let (table, from) = (table(&[50, 100, 500]), "2026-11-25".parse().unwrap());
        for (now, limited) in [
            ("2026-11-20T12:00:00Z", Some(50)),
            ("2026-11-24T23:59:59Z", Some(50)),
            ("2026-11-25T00:00:00Z", Some(50)),
            ("2026-11-25T23:59:59.999Z", Some(50)),
            ("2026-11-26T00:00:00Z", Some(100)),
            ("2026-11-27T12:00:00Z", Some(500)),
            ("2026-11-28T00:00:00Z", None),
            ("2036-01-01T00:00:00Z", None),
        ] {
            assert_eq!(limit(&table, from, at(now)), limited, "{now}");
        }
        assert_eq!(limit(&[], from, at("2026-11-25T00:00:00Z")), None);
    }

    #[test]
    fn the_number_changes_at_midnight_in_utc() {
        assert_eq!(next_day(at("2026-11-25T00:00:00Z")), at("2026-11-26T00:00:00Z"));
        assert_eq!(next_day(at("2026-12-31T23:59:59.999Z")), at("2027-01-01T00:00:00Z"));
    }

    proptest! {
        #[test]
        fn it_holds_from_now_until_the_next_day(
            days in prop::collection::vec(1..1_000_000_u64, 0..10),
            seconds in 1_700_000_000..1_900_000_000_i64,
        ) {
            let (table, from) = (table(&days), "2026-11-25".parse().unwrap());
            let now = DateTime::from_timestamp(seconds, 0).unwrap();
            let until = next_day(now);
            prop_assert!(until > now && until - now <= TimeDelta::days(1));
            prop_assert_eq!(limit(&table, from, until - TimeDelta::milliseconds(1)), limit(&table, from, now));
        }
    }
}
