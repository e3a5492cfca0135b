//! Times as feeds write them: RFC 3339, RFC 2822, and what content systems make of either.
//!
//! A sentence is read word by word: whatever order day, month, year, time and zone stand in, and
//! in the languages of our newsrooms. Promise: what does not clearly name a day is no time.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use crate::sources::table::times;

/// Longer texts are no times.
const MAX_LENGTH: usize = 100;

/// Beginnings of month names, January first. The genitive of Russian differs in May only.
const MONTHS: [&[&str]; 12] = [
    &["jan", "янв", "იან", "հունվ", "yan", "jän"],
    &["feb", "фев", "თებ", "փետ", "fev"],
    &["mar", "мар", "მარ", "մարտ", "mär"],
    &["apr", "апр", "აპრ", "ապր"],
    &["may", "май", "мая", "მაი", "մայ", "mai"],
    &["jun", "июн", "ივნ", "հունիս", "iyun"],
    &["jul", "июл", "ივლ", "հուլ", "iyul"],
    &["aug", "авг", "აგვ", "օգ", "avq"],
    &["sep", "сен", "სექ", "սեպ", "sen"],
    &["oct", "окт", "ოქტ", "հոկ", "okt"],
    &["nov", "ноя", "ნოე", "նոյ", "noy"],
    &["dec", "дек", "დეკ", "դեկ", "dek", "dez"],
];

/// Named zones in minutes east of Greenwich: those of RFC 2822 and of our neighbourhood.
const ZONES: [(&str, i32); 29] = [
    ("z", 0),
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("wet", 0),
    ("west", 60),
    ("bst", 60),
    ("cet", 60),
    ("mez", 60),
    ("cest", 120),
    ("mesz", 120),
    ("eet", 120),
    ("eest", 180),
    ("msk", 180),
    ("мск", 180),
    ("trt", 180),
    ("amt", 240),
    ("azt", 240),
    ("get", 240),
    ("samt", 240),
    ("est", -300),
    ("edt", -240),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
    ("jst", 540),
];

/// The instant that `text` names; where it names no zone, it is local time in `zone`.
pub(super) fn parse(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.len() > MAX_LENGTH {
        return None;
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)) {
        return Some(time.to_utc());
    }
    if let Some(time) = epoch(text) {
        return Some(time);
    }
    let mut parts = Parts::default();
    for word in words(text) {
        parts.read(&word)?;
    }
    parts.instant(zone)
}

/// Unix seconds (10 digits) or milliseconds (13).
fn epoch(text: &str) -> Option<DateTime<Utc>> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let number = whole.parse::<i64>().ok().filter(|_| whole.bytes().all(|byte| byte.is_ascii_digit()))?;
    match whole.len() {
        9 | 10 => DateTime::from_timestamp(number, 0),
        13 => DateTime::from_timestamp_millis(number),
        _ => None,
    }
}

/// Lower-case words; the `T` of ISO 8601 parts date from time, brackets and commas part words.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut words = Vec::new();
    for word in
        lower.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '|' | '[' | ']'))
    {
        match word.split_once('t') {
            Some((date, time)) if date.len() >= 6 && date.starts_with(|c: char| c.is_ascii_digit()) => {
                words.extend([date.to_owned(), clock_word(time)]);
            }
            _ if !word.is_empty() => words.push(word.to_owned()),
            _ => {}
        }
    }
    words
}

/// `101455z` of the basic format as `10:14:55z`; other words as they are.
fn clock_word(word: &str) -> String {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    match (digits, word.contains(':') && !word[digits..].starts_with(['+', '-'])) {
        (4, false) => format!("{}:{}{}", &word[..2], &word[2..4], &word[4..]),
        (6, false) => format!("{}:{}:{}{}", &word[..2], &word[2..4], &word[4..6], &word[6..]),
        (2, false) => format!("{}:00{}", &word[..2], &word[2..]),
        _ => word.to_owned(),
    }
}

/// What the words said so far.
#[derive(Default)]
struct Parts {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    time: Option<NaiveTime>,
    afternoon: Option<bool>,
    offset: Option<FixedOffset>,
}

impl Parts {
    /// Takes in one word; `None` when it contradicts what a time can be.
    fn read(&mut self, word: &str) -> Option<()> {
        if word.starts_with(|c: char| c.is_ascii_digit()) && word.contains(':') {
            return self.read_clock(word);
        }
        if self.time.is_some() && word.starts_with(['+', '-']) {
            self.offset = Some(offset(word)?);
            return Some(());
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return self.read_number(word);
        }
        if let Some(afternoon) = meridiem(word) {
            self.afternoon = Some(afternoon);
        } else if let Some(zone) = named_zone(word) {
            self.offset = Some(zone);
        } else if let Some((day, rest)) =
            word.split_once('-').filter(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()))
        {
            // `nov-24-2026`
            self.read(day)?;
            rest.split('-').try_for_each(|part| self.read(part))?;
        } else if self.month.is_none() {
            self.month = month(word);
        }
        // Other words are names of weekdays and the like.
        Some(())
    }

    /// `10:14`, `10:14:55.5`, with `z`, `+04:00`, `pm` or a zone's name attached.
    fn read_clock(&mut self, word: &str) -> Option<()> {
        let end = word.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.'))).unwrap_or(word.len());
        let (clock, rest) = word.split_at(end);
        let mut fields = clock.split([':', '.']).map(|field| field.parse::<u32>().ok());
        let (hour, minute) = (fields.next()??, fields.next()??);
        let second = fields.next().map_or(Some(0), |second| second)?;
        // A leap second is the last one of its minute to us; 24:00 is the day's end.
        self.time = match (hour, minute, second) {
            (24, 0, 0) => NaiveTime::from_hms_opt(23, 59, 59),
            _ => NaiveTime::from_hms_opt(hour, minute, second.min(59)),
        };
        self.time?;
        match rest {
            "" => {}
            _ if rest.starts_with(['+', '-']) => self.offset = Some(offset(rest)?),
            _ => match (meridiem(rest), named_zone(rest)) {
                (Some(afternoon), _) => self.afternoon = Some(afternoon),
                (None, zone) => self.offset = Some(zone?),
            },
        }
        Some(())
    }

    /// A day, a year, or a whole date such as `2026-11-24`, `24.11.2026`, `20261124`, `24-nov-2026`.
    fn read_number(&mut self, word: &str) -> Option<()> {
        let fields: Vec<&str> = word.split(['-', '.', '/']).filter(|field| !field.is_empty()).collect();
        let number = |at: usize| fields.get(at).and_then(|field: &&str| field.parse::<u32>().ok());
        match fields.as_slice() {
            [only] if only.len() == 8 && number(0).is_some() => {
                self.set(only[..4].parse().ok()?, only[4..6].parse().ok()?, only[6..].parse().ok()?)
            }
            [only] => {
                let digits = only.bytes().take_while(u8::is_ascii_digit).count();
                let value = only[..digits].parse::<u32>().ok()?;
                // `24th`, `2026г`
                match (digits, self.day) {
                    (4, _) => self.year = i32::try_from(value).ok(),
                    (1 | 2, None) => self.day = Some(value),
                    (2, Some(_)) if self.year.is_none() => self.year = Some(full_year(value)?),
                    _ => return None,
                }
                Some(())
            }
            [first, second, third] if number(1).is_none() => {
                self.month = Some(month(second)?);
                self.read_number(first)?;
                self.read_number(third)
            }
            [first, _, _] if first.len() == 4 => self.set(number(0)?, number(1)?, number(2)?),
            [_, second, third]
                if number(0)? <= 12 && second.parse::<u32>().is_ok_and(|second| second > 12) =>
            {
                self.set(year(third)?, number(0)?, number(1)?)
            }
            [_, _, third] => self.set(year(third)?, number(1)?, number(0)?),
            [first, _] if first.len() == 4 => self.set(number(0)?, number(1)?, 1),
            _ => None,
        }
    }

    fn set(&mut self, year: u32, month: u32, day: u32) -> Option<()> {
        (self.year, self.month, self.day) = (Some(i32::try_from(year).ok()?), Some(month), Some(day));
        Some(())
    }

    fn instant(&self, zone: Tz) -> Option<DateTime<Utc>> {
        let year = self.year?;
        let (month, day) = match (self.month, self.day) {
            (Some(month), day) => (month, day.unwrap_or(1)),
            (None, None) => (1, 1),
            (None, Some(_)) => return None,
        };
        let date = NaiveDate::from_ymd_opt(year, month, day)?;
        let time = self.time.unwrap_or(NaiveTime::MIN);
        let local = date.and_time(match self.afternoon {
            Some(afternoon) => on_twelve_hour_clock(time, afternoon)?,
            None => time,
        });
        match self.offset {
            Some(offset) => local.and_local_timezone(offset).single().map(|time| time.to_utc()),
            None => Some(times::local(local, zone)),
        }
    }
}

fn on_twelve_hour_clock(time: NaiveTime, afternoon: bool) -> Option<NaiveTime> {
    use chrono::Timelike;
    match (time.hour(), afternoon) {
        (12, false) => time.with_hour(0),
        (1..=11, true) => time.with_hour(time.hour() + 12),
        _ => Some(time),
    }
}

fn meridiem(word: &str) -> Option<bool> {
    match word {
        "am" | "a.m." => Some(false),
        "pm" | "p.m." => Some(true),
        _ => None,
    }
}

fn month(word: &str) -> Option<u32> {
    let found = MONTHS.iter().position(|names| names.iter().any(|name| word.starts_with(name)))?;
    u32::try_from(found + 1).ok()
}

/// `gmt`, `utc+4`, `gmt+0400`.
fn named_zone(word: &str) -> Option<FixedOffset> {
    let end = word.find(['+', '-']).unwrap_or(word.len());
    let minutes = ZONES.iter().find(|(name, _)| *name == &word[..end])?.1;
    match &word[end..] {
        "" => FixedOffset::east_opt(minutes * 60),
        rest if minutes == 0 => offset(rest),
        _ => None,
    }
}

/// `+04:00`, `+0400`, `+04`, `+4`.
fn offset(text: &str) -> Option<FixedOffset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.chars().skip(1).filter(|c| *c != ':').collect();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i32>().ok()?, 0),
        3 | 4 => {
            let (hours, minutes) = digits.split_at(digits.len() - 2);
            (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?)
        }
        _ => return None,
    };
    (hours <= 15 && minutes < 60).then(|| FixedOffset::east_opt(sign * (hours * 60 + minutes) * 60)).flatten()
}

fn year(text: &str) -> Option<u32> {
    let value = text.parse().ok()?;
    match text.len() {
        4 => Some(value),
        2 => full_year(value).and_then(|year| u32::try_from(year).ok()),
        _ => None,
    }
}

/// RFC 2822 section 4.3, with the pivot at 70 where Unix begins.
fn full_year(two_digits: u32) -> Option<i32> {
    i32::try_from(if two_digits < 70 { 2000 + two_digits } else { 1900 + two_digits }).ok()
}

#[cfg(test)]
mod tests;
