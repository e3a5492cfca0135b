//! A page as its readers meet it: elements in order with what they inherit by inline style, and
//! the words that show.

use std::collections::HashSet;
use std::ops::Range;

use newsletterd_templates::letter::theme::Colour;
use scraper::{Html, Node};

use super::style::{Declarations, colour, pixels};
use crate::mail::letter::check::finding::shown;
use crate::mail::letter::check::hostile::hostile;

/// Octets of an element's words that are looked at.
const WORDS_MOST: usize = 4_000;

/// One page.
#[derive(Debug, Default)]
pub(in crate::mail::letter::check) struct Page {
    /// Elements in order.
    pub(super) elements: Vec<Element>,
    /// Texts in order, without those that are only white space.
    pub(super) words: Vec<Words>,
    /// The rules of all style sheets.
    pub(super) rules: String,
    /// Whether it begins with the doctype of HTML.
    pub(super) doctype: bool,
    /// As it was written.
    pub(super) markup: String,
    /// Characters that should not be there, with where.
    pub(super) hostile: Vec<(char, String)>,
}

/// One element.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) style: Declarations,
    pub(super) look: Look,
    /// The element around it.
    pub(super) parent: Option<usize>,
    /// The element behind everything in it.
    pub(super) end: usize,
    /// The words in it, hidden ones too.
    pub(super) words: Range<usize>,
}

/// A text that stands in one element.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) text: String,
    /// The element around it.
    pub(super) within: usize,
}

/// How text looks, by inline style and attributes alone.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Look {
    pub(super) colour: Option<Colour>,
    pub(super) ground: Ground,
    /// In pixels.
    pub(super) size: Option<f64>,
    /// As a multiple of the size.
    pub(super) line_height: Option<f64>,
    pub(super) bold: bool,
    /// Not shown, or part of the head.
    pub(super) hidden: bool,
}

/// What text stands on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Ground {
    /// Nothing was said: the paper of the program.
    #[default]
    Unsaid,
    /// A colour.
    Colour(Colour),
    /// A picture, or something that cannot be worked out.
    Unknown,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// An attribute that would run a program.
    pub(super) fn handler(&self) -> Option<&str> {
        let names = self.attributes.iter().map(|(name, _)| name.as_str());
        names.into_iter().find(|name| {
            name.strip_prefix("on")
                .is_some_and(|event| event.len() > 3 && event.bytes().all(|byte| byte.is_ascii_lowercase()))
        })
    }

    /// The level of a heading.
    pub(super) fn level(&self) -> Option<u32> {
        self.name.strip_prefix('h').filter(|level| level.len() == 1)?.parse().ok().filter(|level| *level <= 6)
    }

    /// The address of a link.
    pub(super) fn link(&self) -> Option<&str> {
        self.attribute("href").filter(|_| self.is("a")).map(str::trim)
    }
}

impl Page {
    /// Walks a document.
    pub(super) fn of(document: &Html, markup: &str) -> Self {
        let mut page = Self { markup: markup.to_owned(), ..Self::default() };
        let mut open: Vec<usize> = Vec::new();
        let mut node = document.tree.root();
        loop {
            page.enter(node.value(), &mut open);
            if let Some(child) = node.first_child() {
                node = child;
                continue;
            }
            loop {
                if node.value().is_element()
                    && let Some(left) = open.pop()
                {
                    page.elements[left].end = page.elements.len();
                    page.elements[left].words.end = page.words.len();
                }
                if let Some(sibling) = node.next_sibling() {
                    node = sibling;
                    break;
                }
                match node.parent() {
                    Some(parent) => node = parent,
                    None => return page,
                }
            }
        }
    }

    fn enter(&mut self, node: &Node, open: &mut Vec<usize>) {
        match node {
            Node::Doctype(doctype) => self.doctype = doctype.name().eq_ignore_ascii_case("html"),
            Node::Element(element) => {
                let attributes = element.attrs().map(|(name, value)| (name.to_owned(), value.to_owned()));
                let parent = open.last().copied();
                let inherited = parent.map(|parent| self.elements[parent].look).unwrap_or_default();
                let mut element = Element {
                    name: element.name().to_ascii_lowercase(),
                    attributes: attributes.collect(),
                    style: Declarations::default(),
                    look: inherited,
                    parent,
                    end: 0,
                    words: self.words.len()..self.words.len(),
                };
                element.style = Declarations::parse(element.attribute("style").unwrap_or_default());
                element.look = look(&element, inherited);
                for name in ["alt", "title", "href", "src", "aria-label"] {
                    if let Some(found) = element.attribute(name).and_then(hostile) {
                        self.hostile.push((found, format!("{name} of {}", element.name)));
                    }
                }
                open.push(self.elements.len());
                self.elements.push(element);
            }
            Node::Text(text) => self.text(text, open),
            _ => {}
        }
    }

    fn text(&mut self, text: &str, open: &[usize]) {
        let Some(&within) = open.last() else { return };
        if self.elements[within].is("style") {
            self.rules.push_str(text);
            return;
        }
        if let Some(found) = hostile(text) {
            self.hostile.push((found, shown(text.trim(), 40)));
        }
        if !squeezed(text).is_empty() {
            self.words.push(Words { text: text.to_owned(), within });
        }
    }

    /// The words that are shown, each with the element around it.
    pub(super) fn visible(&self) -> impl Iterator<Item = (&Words, &Element)> {
        let with = self.words.iter().map(|words| (words, &self.elements[words.within]));
        with.filter(|(_, element)| !element.look.hidden)
    }

    /// The elements that are shown, each with its place.
    pub(super) fn shown(&self) -> impl Iterator<Item = (usize, &Element)> {
        self.elements.iter().enumerate().filter(|(_, element)| !element.look.hidden)
    }

    /// The words that show within an element, without white space at their ends; cut when they go
    /// on and on.
    pub(super) fn words_in(&self, at: usize) -> String {
        let mut all = String::new();
        for words in &self.words[self.elements[at].words.clone()] {
            if !self.elements[words.within].look.hidden {
                all.push_str(&words.text);
            }
            if all.len() > WORDS_MOST {
                break;
            }
        }
        squeezed(&all)
    }

    /// Where links with words lead to.
    pub(super) fn told_targets(&self) -> HashSet<&str> {
        let links = self.shown().filter_map(|(at, element)| Some((at, element.link()?)));
        links.filter(|(at, _)| !self.words_in(*at).is_empty()).map(|(_, link)| link).collect()
    }

    /// The elements within an element.
    pub(super) fn inside(&self, at: usize) -> &[Element] {
        self.elements.get(at + 1..self.elements[at].end).unwrap_or_default()
    }

    /// Whether an element or one around it passes `test`.
    pub(super) fn any_around(&self, at: usize, test: impl Fn(&Element) -> bool) -> bool {
        let mut next = Some(at);
        while let Some(at) = next {
            if test(&self.elements[at]) {
                return true;
            }
            next = self.elements[at].parent;
        }
        false
    }

    /// An element as a person finds it: its name and its first words.
    pub(super) fn place(&self, at: usize) -> String {
        let name = &self.elements[at].name;
        let words = self.words_in(at);
        if words.is_empty() { name.clone() } else { format!("{name} “{}”", shown(&words, 40)) }
    }

    /// The headings that show, in order.
    pub(in crate::mail::letter::check) fn headings(&self) -> Vec<String> {
        let headings = self.shown().filter(|(_, element)| element.level().is_some());
        headings.map(|(at, _)| self.words_in(at)).filter(|words| !words.is_empty()).collect()
    }

    /// Where the links that show lead to on the web, in order.
    pub(in crate::mail::letter::check) fn targets(&self) -> impl Iterator<Item = &str> {
        let links = self.shown().filter_map(|(_, element)| element.link());
        links.filter(|link| link.starts_with("https://") || link.starts_with("http://"))
    }
}

/// `text` with each run of white space made one blank, and without invisible padding.
pub(in crate::mail::letter::check) fn squeezed(text: &str) -> String {
    let kept = text.chars().filter(|&c| !is_padding(c)).collect::<String>();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that show nothing and only keep room, as behind a preheader.
pub(super) fn is_padding(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}'
    )
}

fn look(element: &Element, inherited: Look) -> Look {
    let style = &element.style;
    let mut look = inherited;
    let name = element.name.as_str();
    look.hidden |=
        matches!(name, "head" | "script" | "style" | "template" | "title" | "noscript") || is_hidden(element);
    let bold = matches!(name, "b" | "strong" | "th") || element.level().is_some();
    look.bold = match style.get("font-weight") {
        Some(weight) => weight == "bold" || weight.parse::<u32>().is_ok_and(|weight| weight >= 600),
        None => look.bold || bold,
    };
    let link = element.link().is_some();
    let own = style.get("color").or_else(|| element.attribute("color").filter(|_| name == "font"));
    look.colour = match own {
        Some("inherit") => inherited.colour,
        Some(own) => colour(&own.to_ascii_lowercase()),
        // A program gives links a colour of its own.
        None if link => None,
        None => inherited.colour,
    };
    look.ground = ground(element).unwrap_or(inherited.ground);
    let base = inherited.size.unwrap_or(16.0);
    look.size = match style.get("font-size") {
        Some(size) => pixels(size, base),
        None if element.level().is_some() => None,
        None => inherited.size,
    };
    if let Some(height) = style.get("line-height") {
        let size = look.size.unwrap_or(base);
        look.line_height =
            height.parse().ok().or_else(|| pixels(height, size).map(|height| height / size.max(1.0)));
    }
    look
}

fn is_hidden(element: &Element) -> bool {
    let style = &element.style;
    let nothing = |property: &str| style.get(property).and_then(|value| pixels(value, 16.0)) == Some(0.0);
    style.is("display", "none")
        || style.is("visibility", "hidden")
        || style.is("opacity", "0")
        || nothing("font-size")
        || nothing("max-height") && style.is("overflow", "hidden")
        || element.attribute("hidden").is_some()
}

fn ground(element: &Element) -> Option<Ground> {
    let style = &element.style;
    let written = style.get("background-color").or_else(|| style.get("background"));
    let picture = style.get("background-image").is_some_and(|value| value != "none")
        || style.get("background").is_some_and(|value| value.contains("url("))
        || element.attribute("background").is_some();
    if picture {
        return Some(Ground::Unknown);
    }
    let found = match written {
        Some("transparent" | "none" | "inherit" | "initial") => return None,
        Some(written) => written.split(' ').find_map(colour).or_else(|| colour(written)),
        None => colour(&element.attribute("bgcolor")?.to_ascii_lowercase()),
    };
    Some(found.map_or(Ground::Unknown, Ground::Colour))
}
