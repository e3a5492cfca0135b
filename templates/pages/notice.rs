//! A page that only says something: nothing here, a damaged link, a fault of ours.

use maud::html;

use super::SiteView;
use super::layout::{Listed, page};
use crate::strings::Strings;

/// What there is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The address leads nowhere.
    NotFound,
    /// The link's token is damaged or forged.
    BadLink,
    /// Something went wrong on our side; nothing was changed.
    Failed,
}

/// The whole page.
pub fn html(strings: &Strings, site: &SiteView, notice: Notice) -> String {
    let words = &strings.pages;
    let (title, text) = match notice {
        Notice::NotFound => (words.not_found_title, words.not_found_text),
        Notice::BadLink => (words.bad_link_title, words.bad_link_text),
        Notice::Failed => (words.failed_title, words.failed_text),
    };
    page(strings, site, title, Listed::No, html! { p { (text) } })
}
