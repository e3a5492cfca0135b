//! The archive: a newsletter's past letters, newest first.

use maud::html;

use super::SiteView;
use super::layout::{Listed, page};
use crate::content::Text;
use crate::date::LocalDate;
use crate::strings::Strings;

/// The list of one newsletter's letters.
#[derive(Clone, Debug)]
pub struct ArchiveView {
    /// The newsletter's language.
    pub strings: &'static Strings,
    /// Whose newsletter it is.
    pub site: SiteView,
    /// The newsletter's title.
    pub newsletter: Text,
    /// How many letters there are in all.
    pub total: u64,
    /// Those on this page, newest first.
    pub letters: Vec<ArchivedLetter>,
}

/// One past letter.
#[derive(Clone, Debug)]
pub struct ArchivedLetter {
    /// Path of its public form.
    pub path: String,
    /// Its subject.
    pub subject: Text,
    /// Its day.
    pub date: LocalDate,
    /// How many stories were in it.
    pub stories: u64,
}

/// The whole page.
pub fn html(view: &ArchiveView) -> String {
    let words = &view.strings.pages;
    let main = html! {
        @if view.letters.is_empty() {
            p { (words.archive_empty) }
        } @else {
            p.quiet { (view.strings.count(view.total, &words.letters)) }
            ol.letters {
                @for letter in &view.letters {
                    li {
                        a href=(letter.path) { (letter.subject) }
                        p.quiet {
                            time datetime=(iso(letter.date)) { (view.strings.date(letter.date)) }
                            " · " (view.strings.count(letter.stories, &words.stories))
                        }
                    }
                }
            }
        }
    };
    page(view.strings, &view.site, &(words.archive_title)(view.newsletter.as_str()), Listed::Yes, main)
}

fn iso(date: LocalDate) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}
