//! The letter's text form: the same words and links in the same order. Each link stands whole on
//! a line of its own.

use super::wrapped::{WIDTH, heading, line, paragraph};
use crate::strings::Strings;
use crate::view::{BlockContent, BlockView, LetterView, StoryView};

/// The whole text form; lines end in LF.
pub fn text(view: &LetterView) -> String {
    let mut out = String::new();
    if let Some(marking) = &view.marking {
        paragraph(&mut out, marking);
        out.push('\n');
    }
    masthead(&mut out, view);
    for words in &view.note {
        out.push('\n');
        paragraph(&mut out, words);
    }
    for block in &view.blocks {
        self::block(&mut out, block, view.strings);
    }
    footer(&mut out, view);
    out
}

fn masthead(out: &mut String, view: &LetterView) {
    paragraph(out, &view.newsletter);
    let date = view.strings.date(view.date);
    match view.edition_number {
        Some(n) => paragraph(out, format!("{date} · {}", (view.strings.letter.number)(n))),
        None => paragraph(out, date),
    }
}

fn block(out: &mut String, block: &BlockView, strings: &Strings) {
    if !block.title.is_empty() {
        out.push_str("\n\n");
        heading(out, &block.title);
    }
    match &block.content {
        BlockContent::Stories(stories) => stories.iter().for_each(|one| story(out, one, strings)),
        BlockContent::Ranked(stories) => ranked_list(out, stories),
        BlockContent::House(house) => {
            for words in &house.text {
                out.push('\n');
                paragraph(out, words);
            }
            if let Some(button) = &house.button {
                out.push('\n');
                paragraph(out, &button.label);
                line(out, &button.url);
            }
        }
    }
}

fn story(out: &mut String, story: &StoryView, strings: &Strings) {
    out.push('\n');
    if let Some(kicker) = &story.kicker {
        paragraph(out, kicker);
    }
    paragraph(out, &story.headline);
    paragraph(out, &story.summary);
    if let Some(byline) = strings.byline(&story.authors) {
        paragraph(out, byline);
    }
    if let Some(url) = &story.url {
        line(out, url);
    }
}

fn ranked_list(out: &mut String, stories: &[StoryView]) {
    for (at, story) in stories.iter().enumerate() {
        out.push('\n');
        paragraph(out, format!("{}. {}", at + 1, story.headline));
        if let Some(url) = &story.url {
            line(out, url);
        }
    }
}

fn footer(out: &mut String, view: &LetterView) {
    let words = &view.strings.letter;
    out.push_str("\n\n");
    line(out, "─".repeat(WIDTH / 2));
    if let Some(url) = &view.unsubscribe_url {
        paragraph(out, (words.reason)(view.list_title.as_str()));
        out.push('\n');
        paragraph(out, format!("{}:", words.unsubscribe));
        line(out, url);
        out.push('\n');
    }
    if let Some(url) = &view.web_url {
        paragraph(out, format!("{}:", words.view_in_browser));
        line(out, url);
        out.push('\n');
    }
    paragraph(out, &view.site_name);
    paragraph(out, &view.postal_address);
    if let Some(url) = &view.site_url {
        line(out, url);
    }
}
