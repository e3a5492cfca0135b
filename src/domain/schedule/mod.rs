//! When editions are due.
//!
//! A [`Schedule`] is a crontab(5) expression of five fields. Together with a time zone it gives
//! *slots*, the instants for which editions are made, by this promise about clock changes: where
//! the hour field is `*` or `*/n`, every instant whose local reading matches is a slot, so an hourly
//! schedule has 25 and 23 slots on the days of change. Any other schedule means a time of day: a
//! local time that does not exist is sent at the first valid minute after the gap (several become
//! one slot), and one that occurs twice is sent at its first.
//!
//! [`due`](due::due) decides what a daemon that looks at the clock does about them. Pure: no clock,
//! no database.

pub mod due;
mod expression;
mod slots;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use expression::Fields;
pub use expression::ScheduleError;

/// A crontab(5) expression: minute, hour, day of month, month, day of week. Names, lists, ranges
/// and steps; Sunday is 0 and 7; where both kinds of day are restricted, either is enough.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// As written, with single spaces.
    expression: String,
    fields: Fields,
}

impl Schedule {
    /// Parses an expression, or one of `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`,
    /// `@yearly` and `@annually`.
    ///
    /// # Errors
    /// [`ScheduleError`], which repeats the expression and says what is wrong with it. An
    /// expression that never comes true (31 February) is refused as well.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        let expression = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let fields = Fields::parse(&expression)?;
        Ok(Self { expression, fields })
    }

    /// The expression as written, with single spaces.
    pub fn as_str(&self) -> &str {
        &self.expression
    }

    /// The slots after `after`, earliest first, each once. Ends with the year 2099.
    pub fn slots_after(&self, after: DateTime<Utc>, zone: Tz) -> impl Iterator<Item = DateTime<Utc>> {
        slots::slots_after(&self.fields, after, zone)
    }

    /// Whether `instant` is one of the slots: false for the slot of an edition that was opened
    /// under another expression.
    pub fn has_slot(&self, instant: DateTime<Utc>, zone: Tz) -> bool {
        let before = instant.checked_sub_signed(TimeDelta::milliseconds(1));
        before.is_some_and(|before| self.slots_after(before, zone).next() == Some(instant))
    }
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.expression == other.expression
    }
}

impl Eq for Schedule {}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expression)
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl serde::Serialize for Schedule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.expression)
    }
}

impl<'de> serde::Deserialize<'de> for Schedule {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
