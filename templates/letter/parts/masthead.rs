//! What stands before the first story.

use maud::{Markup, PreEscaped, html};

use super::{image, row, small};
use crate::content::Text;
use crate::letter::theme::{LIGHT, MARGIN, SERIF};
use crate::view::LetterView;

/// Invisible characters behind the preheader, so that mail programs do not fill their preview
/// with what comes next.
const PADDING: &str = "&#847;&zwnj;&nbsp;";
const PREVIEW: usize = 150;

/// The hidden first words of the letter.
pub(crate) fn preheader(view: &LetterView) -> Markup {
    let length = view.preheader.as_str().chars().count();
    html! {
        @if length > 0 {
            div style="display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;mso-hide:all;font-size:1px;line-height:1px" {
                (view.preheader) (PreEscaped(PADDING.repeat(PREVIEW.saturating_sub(length) / 2)))
            }
        }
    }
}

/// The banner over a letter that is not what subscribers get.
pub(crate) fn marking(text: &Text) -> Markup {
    html! {
        tr { td.button.on-button.cell align="center" bgcolor=(LIGHT.button)
            style={ "padding:10px " (MARGIN) "px;background-color:" (LIGHT.button) ";color:" (LIGHT.on_button)
                    ";font-size:14px;line-height:1.5" } { (text) } }
    }
}

/// Mark, newsroom, title, day and number.
pub(crate) fn masthead(view: &LetterView) -> Markup {
    let number = view.edition_number.map(|n| (view.strings.letter.number)(n));
    row(
        32,
        html! {
            @if let Some(logo) = &view.theme.logo { (image::fitted(logo, 220, 64)) }
            @if view.theme.logo.is_none() && view.site_name != view.newsletter {
                p.muted style={ "margin:0 0 4px;color:" (LIGHT.muted) ";font-size:14px;line-height:1.5" } { (view.site_name) }
            }
            h1.ink.title style={ "margin:0;color:" (LIGHT.ink) ";font-family:" (SERIF)
                ";font-size:32px;line-height:1.2;font-weight:bold" } { (view.newsletter) }
            (small(6, html! {
                (view.strings.date(view.date))
                @if let Some(number) = number { " · " (number) }
            }))
        },
    )
}

/// The editors' words.
pub(crate) fn note(paragraphs: &[Text]) -> Markup {
    if paragraphs.is_empty() {
        return html! {};
    }
    row(
        24,
        html! {
            table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" {
                tr { td.tint.ink style={ "padding:16px 20px;background-color:" (LIGHT.tint) ";border-left:3px solid " (LIGHT.accent)
                    ";color:" (LIGHT.ink) ";font-family:" (SERIF) ";font-size:17px;line-height:1.55" } {
                    @for (at, paragraph) in paragraphs.iter().enumerate() {
                        p style={ "margin:" @if at == 0 { "0" } @else { "12px 0 0" } } { (paragraph) }
                    }
                } }
            }
        },
    )
}
