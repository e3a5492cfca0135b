//! Plural rules for whole numbers (CLDR 48), and nouns that follow them.

/// The categories that our languages tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plural {
    /// 1 letter.
    One,
    /// 2 письма.
    Few,
    /// 5 писем.
    Many,
    /// All else.
    Other,
}

/// English, Georgian, Azerbaijani: one is 1.
pub(super) fn one_is_one(n: u64) -> Plural {
    if n == 1 { Plural::One } else { Plural::Other }
}

/// Armenian: one is 0 and 1.
pub(super) fn armenian(n: u64) -> Plural {
    if n <= 1 { Plural::One } else { Plural::Other }
}

/// Russian: by the last digit, save for 11 to 14.
pub(super) fn russian(n: u64) -> Plural {
    match (n % 10, n % 100) {
        (_, 11..=14) => Plural::Many,
        (1, _) => Plural::One,
        (2..=4, _) => Plural::Few,
        _ => Plural::Many,
    }
}

/// A noun in the forms that numbers ask for.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    one: &'static str,
    few: &'static str,
    many: &'static str,
}

impl Counted {
    /// A noun that keeps its singular after every number, as Georgian, Armenian and Azerbaijani ones do.
    pub(super) const fn same(noun: &'static str) -> Self {
        Self { one: noun, few: noun, many: noun }
    }

    /// A noun with a singular and a plural.
    pub(super) const fn two(one: &'static str, many: &'static str) -> Self {
        Self { one, few: many, many }
    }

    /// A noun with the three forms of Russian.
    pub(super) const fn three(one: &'static str, few: &'static str, many: &'static str) -> Self {
        Self { one, few, many }
    }

    /// The form for a category.
    pub const fn form(&self, plural: Plural) -> &'static str {
        match plural {
            Plural::One => self.one,
            Plural::Few => self.few,
            Plural::Many | Plural::Other => self.many,
        }
    }
}
