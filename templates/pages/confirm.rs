//! Confirming a subscription, or coming back to one. Each state says what is so: asking has
//! changed nothing yet, and nobody is told of a subscription that there is not.

use maud::html;

use super::SiteView;
use super::layout::{Listed, page};
use crate::content::Text;
use crate::strings::Strings;

/// Name and value of the field that the page's own form sends; a POST with another body is not
/// from this page.
pub const CONFIRM_FIELD: (&str, &str) = ("confirm", "1");

/// The page about one reader's wish to get one list. It names the list, never the reader: links are
/// passed on.
#[derive(Clone, Debug)]
pub struct ConfirmView {
    /// The reader's language.
    pub strings: &'static Strings,
    /// Whose list it is.
    pub site: SiteView,
    /// The list's title.
    pub list_title: Text,
    /// Where the reader stands.
    pub state: ConfirmState,
}

/// Where the reader stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfirmState {
    /// Not on the list yet; one button posts to `action`.
    Asked {
        /// Path of the POST.
        action: String,
    },
    /// On it as of now.
    Confirmed,
    /// On it before, so nothing was done.
    Already,
    /// There is nothing to confirm any more.
    Over,
    /// The address may not be written to.
    Barred,
}

/// The whole page.
pub fn html(view: &ConfirmView) -> String {
    let (words, list) = (&view.strings.choices, view.list_title.as_str());
    let (title, main) = match &view.state {
        ConfirmState::Asked { action } => (
            words.confirm_title,
            html! {
                p.question { ((words.confirm_question)(list)) }
                p { (words.confirm_effect) }
                form method="post" action=(action) {
                    input type="hidden" name=(CONFIRM_FIELD.0) value=(CONFIRM_FIELD.1);
                    button type="submit" { (words.confirm_button) }
                }
            },
        ),
        ConfirmState::Confirmed => (words.confirmed_title, html! { p { ((words.confirmed_text)(list)) } }),
        ConfirmState::Already => (words.already_title, html! { p { ((words.already_text)(list)) } }),
        ConfirmState::Over => (words.over_title, html! { p { (words.over_text) } }),
        ConfirmState::Barred => (words.barred_title, html! { p { (words.barred_text) } }),
    };
    page(view.strings, &view.site, title, Listed::No, main)
}
