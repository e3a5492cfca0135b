//! Headlines by rank. The numbers are text, so that they are also read out.

use maud::{Markup, html};

use super::story::headline;
use crate::letter::pen::{Pen, layout};
use crate::letter::theme::Look;
use crate::view::StoryView;

/// A numbered list of headlines.
pub(super) fn ranked_list(pen: &Pen<'_>, stories: &[StoryView], level: u8) -> Markup {
    let (column, number, gap) = match pen.look() {
        Look::Classic => (48, 30, 12),
        Look::Compact => (28, 15, 6),
        Look::TextFirst => (32, 18, 7),
    };
    let colours = pen.colours();
    let (top, font) = match pen.look() {
        Look::Compact => (6, &pen.theme.text_font),
        Look::Classic | Look::TextFirst => (8, &pen.theme.heading_font),
    };
    pen.row(
        top,
        layout(html! {
            @for (at, story) in stories.iter().enumerate() {
                @let line = at > 0 && pen.look() == Look::Classic;
                @let border = if line { format!(";border-top:1px solid {}", colours.rule) } else { String::new() };
                tr {
                    td.rank.accent.rule[line] valign="top" width=(column)
                        style={ "padding:" (gap) "px 0;color:" (colours.accent) ";font-family:" (font) ";font-size:" (number)
                                "px;line-height:" @if number > 20 { "1" } @else { "1.35" } ";font-weight:bold" (border) } { (at + 1) }
                    td.rule[line] valign="top" style={ "padding:" (gap + 1) "px 0;" (pen.type_size()) (border) } {
                        (headline(pen, story, level, pen.sizes.ranked))
                        @if let Some(minutes) = story.reading_minutes {
                            (pen.small(2, html! { ((pen.strings.letter.reading)(minutes)) }))
                        }
                    }
                }
            }
        }),
    )
}
