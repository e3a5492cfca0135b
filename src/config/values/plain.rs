//! Names of things, lengths of time, shares of a whole.

use std::fmt;

use chrono::TimeDelta;

use super::{Word, quoted};

/// The name of a list, a newsletter, a source or a relay: what other keys, commands, addresses of
/// pages and the database refer to. Lower-case ASCII letters, digits, `-` and `_`; 1 to 63 of them,
/// a letter or a digit first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Word for Name {
    const ONE: &'static str = "a name of lower-case letters, digits, - and _ such as \"daily-en\"";
    const MANY: &'static str = "a list of names";

    fn parse(text: &str) -> Result<Self, String> {
        let sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        let begins_well = !text.starts_with(['-', '_']);
        if (1..=63).contains(&text.len()) && text.chars().all(sign) && begins_well {
            return Ok(Self(text.to_owned()));
        }
        Err(format!("{} is not {} (at most 63 signs)", quoted(text), Self::ONE))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// A length of time in whole seconds, at most ten years, written with units: `90s`, `2h`,
/// `1d 12h`. `s`, `m`, `h`, `d` and `w` are known; a day is 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimeSpan(u32);

impl TimeSpan {
    /// Ten years, in seconds.
    const MAX: u32 = 3650 * 86_400;
    const UNITS: [(char, u32); 5] = [('w', 604_800), ('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

    /// For sums with instants.
    pub fn delta(self) -> TimeDelta {
        TimeDelta::seconds(self.0.into())
    }

    /// For timers.
    pub fn duration(self) -> std::time::Duration {
        std::time::Duration::from_secs(self.0.into())
    }

    /// Its whole seconds.
    pub const fn seconds(self) -> u32 {
        self.0
    }

    fn total(text: &str) -> Option<u32> {
        let mut total: u32 = 0;
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (digits, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
            let number: u32 = digits.parse().ok()?;
            let mut after = after.chars();
            let unit = after.next()?;
            let (_, seconds) = Self::UNITS.into_iter().find(|(letter, _)| *letter == unit)?;
            total = total.checked_add(number.checked_mul(seconds)?)?;
            rest = after.as_str().trim_start();
        }
        (!text.trim().is_empty() && total <= Self::MAX).then_some(total)
    }
}

impl fmt::Display for TimeSpan {
    /// In the largest unit that needs no other: `90m`, `2h`, `400d`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |(_, seconds): &(char, u32)| self.0 >= *seconds && self.0.is_multiple_of(*seconds);
        // Weeks are read, but nobody says "one week" for "7d" when the rest counts in days.
        let (unit, seconds) = Self::UNITS.into_iter().skip(1).find(whole).unwrap_or(('s', 1));
        write!(f, "{}{unit}", self.0 / seconds)
    }
}

impl Word for TimeSpan {
    const ONE: &'static str = "a duration such as \"2h\", \"10m\" or \"1d 12h\"";
    const MANY: &'static str = "a list of durations";

    fn parse(text: &str) -> Result<Self, String> {
        Self::total(text).map(Self).ok_or_else(|| {
            format!("{} is not {} (units: s, m, h, d, w; at most ten years)", quoted(text), Self::ONE)
        })
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// A part of a whole, from `0%` to `100%`, with at most two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Share {
    /// In hundredths of a percent, so that comparing needs no fractions.
    basis_points: u16,
}

impl Share {
    /// Whether `part` is a larger share of `whole` than this. Of nothing, every part is.
    pub fn is_exceeded(self, part: u64, whole: u64) -> bool {
        u128::from(part) * 10_000 > u128::from(whole) * u128::from(self.basis_points)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (percent, hundredths) = (self.basis_points / 100, self.basis_points % 100);
        let decimals = if hundredths == 0 { String::new() } else { format!(".{hundredths:02}") };
        write!(f, "{percent}{}%", decimals.trim_end_matches('0'))
    }
}

impl Word for Share {
    const ONE: &'static str = "a share such as \"2%\" or \"0.5%\"";
    const MANY: &'static str = "a list of shares";

    fn parse(text: &str) -> Result<Self, String> {
        let basis_points = || {
            let number = text.trim().strip_suffix('%')?.trim_end();
            let (percent, decimals) = number.split_once('.').unwrap_or((number, "0"));
            let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
            if !(1..=2).contains(&decimals.len()) || !digits(percent) || !digits(decimals) {
                return None;
            }
            let percent: u16 = percent.parse().ok().filter(|percent| *percent <= 100)?;
            let hundredths: u16 = format!("{decimals:0<2}").parse().ok()?;
            Some(percent * 100 + hundredths).filter(|points| *points <= 10_000)
        };
        let share = basis_points().map(|basis_points| Self { basis_points });
        share.ok_or_else(|| format!("{} is not {} (at most 100%, two decimals)", quoted(text), Self::ONE))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_read_with_their_units() {
        for (text, seconds) in
            [("2h", 7200), ("90s", 90), ("1d 12h", 129_600), ("1h30m", 5400), ("1w", 604_800), ("0s", 0)]
        {
            assert_eq!(TimeSpan::parse(text).map(TimeSpan::seconds), Ok(seconds), "{text}");
        }
        for text in ["", " ", "2", "h", "2x", "-2h", "2.5h", "2H", "1000000d", "99999999999s", "2h3", "２h"]
        {
            assert!(TimeSpan::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_are_plain() {
        for good in ["daily-en", "a", "0", "readers_2"] {
            assert!(Name::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "Daily", "a b", "-a", "ქართული", "a/b", "a.b", &"x".repeat(64)] {
            assert!(Name::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn shares_are_read_in_percent_and_compared_exactly() {
        for (text, points) in
            [("2%", 200), ("0.5%", 50), ("0.25 %", 25), ("0%", 0), ("100%", 10_000), ("12.05%", 1205)]
        {
            assert_eq!(Share::parse(text).map(|share| share.basis_points), Ok(points), "{text}");
        }
        for text in ["", "%", "2", "101%", "100.01%", "-1%", "0.005%", "1.%", ".5%", "2%%", "1e1%", "2٪"] {
            assert!(Share::parse(text).is_err(), "{text}");
        }
        let two = Share::parse("2%").unwrap();
        assert!(!two.is_exceeded(2, 100) && two.is_exceeded(3, 100) && two.is_exceeded(1, 49));
        assert!(!two.is_exceeded(0, 0) && two.is_exceeded(1, 0) && !two.is_exceeded(u64::MAX / 50, u64::MAX));
    }

    proptest! {
        #[test]
        fn shares_that_are_shown_are_read_back(basis_points in 0..=10_000_u16) {
            prop_assert_eq!(Share::parse(&Share { basis_points }.show()), Ok(Share { basis_points }));
        }

        #[test]
        fn what_is_shown_is_read_back(seconds in 0..=TimeSpan::MAX) {
            prop_assert_eq!(TimeSpan::parse(&TimeSpan(seconds).show()), Ok(TimeSpan(seconds)));
        }

        #[test]
        fn any_text_is_answered(text in ".*") {
            let _ = TimeSpan::parse(&text);
            let _ = Share::parse(&text);
            let _ = Name::parse(&text);
        }
    }
}
