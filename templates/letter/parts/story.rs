//! Stories with their summaries: the lead large, the others with a small picture or none.

use maud::{Markup, PreEscaped, html};

use super::image;
use crate::letter::pen::{Pen, layout, told};
use crate::letter::theme::Look;
use crate::view::StoryView;

/// Room between a picture and the words beside it, in pixels.
const BESIDE: u32 = 20;

/// The stories of a section, with a line between each two.
pub(super) fn stories(pen: &Pen<'_>, stories: &[StoryView], level: u8) -> Markup {
    pen.row(
        0,
        html! {
            @for (at, story) in stories.iter().enumerate() {
                (self::story(pen, story, level, at == 0, at + 1 == stories.len()))
            }
        },
    )
}

/// One story, as the look draws it.
fn story(pen: &Pen<'_>, story: &StoryView, level: u8, first: bool, last: bool) -> Markup {
    let picture = story.image.as_ref().filter(|_| pen.theme.shows_pictures());
    let link = story.url.as_ref();
    let gap = pen.sizes.gap;
    let line = if first || pen.look() == Look::TextFirst {
        String::new()
    } else {
        format!(";border-top:1px solid {}", pen.colours().rule)
    };
    let ruled = !line.is_empty();
    let below = if last { gap / 2 } else { gap };
    let words = words(pen, story, level);
    let beside = match pen.look() {
        Look::Compact => BESIDE - 4,
        Look::Classic | Look::TextFirst => BESIDE,
    };
    layout(html! { tr { @match (picture, pen.look(), story.lead) {
        (Some(picture), Look::Classic, true) => td style={ "padding:" (gap - 4) "px 0 " (below) "px;" (pen.type_size()) } {
            (image::wide(pen, picture, pen.theme.lead_width(), link))
            // A margin that every mail program keeps.
            div style="font-size:1px;line-height:18px" { "\u{A0}" }
            (words)
        },
        (Some(picture), Look::Compact, true) => {
            td.wide valign="top" width=(pen.share(pen.theme.lead_width() + beside))
                style={ (pen.padding(gap, beside, below, 0)) } { (image::wide(pen, picture, pen.theme.lead_width(), link)) }
            td.rest valign="top" style={ "padding:" (gap) "px 0 " (below) "px;" (pen.type_size()) } { (words) }
        },
        (Some(picture), Look::Compact, false) => {
            td.thumb.rule[ruled] valign="top" width=(pen.share(pen.theme.thumbnail_width() + beside))
                style={ (pen.padding(gap + 3, beside, below, 0)) (line) } {
                (image::thumbnail(pen, picture, link))
            }
            td.rule[ruled] valign="top" style={ "padding:" (gap) "px 0 " (below) "px;" (pen.type_size()) (line) } { (words) }
        },
        (Some(picture), _, _) => {
            td.rule[ruled] valign="top" style={ "padding:" (gap) "px 0 " (below) "px;" (pen.type_size()) (line) } { (words) }
            td.thumb.rule[ruled] valign="top" width=(pen.share(pen.theme.thumbnail_width() + beside))
                style={ (pen.padding(gap + 4, 0, below, beside)) (line) } {
                (image::thumbnail(pen, picture, link))
            }
        },
        (None, _, _) => td.rule[ruled] style={ "padding:" (gap) "px 0 " (below) "px;" (pen.type_size()) (line) } { (words) },
    } } })
}

/// Kicker, headline, summary, authors and reading time.
fn words(pen: &Pen<'_>, story: &StoryView, level: u8) -> Markup {
    let size = if story.lead { pen.sizes.lead } else { pen.sizes.story };
    let kicker = story.kicker.as_ref().filter(|kicker| !kicker.is_empty());
    let kicker = kicker.map(|kicker| html! {
        span.accent style={ "color:" (pen.colours().accent) ";font-weight:bold" } { (told(story, kicker)) }
    });
    let above = pen.look() == Look::Classic;
    html! {
        @if let (Some(kicker), true) = (&kicker, above) {
            p style={ "margin:0 0 5px;font-size:" (pen.sizes.small) "px;line-height:1.4" } { (kicker) }
        }
        (headline(pen, story, level, size))
        @if !story.summary.is_empty() {
            @let large = story.lead && pen.look() == Look::Classic;
            p style={ "margin:" (pen.sizes.apart) "px 0 0" @if large { ";font-size:17px" } } { (told(story, &story.summary)) }
        }
        (meta(pen, story, kicker.filter(|_| !above)))
    }
}

/// The quiet line below: kicker where it does not stand above, authors, reading time.
fn meta(pen: &Pen<'_>, story: &StoryView, kicker: Option<Markup>) -> Markup {
    let byline = pen.strings.byline(&story.authors).map(|byline| html! { span dir="auto" { (byline) } });
    let reading = story.reading_minutes.map(|minutes| html! { ((pen.strings.letter.reading)(minutes)) });
    let said = [kicker, byline, reading].into_iter().flatten().collect::<Vec<_>>();
    html! {
        @if !said.is_empty() {
            (pen.small(pen.sizes.apart, html! {
                @for (at, one) in said.iter().enumerate() { @if at > 0 { " · " } (one) }
            }))
        }
    }
}

/// A headline, linked to its story. A letter from a person shows its links as links.
pub(super) fn headline(pen: &Pen<'_>, story: &StoryView, level: u8, size: u32) -> Markup {
    let decoration = if pen.look() == Look::TextFirst { "underline" } else { "none" };
    let inner = html! {
        @match &story.url {
            Some(url) => a.ink href=(url) style={ "color:" (pen.colours().ink) ";text-decoration:" (decoration) } {
                (told(story, &story.headline))
            },
            None => (told(story, &story.headline)),
        }
    };
    let class = if story.lead { " class=\"lead\"" } else { "" };
    let font = &pen.theme.heading_font;
    let same = *font == pen.theme.text_font;
    // Beside the words of a person, bold and underlined would be too loud.
    let weight = if pen.look() == Look::TextFirst && !story.lead { "font-weight:normal;" } else { "" };
    let family = if same { String::new() } else { format!("font-family:{font};") };
    html! {
        (PreEscaped(format!("<h{level}{class} style=\"margin:0;{family}{weight}font-size:{size}px;line-height:1.3\">")))
        (inner)
        (PreEscaped(format!("</h{level}>")))
    }
}
