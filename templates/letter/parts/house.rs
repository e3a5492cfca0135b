//! The newsroom's own appeal.

use maud::{Markup, html};

use super::image;
use crate::letter::pen::{Pen, layout};
use crate::letter::theme::{Look, Palette};
use crate::view::{ButtonView, HouseView};

/// Picture, text and button: in a box, or between lines in a letter from a person.
pub(super) fn house(pen: &Pen<'_>, house: &HouseView) -> Markup {
    let (colours, inset) = (pen.colours(), pen.theme.inset());
    let (class, style) = match pen.look() {
        Look::Classic | Look::Compact => {
            ("tint", format!("padding:{inset}px;background-color:{}", colours.tint))
        }
        Look::TextFirst => ("rule", format!("padding:28px 0 0;border-top:1px solid {}", colours.rule)),
    };
    let boxed = (pen.look() != Look::TextFirst).then(|| colours.tint.to_string());
    let words = html! {
        (pen.paragraphs(&house.text))
        @if let Some(asked) = &house.button { (button(asked, colours)) }
    };
    let picture = house.image.as_ref().map(|image| image::wide(pen, image, pen.theme.house_width(), None));
    let inner = match (picture, pen.look()) {
        (Some(picture), Look::Compact) => layout(html! { tr {
            td.wide valign="top" width=(pen.share(pen.theme.house_width() + inset)) style=(pen.padding(4, inset, 0, 0)) { (picture) }
            td.rest valign="top" style=(pen.type_size()) { (words) }
        } }),
        (Some(picture), _) => html! {
            (picture)
            div style="font-size:1px;line-height:16px" { "\u{A0}" }
            (words)
        },
        (None, _) => words,
    };
    pen.row(
        pen.sizes.above_block,
        layout(html! { tr { td class=(class) bgcolor=[boxed] style={ (style) ";" (pen.type_size()) } { (inner) } } }),
    )
}

/// A button that every mail program draws: the colour and the room are the cell's.
pub(super) fn button(button: &ButtonView, colours: &Palette) -> Markup {
    html! {
        table role="presentation" border="0" cellpadding="0" cellspacing="0" style="margin-top:16px" {
            tr { td.button bgcolor=(colours.button) style={ "padding:12px 22px;background-color:" (colours.button) ";border-radius:4px" } {
                a.on-button href=(button.url) style={ "color:" (colours.on_button)
                    ";font-size:16px;line-height:1.4;font-weight:bold;text-decoration:none" } { (button.label) }
            } }
        }
    }
}
