//! The editors' words before the first section.

use maud::{Markup, html};

use crate::content::Text;
use crate::letter::pen::{Pen, layout};
use crate::letter::theme::Look;

/// The note; nothing where the editors wrote none.
pub(in crate::letter) fn note(pen: &Pen<'_>, paragraphs: &[Text]) -> Markup {
    let colours = pen.colours();
    html! {
        @if !paragraphs.is_empty() {
            @match pen.look() {
                Look::Classic => (pen.row(28, layout(html! { tr {
                    td.bar style={ (pen.padding(2, 0, 2, 20)) ";border-" (pen.start()) ":3px solid " (colours.accent)
                        ";font-family:" (pen.theme.heading_font) ";font-size:17px;line-height:1.6" } { (pen.paragraphs(paragraphs)) }
                } }))),
                Look::Compact => (pen.row(20, layout(html! { tr {
                    td.tint bgcolor=(colours.tint) style={ "padding:12px 16px;background-color:" (colours.tint) ";" (pen.type_size()) } {
                        (pen.paragraphs(paragraphs))
                    }
                } }))),
                Look::TextFirst => (pen.row(28, layout(html! { tr {
                    td style=(pen.type_size()) { (pen.paragraphs(paragraphs)) }
                } }))),
            }
        }
    }
}
