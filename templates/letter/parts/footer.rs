//! Why the letter came, the way out, and who sent it.

use maud::{Markup, html};

use super::small;
use crate::letter::theme::{LIGHT, MARGIN};
use crate::view::LetterView;

/// The last row. Without a personal link it says nothing about subscribing: whoever reads the
/// public form may not be a subscriber.
pub(crate) fn footer(view: &LetterView) -> Markup {
    let words = &view.strings.letter;
    html! {
        tr { td.cell style={ "padding:40px " (MARGIN) "px 32px" } {
            div.rule style={ "border-top:1px solid " (LIGHT.rule) ";font-size:1px;line-height:12px" } { "\u{A0}" }
            @if let Some(url) = &view.unsubscribe_url {
                (small(0, html! { ((words.reason)(view.list_title.as_str())) }))
                (small(4, html! { (link(url, words.unsubscribe)) }))
            }
            @if let Some(url) = &view.web_url {
                (small(4, html! { (link(url.as_str(), words.view_in_browser)) }))
            }
            (small(16, html! {
                @match &view.site_url {
                    Some(url) => (link(url.as_str(), view.site_name.as_str())),
                    None => (view.site_name),
                }
                br;
                (view.postal_address)
            }))
        } }
    }
}

fn link(url: &str, label: &str) -> Markup {
    html! { a.ink href=(url) style={ "color:" (LIGHT.ink) ";text-decoration:underline" } { (label) } }
}
