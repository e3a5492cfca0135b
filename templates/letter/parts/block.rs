//! Sections of the letter: a title, and what stands below it.

use maud::{Markup, html};

use super::{house, ranked, story};
use crate::content::Text;
use crate::letter::pen::{Pen, layout};
use crate::letter::theme::Look;
use crate::view::{BlockContent, BlockView};

/// All sections, in order.
pub(in crate::letter) fn blocks(pen: &Pen<'_>, blocks: &[BlockView]) -> Markup {
    // Headlines stand below a section's title; where none has come yet, they take its level.
    let mut titled = false;
    html! {
        @for block in blocks {
            @let level = { titled |= !block.title.is_empty(); if titled { 3 } else { 2 } };
            (self::block(pen, block, level))
        }
    }
}

fn block(pen: &Pen<'_>, block: &BlockView, level: u8) -> Markup {
    html! {
        @if !block.title.is_empty() { (title(pen, &block.title)) }
        @match &block.content {
            BlockContent::Stories(stories) => (story::stories(pen, stories, level)),
            BlockContent::Ranked(stories) => (ranked::ranked_list(pen, stories, level)),
            BlockContent::House(house) => (house::house(pen, house)),
        }
    }
}

/// A section's title, under or over a line as the look has it.
fn title(pen: &Pen<'_>, title: &Text) -> Markup {
    let colours = pen.colours();
    let (class, style) = match pen.look() {
        Look::Classic => ("bar", format!("padding:10px 0 0;border-top:3px solid {}", colours.accent)),
        Look::Compact => ("bar", format!("padding:0 0 5px;border-bottom:2px solid {}", colours.accent)),
        Look::TextFirst => ("rule", format!("padding:28px 0 0;border-top:1px solid {}", colours.rule)),
    };
    pen.row(
        pen.sizes.above_block,
        layout(html! { tr { td class=(class) style=(style) {
            h2.accent style={ "margin:0;color:" (colours.accent) ";font-family:" (pen.theme.heading_font)
                ";font-size:" (pen.sizes.section) "px;line-height:1.35" } { (title) }
        } } }),
    )
}
