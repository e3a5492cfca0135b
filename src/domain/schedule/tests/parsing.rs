//! What is a schedule and what is none.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::super::{Schedule, ScheduleError};
use super::{schedule, utc};

#[test]
fn what_is_no_schedule_is_refused_with_the_expression_in_the_message() {
    for text in [
        "",
        "* * *",
        "* * * *",
        "0 0 6 * * *",
        "0 6 * * 8",
        "0 6 * * 1-9",
        "0 6 * * FUN",
        "60 6 * * *",
        "0 24 * * *",
        "0 6 0 * *",
        "0 6 32 * *",
        "0 6 * 13 *",
        "0 6 * 0 *",
        "0 6 31 2 *",
        "0 6 30 feb *",
        "0 6 31 4,6,9,11 *",
        "*/0 6 * * *",
        "*/60 6 * * *",
        "5/10 6 * * *",
        "5-1 6 * * *",
        "0 6 * * Sat-Mon",
        "0 6 * * mon-",
        "0 6 * * -1",
        "0 6 * * 1,,2",
        "0 6 * * 1,",
        "0 6 L * *",
        "0 6 ? * *",
        "0 6 * * 5#2",
        "+5 6 * * *",
        "0 6 * * ١",
        "0 6 * * mon/2",
        "4294967296 6 * * *",
        "@reboot",
        "@every 5m",
        "jan 6 * * *",
    ] {
        let message = Schedule::parse(text).unwrap_err().to_string();
        assert!(message.contains(&format!("{text:?}")), "{message}");
    }
}

#[test]
fn spellings_of_one_schedule_have_the_same_slots() {
    let from = utc("2026-02-12T12:00:00Z");
    for (left, right) in [
        ("0 6 * * 0", "0 6 * * 7"),
        ("0 6 * * SUN", "  0   6\t* *  sun "),
        ("0 6 * * 5-7", "0 6 * * Fri-Sun"),
        ("0 6 * * 0-6", "0 6 * * *"),
        ("0 6 * * 0-7", "0 6 * * *"),
        ("0 6 * * */7", "0 6 * * 0"),
        ("0 6 * jan-mar *", "0 6 * 1,2,3 *"),
        ("0-59/15 6 * * *", "*/15 6 * * *"),
        ("@hourly", "0 * * * *"),
        ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
        ("@midnight", "@daily"),
        ("@annually", "@yearly"),
    ] {
        let slots = |text| schedule(text).slots_after(from, Tz::UTC).take(50).collect::<Vec<_>>();
        assert_eq!(slots(left), slots(right), "{left} and {right}");
    }
}

#[test]
fn an_expression_is_written_and_read_as_itself() {
    let written = serde_json::to_string(&schedule(" 0  7 * * Mon-Fri")).unwrap();
    assert_eq!(written, "\"0 7 * * Mon-Fri\"");
    assert_eq!(serde_json::from_str::<Schedule>(&written).unwrap(), schedule("0 7 * * Mon-Fri"));
    assert!(serde_json::from_str::<Schedule>("\"0 7 * * FUN\"").is_err());
}

#[test]
fn slots_end_and_never_loop() {
    let leap = schedule("0 0 29 2 *");
    assert_eq!(leap.slots_after(utc("2026-01-01T00:00:00Z"), Tz::UTC).count(), 18);
    for instant in [DateTime::<Utc>::MAX_UTC, utc("2100-01-01T00:00:00Z")] {
        assert_eq!(leap.slots_after(instant, Tz::UTC).next(), None);
        assert!(!leap.has_slot(instant, Tz::UTC));
    }
    assert!(leap.slots_after(DateTime::<Utc>::MIN_UTC, Tz::UTC).next().is_some());
    assert!(!leap.has_slot(DateTime::<Utc>::MIN_UTC, Tz::UTC));
}

#[test]
fn a_slot_belongs_to_its_expression_alone() {
    let slot = utc("2026-02-13T05:00:00Z");
    assert!(schedule("0 6 * * 1-5").has_slot(slot, chrono_tz::Europe::Berlin));
    assert!(!schedule("0 7 * * 1-5").has_slot(slot, chrono_tz::Europe::Berlin));
    assert!(!schedule("0 6 * * 1-5").has_slot(slot, Tz::UTC));
    assert!(!schedule("0 6 * * 1-5").has_slot(slot + TimeDelta::seconds(1), chrono_tz::Europe::Berlin));
}

#[test]
fn a_long_text_is_refused_and_cut_in_the_message() {
    for text in ["x".repeat(10_000_000), "* ".repeat(5_000_000), format!("{} * * * *", ["*"; 1000].join(","))]
    {
        let error = Schedule::parse(&text).unwrap_err();
        assert!(matches!(error, ScheduleError::Long { .. }));
        assert!(error.to_string().len() < 300);
    }
    let every_minute: Vec<_> = (0..60).map(|minute| minute.to_string()).collect();
    assert!(Schedule::parse(&format!("{} * * * *", every_minute.join(","))).is_ok());
}

proptest! {
    #[test]
    fn any_text_is_answered(text in ".*|[-0-9*/, a-z@]{0,40}|([-0-9*/,a-zA-Z]{1,6} ){4}[-0-9*/,a-zA-Z]{1,6}") {
        if let Ok(schedule) = Schedule::parse(&text) {
            let slots: Vec<_> = schedule.slots_after(DateTime::UNIX_EPOCH, chrono_tz::Europe::Berlin).take(5).collect();
            prop_assert!(!slots.is_empty());
            prop_assert!(slots.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert_eq!(Schedule::parse(schedule.as_str()), Ok(schedule));
        }
    }
}
