//! English.

use super::ChoiceWords;

/// English.
pub(in crate::strings) const EN: ChoiceWords = ChoiceWords {
    confirm_title: "Confirm your subscription",
    confirm_question: |list| format!("Do you want to get “{list}”?"),
    confirm_effect: "Nothing has changed yet. When you press the button, your subscription begins.",
    confirm_button: "Yes, subscribe me",
    confirmed_title: "You are subscribed",
    confirmed_text: |list| format!("“{list}” will come to you from the next letter on."),
    already_title: "You are subscribed",
    already_text: |list| format!("You already get “{list}”. Nothing had to be changed."),
    over_title: "There is nothing to confirm",
    over_text: "This link is no longer valid. Nothing has been changed. If you want the letters, please subscribe again.",
    barred_title: "This address gets no letters",
    barred_text: "We may not write to this address. Please write to us if that is wrong. Nothing has been changed.",
    preferences_title: "Your letters",
    address: |address| format!("Address: {address}"),
    which: "Which letters do you want?",
    active: "You get it",
    waiting: "Not confirmed yet",
    ended: "You do not get it",
    stopped: "Stopped: this address gets no mail from us",
    leave_all: "I want no more letters. Take me off everything.",
    save: "Save",
    saved: "Saved.",
    unchanged: "Nothing had to be changed.",
    gone: "Nothing is stored for this link any more.",
};
