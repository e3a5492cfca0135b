//! From the text of a crontab(5) expression to schedules of the `cron` crate. That crate wants
//! seconds first, counts weekdays from 1 = Sunday, and demands day of month *and* weekday; so the
//! fields are read here, by crontab's rules, and handed over as plain lists of numbers.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

/// Why a text is no schedule. Every message repeats the expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Longer than any schedule that means something.
    #[error("schedule {expression:?}… is longer than {} bytes", Fields::LONGEST)]
    Long {
        /// The expression, cut to a readable length.
        expression: String,
    },
    /// Not five fields.
    #[error(
        "schedule {expression:?} has {fields} fields; five are wanted: minute, hour, day of month, month, day of week"
    )]
    Fields {
        /// The expression, cut to a readable length.
        expression: String,
        /// How many there are.
        fields: usize,
    },
    /// A field that cannot be read.
    #[error("schedule {expression:?}: {field} {item:?} {problem}")]
    Field {
        /// The expression, cut to a readable length.
        expression: String,
        /// Which field: `hour`, `day of week`.
        field: &'static str,
        /// The part of it that is wrong.
        item: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// A word with `@` that is none.
    #[error("schedule {expression:?} is unknown; @hourly, @daily, @weekly, @monthly and @yearly are known")]
    Alias {
        /// The expression, cut to a readable length.
        expression: String,
    },
    /// No day of any year matches.
    #[error("schedule {expression:?} never comes true: there is no such day in any year")]
    Never {
        /// The expression, cut to a readable length.
        expression: String,
    },
}

/// The readable beginning of what somebody wrote.
fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

/// One of the five fields.
struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    /// Names in order of value, from `first_name` on.
    names: &'static [&'static str],
    first_name: u32,
}

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const MINUTE: Field = Field { name: "minute", least: 0, most: 59, names: &[], first_name: 0 };
const HOUR: Field = Field { name: "hour", least: 0, most: 23, names: &[], first_name: 0 };
const DAY_OF_MONTH: Field = Field { name: "day of month", least: 1, most: 31, names: &[], first_name: 0 };
const MONTH: Field = Field { name: "month", least: 1, most: 12, names: MONTHS, first_name: 1 };
/// 7 is Sunday as well as 0, so that `Fri-Sun` and `5-7` are ranges.
const DAY_OF_WEEK: Field = Field { name: "day of week", least: 0, most: 7, names: DAYS, first_name: 0 };
const SUNDAY_AGAIN: u32 = 7;

impl Field {
    /// The values that a field's text stands for.
    ///
    /// # Errors
    /// The item that is wrong, and why.
    fn parse(&self, text: &str) -> Result<BTreeSet<u32>, (String, String)> {
        let mut values = BTreeSet::new();
        for item in text.split(',') {
            values.extend(self.item(item).map_err(|problem| (cut(item), problem))?);
        }
        Ok(values)
    }

    /// `*`, `3`, `1-5`, either of the ranges with `/2` behind it.
    fn item(&self, item: &str) -> Result<Vec<u32>, String> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (item, None),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.least, self.most),
            Some((first, last)) => (self.value(first)?, self.last(last)?),
            None if step.is_some() => {
                return Err("has a step without a range; */2 or 1-5/2 would be right".to_owned());
            }
            None => {
                let value = self.value(range)?;
                (value, value)
            }
        };
        if first > last {
            return Err("runs backwards; two ranges with a comma between would be right".to_owned());
        }
        let step = match step {
            None => 1,
            Some(step) => digits(step)
                .filter(|step| (1..=self.most).contains(step))
                .ok_or_else(|| format!("has a step that is not from 1 to {}", self.most))?,
        };
        // `*` of the weekdays ends with Saturday: counting on to the second Sunday would make
        // `*/7` two days.
        let last = if range == "*" && last == SUNDAY_AGAIN { last - 1 } else { last };
        Ok((first..=last).step_by(usize::try_from(step).unwrap_or(1)).collect())
    }

    /// The end of a range: Sunday is 7 there.
    fn last(&self, text: &str) -> Result<u32, String> {
        let value = self.value(text)?;
        Ok(if value == 0 && self.most == SUNDAY_AGAIN && digits(text).is_none() {
            SUNDAY_AGAIN
        } else {
            value
        })
    }

    fn value(&self, text: &str) -> Result<u32, String> {
        let named = || {
            let lower = text.to_ascii_lowercase();
            (self.first_name..).zip(self.names).find(|(_, name)| **name == lower).map(|(value, _)| value)
        };
        digits(text).filter(|value| (self.least..=self.most).contains(value)).or_else(named).ok_or_else(
            || {
                let names = match self.names {
                    [first, .., last] => format!(" or a name from {first} to {last}"),
                    _ => String::new(),
                };
                format!("is not a number from {} to {}{names}", self.least, self.most)
            },
        )
    }
}

/// A number of ASCII digits alone: no sign, no space.
fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A parsed expression.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    /// A local time matches when one of these has it: two where both kinds of day are restricted.
    pub(super) any_of: Vec<cron::Schedule>,
    /// Whether elapsed time rules: the hour field is `*` or `*/n`.
    pub(super) elapsed: bool,
}

impl Fields {
    /// The longest expression, in bytes: all sixty minutes one by one fit.
    pub(super) const LONGEST: usize = 500;

    /// Parses an expression with single spaces.
    pub(super) fn parse(expression: &str) -> Result<Self, ScheduleError> {
        if expression.len() > Self::LONGEST {
            return Err(ScheduleError::Long { expression: cut(expression) });
        }
        let spelled_out = match expression {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" | "@annually" => "0 0 1 1 *",
            alias if alias.starts_with('@') => {
                return Err(ScheduleError::Alias { expression: cut(expression) });
            }
            fields => fields,
        };
        let texts: Vec<&str> = spelled_out.split_whitespace().collect();
        let &[minute, hour, day, month, weekday] = texts.as_slice() else {
            return Err(ScheduleError::Fields { expression: cut(expression), fields: texts.len() });
        };
        let read = |field: Field, text: &str| {
            field.parse(text).map_err(|(item, problem)| ScheduleError::Field {
                expression: cut(expression),
                field: field.name,
                item,
                problem,
            })
        };
        let minutes = list(read(MINUTE, minute)?);
        let hours = list(read(HOUR, hour)?);
        let days = list(read(DAY_OF_MONTH, day)?);
        let months = list(read(MONTH, month)?);
        let weekdays =
            list(read(DAY_OF_WEEK, weekday)?.into_iter().map(|day| day % SUNDAY_AGAIN + 1).collect());
        // crontab(5): a field that begins with * does not count as restricted, `*/2` included.
        let day_fields = if day.starts_with('*') || weekday.starts_with('*') {
            vec![(days.as_str(), weekdays.as_str())]
        } else {
            vec![(days.as_str(), "*"), ("*", weekdays.as_str())]
        };
        let any_of = day_fields
            .into_iter()
            .map(|(days, weekdays)| format!("0 {minutes} {hours} {days} {months} {weekdays}").parse())
            .collect::<Result<Vec<cron::Schedule>, _>>()
            .map_err(|error| ScheduleError::Field {
                expression: cut(expression),
                field: "expression",
                item: cut(spelled_out),
                problem: error.to_string(),
            })?;
        let epoch = DateTime::<Utc>::UNIX_EPOCH;
        if any_of.iter().all(|schedule| schedule.after(&epoch).next().is_none()) {
            return Err(ScheduleError::Never { expression: cut(expression) });
        }
        let elapsed = hour == "*" || (hour.starts_with("*/") && !hour.contains(','));
        Ok(Self { any_of, elapsed })
    }
}

fn list(values: BTreeSet<u32>) -> String {
    values.into_iter().map(|value| value.to_string()).collect::<Vec<_>>().join(",")
}
