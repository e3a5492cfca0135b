//! The parts of a letter, each a row or rows of its table.

mod block;
mod footer;
mod house;
mod image;
mod masthead;
mod note;
mod ranked;
mod story;

use maud::{Markup, html};

use super::theme::{LIGHT, MARGIN};
use crate::view::ButtonView;

pub(super) use block::blocks;
pub(super) use footer::footer;
pub(super) use image::pixel;
pub(super) use masthead::{marking, masthead, preheader};
pub(super) use note::note;

/// A row with margins at its sides and `top` pixels above, in our own theme.
#[expect(clippy::needless_pass_by_value, reason = "markup is made in place and used once")]
pub(crate) fn row(top: u32, content: Markup) -> Markup {
    html! { tr { td.cell style={ "padding:" (top) "px " (MARGIN) "px 0" } { (content) } } }
}

/// A button, in our own theme.
pub(crate) fn button(button: &ButtonView) -> Markup {
    house::button(button, &LIGHT)
}
