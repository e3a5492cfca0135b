//! A tolerant reader for feed documents: it gives the items, and the elements that speak of the
//! feed as a whole, one after the other.
//!
//! Feeds are made by templates and cut by networks, so this reads what is not well-formed:
//! undeclared prefixes and entities, stray `&` and `<`, elements left open, text around the
//! document, an end in the middle. Promises: each item costs bounded depth and bounded parts; an
//! item that was cut off is not given; nothing outside the document is read (see [`entities`]).

mod element;
mod entities;

use std::collections::VecDeque;
use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use url::Url;

pub(super) use element::{Element, Node, Space};
pub(super) use entities::TooMuch;

/// Deeper elements lose their tags and keep their text.
const MAX_DEPTH: usize = 64;
/// Most elements of one item; the tags of further ones are dropped.
const MAX_PARTS: usize = 5_000;

/// What a document consists of.
#[derive(Debug)]
pub(super) enum Unit {
    /// An `item` or `entry`.
    Item(Element),
    /// Another child of the feed or channel: title, language, link.
    About(Element),
}

/// What an open element is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// `rss`, `feed`, `channel` and whatever else stands around the items.
    Container,
    Item,
    About,
    /// A part of an item or of an element about the feed.
    Part,
}

struct Open {
    element: Element,
    role: Role,
    written_name: String,
    /// Prefixes declared here; the empty one is the default namespace.
    declared: Vec<(String, Space)>,
}

/// A document being read.
pub(super) struct Document<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    /// Where the reader's slice begins in `text`.
    offset: usize,
    /// Bytes that may still be read twice after syntax errors; bounds the work on hostile input.
    patience: usize,
    base: Option<Arc<Url>>,
    stack: Vec<Open>,
    ready: VecDeque<Unit>,
    parts: usize,
    entities: entities::Entities,
    first_element: Option<String>,
    is_feed: bool,
    is_cut: bool,
}

impl<'a> Document<'a> {
    /// A document that was read from `base`.
    pub fn new(text: &'a str, base: Option<&Url>) -> Self {
        Self {
            text,
            reader: reader(text),
            offset: 0,
            patience: 1_000_000 + 8 * text.len(),
            base: base.cloned().map(Arc::new),
            stack: Vec::new(),
            ready: VecDeque::new(),
            parts: 0,
            entities: entities::Entities::default(),
            first_element: None,
            is_feed: false,
            is_cut: false,
        }
    }

    /// The name of the first element: what the document is when it is no feed.
    pub fn first_element(&self) -> Option<&str> {
        self.first_element.as_deref()
    }

    /// Whether an element that only feeds have was met.
    pub fn is_feed(&self) -> bool {
        self.is_feed
    }

    /// Whether the document ended in the middle of an item.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Entities of the document whose text lies elsewhere; they stand for nothing.
    pub fn outside_entities(&self) -> &[String] {
        self.entities.outside()
    }

    /// The next unit; `None` at the end.
    pub fn next_unit(&mut self) -> Result<Option<Unit>, TooMuch> {
        while self.ready.is_empty() {
            let from = self.position();
            match self.reader.read_event() {
                Ok(Event::Eof) => {
                    self.is_cut |= self.stack.iter().any(|open| open.role == Role::Item);
                    self.stack.clear();
                    return Ok(None);
                }
                Ok(Event::Start(tag)) if is_tag(&tag) => self.open(&tag)?,
                Ok(Event::Empty(tag)) if is_tag(&tag) => {
                    let name = tag.name().as_ref().to_owned();
                    self.open(&tag)?;
                    self.close(&name);
                }
                Ok(Event::Start(_) | Event::Empty(_)) if !self.reread_after(from) => return Ok(None),
                Ok(Event::End(tag)) => self.close(tag.name().as_ref()),
                Ok(Event::Text(text)) => self.push_text(&text),
                Ok(Event::CData(text)) => self.push_text(&text),
                Ok(Event::GeneralRef(name)) => {
                    let mut text = String::new();
                    self.entities.resolve(&name, &mut text)?;
                    self.push_text(&text);
                }
                Ok(Event::DocType(declaration)) => self.entities.declare(&declaration),
                Ok(_) => {}
                Err(_) => {
                    let at =
                        self.offset + usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX);
                    if !self.reread_after(at.max(from)) {
                        return Ok(None);
                    }
                }
            }
        }
        Ok(self.ready.pop_front())
    }

    fn position(&self) -> usize {
        self.offset + usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    /// Takes the `<` at or after `at` for a mere sign and reads on behind it. False when that
    /// would go on for too long.
    fn reread_after(&mut self, at: usize) -> bool {
        let read = self.position().saturating_sub(at);
        let rest = self.text.get(at..).and_then(|rest| rest.find('<').map(|sign| at + sign + 1));
        match (self.patience.checked_sub(read), rest) {
            (Some(patience), Some(next)) => {
                self.patience = patience;
                self.push_text("<");
                self.offset = next;
                self.reader = reader(&self.text[next..]);
                true
            }
            _ => {
                self.is_cut = true;
                false
            }
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), TooMuch> {
        let mut attributes = Vec::new();
        let mut declared = Vec::new();
        for attribute in tag.html_attributes().with_checks(false).map_while(Result::ok).take(100) {
            let name = attribute.key.as_ref().to_ascii_lowercase();
            let value = self.entities.resolve_all(&attribute.value)?;
            if name == "xmlns" {
                declared.push((String::new(), Space::of_name(&value, true)));
            } else if let Some(prefix) = name.strip_prefix("xmlns:") {
                declared.push((prefix.to_owned(), Space::of_name(&value, false)));
            } else {
                attributes.push((name, value));
            }
        }
        let written_name = tag.name().as_ref().to_owned();
        let lower = written_name.to_ascii_lowercase();
        let (prefix, name) = lower.split_once(':').unwrap_or(("", &lower));
        let space = self.space(prefix, &declared);
        let mut element = Element {
            space,
            name: name.to_owned(),
            attributes,
            children: Vec::new(),
            base: self.stack.last().map_or_else(|| self.base.clone(), |open| open.element.base.clone()),
            language: self.stack.last().and_then(|open| open.element.language.clone()),
        };
        if let Some(language) = element.attribute("xml:lang").map(Arc::from) {
            element.language = Some(language);
        }
        if let Some(base) = element.attribute("xml:base").and_then(|base| join(element.base.as_deref(), base))
        {
            element.base = Some(Arc::new(base));
        }
        self.push(Open { role: self.role(&element), element, written_name, declared });
        Ok(())
    }

    fn push(&mut self, open: Open) {
        self.first_element.get_or_insert_with(|| open.element.name.clone());
        self.is_feed |= matches!(open.element.name.as_str(), "rss" | "rdf" | "feed" | "channel")
            && open.role == Role::Container;
        if open.role == Role::Item {
            self.is_feed = true;
            // An item within an item: the end tag of the first is missing.
            while let Some(at) =
                self.stack.iter().position(|open| matches!(open.role, Role::Item | Role::About))
            {
                self.close_down_to(at);
            }
        }
        if open.role != Role::Part {
            self.parts = 0;
        }
        self.parts += 1;
        if self.parts <= MAX_PARTS && self.stack.len() < MAX_DEPTH {
            self.stack.push(open);
        }
    }

    fn role(&self, element: &Element) -> Role {
        let above = self.stack.last().map(|open| open.role);
        let is_item = matches!(element.name.as_str(), "item" | "entry")
            && matches!(element.space, Space::Rss | Space::Atom);
        let is_within_item = self.stack.iter().any(|open| open.role == Role::Item);
        // Nothing but an unclosed item has a direct child that is an item.
        if is_item && (!is_within_item || above == Some(Role::Item)) {
            return Role::Item;
        }
        let is_channel = matches!(element.name.as_str(), "rss" | "rdf" | "feed" | "channel");
        match (above, self.stack.last().map(|open| open.element.name.as_str())) {
            (None, _) => Role::Container,
            (Some(Role::Container), _) if is_channel => Role::Container,
            (Some(Role::Container), Some("rss" | "rdf" | "feed" | "channel")) => Role::About,
            (Some(Role::Container), _) => Role::Container,
            (Some(_), _) => Role::Part,
        }
    }

    fn space(&self, prefix: &str, declared: &[(String, Space)]) -> Space {
        let outer = self.stack.iter().rev().map(|open| open.declared.as_slice());
        let mut scopes = std::iter::once(declared).chain(outer).flatten();
        match scopes.find(|(found, _)| found == prefix) {
            Some((_, space)) => *space,
            None if prefix.is_empty() => Space::Rss,
            None => Space::of_undeclared_prefix(prefix),
        }
    }

    fn close(&mut self, name: &str) {
        let open = self.stack.iter().rposition(|open| open.written_name.eq_ignore_ascii_case(name));
        if let Some(at) = open {
            self.close_down_to(at);
        }
    }

    /// Closes what is open from the innermost to the one at `at`.
    fn close_down_to(&mut self, at: usize) {
        while self.stack.len() > at {
            let Some(closed) = self.stack.pop() else { return };
            match (closed.role, self.stack.last_mut()) {
                (Role::Item, _) => self.ready.push_back(Unit::Item(closed.element)),
                (Role::About, _) => self.ready.push_back(Unit::About(closed.element)),
                (Role::Part, Some(above)) => above.element.children.push(Node::Element(closed.element)),
                (Role::Container | Role::Part, _) => {}
            }
        }
    }

    fn push_text(&mut self, text: &str) {
        let Some(open) = self.stack.last_mut().filter(|open| open.role != Role::Container) else { return };
        match open.element.children.last_mut() {
            Some(Node::Text(before)) => before.push_str(text),
            _ => open.element.children.push(Node::Text(text.to_owned())),
        }
    }
}

fn reader(text: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    reader
}

/// `base` applied where it stands; only web addresses count.
fn join(outer: Option<&Url>, base: &str) -> Option<Url> {
    let joined = outer.map_or_else(|| Url::parse(base), |outer| outer.join(base)).ok()?;
    matches!(joined.scheme(), "http" | "https").then_some(joined)
}

/// Whether what stands between `<` and `>` is a tag, and not the words after a stray `<`.
fn is_tag(tag: &BytesStart<'_>) -> bool {
    let mut quote = None;
    let stray = tag.bytes().any(|byte| match (quote, byte) {
        (Some(open), _) if open == byte => {
            quote = None;
            false
        }
        (Some(_), _) => false,
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (None, byte) => byte == b'<',
    });
    !stray && tag.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

#[cfg(test)]
mod tests;
