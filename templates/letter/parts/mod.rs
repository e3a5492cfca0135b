//! The parts of a letter, each a row or rows of its table.

mod footer;
mod house;
mod image;
mod masthead;
mod story;

use maud::{Markup, html};

use super::theme::{LIGHT, MARGIN, SERIF};
use crate::content::Text;
use crate::strings::Strings;
use crate::view::{BlockContent, BlockView};

pub(crate) use footer::footer;
pub(crate) use house::button;
pub(crate) use masthead::{marking, masthead, note, preheader};

/// A row with the letter's margins at its sides and `top` pixels above.
#[expect(clippy::needless_pass_by_value, reason = "markup is made in place and used once")]
pub(crate) fn row(top: u32, content: Markup) -> Markup {
    html! { tr { td.cell style={ "padding:" (top) "px " (MARGIN) "px 0" } { (content) } } }
}

/// One titled section.
pub(super) fn block(block: &BlockView, strings: &Strings) -> Markup {
    html! {
        @if !block.title.is_empty() { (row(36, block_title(&block.title))) }
        @match &block.content {
            BlockContent::Stories(stories) => @for story in stories { (story::story(story, strings)) },
            BlockContent::Ranked(stories) => (story::ranked_list(stories)),
            BlockContent::House(house) => (house::house(house, strings)),
        }
    }
}

fn block_title(title: &Text) -> Markup {
    html! {
        h2.accent.rule style={ "margin:0;padding:0 0 8px;border-bottom:2px solid " (LIGHT.rule) ";color:" (LIGHT.accent)
            ";font-family:" (SERIF) ";font-size:20px;line-height:1.3;font-weight:bold" } { (title) }
    }
}

/// A quiet line of small print.
#[expect(clippy::needless_pass_by_value, reason = "markup is made in place and used once")]
fn small(top: u32, content: Markup) -> Markup {
    html! {
        p.muted style={ "margin:" (top) "px 0 0;color:" (LIGHT.muted) ";font-size:14px;line-height:1.5" } { (content) }
    }
}
