//! Plain text in lines of 72 columns, by the width that shows. Words are never cut, so addresses
//! stay whole, and no line ends in a blank.

use std::fmt::Display;

use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};
use unicode_width::UnicodeWidthStr;

use crate::content::Text;

/// Columns of a line, unless one word is wider.
pub(crate) const WIDTH: usize = 72;

/// A title with a line under it.
pub(crate) fn heading(out: &mut String, title: &Text) {
    underlined(out, title, "-");
}

/// The letter's own title, with a stronger line under it.
pub(super) fn title(out: &mut String, title: &Text) {
    underlined(out, title, "=");
}

fn underlined(out: &mut String, title: &Text, stroke: &str) {
    let from = out.len();
    paragraph(out, title);
    let width = out[from..].lines().map(UnicodeWidthStr::width).max().unwrap_or_default();
    // A line of just two hyphens would begin a signature for some mail programs.
    line(out, stroke.repeat(width.clamp(3, WIDTH)));
}

/// Wrapped words; nothing for none.
pub(crate) fn paragraph(out: &mut String, words: impl Display) {
    wrap(out, &words.to_string(), "", "");
}

/// Words behind a number, with all their lines beginning below the first word.
pub(super) fn hanging(out: &mut String, number: usize, words: impl Display) {
    let number = format!("{number}. ");
    wrap(out, &words.to_string(), &number, &" ".repeat(number.len()));
}

fn wrap(out: &mut String, words: &str, first: &str, others: &str) {
    if words.is_empty() {
        return;
    }
    let options = Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(others)
        .break_words(false)
        .word_separator(WordSeparator::Custom(find_words))
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    for wrapped in textwrap::wrap(words, options) {
        line(out, wrapped.trim_end());
    }
}

/// One line, as it is.
pub(crate) fn line(out: &mut String, words: impl Display) {
    out.push_str(&words.to_string());
    out.push('\n');
}

/// Words between blanks, and within them wherever their script lets a line end; an address stays
/// whole.
fn find_words(text: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut at = 0;
    Box::new(WordSeparator::AsciiSpace.find_words(text).flat_map(move |word| {
        let from = at;
        at += word.word.len() + word.whitespace.len();
        if word.word.contains("://") {
            vec![word]
        } else {
            WordSeparator::UnicodeBreakProperties.find_words(&text[from..at]).collect()
        }
    }))
}
