//! The newsroom's own appeal.

use maud::{Markup, html};

use super::{image, row};
use crate::letter::theme::{LIGHT, MARGIN, WIDTH};
use crate::strings::Strings;
use crate::view::{ButtonView, HouseView};

/// Room between the edge of the box and what stands in it, in pixels.
const INSET: u32 = 24;

/// Text, picture and button in a box.
pub(super) fn house(house: &HouseView, strings: &Strings) -> Markup {
    row(
        32,
        html! {
            table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" {
                tr { td.tint.ink style={ "padding:" (INSET) "px;background-color:" (LIGHT.tint) ";color:" (LIGHT.ink)
                    ";font-size:16px;line-height:1.55" } {
                    @if let Some(picture) = &house.image {
                        (image::wide(picture, WIDTH - 2 * (MARGIN + INSET), None, strings))
                        div style="line-height:16px;font-size:16px" { "\u{A0}" }
                    }
                    @for (at, paragraph) in house.text.iter().enumerate() {
                        p style={ "margin:" @if at == 0 { "0" } @else { "12px 0 0" } } { (paragraph) }
                    }
                    @if let Some(asked) = &house.button { (button(asked)) }
                } }
            }
        },
    )
}

/// A button that every mail program draws: the colour and the room are the cell's.
pub(crate) fn button(button: &ButtonView) -> Markup {
    html! {
        table role="presentation" border="0" cellpadding="0" cellspacing="0" style="margin-top:16px" {
            tr { td.button bgcolor=(LIGHT.button) style={ "padding:12px 22px;background-color:" (LIGHT.button) ";border-radius:4px" } {
                a.on-button href=(button.url) style={ "color:" (LIGHT.on_button)
                    ";font-size:16px;line-height:1.3;font-weight:bold;text-decoration:none" } { (button.label) }
            } }
        }
    }
}
