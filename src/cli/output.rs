//! What goes to stdout: lines for people, JSON for machines. A reader that went away (`| head`) is
//! no failure.

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;

/// Writes one line to stdout.
pub fn line(text: impl AsRef<str>) -> io::Result<()> {
    quiet(writeln!(io::stdout().lock(), "{}", text.as_ref()))
}

/// Writes one JSON object, on one line, to stdout.
pub fn json(value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string(value).map_err(io::Error::other)?;
    line(text)
}

/// Writes one line to stderr: what is for people and no data.
pub fn note(text: impl AsRef<str>) -> io::Result<()> {
    quiet(writeln!(io::stderr().lock(), "{}", text.as_ref()))
}

fn quiet(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// `1,234` and the like.
pub fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        text.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// As [`grouped`], of what is never below zero.
pub fn count(n: u64) -> String {
    grouped(i64::try_from(n).unwrap_or(i64::MAX))
}

/// A rate: `49.8`, `0.02`, `4,981`; as many digits as say something.
pub fn rate(per_second: f64) -> String {
    if per_second >= 100.0 {
        #[expect(clippy::cast_possible_truncation, reason = "nothing sends 2^63 letters in a second")]
        return grouped(per_second.round() as i64);
    }
    if per_second >= 1.0 {
        return format!("{per_second:.1}");
    }
    let text = format!("{per_second:.2}");
    if text == "0.00" { "0".to_owned() } else { text }
}

/// The time of day in `zone`, with the day where it is another than that of `now`: `18:42`,
/// `01:00 on 26 Nov`.
pub fn clock(at: DateTime<Utc>, zone: Tz, now: DateTime<Utc>) -> String {
    let (at, now) = (at.with_timezone(&zone), now.with_timezone(&zone));
    let form = if at.date_naive() == now.date_naive() { "%H:%M" } else { "%H:%M on %-d %b" };
    at.format(form).to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_grouped() {
        for (n, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")] {
            assert_eq!(super::grouped(n), text);
        }
    }

    #[test]
    fn rates_have_the_digits_that_say_something() {
        for (rate, text) in [(0.0, "0"), (0.021, "0.02"), (9.96, "10.0"), (49.83, "49.8"), (4_981.2, "4,981")]
        {
            assert_eq!(super::rate(rate), text);
        }
    }
}
