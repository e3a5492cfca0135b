//! Pictures, always with width, height and alternative text.

use maud::{Markup, html};

use super::small;
use crate::content::WebLink;
use crate::strings::Strings;
use crate::view::ImageView;

/// A picture over the letter's whole text width, linked to its story, with its maker below.
pub(super) fn wide(image: &ImageView, width: u32, link: Option<&WebLink>, strings: &Strings) -> Markup {
    html! {
        (linked(image, link, picture(image, width, height_for(image, width))))
        @if let Some(credit) = &image.credit { (small(6, html! { ((strings.letter.photo)(credit.as_str())) })) }
    }
}

/// A small picture beside a story.
pub(super) fn thumbnail(image: &ImageView, width: u32, link: Option<&WebLink>) -> Markup {
    linked(image, link, picture(image, width, height_for(image, width)))
}

/// A picture made to fit into `width` and `height`.
pub(super) fn fitted(image: &ImageView, width: u32, height: u32) -> Markup {
    let (full_width, full_height) = image.size.unwrap_or((width, height));
    let by_height = scale(full_width, height, full_height).min(full_width);
    let width = by_height.min(width).max(1);
    html! { div style="margin:0 0 12px" { (picture(image, width, height_for(image, width))) } }
}

fn picture(image: &ImageView, width: u32, height: u32) -> Markup {
    html! {
        img src=(image.url) alt=(image.alt) width=(width) height=(height) border="0"
            style={ "display:block;width:" (width) "px;max-width:100%;height:auto;border:0" };
    }
}

/// The picture within a link to its story. One that says nothing is hidden from those who listen:
/// the headline beside it leads to the same place.
#[expect(clippy::needless_pass_by_value, reason = "markup is made in place and used once")]
fn linked(image: &ImageView, link: Option<&WebLink>, picture: Markup) -> Markup {
    html! {
        @match link {
            Some(url) if image.alt.is_empty() => a href=(url) aria-hidden="true" tabindex="-1" { (picture) },
            Some(url) => a href=(url) { (picture) },
            None => (picture),
        }
    }
}

/// The height that keeps the picture's shape at `width`; 3:2 where its shape is not known.
fn height_for(image: &ImageView, width: u32) -> u32 {
    let (full_width, full_height) = image.size.unwrap_or((3, 2));
    scale(full_height, width, full_width).max(1)
}

/// `value * to / from`, and `to` where `from` is nothing.
fn scale(value: u32, to: u32, from: u32) -> u32 {
    let scaled = (u64::from(value) * u64::from(to)).checked_div(u64::from(from));
    scaled.and_then(|scaled| u32::try_from(scaled).ok()).unwrap_or(to)
}
