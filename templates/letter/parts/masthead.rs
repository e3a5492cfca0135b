//! What stands before the first words.

use maud::{Markup, PreEscaped, html};

use super::image;
use crate::content::Text;
use crate::letter::pen::{Pen, layout};
use crate::letter::theme::{Colour, Look};
use crate::view::LetterView;

/// Invisible characters behind the preheader, so that mail programs do not fill their preview
/// with what comes next.
const PADDING: &str = "&#847;&zwnj;&nbsp;";
const PREVIEW: usize = 150;

/// The hidden first words of the letter.
pub(in crate::letter) fn preheader(view: &LetterView) -> Markup {
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
pub(in crate::letter) fn marking(pen: &Pen<'_>, text: &Text) -> Markup {
    let colours = pen.colours();
    html! {
        tr { td.button.on-button.cell align="center" bgcolor=(colours.button)
            style={ "padding:10px " (pen.theme.margin()) "px;background-color:" (colours.button) ";color:" (colours.on_button)
                    ";font-size:14px;line-height:1.5" } { (text) } }
    }
}

/// Mark, newsroom, title, day and number.
pub(in crate::letter) fn masthead(pen: &Pen<'_>, view: &LetterView) -> Markup {
    match pen.look() {
        Look::Classic => front_page(pen, view),
        Look::Compact => band(pen, view),
        Look::TextFirst => letterhead(pen, view),
    }
}

/// The middle of the page, with the day between two lines.
fn front_page(pen: &Pen<'_>, view: &LetterView) -> Markup {
    let colours = pen.colours();
    html! {
        tr { td.cell align="center" style={ "padding:32px " (pen.theme.margin()) "px 0" } {
            @if let Some(logo) = &view.theme.logo { (image::logo(logo, Some("center"))) }
            @else if let Some(site) = site(view) { (pen.small(0, html! { (site) })) }
            (title(pen, view, colours.ink, "ink"))
        } }
        (pen.row(16, layout(html! { tr {
            td.muted.rule align="center" style={ "padding:8px 0;border-top:1px solid " (colours.rule)
                ";border-bottom:1px solid " (colours.rule) ";color:" (colours.muted) ";font-size:14px;line-height:1.5" } {
                (day(view))
            }
        } })))
    }
}

/// A band in the newsroom's colour, with the mark on the paper above it. By night it is dim.
fn band(pen: &Pen<'_>, view: &LetterView) -> Markup {
    let colours = pen.colours();
    html! {
        @if let Some(logo) = &view.theme.logo {
            tr { td.cell style={ "padding:14px " (pen.theme.margin()) "px 2px" } { (image::logo(logo, None)) } }
        }
        tr { td.band.on-band.cell bgcolor=(colours.button) style={ "padding:14px " (pen.theme.margin())
            "px;background-color:" (colours.button) ";color:" (colours.on_button) ";font-size:14px;line-height:1.5" } {
            (title(pen, view, colours.on_button, "on-band"))
            p style="margin:2px 0 0" {
                @if view.theme.logo.is_none() { @if let Some(site) = site(view) { span dir="auto" { (site) } " · " } }
                (day(view))
            }
        } }
    }
}

/// The head of a sheet of paper: who writes, and when.
fn letterhead(pen: &Pen<'_>, view: &LetterView) -> Markup {
    let colours = pen.colours();
    html! {
        (pen.row(32, html! {
            @if let Some(logo) = &view.theme.logo { (image::logo(logo, None)) }
            @else if let Some(site) = site(view) { (pen.small(0, html! { (site) })) }
            (title(pen, view, colours.ink, "ink"))
            (pen.small(6, html! { (day(view)) }))
        }))
    }
}

fn title(pen: &Pen<'_>, view: &LetterView, colour: Colour, class: &str) -> Markup {
    html! {
        h1 class={ "title " (class) } style={ "margin:0;color:" (colour) ";font-family:" (pen.theme.heading_font)
            ";font-size:" (pen.sizes.title) "px;line-height:1.25" } { (view.newsletter) }
    }
}

/// The newsroom's name, where the title does not say it already.
fn site(view: &LetterView) -> Option<&Text> {
    Some(&view.site_name).filter(|site| !site.is_empty() && **site != view.newsletter)
}

fn day(view: &LetterView) -> Markup {
    let number = view.edition_number.map(|n| (view.strings.letter.number)(n));
    html! {
        (view.strings.date(view.date))
        @if let Some(number) = number { " · " span dir="auto" { (number) } }
    }
}
