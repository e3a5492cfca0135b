//! The letter's HTML form: its parts in order.

use maud::html;

use super::document::{document, frame};
use super::parts;
use crate::view::LetterView;

/// The whole HTML document.
pub fn html(view: &LetterView) -> String {
    let content = html! {
        (parts::preheader(view))
        (frame(html! {
            @if let Some(marking) = &view.marking { (parts::marking(marking)) }
            (parts::masthead(view))
            (parts::note(&view.note))
            @for block in &view.blocks { (parts::block(block, view.strings)) }
            (parts::footer(view))
        }))
    };
    document(view.strings.tag, view.direction, &view.subject, &content)
}
