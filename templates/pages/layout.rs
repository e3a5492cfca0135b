//! The frame of every page.

use maud::{DOCTYPE, Markup, html};

use super::{STYLE_PATH, SiteView};
use crate::strings::Strings;

/// Whether search engines may list a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    Yes,
    No,
}

/// A page with `title` as its only first-level heading. Addresses of pages may hold tokens, so
/// none is ever told to another site.
#[expect(clippy::needless_pass_by_value, reason = "markup is made in place and used once")]
pub(super) fn page(strings: &Strings, site: &SiteView, title: &str, listed: Listed, main: Markup) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang=(strings.tag) dir=(strings.direction.as_str()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                @if listed == Listed::No { meta name="robots" content="noindex"; }
                title { (title) @if title != site.name.as_str() { " – " (site.name) } }
                link rel="stylesheet" href={ (site.base_path) (STYLE_PATH) };
            }
            body {
                header { p { (site.name) } }
                main {
                    h1 { (title) }
                    (main)
                }
                @if let Some(url) = &site.url {
                    footer { p { a href=(url) { ((strings.pages.to_site)(site.name.as_str())) } } }
                }
            }
        }
    };
    markup.into_string()
}
