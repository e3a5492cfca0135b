//! Times of every kind, and what is none.

use proptest::prelude::*;

use super::*;

#[test]
fn times_of_every_kind() {
    let same = "2026-11-24T06:00:00+00:00";
    for text in [
        "2026-11-24T10:00:00+04:00",
        "2026-11-24T06:00:00Z",
        "2026-11-24T06:00Z",
        "20261124T060000Z",
        "2026-11-24 10:00:00",
        "2026-11-24T10:00:00.123456",
        "2026-11-24 06:00:00 UTC",
        "2026-11-24 10:00:00 +0400",
        "2026/11/24 10:00",
        "Tue, 24 Nov 2026 06:00:00 GMT",
        "Mon, 24 Nov 2026 10:00:00 +04:00",
        "24 Nov 26 06:00 UT",
        "Tue, 24 Nov 2026 10:00 AMT",
        "Tue, 24 Nov 2026 09:00:00 MSK",
        "Tue Nov 24 10:00:00 2026",
        "24.11.2026 10:00",
        "24/11/2026, 10:00",
        "11/24/2026 10:00 AM",
        "24-Nov-2026 10:00",
        "November 24, 2026 10:00 am",
        "Nov. 24th, 2026 10:00",
        "24 ноября 2026, 10:00",
        "Вт, 24 ноя 2026 10:00:00 +0400",
        "24 ноября 2026 г. в 09:00 МСК",
        "24 ნოემბერი, 2026 10:00",
        "2026 թ. նոյեմբերի 24, 10:00",
        "24 noyabr 2026 10:00",
        "1795500000",
        "1795500000000",
        "Tue, 24 Nov 2026 10:00:00 GMT+4",
        "2026-11-24T10:00:00+0400",
    ] {
        assert_eq!(parse(text, Tz::Asia__Tbilisi).map(in_seconds), Some(same.to_owned()), "{text}");
    }
}

fn in_seconds(time: DateTime<Utc>) -> String {
    DateTime::from_timestamp(time.timestamp(), 0).unwrap().to_rfc3339()
}

#[test]
fn days_and_less() {
    for (text, expected) in [
        ("2026-11-24", "2026-11-24T00:00:00+00:00"),
        ("2026-11", "2026-11-01T00:00:00+00:00"),
        ("2026", "2026-01-01T00:00:00+00:00"),
        ("20261124", "2026-11-24T00:00:00+00:00"),
        ("12:30 PM 5 May 2026", "2026-05-05T12:30:00+00:00"),
        ("3 мая 2026", "2026-05-03T00:00:00+00:00"),
        ("Thu, 01 Jan 2004 19:48:21 EST", "2004-01-02T00:48:21+00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59+00:00"),
    ] {
        assert_eq!(parse(text, Tz::UTC).map(in_seconds).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn what_names_no_day_is_no_time() {
    for text in [
        "",
        "not yet",
        "yesterday",
        "10:00",
        "24",
        "24 Nov",
        "32.13.2026",
        "2026-13-01",
        "0000-00-00 00:00:00",
        "99999",
        "2026-11-24T99:00",
        "1.2.3.4",
    ] {
        assert_eq!(parse(text, Tz::UTC), None, "{text}");
    }
}

#[test]
fn local_times_that_are_skipped_or_come_twice() {
    assert_eq!(
        parse("2026-03-29 02:30", Tz::Europe__Berlin).map(|t| t.to_rfc3339()).as_deref(),
        Some("2026-03-29T01:30:00+00:00")
    );
    assert_eq!(
        parse("2026-10-25 02:30", Tz::Europe__Berlin).map(|t| t.to_rfc3339()).as_deref(),
        Some("2026-10-25T00:30:00+00:00")
    );
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>(), near in "[0-9a-zA-Zа-я:./+, -]{0,40}") {
        parse(&text, Tz::UTC);
        parse(&near, Tz::Asia__Tbilisi);
    }
}
