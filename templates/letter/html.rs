//! The letter's HTML form: its parts in order.

use maud::html;

use super::document::{framed, themed};
use super::parts;
use super::pen::Pen;
use super::theme::Look;
use crate::view::LetterView;

/// The whole HTML document.
pub fn html(view: &LetterView) -> String {
    let pen = Pen::of(view);
    let mut rows = html! {
        @if let Some(marking) = &view.marking { (parts::marking(&pen, marking)) }
        (parts::masthead(&pen, view))
        (parts::note(&pen, &view.note))
        (parts::blocks(&pen, &view.blocks))
    };
    let mut below = parts::footer(&pen, view);
    if view.theme.look == Look::TextFirst {
        rows.0.push_str(&std::mem::take(&mut below.0));
    } else {
        rows.0.push_str(&pen.row(32, html! {}).0);
    }
    let content = html! {
        (parts::preheader(view))
        (framed(&view.theme, view.direction, &rows, &below))
        @if let Some(pixel) = &view.pixel { (parts::pixel(pixel)) }
    };
    themed(&view.theme, view.strings.tag, view.direction, &view.subject, &content)
}
