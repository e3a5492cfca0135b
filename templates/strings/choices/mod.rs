//! The words of the pages where readers choose: the confirmation of a subscription, and what they
//! get. One file per language.

mod az;
mod en;
mod hy;
mod ka;
mod ru;

pub(super) use az::AZ;
pub(super) use en::EN;
pub(super) use hy::HY;
pub(super) use ka::KA;
pub(super) use ru::RU;

/// What the pages of a reader's choices say.
#[derive(Debug)]
pub struct ChoiceWords {
    /// Title of the page that asks for a confirmation.
    pub confirm_title: &'static str,
    /// The question, with the list's title.
    pub confirm_question: fn(&str) -> String,
    /// What the button will do, honestly.
    pub confirm_effect: &'static str,
    /// The button.
    pub confirm_button: &'static str,
    /// Title once the subscription has begun.
    pub confirmed_title: &'static str,
    /// What will come, with the list's title.
    pub confirmed_text: fn(&str) -> String,
    /// Title when it had begun before.
    pub already_title: &'static str,
    /// That nothing had to be done, with the list's title.
    pub already_text: fn(&str) -> String,
    /// Title when there is nothing to confirm any more.
    pub over_title: &'static str,
    /// What to do about it.
    pub over_text: &'static str,
    /// Title for an address that may not be written to.
    pub barred_title: &'static str,
    /// What to do about it.
    pub barred_text: &'static str,
    /// Title of the page of what a reader gets.
    pub preferences_title: &'static str,
    /// Whose page it is, with the address as far as it is shown.
    pub address: fn(&str) -> String,
    /// What the lists below are asked for.
    pub which: &'static str,
    /// Beside a list: the reader gets it.
    pub active: &'static str,
    /// Beside a list: it waits for a confirmation.
    pub waiting: &'static str,
    /// Beside a list: the reader does not get it.
    pub ended: &'static str,
    /// Beside a list: the reader is on it, but the address gets nothing.
    pub stopped: &'static str,
    /// To leave everything.
    pub leave_all: &'static str,
    /// The button.
    pub save: &'static str,
    /// Once something was changed.
    pub saved: &'static str,
    /// When nothing had to be.
    pub unchanged: &'static str,
    /// For a reader of whom nothing is known any more.
    pub gone: &'static str,
}
