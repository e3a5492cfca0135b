//! The words that letters and pages add of their own, one file per language.
//!
//! Each language is one struct literal, so a missing key does not compile. Words that take a name
//! or a number are functions, so that each language puts it where its grammar wants it. Nothing is
//! ever upper-cased: Georgian, Armenian and Azerbaijani do not survive it.

mod az;
pub mod choices;
mod en;
mod hy;
mod ka;
pub mod mails;
mod plural;
mod ru;
#[cfg(test)]
mod tests;

pub use az::AZ;
pub use en::EN;
pub use hy::HY;
pub use ka::KA;
pub use plural::{Counted, Plural};
pub use ru::RU;

use self::choices::ChoiceWords;
use self::mails::MailWords;
use crate::content::Text;
use crate::date::LocalDate;
use crate::view::Tracking;

/// Every language there is.
pub const ALL: [&Strings; 5] = [&EN, &KA, &HY, &AZ, &RU];

/// The direction in which a language is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From left to right, as in all five languages.
    LeftToRight,
    /// From right to left.
    RightToLeft,
}

impl Direction {
    /// The value of HTML's `dir` and of CSS's `direction`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}

/// All words of one language.
#[derive(Debug)]
pub struct Strings {
    /// BCP 47 tag.
    pub tag: &'static str,
    /// Direction of its script.
    pub direction: Direction,
    /// Month names from January, in the form that stands in a date.
    pub months: [&'static str; 12],
    /// Day names from Monday.
    pub weekdays: [&'static str; 7],
    /// Order of a full date (CLDR 48's full form, as ICU 78 writes it).
    pub full_date: fn(DateWords) -> String,
    /// Which form of a counted noun goes with a number (CLDR plural rules).
    pub plural: fn(u64) -> Plural,
    /// Default titles of blocks.
    pub blocks: BlockTitles,
    /// What the letter says.
    pub letter: LetterWords,
    /// What the public pages say.
    pub pages: PageWords,
    /// What the pages of a reader's choices say.
    pub choices: ChoiceWords,
    /// What mails that are no letter say.
    pub mails: MailWords,
}

/// The parts of a date, in one language.
#[derive(Clone, Copy, Debug)]
pub struct DateWords {
    /// Day name.
    pub weekday: &'static str,
    /// Day of the month.
    pub day: u8,
    /// Month name.
    pub month: &'static str,
    /// Year.
    pub year: u16,
}

/// Titles of blocks that the configuration gives none.
#[derive(Debug)]
pub struct BlockTitles {
    /// Chosen by editors.
    pub picks: &'static str,
    /// Read most.
    pub most_read: &'static str,
    /// Newest.
    pub latest: &'static str,
    /// On the subject of the lead story.
    pub related: &'static str,
}

/// What the letter says of its own.
#[derive(Debug)]
pub struct LetterWords {
    /// "No. 12".
    pub number: fn(u64) -> String,
    /// "By Ana Example", with the names already joined.
    pub by: fn(&str) -> String,
    /// What stands between the last two of several names, without blanks.
    pub and: &'static str,
    /// "Photo: Ana Example".
    pub photo: fn(&str) -> String,
    /// How many minutes a story takes to read.
    pub reading: fn(u16) -> String,
    /// Why the reader gets the letter, with the list's title.
    pub reason: fn(&str) -> String,
    /// What is counted about those who read the letter, in a sentence.
    pub counted: fn(Tracking) -> &'static str,
    /// The link to what the reader has chosen to get.
    pub preferences: &'static str,
    /// The link out.
    pub unsubscribe: &'static str,
    /// The link to the same letter on the web.
    pub view_in_browser: &'static str,
    /// The subject of a test, with the subject that it tests.
    pub test_subject: fn(&str) -> String,
    /// What a test says above everything else.
    pub test_marking: &'static str,
}

/// What the public pages say of their own.
#[derive(Debug)]
pub struct PageWords {
    /// Title of the page that asks whether to leave.
    pub leave_title: &'static str,
    /// The question, with the list's title.
    pub leave_question: fn(&str) -> String,
    /// What the button will do, honestly.
    pub leave_effect: &'static str,
    /// The button.
    pub leave_button: &'static str,
    /// Title once the reader has left.
    pub left_title: &'static str,
    /// What has happened, with the list's title.
    pub left_text: fn(&str) -> String,
    /// Title when the reader is on the list no more, or never was.
    pub not_on_title: &'static str,
    /// That nothing had to be done, with the list's title.
    pub not_on_text: fn(&str) -> String,
    /// Title of the archive, with the newsletter's.
    pub archive_title: fn(&str) -> String,
    /// An archive without letters.
    pub archive_empty: &'static str,
    /// Letters, counted.
    pub letters: Counted,
    /// Stories, counted.
    pub stories: Counted,
    /// Link to the newsroom's home page, with its name.
    pub to_site: fn(&str) -> String,
    /// Title for an address that leads nowhere.
    pub not_found_title: &'static str,
    /// What to do about it.
    pub not_found_text: &'static str,
    /// Title for a link that is damaged or forged.
    pub bad_link_title: &'static str,
    /// What to do about it.
    pub bad_link_text: &'static str,
    /// Title when something went wrong on our side.
    pub failed_title: &'static str,
    /// What to do about it.
    pub failed_text: &'static str,
}

impl Strings {
    /// The full date, as it stands in a letter's head: "Tuesday, 24 November 2026".
    pub fn date(&self, date: LocalDate) -> String {
        (self.full_date)(DateWords {
            weekday: self.weekdays[date.days_from_monday()],
            day: date.day(),
            month: self.months[usize::from(date.month() - 1)],
            year: date.year(),
        })
    }

    /// A number with its noun: "5 letters".
    pub fn count(&self, n: u64, noun: &Counted) -> String {
        format!("{n}\u{A0}{}", noun.form((self.plural)(n)))
    }

    /// The line that names the authors; `None` without authors.
    pub fn byline(&self, authors: &[Text]) -> Option<String> {
        let names = authors.iter().map(Text::as_str).filter(|name| !name.is_empty()).collect::<Vec<_>>();
        let (last, others) = names.split_last()?;
        let names = if others.is_empty() {
            (*last).to_owned()
        } else {
            format!("{} {} {last}", others.join(", "), self.letter.and)
        };
        Some((self.letter.by)(&names))
    }
}
