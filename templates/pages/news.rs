//! A page of the demo's newspaper: a story, the front page, the appeal.

use maud::html;

use super::SiteView;
use super::layout::{Listed, page};
use crate::content::Text;
use crate::strings::Strings;

/// One page.
#[derive(Clone, Debug)]
pub struct NewsView {
    /// Its language.
    pub strings: &'static Strings,
    /// Whose page it is.
    pub site: SiteView,
    /// Its headline.
    pub title: Text,
    /// The section it stands in.
    pub kicker: Option<Text>,
    /// Its picture.
    pub picture: Option<PictureView>,
    /// What it says, by paragraph.
    pub text: Vec<Text>,
    /// Who wrote it.
    pub authors: Vec<Text>,
    /// Other pages: path and headline.
    pub links: Vec<(String, Text)>,
}

/// A picture on our own site.
#[derive(Clone, Debug)]
pub struct PictureView {
    /// Where it lies.
    pub path: String,
    /// What it shows, for those who do not see it.
    pub alt: Text,
    /// Its width and height in pixels.
    pub size: (u32, u32),
}

/// The whole page.
pub fn html(view: &NewsView) -> String {
    let main = html! {
        @if let Some(kicker) = &view.kicker { p.quiet { (kicker) } }
        @if let Some(PictureView { path, alt, size: (width, height) }) = &view.picture {
            p { img src=(path) alt=(alt) width=(width) height=(height); }
        }
        @for paragraph in &view.text { p { (paragraph) } }
        @if !view.authors.is_empty() {
            p.quiet {
                @for (n, author) in view.authors.iter().enumerate() { @if n > 0 { ", " } (author) }
            }
        }
        @if !view.links.is_empty() {
            ul.letters {
                @for (path, title) in &view.links { li { p { a href=(path) { (title) } } } }
            }
        }
    };
    page(view.strings, &view.site, view.title.as_str(), Listed::No, main)
}
