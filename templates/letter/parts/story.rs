//! Stories, told or ranked.

use maud::{Markup, html};

use super::{image, row, small};
use crate::letter::theme::{LIGHT, MARGIN, SERIF, THUMBNAIL, WIDTH};
use crate::strings::Strings;
use crate::view::StoryView;

/// A story with its picture and summary: large when it leads, else with the picture beside it.
pub(super) fn story(story: &StoryView, strings: &Strings) -> Markup {
    let link = story.url.as_ref();
    match &story.image {
        Some(picture) if story.lead => row(
            20,
            html! {
                (image::wide(picture, WIDTH - 2 * MARGIN, link, strings))
                div style="padding-top:16px" { (words(story, strings)) }
            },
        ),
        Some(picture) => row(
            24,
            html! {
                table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" { tr {
                    td valign="top" { (words(story, strings)) }
                    td.thumb valign="top" align="right" width=(THUMBNAIL + 20)
                        style={ "width:" (THUMBNAIL + 20) "px" } {
                        (image::thumbnail(picture, THUMBNAIL, link))
                    }
                } }
            },
        ),
        None => row(24, words(story, strings)),
    }
}

/// Kicker, headline, summary and authors.
fn words(story: &StoryView, strings: &Strings) -> Markup {
    html! {
        @if let Some(kicker) = story.kicker.as_ref().filter(|kicker| !kicker.is_empty()) {
            p.accent lang=[story.language.as_deref()]
                style={ "margin:0 0 4px;color:" (LIGHT.accent) ";font-size:14px;line-height:1.4;font-weight:bold" } { (kicker) }
        }
        (headline(story, if story.lead { 26 } else { 19 }))
        @if !story.summary.is_empty() {
            p.ink lang=[story.language.as_deref()]
                style={ "margin:8px 0 0;color:" (LIGHT.ink) ";font-size:16px;line-height:1.55" } { (story.summary) }
        }
        @if let Some(byline) = strings.byline(&story.authors) { (small(8, html! { bdi { (byline) } })) }
    }
}

fn headline(story: &StoryView, size: u32) -> Markup {
    let inner = html! {
        @match &story.url {
            Some(url) => a.ink href=(url) style={ "color:" (LIGHT.ink) ";text-decoration:none" } { (story.headline) },
            None => (story.headline),
        }
    };
    html! {
        h3.ink.lead[story.lead] lang=[story.language.as_deref()]
            style={ "margin:0;color:" (LIGHT.ink) ";font-family:" (SERIF) ";font-size:" (size)
                    "px;line-height:1.3;font-weight:bold" } { (inner) }
    }
}

/// Headlines by rank. The numbers are text, so that they are also read out.
pub(super) fn ranked_list(stories: &[StoryView]) -> Markup {
    row(
        8,
        html! {
            table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" {
                @for (at, story) in stories.iter().enumerate() {
                    tr {
                        td.accent valign="top" width="36"
                            style={ "width:36px;padding:12px 0 0;color:" (LIGHT.accent) ";font-family:" (SERIF)
                                    ";font-size:26px;line-height:1;font-weight:bold" } { (at + 1) }
                        td valign="top" style="padding:14px 0 0" { (headline(story, 17)) }
                    }
                }
            }
        },
    )
}
