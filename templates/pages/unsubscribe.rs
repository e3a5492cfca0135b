//! Leaving a list. Each state says what is so, and nothing else: asking has changed nothing yet,
//! and only who was on the list has left it.

use maud::html;

use super::SiteView;
use super::layout::{Listed, page};
use crate::content::Text;
use crate::strings::Strings;

/// Name and value of the field that the page's own form sends; a POST with another body is not
/// from this page.
pub const LEAVE_FIELD: (&str, &str) = ("leave", "1");

/// The page about one reader's place on one list. It names the list, never the reader: links are
/// passed on.
#[derive(Clone, Debug)]
pub struct UnsubscribeView {
    /// The list's language.
    pub strings: &'static Strings,
    /// Whose list it is.
    pub site: SiteView,
    /// The list's title.
    pub list_title: Text,
    /// Where the reader stands.
    pub state: UnsubscribeState,
}

/// Where the reader stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnsubscribeState {
    /// On the list; one button posts to `action`.
    Asked {
        /// Path of the POST.
        action: String,
    },
    /// Taken off just now.
    Left,
    /// Was not on it, so nothing was done.
    NotOnList,
}

/// The whole page.
pub fn html(view: &UnsubscribeView) -> String {
    let (words, list) = (&view.strings.pages, view.list_title.as_str());
    let (title, main) = match &view.state {
        UnsubscribeState::Asked { action } => (
            words.leave_title,
            html! {
                p.question { ((words.leave_question)(list)) }
                p { (words.leave_effect) }
                form method="post" action=(action) {
                    input type="hidden" name=(LEAVE_FIELD.0) value=(LEAVE_FIELD.1);
                    button type="submit" { (words.leave_button) }
                }
            },
        ),
        UnsubscribeState::Left => (words.left_title, html! { p { ((words.left_text)(list)) } }),
        UnsubscribeState::NotOnList => (words.not_on_title, html! { p { ((words.not_on_text)(list)) } }),
    };
    page(view.strings, &view.site, title, Listed::No, main)
}
