//! A day of the calendar, without a clock or a zone.

/// A valid day of the Gregorian calendar. Its weekday is worked out, so that it never disagrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalDate {
    year: u16,
    month: u8,
    day: u8,
}

impl LocalDate {
    /// The first day that there is: 1 January of the year 1.
    pub const FIRST: Self = Self { year: 1, month: 1, day: 1 };

    /// The day `day` (from 1) of `month` (1 is January) of `year` (from 1), when there is one.
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        if year == 0 || day == 0 || day > days {
            return None;
        }
        Some(Self { year, month, day })
    }

    /// The year.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub const fn day(self) -> u8 {
        self.day
    }

    /// Days since Monday: 0 for Monday, 6 for Sunday (Sakamoto's rule).
    pub fn days_from_monday(self) -> usize {
        const SHIFT: [usize; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
        let year = usize::from(self.year) - usize::from(self.month < 3);
        let from_sunday = (year + year / 4 - year / 100
            + year / 400
            + SHIFT[usize::from(self.month - 1)]
            + usize::from(self.day))
            % 7;
        (from_sunday + 6) % 7
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekdays_are_those_of_the_calendar() {
        for (year, month, day, from_monday) in [
            (2026, 11, 24, 1),
            (2024, 2, 29, 3),
            (2000, 1, 1, 5),
            (2027, 1, 3, 6),
            (1900, 3, 1, 3),
            (1, 1, 1, 0),
        ] {
            assert_eq!(
                LocalDate::new(year, month, day).unwrap().days_from_monday(),
                from_monday,
                "{year}-{month}-{day}"
            );
        }
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for (year, month, day) in [
            (2026, 2, 29),
            (1900, 2, 29),
            (2026, 4, 31),
            (2026, 13, 1),
            (2026, 0, 1),
            (2026, 1, 0),
            (0, 1, 1),
        ] {
            assert_eq!(LocalDate::new(year, month, day), None, "{year}-{month}-{day}");
        }
    }
}
