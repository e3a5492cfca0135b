//! The letter's text form: the same words and links in the same order. An address stands whole on
//! a line of its own, below its story or, as a footnote, at the end of its section.

use super::wrapped::{WIDTH, hanging, heading, line, paragraph, title};
use crate::content::WebLink;
use crate::strings::Strings;
use crate::view::{BlockContent, BlockView, LetterView, StoryView, TextLinks};

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
    let mut links = Links { shown: view.text_links, noted: 0, waiting: Vec::new() };
    for block in &view.blocks {
        self::block(&mut out, block, view.strings, &mut links);
    }
    footer(&mut out, view);
    out
}

/// The addresses of stories, each shown where the newsroom wants it.
struct Links {
    shown: TextLinks,
    /// How many footnotes there are so far, counted through the whole letter.
    noted: usize,
    /// Addresses of this section's footnotes.
    waiting: Vec<String>,
}

impl Links {
    /// What follows the words of a link: the number of its footnote, if it has one.
    fn mark(&mut self, url: Option<&WebLink>) -> String {
        match (url, self.shown) {
            (Some(url), TextLinks::Footnotes) => {
                self.noted += 1;
                self.waiting.push(format!("[{}] {url}", self.noted));
                // A footnote's number is never alone on the next line.
                format!("\u{A0}[{}]", self.noted)
            }
            _ => String::new(),
        }
    }

    /// The address on its own line, unless it is a footnote.
    fn below(&self, out: &mut String, url: Option<&WebLink>) {
        if let (Some(url), TextLinks::Lines) = (url, self.shown) {
            line(out, url);
        }
    }

    /// The footnotes of the section that ends here.
    fn end_section(&mut self, out: &mut String) {
        if !self.waiting.is_empty() {
            out.push('\n');
        }
        for note in self.waiting.drain(..) {
            line(out, note);
        }
    }
}

fn masthead(out: &mut String, view: &LetterView) {
    title(out, &view.newsletter);
    let date = view.strings.date(view.date);
    match view.edition_number {
        Some(n) => paragraph(out, format!("{date} · {}", (view.strings.letter.number)(n))),
        None => paragraph(out, date),
    }
}

fn block(out: &mut String, block: &BlockView, strings: &Strings, links: &mut Links) {
    if !block.title.is_empty() {
        out.push_str("\n\n");
        heading(out, &block.title);
    }
    match &block.content {
        BlockContent::Stories(stories) => {
            for (at, one) in stories.iter().enumerate() {
                story(out, at + 1, one, strings, links);
            }
        }
        BlockContent::Ranked(stories) => {
            for (at, one) in stories.iter().enumerate() {
                let mark = links.mark(one.url.as_ref());
                out.push('\n');
                hanging(out, at + 1, format!("{}{mark}", one.headline));
                if let Some(minutes) = one.reading_minutes {
                    paragraph(out, (strings.letter.reading)(minutes));
                }
                links.below(out, one.url.as_ref());
            }
        }
        BlockContent::House(house) => {
            if block.title.is_empty() {
                out.push('\n');
            }
            for words in &house.text {
                out.push('\n');
                paragraph(out, words);
            }
            if let Some(button) = &house.button {
                let mark = links.mark(Some(&button.url));
                out.push('\n');
                paragraph(out, format!("{}{mark}", button.label));
                links.below(out, Some(&button.url));
            }
        }
    }
    links.end_section(out);
}

fn story(out: &mut String, number: usize, story: &StoryView, strings: &Strings, links: &mut Links) {
    let mark = links.mark(story.url.as_ref());
    out.push('\n');
    hanging(out, number, format!("{}{mark}", story.headline));
    let kicker = story.kicker.as_ref().filter(|kicker| !kicker.is_empty()).map(ToString::to_string);
    let reading = story.reading_minutes.map(strings.letter.reading);
    let said = [kicker, strings.byline(&story.authors), reading].into_iter().flatten().collect::<Vec<_>>();
    paragraph(out, said.join(" · "));
    paragraph(out, &story.summary);
    links.below(out, story.url.as_ref());
}

fn footer(out: &mut String, view: &LetterView) {
    let words = &view.strings.letter;
    out.push_str("\n\n");
    line(out, "─".repeat(WIDTH / 2));
    if view.unsubscribe_url.is_some() {
        paragraph(out, (words.reason)(view.list_title.as_str()));
    }
    paragraph(out, (words.counted)(view.tracking));
    let web = view.web_url.as_ref().map(WebLink::as_str);
    for (url, label) in [
        (view.preferences_url.as_deref(), words.preferences),
        (view.unsubscribe_url.as_deref(), words.unsubscribe),
        (web, words.view_in_browser),
    ] {
        if let Some(url) = url {
            out.push('\n');
            paragraph(out, format!("{label}:"));
            line(out, url);
        }
    }
    out.push('\n');
    paragraph(out, &view.site_name);
    paragraph(out, &view.postal_address);
    if let Some(url) = &view.site_url {
        line(out, url);
    }
}
