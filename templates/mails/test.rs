//! A test: the letter as it stands, marked so that nobody takes it for the real one.

use crate::view::LetterView;

/// `view` with its subject and its head marked as a test, in its own language.
#[must_use]
pub fn marked(view: &LetterView) -> LetterView {
    let words = &view.strings.letter;
    LetterView {
        subject: (words.test_subject)(view.subject.as_str()).into(),
        marking: Some(words.test_marking.into()),
        ..view.clone()
    }
}
