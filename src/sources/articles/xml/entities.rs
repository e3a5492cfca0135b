//! Character and entity references in XML, with those that the document itself declares.
//!
//! Promises: nothing outside the document is ever read; what declared entities expand to is
//! bounded per entity and per document, so a document of a kilobyte cannot fill the memory.

use std::collections::HashMap;

use html_escape::decode_html_entities;

/// Most bytes that one declared entity may expand to.
const MAX_ENTITY: usize = 1_000;
/// Most references followed for one declared entity.
const MAX_STEPS: usize = 100;
/// Most bytes that all references to declared entities of one document may expand to.
const MAX_TOTAL: usize = 1_000_000;

/// A declared entity that expands beyond the limits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the entity `&{0};` expands to too much text; documents that do this are attacks, so nothing of it was read"
)]
pub(in crate::sources::articles) struct TooMuch(String);

/// What a document type declaration declares.
#[derive(Debug, Default)]
pub(super) struct Entities {
    /// Names to replacement texts, as written.
    declared: HashMap<String, String>,
    /// Names of entities whose text lies elsewhere.
    outside: Vec<String>,
    spent: usize,
}

impl Entities {
    /// Reads the general entities of a document type declaration's internal subset (XML 1.0
    /// section 4.2). Parameter entities are not supported, external ones are never read.
    pub fn declare(&mut self, doctype: &str) {
        let mut rest = doctype;
        while let Some(at) = rest.find("<!ENTITY") {
            rest = rest[at + "<!ENTITY".len()..].trim_start();
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let (name, definition) = rest.split_at(end);
            rest = definition.trim_start();
            match rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
                Some(quote) if name != "%" => {
                    let value = rest[1..].split(quote).next().unwrap_or_default();
                    self.declared.entry(name.to_owned()).or_insert_with(|| value.to_owned());
                    rest = &rest[1 + value.len()..];
                }
                _ if rest.starts_with("SYSTEM") || rest.starts_with("PUBLIC") => {
                    self.outside.push(name.to_owned());
                }
                _ => {}
            }
        }
    }

    /// Entities whose text lies in another file or at an address.
    pub fn outside(&self) -> &[String] {
        &self.outside
    }

    /// Appends what `&name;` stands for: predefined, HTML's and declared names, and character
    /// references. An unknown name stays as it is written; one from outside stands for nothing.
    pub fn resolve(&mut self, name: &str, text: &mut String) -> Result<(), TooMuch> {
        if let Some(value) = self.declared.get(name) {
            let mut expanded = String::new();
            self.expand(value, &mut expanded, &mut 0).ok_or_else(|| TooMuch(name.to_owned()))?;
            self.spent += expanded.len();
            if self.spent > MAX_TOTAL {
                return Err(TooMuch(name.to_owned()));
            }
            text.push_str(&expanded);
        } else if !self.outside.iter().any(|outside| outside == name) {
            text.push_str(&decode_html_entities(&format!("&{name};")));
        }
        Ok(())
    }

    /// `text` with its references resolved; an attribute's value.
    pub fn resolve_all(&mut self, text: &str) -> Result<String, TooMuch> {
        let mut resolved = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('&') {
            resolved.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            match reference(rest) {
                Some(name) => {
                    self.resolve(name, &mut resolved)?;
                    rest = &rest[name.len() + 1..];
                }
                None => resolved.push('&'),
            }
        }
        resolved.push_str(rest);
        Ok(resolved)
    }

    /// `None` when a limit is reached, which a definition in terms of itself always does.
    fn expand(&self, value: &str, expanded: &mut String, steps: &mut usize) -> Option<()> {
        *steps += 1;
        if *steps > MAX_STEPS {
            return None;
        }
        let mut rest = value;
        while let Some(at) = rest.find('&') {
            expanded.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            match reference(rest) {
                Some(name) => {
                    match self.declared.get(name) {
                        Some(value) => self.expand(value, expanded, steps)?,
                        None => expanded.push_str(&decode_html_entities(&format!("&{name};"))),
                    }
                    rest = &rest[name.len() + 1..];
                }
                None => expanded.push('&'),
            }
        }
        expanded.push_str(rest);
        (expanded.len() <= MAX_ENTITY).then_some(())
    }
}

/// The name of the reference whose `&` stands just before `text`.
fn reference(text: &str) -> Option<&str> {
    let end = text.bytes().take(64).position(|byte| byte == b';')?;
    let name = &text[..end];
    (!name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '#' | '_' | '-' | '.' | ':')))
    .then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entities(doctype: &str) -> Entities {
        let mut entities = Entities::default();
        entities.declare(doctype);
        entities
    }

    #[test]
    fn references_are_resolved_and_stray_ampersands_stay() {
        let mut known = entities("rss [<!ENTITY id \"tag:&who;,\"> <!ENTITY who 'example.com'>]");
        assert_eq!(
            known.resolve_all("&id;1 &amp; &eacute; &#x41;&#66; R&D &nope; a&b=2;").as_deref(),
            Ok("tag:example.com,1 & é AB R&D &nope; a&b=2;")
        );
    }

    #[test]
    fn nothing_outside_is_read() {
        let mut known =
            entities("rss [<!ENTITY f SYSTEM \"secret.txt\"><!ENTITY % p SYSTEM 'x'><!ENTITY g \"ok\">]");
        assert_eq!(known.resolve_all("[&f;][&g;]").as_deref(), Ok("[][ok]"));
        assert_eq!(known.outside(), ["f"]);
    }

    #[test]
    fn expansion_is_bounded_in_every_way() {
        assert!(entities("<!ENTITY a \"&a;\">").resolve_all("&a;").is_err());
        let silent = (1..12).fold("<!ENTITY e0 ''>".to_owned(), |all, n| {
            all + &format!("<!ENTITY e{n} '{}'>", format!("&e{};", n - 1).repeat(10))
        });
        assert!(entities(&silent).resolve_all("&e11;").is_err());
        let long = format!("<!ENTITY a '{}'>", "x".repeat(1_001));
        assert!(entities(&long).resolve_all("&a;").is_err());
        let many = format!("<!ENTITY a '{}'>", "x".repeat(1_000));
        assert!(entities(&many).resolve_all(&"&a;".repeat(1_001)).is_err());
    }
}
