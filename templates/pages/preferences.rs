//! What one reader gets, to see and to change: a tick for each list, one to leave everything, one
//! button. The form says what was shown, so that saving changes only what the reader changed.

use maud::{Markup, html};

use super::SiteView;
use super::layout::{Listed, page};
use crate::content::Text;
use crate::strings::Strings;

/// Name and value of the field that the page's own form always sends.
pub const SAVE_FIELD: (&str, &str) = ("save", "1");
/// Name of the fields with the lists that are ticked.
pub const LIST_FIELD: &str = "list";
/// Name of the fields with the lists that were ticked when the page was shown.
pub const SHOWN_FIELD: &str = "shown";
/// Name and value of the field that is sent to leave everything.
pub const ALL_FIELD: (&str, &str) = ("all", "1");

/// The page of one reader.
#[derive(Clone, Debug)]
pub struct PreferencesView {
    /// The language of the letter that the link stood in.
    pub strings: &'static Strings,
    /// Whose lists these are.
    pub site: SiteView,
    /// What there is to show.
    pub state: PreferencesState,
}

/// What there is to show.
#[derive(Clone, Debug)]
pub enum PreferencesState {
    /// Lists to choose from.
    Choices(ChoicesView),
    /// The address may not be written to.
    Barred,
    /// Nothing is known of the reader any more.
    Gone,
}

/// The lists of one reader.
#[derive(Clone, Debug)]
pub struct ChoicesView {
    /// Path of the POST.
    pub action: String,
    /// The address as far as it may be shown to whom a letter was passed on.
    pub address: Text,
    /// The lists.
    pub lists: Vec<ChoiceView>,
    /// What saving came to; `None` before.
    pub saved: Option<Saved>,
}

/// One list.
#[derive(Clone, Debug)]
pub struct ChoiceView {
    /// What the form calls it.
    pub value: i64,
    /// Its title.
    pub title: Text,
    /// The language of its title.
    pub strings: &'static Strings,
    /// Where the reader stands.
    pub state: ChoiceState,
}

/// Where a reader stands with one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChoiceState {
    /// Gets it.
    Active,
    /// Would have to confirm it.
    Waiting,
    /// Is not on it.
    Ended,
    /// Is on it, but the address gets nothing.
    Stopped,
}

/// What saving came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// Something was changed.
    Changed,
    /// Nothing had to be.
    Unchanged,
}

/// The whole page.
pub fn html(view: &PreferencesView) -> String {
    let words = &view.strings.choices;
    let (title, main) = match &view.state {
        PreferencesState::Choices(choices) => (words.preferences_title, form(choices, view.strings)),
        PreferencesState::Barred => (words.barred_title, html! { p { (words.barred_text) } }),
        PreferencesState::Gone => (words.preferences_title, html! { p { (words.gone) } }),
    };
    page(view.strings, &view.site, title, Listed::No, main)
}

fn form(view: &ChoicesView, strings: &Strings) -> Markup {
    let words = &strings.choices;
    html! {
        @if let Some(saved) = view.saved {
            p.done role="status" { (match saved { Saved::Changed => words.saved, Saved::Unchanged => words.unchanged }) }
        }
        p.quiet { ((words.address)(view.address.as_str())) }
        form method="post" action=(view.action) {
            input type="hidden" name=(SAVE_FIELD.0) value=(SAVE_FIELD.1);
            fieldset {
                legend { (words.which) }
                @for list in &view.lists { (choice(list, strings)) }
            }
            p.choice {
                input type="checkbox" id="all" name=(ALL_FIELD.0) value=(ALL_FIELD.1);
                label for="all" { (words.leave_all) }
            }
            button type="submit" { (words.save) }
        }
    }
}

fn choice(list: &ChoiceView, strings: &Strings) -> Markup {
    let words = &strings.choices;
    let state = match list.state {
        ChoiceState::Active => words.active,
        ChoiceState::Waiting => words.waiting,
        ChoiceState::Ended => words.ended,
        ChoiceState::Stopped => words.stopped,
    };
    let ticked = list.state == ChoiceState::Active;
    let id = format!("list-{}", list.value);
    let state_id = format!("state-{}", list.value);
    html! {
        p.choice {
            input type="checkbox" id=(id) name=(LIST_FIELD) value=(list.value) checked[ticked] aria-describedby=(state_id);
            label for=(id) lang=(list.strings.tag) dir=(list.strings.direction.as_str()) { (list.title) }
            span.quiet id=(state_id) { (state) }
            @if ticked { input type="hidden" name=(SHOWN_FIELD) value=(list.value); }
        }
    }
}
