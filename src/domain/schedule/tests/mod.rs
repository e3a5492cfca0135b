//! Schedules held against what a person with a calendar, a clock and patience would say.

mod cases;
mod clock_changes;
mod decisions;
mod parsing;

use chrono::{DateTime, Utc};

use super::Schedule;

pub(crate) fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn schedule(expression: &str) -> Schedule {
    Schedule::parse(expression).unwrap()
}
