//! Pictures, always with width, height and alternative text, and with something to see while they
//! are not there.

use maud::{Markup, html};

use crate::content::WebLink;
use crate::letter::pen::{Pen, phrase};
use crate::view::ImageView;

/// A large picture, linked to its story, with its maker below.
pub(super) fn wide(pen: &Pen<'_>, image: &ImageView, width: u32, link: Option<&WebLink>) -> Markup {
    html! {
        (linked(pen, image, link, picture(pen, image, width, height_for(image, width))))
        @if let Some(credit) = &image.credit { (pen.small(6, phrase(pen.strings.letter.photo, credit))) }
    }
}

/// A small picture beside a story.
pub(super) fn thumbnail(pen: &Pen<'_>, image: &ImageView, link: Option<&WebLink>) -> Markup {
    let width = pen.theme.thumbnail_width();
    linked(pen, image, link, picture(pen, image, width, height_for(image, width)))
}

/// The newsroom's mark, in the place that mastheads have for it.
pub(super) fn logo(image: &ImageView, align: Option<&str>) -> Markup {
    let (most_wide, most_high) = (240, 64);
    let (full_width, full_height) = image.size.unwrap_or((most_wide, most_high));
    let width = scale(full_width, most_high, full_height).min(full_width).min(most_wide).max(1);
    html! {
        table role="presentation" align=[align] border="0" cellpadding="0" cellspacing="0" { tr { td style="padding:0 0 12px" {
            img src=(image.url) alt=(image.alt) width=(width) height=(height_for(image, width)) border="0"
                style={ "display:block;width:" (width) "px;max-width:100%;height:auto" };
        } } }
    }
}

/// The picture that counts openings: seen by nobody, and not read out.
pub(in crate::letter) fn pixel(url: &WebLink) -> Markup {
    html! {
        img src=(url) alt="" width="1" height="1" border="0" aria-hidden="true"
            style="display:block;width:1px;height:1px;border:0";
    }
}

fn picture(pen: &Pen<'_>, image: &ImageView, width: u32, height: u32) -> Markup {
    html! {
        img.tint src=(image.url) alt=(image.alt) width=(width) height=(height) border="0"
            style={ "display:block;width:100%;max-width:" (width) "px;height:auto;background-color:" (pen.colours().tint) };
    }
}

/// The picture within a link to its story. One that says nothing is hidden from those who listen:
/// the headline beside it leads to the same place. The words of one that is not there are small.
#[expect(clippy::needless_pass_by_value, reason = "markup is made in place and used once")]
fn linked(pen: &Pen<'_>, image: &ImageView, link: Option<&WebLink>, picture: Markup) -> Markup {
    let style = format!("color:{};font-size:14px;line-height:1.4;text-decoration:none", pen.colours().muted);
    html! {
        @match link {
            Some(url) if image.alt.is_empty() => a href=(url) aria-hidden="true" tabindex="-1" { (picture) },
            Some(url) if pen.is_clear(&image.alt) => a.muted href=(url) style=(style) { (picture) },
            _ => (picture),
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
