//! Times in the shapes that exports and reports write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// What a cell says of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// A whole day, in the table's zone.
    Day(NaiveDate),
    /// An instant.
    At(DateTime<Utc>),
}

impl When {
    /// Where it begins: a day at its first instant in `zone`.
    pub fn start(self, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::Day(date) => local(date.and_time(NaiveTime::MIN), zone),
            Self::At(at) => at,
        }
    }
}

const WITH_OFFSET: [&str; 6] = [
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f %#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%#z",
    "%d/%b/%Y:%H:%M:%S %z",
    "%a, %d %b %Y %H:%M:%S %z",
];
const WITHOUT_OFFSET: [&str; 8] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%Y%m%dT%H%M%S",
];
const DAYS: [&str; 7] = ["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%Y/%m/%d", "%d %b %Y", "%b %d, %Y", "%d %B %Y"];
/// Instants that are taken for true; what lies outside is a number that means something else.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;

/// Reads a time. One without zone is local time of `zone`; a bare number of 10 or 13 digits counts
/// seconds or milliseconds since 1970 unless it is an hour as analytics write it (`2026020914`).
///
/// `None` for what is no time, and for days that may be meant two ways (`03/04/2026`).
pub fn parse(text: &str, zone: Tz) -> Option<When> {
    use chrono::Datelike as _;
    let text = text.trim();
    let when = number(text, zone).or_else(|| instant(text, zone)).or_else(|| day(text).map(When::Day))?;
    let year = match when {
        When::Day(date) => date.year(),
        When::At(at) => at.year(),
    };
    YEARS.contains(&year).then_some(when)
}

fn number(text: &str, zone: Tz) -> Option<When> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match text.len() {
        10 => hour(&text[..8], &text[8..], zone)
            .or_else(|| at(DateTime::from_timestamp(text.parse().ok()?, 0)?)),
        13 => at(DateTime::from_timestamp_millis(text.parse().ok()?)?),
        _ => None,
    }
}

fn at(at: DateTime<Utc>) -> Option<When> {
    Some(When::At(at))
}

fn hour(date: &str, hour: &str, zone: Tz) -> Option<When> {
    use chrono::Datelike as _;
    let date = NaiveDate::parse_from_str(date, "%Y%m%d").ok().filter(|date| YEARS.contains(&date.year()))?;
    at(local(date.and_hms_opt(hour.parse().ok()?, 0, 0)?, zone))
}

fn instant(text: &str, zone: Tz) -> Option<When> {
    // Go prints both: `2024-07-01 09:15:00.123456 +0000 UTC`.
    let cut = text.strip_suffix(" UTC").or_else(|| text.strip_suffix(" GMT"));
    let bare = cut.unwrap_or(text);
    if let Some(offset) = WITH_OFFSET.iter().find_map(|format| DateTime::parse_from_str(bare, format).ok()) {
        return at(offset.to_utc());
    }
    let hour_only = |text: &str| {
        let (date, hour) = text.split_once(['T', ' ']).filter(|(_, hour)| (1..=2).contains(&hour.len()))?;
        NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?.and_hms_opt(hour.parse().ok()?, 0, 0)
    };
    let naive = WITHOUT_OFFSET.iter().find_map(|format| NaiveDateTime::parse_from_str(bare, format).ok());
    let naive = naive.or_else(|| hour_only(bare))?;
    at(if cut.is_some() { naive.and_utc() } else { local(naive, zone) })
}

fn day(text: &str) -> Option<NaiveDate> {
    DAYS.iter().find_map(|format| NaiveDate::parse_from_str(text, format).ok()).or_else(|| slashed(text))
}

/// `31/12/2026` or `12/31/2026`: only where one reading is impossible.
fn slashed(text: &str) -> Option<NaiveDate> {
    let [first, second, year] =
        text.split('/').map(|part| part.parse::<u32>().ok()).collect::<Option<Vec<_>>>()?[..]
    else {
        return None;
    };
    let (day, month) = match (first > 12, second > 12) {
        (true, false) => (first, second),
        (false, true) => (second, first),
        _ if first == second => (first, second),
        _ => return None,
    };
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// Local time in `zone`: the first of two; one that a change of clocks leaves out is moved on by an
/// hour.
pub fn local(naive: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let shifted = |hours| zone.from_local_datetime(&(naive + TimeDelta::hours(hours))).earliest();
    (0..=3).find_map(shifted).map_or_else(|| naive.and_utc(), |at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_shapes_of_the_world_are_read() {
        let berlin = Tz::Europe__Berlin;
        let instants = [
            ("2024-08-01T08:00:00.000Z", "2024-08-01T08:00:00Z"),
            ("2024-08-01T08:00:00+04:00", "2024-08-01T04:00:00Z"),
            ("2024-08-01 08:00:00+0400", "2024-08-01T04:00:00Z"),
            ("2024-09-01 06:00:00 UTC", "2024-09-01T06:00:00Z"),
            ("2024-07-01 09:15:00.123456 +0000 UTC", "2024-07-01T09:15:00.123456Z"),
            ("2024-05-01 07:30:11", "2024-05-01T05:30:11Z"),
            ("2026-02-09T14:00", "2026-02-09T13:00:00Z"),
            ("2026-02-09 14", "2026-02-09T13:00:00Z"),
            ("2026-02-09T14", "2026-02-09T13:00:00Z"),
            ("2026020914", "2026-02-09T13:00:00Z"),
            ("1770645600", "2026-02-09T14:00:00Z"),
            ("1770645600000", "2026-02-09T14:00:00Z"),
            ("09.02.2026 14:00", "2026-02-09T13:00:00Z"),
            ("09/Feb/2026:08:00:00 +0100", "2026-02-09T07:00:00Z"),
            ("Mon, 09 Feb 2026 06:10:00 +0100", "2026-02-09T05:10:00Z"),
            ("2026-03-29 02:30", "2026-03-29T01:30:00Z"),
            ("2026-10-25 02:30", "2026-10-25T00:30:00Z"),
        ];
        for (text, expected) in instants {
            let expected: DateTime<Utc> = expected.parse().unwrap();
            assert_eq!(parse(text, berlin), Some(When::At(expected)), "{text}");
        }
        let ninth = NaiveDate::from_ymd_opt(2026, 2, 9).unwrap();
        for text in ["2026-02-09", "20260209", "09.02.2026", "2026/02/09", "9 Feb 2026", "Feb 9, 2026"] {
            assert_eq!(parse(text, berlin), Some(When::Day(ninth)), "{text}");
        }
        assert_eq!(When::Day(ninth).start(berlin).to_rfc3339(), "2026-02-08T23:00:00+00:00");
        assert_eq!(parse("12/31/2026", berlin), parse("31/12/2026", berlin));
        assert!(parse("12/31/2026", berlin).is_some());
    }

    #[test]
    fn what_may_be_meant_two_ways_is_not_guessed() {
        for text in [
            "",
            "03/04/2026",
            "yesterday",
            "2026",
            "123",
            "9999999999999",
            "2026-13-01",
            "0000-00-00 00:00:00",
        ] {
            assert_eq!(parse(text, Tz::UTC), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}|[0-9:./ TZ+-]{0,30}|[0-9]{10}|[0-9]{13}") {
            for zone in [Tz::UTC, Tz::Australia__Lord_Howe, Tz::America__New_York] {
                let _ = parse(&text, zone).map(|when| when.start(zone));
            }
        }
    }
}
