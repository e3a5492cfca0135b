//! The front page: the newsletters, each with the way to its archive.

use maud::html;

use super::SiteView;
use super::layout::{Listed, page};
use crate::content::Text;
use crate::strings::Strings;

/// The newsletters of a newsroom.
#[derive(Clone, Debug)]
pub struct IndexView {
    /// The language of the page.
    pub strings: &'static Strings,
    /// Whose newsletters these are.
    pub site: SiteView,
    /// In the order of the configuration.
    pub newsletters: Vec<ListedNewsletter>,
}

/// One newsletter.
#[derive(Clone, Debug)]
pub struct ListedNewsletter {
    /// Path of its archive.
    pub path: String,
    /// Its title.
    pub title: Text,
    /// Its language.
    pub strings: &'static Strings,
}

/// The whole page.
pub fn html(view: &IndexView) -> String {
    let main = html! {
        ol.letters {
            @for newsletter in &view.newsletters {
                li {
                    a href=(newsletter.path) lang=(newsletter.strings.tag) dir=(newsletter.strings.direction.as_str()) {
                        (newsletter.title)
                    }
                }
            }
        }
    };
    page(view.strings, &view.site, view.site.name.as_str(), Listed::Yes, main)
}
