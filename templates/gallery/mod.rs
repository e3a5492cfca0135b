//! Sample letters: the same day in a newsroom, in every language and every look, and with what
//! letters have to stand. `newsletterd edition preview --sample` shows them, and so do the
//! gallery and the tests of letters.

mod ar;
mod az;
mod content;
mod en;
mod hy;
mod ka;
mod letter;
mod matrix;
mod ru;
#[cfg(test)]
mod tests;

pub use letter::sample;
pub use matrix::{Case, all, pairwise};

use crate::strings::{AZ, EN, HY, KA, RU, Strings};

/// Arabic, which proves that letters can be read from right to left. No newsletter can choose it:
/// its pages speak English.
pub static ARABIC: Strings = ar::WORDS;

/// The languages of sample letters.
pub static LANGUAGES: [&Strings; 6] = [&EN, &KA, &HY, &AZ, &RU, &ARABIC];

/// What a sample letter has to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variant {
    /// An ordinary day.
    Normal,
    /// One story and no more.
    OneStory,
    /// Twenty stories.
    TwentyStories,
    /// Headlines that do not end, and words wider than a phone.
    LongTitles,
    /// No pictures at all.
    NoPictures,
    /// Titles, names and links that try to break out.
    HostileTitles,
}

impl Variant {
    /// Every variant there is.
    pub const ALL: [Self; 6] = [
        Self::Normal,
        Self::OneStory,
        Self::TwentyStories,
        Self::LongTitles,
        Self::NoPictures,
        Self::HostileTitles,
    ];

    /// Its name in names of files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::OneStory => "one-story",
            Self::TwentyStories => "twenty-stories",
            Self::LongTitles => "long-titles",
            Self::NoPictures => "no-pictures",
            Self::HostileTitles => "hostile-titles",
        }
    }
}
