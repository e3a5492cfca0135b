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

/// The rows of a table of the shared cases, without its head; `None`, with a word about it, where
/// the cases are not at hand.
pub(crate) fn shared_rows(file: &str) -> Option<Vec<Vec<String>>> {
    let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder =
        if beside.exists() { Some(beside) } else { std::env::var_os("NEWSLETTERD_SHARED").map(Into::into) };
    let Some(text) = folder.and_then(|folder| std::fs::read_to_string(folder.join("cases").join(file)).ok())
    else {
        eprintln!("skipped: {file} is not at hand; NEWSLETTERD_SHARED names the folder");
        return None;
    };
    Some(text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}
