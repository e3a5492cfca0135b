//! What goes to stdout: lines for people, JSON for machines. A reader that went away (`| head`) is
//! no failure.

use std::io::{self, Write};

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

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_grouped() {
        for (n, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")] {
            assert_eq!(super::grouped(n), text);
        }
    }
}
