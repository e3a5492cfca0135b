//! Why the letter came, what is counted, the ways to change or leave it, and who sent it.

use maud::{Markup, html};

use crate::content::WebLink;
use crate::letter::pen::{Pen, layout, phrase, px};
use crate::letter::theme::Look;
use crate::view::LetterView;

/// The last row. Without a personal link it says nothing about subscribing: whoever reads the
/// public form may not be a subscriber.
pub(in crate::letter) fn footer(pen: &Pen<'_>, view: &LetterView) -> Markup {
    let (words, colours) = (&view.strings.letter, pen.colours());
    let links = [
        (view.preferences_url.as_deref(), words.preferences),
        (view.unsubscribe_url.as_deref(), words.unsubscribe),
        (view.web_url.as_ref().map(WebLink::as_str), words.view_in_browser),
    ];
    let links = links.iter().filter_map(|(url, label)| Some((url.as_ref()?, label))).collect::<Vec<_>>();
    let paragraph =
        |top: u32, content: Markup| html! { p style={ "margin:" (px(top)) " 0 0" } { (content) } };
    let line = if pen.look() == Look::TextFirst {
        format!(";border-top:1px solid {}", colours.rule)
    } else {
        String::new()
    };
    let inner = html! {
        @if view.unsubscribe_url.is_some() { (paragraph(0, phrase(words.reason, &view.list_title))) }
        (paragraph(4, html! { ((words.counted)(view.tracking)) }))
        @if !links.is_empty() {
            // Lines far enough apart for fingers.
            p style="margin:8px 0 0;line-height:2" {
                @for (at, (url, label)) in links.iter().enumerate() { @if at > 0 { " · " } (link(pen, url, label)) }
            }
        }
        (paragraph(8, html! {
            @match &view.site_url {
                Some(url) => span dir="auto" { (link(pen, url.as_str(), view.site_name.as_str())) },
                None => span dir="auto" { (view.site_name) },
            }
            br;
            span dir="auto" { (view.postal_address) }
        }))
    };
    let style = format!("color:{};font-size:14px;line-height:1.5", colours.muted);
    html! {
        @if line.is_empty() {
            tr { td.cell.muted style={ "padding:20px " (pen.theme.margin()) "px 8px;" (style) } { (inner) } }
        } @else {
            (pen.row(40, layout(html! { tr {
                td.muted.rule style={ "padding:20px 0 32px;" (style) (line) } { (inner) }
            } })))
        }
    }
}

fn link(pen: &Pen<'_>, url: &str, label: &str) -> Markup {
    html! { a.ink href=(url) style={ "color:" (pen.colours().ink) ";text-decoration:underline" } { (label) } }
}
