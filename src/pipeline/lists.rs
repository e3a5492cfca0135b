//! Lists as readers know them: by a title, and by the newsletter that speaks for them.

use crate::config::{Config, List, Newsletter};
use crate::domain::language::Language;

/// A list as readers know it.
#[derive(Clone, Copy, Debug)]
pub struct SpokenList<'a> {
    /// Its name in the configuration.
    pub name: &'a str,
    /// The first newsletter that goes to it; from it come language and sender.
    pub newsletter: Option<&'a Newsletter>,
    /// Its section of the configuration, if it still has one.
    pub list: Option<&'a List>,
}

impl<'a> SpokenList<'a> {
    /// The list of that name, whether or not it is still configured.
    pub fn new(config: &'a Config, name: &'a str) -> Self {
        let list = config.list(name);
        let newsletter = config.newsletters.iter().find(|newsletter| newsletter.list.as_str() == name);
        Self { name, newsletter, list }
    }

    /// Its title: its own, else that of its newsletter, else its name.
    pub fn title(&self) -> &'a str {
        let own = self.list.and_then(|list| list.title.as_deref());
        own.or_else(|| self.newsletter.map(|newsletter| newsletter.title.as_str())).unwrap_or(self.name)
    }

    /// The language in which a reader is spoken to: their own where we speak it, else the list's.
    pub fn language(&self, reader: Option<&str>) -> Language {
        let own = reader.and_then(Language::from_tag);
        own.or_else(|| self.newsletter.map(|newsletter| newsletter.language)).unwrap_or(Language::English)
    }
}
