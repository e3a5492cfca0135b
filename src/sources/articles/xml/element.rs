//! One element of a feed, with what is in force where it stands.

use std::sync::Arc;

use html_escape::{encode_double_quoted_attribute, encode_text};
use url::Url;

/// The vocabularies that feeds use. Prefixes are only a custom, the namespace decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sources::articles) enum Space {
    /// RSS of any version, and what has no namespace.
    Rss,
    Atom,
    DublinCore,
    DublinCoreTerms,
    Media,
    Content,
    Itunes,
    Prism,
    Xhtml,
    /// One that we do not know; its elements mean nothing to us.
    Other,
}

impl Space {
    /// The vocabulary of a namespace name; old and misspelt ones included.
    pub fn of_name(name: &str, is_default: bool) -> Self {
        let name = name.trim().to_ascii_lowercase();
        let holds = |part| name.contains(part);
        match () {
            () if holds("purl.org/dc/terms") => Self::DublinCoreTerms,
            () if holds("purl.org/dc/") => Self::DublinCore,
            () if holds("search.yahoo.com/mrss") || holds("media-rss") => Self::Media,
            () if holds("modules/content") => Self::Content,
            () if holds("itunes") => Self::Itunes,
            () if holds("prismstandard.org") => Self::Prism,
            () if holds("1999/xhtml") => Self::Xhtml,
            () if holds("2005/atom") || holds("purl.org/atom") => Self::Atom,
            () if holds("modules/") => Self::Other,
            () if is_default || holds("purl.org/rss/") || holds("purl.org/net/rss") || holds("rss2") => {
                Self::Rss
            }
            () if holds("netscape.com/rdf") || holds("userland.com") || holds("harvard.edu/tech/rss") => {
                Self::Rss
            }
            () if holds("22-rdf-syntax") => Self::Rss,
            () => Self::Other,
        }
    }

    /// What an undeclared prefix stands for by custom.
    pub fn of_undeclared_prefix(prefix: &str) -> Self {
        match prefix {
            "dc" => Self::DublinCore,
            "dcterms" => Self::DublinCoreTerms,
            "media" => Self::Media,
            "content" => Self::Content,
            "itunes" => Self::Itunes,
            "prism" => Self::Prism,
            "atom" => Self::Atom,
            "rdf" | "rss" => Self::Rss,
            _ => Self::Other,
        }
    }
}

/// A piece of an element's content.
#[derive(Debug)]
pub(in crate::sources::articles) enum Node {
    /// With references resolved.
    Text(String),
    Element(Element),
}

/// An element with its content. Names are lower-case: feeds disagree about `pubDate`.
#[derive(Debug)]
pub(in crate::sources::articles) struct Element {
    pub space: Space,
    /// Without prefix.
    pub name: String,
    /// Names as written but lower-case (`xml:lang`), values with references resolved.
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Node>,
    /// `xml:base` in force.
    pub base: Option<Arc<Url>>,
    /// `xml:lang` in force.
    pub language: Option<Arc<str>>,
}

impl Element {
    /// The value of an attribute, trimmed; `None` when it is missing or blank.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether it is `name` in one of `spaces`.
    pub fn is(&self, spaces: &[Space], name: &str) -> bool {
        self.name == name && spaces.contains(&self.space)
    }

    /// Its child elements, in order.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Child elements called `name` in one of `spaces`.
    pub fn all<'a>(&'a self, spaces: &'a [Space], name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.elements().filter(move |element| element.is(spaces, name))
    }

    /// Its own text without that of child elements, trimmed.
    pub fn own_text(&self) -> String {
        let texts = self.children.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect::<String>().trim().to_owned()
    }

    /// Its content as HTML: text stays as it is when there are no child elements (it holds escaped
    /// markup then), else the markup is written out again.
    pub fn markup(&self) -> String {
        let mut markup = String::new();
        if self.elements().next().is_none() {
            markup = self
                .children
                .iter()
                .filter_map(|node| if let Node::Text(text) = node { Some(text.as_str()) } else { None })
                .collect();
        } else {
            self.write_content(&mut markup);
        }
        markup
    }

    /// All words in it, those of child elements included, as HTML.
    pub fn all_words(&self) -> String {
        let mut markup = String::new();
        self.write_content(&mut markup);
        markup
    }

    fn write_content(&self, markup: &mut String) {
        for node in &self.children {
            match node {
                Node::Text(text) => markup.push_str(&encode_text(text)),
                Node::Element(element) => {
                    markup.push('<');
                    markup.push_str(&element.name);
                    for (name, value) in &element.attributes {
                        markup.push_str(&format!(" {name}=\"{}\"", encode_double_quoted_attribute(value)));
                    }
                    markup.push('>');
                    element.write_content(markup);
                    markup.push_str(&format!("</{}>", element.name));
                }
            }
        }
    }
}
