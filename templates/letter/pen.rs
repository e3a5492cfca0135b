//! What every part of a letter needs to draw: the theme, the words, the direction, and the measures
//! of the look.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use maud::{Markup, html};

use super::theme::{Look, Palette, Theme};
use crate::content::Text;
use crate::strings::{Direction, Strings};
use crate::view::{BlockContent, LetterView, StoryView};

/// Sizes of type and room between things, in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Type of the letter's title.
    pub(super) title: u32,
    /// Type of sections' titles.
    pub(super) section: u32,
    /// Type of the lead story's headline.
    pub(super) lead: u32,
    /// Type of other headlines.
    pub(super) story: u32,
    /// Type of ranked headlines.
    pub(super) ranked: u32,
    /// Type of text.
    pub(super) body: u32,
    /// Line height of text.
    pub(super) leading: &'static str,
    /// Type of small print.
    pub(super) small: u32,
    /// Above a section.
    pub(super) above_block: u32,
    /// Above and below a story.
    pub(super) gap: u32,
    /// Between a story's headline, its summary and what is below.
    pub(super) apart: u32,
}

impl Sizes {
    const fn of(look: Look) -> Self {
        match look {
            Look::Classic => Self {
                title: 36,
                section: 19,
                lead: 29,
                story: 20,
                ranked: 18,
                body: 16,
                leading: "1.55",
                small: 14,
                above_block: 40,
                gap: 24,
                apart: 8,
            },
            Look::Compact => Self {
                title: 22,
                section: 16,
                lead: 20,
                story: 16,
                ranked: 15,
                body: 15,
                leading: "1.45",
                small: 14,
                above_block: 24,
                gap: 14,
                apart: 3,
            },
            Look::TextFirst => Self {
                title: 27,
                section: 18,
                lead: 22,
                story: 20,
                ranked: 18,
                body: 18,
                leading: "1.6",
                small: 15,
                above_block: 40,
                gap: 13,
                apart: 6,
            },
        }
    }
}

/// Everything that parts are drawn with.
#[derive(Clone, Debug)]
pub(super) struct Pen<'a> {
    /// Colours, type and widths.
    pub(super) theme: &'a Theme,
    /// The letter's own words.
    pub(super) strings: &'static Strings,
    /// The letter's direction.
    pub(super) direction: Direction,
    /// The look's measures.
    pub(super) sizes: Sizes,
    /// Words that would lead to more than one address if every picture were a link.
    unclear: BTreeSet<&'a str>,
}

impl<'a> Pen<'a> {
    /// The pen for a letter.
    pub(super) fn of(view: &'a LetterView) -> Self {
        Self {
            theme: &view.theme,
            strings: view.strings,
            direction: view.direction,
            sizes: Sizes::of(view.theme.look),
            unclear: unclear(view),
        }
    }

    /// Whether a picture that says `alt` can be a link: whoever hears only the links has to know
    /// where each leads.
    pub(super) fn is_clear(&self, alt: &Text) -> bool {
        !self.unclear.contains(alt.as_str())
    }

    /// The look.
    pub(super) fn look(&self) -> Look {
        self.theme.look
    }

    /// The colours that stand inline: those of the day.
    pub(super) fn colours(&self) -> &'a Palette {
        &self.theme.light
    }

    /// The side on which lines begin. Mail programs know no `inline-start`.
    pub(super) fn start(&self) -> &'static str {
        start(self.direction)
    }

    /// `padding`, in pixels, with its sides as the letter is read.
    pub(super) fn padding(&self, top: u32, end: u32, bottom: u32, start: u32) -> String {
        let (right, left) = match self.direction {
            Direction::LeftToRight => (end, start),
            Direction::RightToLeft => (start, end),
        };
        let mut css = String::from("padding:");
        for (at, side) in [top, right, bottom, left].into_iter().enumerate() {
            let _ =
                write!(css, "{}{side}{}", if at > 0 { " " } else { "" }, if side > 0 { "px" } else { "" });
        }
        css
    }

    /// A column of `width` pixels as a share of the text's width, so that it shrinks with the letter
    /// on a phone, also where no style sheet helps.
    pub(super) fn share(&self, width: u32) -> String {
        format!("{}%", (width * 100 / self.theme.text_width()).min(60))
    }

    /// A row with the letter's margins at its sides and `top` pixels above.
    #[expect(clippy::needless_pass_by_value, reason = "markup is made in place and used once")]
    pub(super) fn row(&self, top: u32, content: Markup) -> Markup {
        html! { tr { td.cell style={ "padding:" (px(top)) " " (self.theme.margin()) "px 0" } { (content) } } }
    }

    /// Text as it stands in a cell: its size and the height of its lines.
    pub(super) fn type_size(&self) -> String {
        format!("font-size:{}px;line-height:{}", self.sizes.body, self.sizes.leading)
    }

    /// A quiet line of small print, `top` pixels below what is before it.
    #[expect(clippy::needless_pass_by_value, reason = "markup is made in place and used once")]
    pub(super) fn small(&self, top: u32, content: Markup) -> Markup {
        html! {
            p.muted style={ "margin:" (px(top)) " 0 0;color:" (self.colours().muted) ";font-size:" (self.sizes.small) "px" } {
                (content)
            }
        }
    }

    /// Paragraphs one below the other.
    pub(super) fn paragraphs(&self, paragraphs: &[Text]) -> Markup {
        html! {
            @for (at, paragraph) in paragraphs.iter().enumerate() {
                p style={ "margin:" @if at > 0 { (self.sizes.body * 3 / 4) "px 0 " } "0" } { (paragraph) }
            }
        }
    }
}

/// Headlines and words of pictures that are there with more than one address.
fn unclear(view: &LetterView) -> BTreeSet<&str> {
    let mut addresses = BTreeMap::<&str, &str>::new();
    let mut unclear = BTreeSet::new();
    for block in &view.blocks {
        let (BlockContent::Stories(stories) | BlockContent::Ranked(stories)) = &block.content else {
            continue;
        };
        for story in stories {
            let Some(url) = &story.url else { continue };
            let alt = story.image.as_ref().map(|image| &image.alt);
            for words in [Some(&story.headline), alt].into_iter().flatten().map(Text::as_str) {
                if *addresses.entry(words).or_insert(url.as_str()) != url.as_str() {
                    unclear.insert(words);
                }
            }
        }
    }
    unclear
}

/// A length in pixels, as short as CSS allows.
pub(super) fn px(length: u32) -> String {
    if length == 0 { "0".to_owned() } else { format!("{length}px") }
}

/// The side on which lines begin.
pub(super) fn start(direction: Direction) -> &'static str {
    match direction {
        Direction::LeftToRight => "left",
        Direction::RightToLeft => "right",
    }
}

/// A table for layout, as wide as it may be.
#[expect(clippy::needless_pass_by_value, reason = "markup is made in place and used once")]
pub(super) fn layout(rows: Markup) -> Markup {
    html! { table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" { (rows) } }
}

/// Words of a story: marked with its language and direction where those are not the letter's, and
/// kept apart, so that they turn nothing around them.
pub(super) fn told(story: &StoryView, words: &Text) -> Markup {
    html! {
        @match &story.language {
            Some(tag) => span lang=(tag) dir=(direction_of(tag).as_str()) { (words) },
            None => (words),
        }
    }
}

/// A phrase with a name in it, which is kept apart in direction.
pub(super) fn phrase(phrase: fn(&str) -> String, name: &Text) -> Markup {
    // No text from outside holds a control character.
    let whole = phrase("\0");
    let (before, after) = whole.split_once('\0').unwrap_or((&whole, ""));
    html! { (before) span dir="auto" { (name) } (after) }
}

/// The direction in which a language is read, by its tag (BCP 47): its script where that is
/// named, else its usual one.
fn direction_of(tag: &str) -> Direction {
    const SCRIPTS: [&str; 9] = ["arab", "hebr", "syrc", "thaa", "nkoo", "adlm", "rohg", "samr", "mand"];
    const LANGUAGES: [&str; 12] = ["ar", "he", "iw", "fa", "ur", "ps", "sd", "ug", "yi", "dv", "ckb", "arc"];
    let mut parts = tag.split(['-', '_']);
    let language = parts.next().unwrap_or_default().to_ascii_lowercase();
    // Behind a part of one sign come extensions, which name no script.
    let script = parts
        .take_while(|part| part.len() > 1)
        .find(|part| part.len() == 4 && part.bytes().all(|b| b.is_ascii_alphabetic()));
    let turned = match script {
        Some(script) => SCRIPTS.contains(&script.to_ascii_lowercase().as_str()),
        None => LANGUAGES.contains(&language.as_str()),
    };
    if turned { Direction::RightToLeft } else { Direction::LeftToRight }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strings::EN;

    #[test]
    fn a_tag_tells_the_direction() {
        for tag in ["ar", "he-IL", "az-Arab", "fa_IR", "CKB", "ar-x-abcd"] {
            assert_eq!(direction_of(tag), Direction::RightToLeft, "{tag}");
        }
        for tag in ["", "en", "ka", "ar-Latn", "az-Latn-AZ", "arn", "\"><"] {
            assert_eq!(direction_of(tag), Direction::LeftToRight, "{tag}");
        }
    }

    #[test]
    fn sides_follow_the_direction_of_reading() {
        let mut view = LetterView::new(&EN, "x".into(), crate::LocalDate::FIRST);
        assert_eq!(Pen::of(&view).padding(1, 2, 0, 4), "padding:1px 2px 0 4px");
        view.direction = Direction::RightToLeft;
        let pen = Pen::of(&view);
        assert_eq!(pen.padding(1, 2, 0, 4), "padding:1px 4px 0 2px");
        assert_eq!(pen.start(), "right");
    }
}
