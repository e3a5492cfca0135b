//! Counts as people and reports write them: `3,505`, `1 204`, `1.204`, `12.0`.

/// Which marks stand before decimals in a file. A mark that stands before any other number of
/// digits than three, and only once, does; `1.204` alone does not tell, and is a count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Decimals {
    comma: bool,
    dot: bool,
}

impl Decimals {
    /// Looks at all counts of a file.
    pub(super) fn of<'a>(cells: impl Iterator<Item = &'a str>) -> Self {
        let mut decimals = Self::default();
        for cell in cells {
            let digits = bare(cell);
            decimals.comma |= before_decimals(&digits, ',');
            decimals.dot |= before_decimals(&digits, '.');
        }
        decimals
    }

    /// A count; fractions, which sampling services give, are rounded. `None` for what is no number,
    /// or none that can count readers.
    pub(super) fn count(self, cell: &str) -> Option<i64> {
        const MOST: i64 = 1_000_000_000_000;
        let digits = bare(cell);
        let decimal = match (self.comma, self.dot) {
            (true, false) => Some(','),
            (false, true) => Some('.'),
            // Both: whichever comes last in this very number.
            (true, true) => digits.chars().rev().find(|c| matches!(c, ',' | '.')),
            (false, false) => None,
        };
        let (whole, fraction) = decimal.and_then(|mark| digits.rsplit_once(mark)).unwrap_or((&digits, ""));
        let whole = grouped(whole)?;
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let up = fraction.bytes().next().is_some_and(|first| first >= b'5');
        whole
            .parse::<i64>()
            .ok()
            .map(|whole| whole + i64::from(up))
            .filter(|count| (0..=MOST).contains(count))
    }
}

/// Without spaces of any width and apostrophes, which only ever group digits.
fn bare(cell: &str) -> String {
    cell.chars().filter(|&c| !c.is_whitespace() && !matches!(c, '\'' | '’' | '\u{2060}')).collect()
}

fn before_decimals(digits: &str, mark: char) -> bool {
    let Some((before, after)) = digits.rsplit_once(mark) else { return false };
    let digits_only = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits_only(after)
        && !before.contains(mark)
        && (after.len() != 3 || before.len() > 3 && digits_only(before) || before == "0")
}

/// The digits of a whole number whose groups, if it has any, are of three.
fn grouped(whole: &str) -> Option<String> {
    let mut groups = whole.split([',', '.']);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let fits = (rest.is_empty() || first.len() <= 3) && rest.iter().all(|group| group.len() == 3);
    let digits = std::iter::once(first).chain(rest).collect::<String>();
    (fits && !first.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(cells: &[&str]) -> Vec<Option<i64>> {
        let decimals = Decimals::of(cells.iter().copied());
        cells.iter().map(|cell| decimals.count(cell)).collect()
    }

    #[test]
    fn thousands_are_read_in_every_writing() {
        for cell in
            ["3505", "3,505", "3.505", "3 505", "3\u{a0}505", "3\u{202f}505", "3'505", "3’505", " 3505 "]
        {
            assert_eq!(counts(&[cell]), [Some(3505)], "{cell:?}");
        }
        assert_eq!(counts(&["1,234,567", "1.234.567", "0", "12"]), [1_234_567, 1_234_567, 0, 12].map(Some));
    }

    #[test]
    fn decimals_are_known_by_the_other_numbers_of_the_file() {
        assert_eq!(counts(&["151.0", "3.505"]), [Some(151), Some(4)]);
        assert_eq!(counts(&["1,234.00", "5.5"]), [Some(1234), Some(6)]);
        assert_eq!(counts(&["1.234,50", "999,1"]), [Some(1235), Some(999)]);
        assert_eq!(counts(&["1234.567"]), [Some(1235)]);
        assert_eq!(counts(&["0.123"]), [Some(0)]);
    }

    #[test]
    fn what_counts_nobody_is_refused() {
        for cell in ["", "-5", "abc", "1,23,456", "12e3", "99999999999999", "1K", ",", "5%"] {
            assert_eq!(counts(&[cell]), [None], "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn grouping_does_not_change_a_number(number in 0_i64..1_000_000_000, mark in proptest::sample::select(vec![',', '.', ' ', '\u{a0}', '\u{202f}', '\''])) {
            let digits = number.to_string();
            let grouped: String = digits
                .char_indices()
                .flat_map(|(at, digit)| {
                    let gap = at > 0 && (digits.len() - at).is_multiple_of(3);
                    gap.then_some(mark).into_iter().chain([digit])
                })
                .collect();
            prop_assert_eq!(counts(&[&grouped]), [Some(number)]);
        }

        #[test]
        fn no_text_makes_it_panic(cell in "\\PC{0,20}|[0-9.,' ]{0,20}") {
            let _ = counts(&[&cell]);
        }
    }
}
