//! A configuration before it has meaning: values that know where they were written. TOML, the
//! environment and stored JSON all become this tree, and one reader turns it into sections.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::problem::{ConfigErrors, Place, Problem};

/// One value with its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) place: Place,
}

/// A value without meaning yet.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    /// Text of the environment, which has no types: whoever reads it decides.
    Untyped(String),
    Integer(i64),
    Flag(bool),
    List(Vec<Node>),
    Table(Vec<Entry>),
    /// Something that no key takes (a date, a fraction), by its name.
    Other(&'static str),
}

/// A key of a table with its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    /// Where the key was written.
    pub(super) place: Place,
    pub(super) node: Node,
}

impl Node {
    /// A table without keys.
    pub(super) fn empty_table(place: Place) -> Self {
        Self { value: Value::Table(Vec::new()), place }
    }

    /// The value of a key, when this is a table that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Table(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node),
            _ => None,
        }
    }

    /// The elements, when this is a list.
    pub(super) fn elements(&self) -> &[Self] {
        match &self.value {
            Value::List(nodes) => nodes,
            _ => &[],
        }
    }

    /// The text, when this is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Untyped(text) => Some(text),
            _ => None,
        }
    }

    /// What it is, in words.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Text(_) | Value::Untyped(_) => "text",
            Value::Integer(_) => "a number",
            Value::Flag(_) => "true or false",
            Value::List(_) => "a list",
            Value::Table(_) => "a section",
            Value::Other(name) => name,
        }
    }

    /// Reads a TOML document.
    ///
    /// # Errors
    /// Every place where it is no TOML.
    pub(super) fn from_toml(text: &str, file: &Path) -> Result<Self, ConfigErrors> {
        let lines = Lines::new(text, file);
        let (table, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            let value = entries(table.get_ref(), &|offset| lines.place(offset));
            return Ok(Self { value, place: Place::File(file.into(), 0) });
        }
        let problem = |error: toml::de::Error| Problem {
            place: lines.place(error.span().map_or(0, |span| span.start)),
            key: String::new(),
            message: format!("is not TOML: {}", error.message()),
        };
        Err(ConfigErrors::new(errors.into_iter().map(problem).collect()))
    }

    /// Reads one TOML value, such as `["a", "b"]` or `"2h"`.
    pub(super) fn from_toml_value(text: &str, place: &Place) -> Result<Self, String> {
        match DeValue::parse(text) {
            Ok(value) => Ok(Self::from_value(&value, &|_| place.clone())),
            Err(error) => Err(error.message().to_owned()),
        }
    }

    /// Reads what was stored with an edition.
    pub(super) fn from_json(json: Json) -> Self {
        let value = match json {
            Json::Null => Value::Other("nothing"),
            Json::Bool(flag) => Value::Flag(flag),
            Json::Number(number) => number.as_i64().map_or(Value::Other("a fraction"), Value::Integer),
            Json::String(text) => Value::Text(text),
            Json::Array(elements) => Value::List(elements.into_iter().map(Self::from_json).collect()),
            // A key without a value is a key that was not written.
            Json::Object(members) => Value::Table(
                members
                    .into_iter()
                    .filter(|(_, json)| !json.is_null())
                    .map(|(key, json)| Entry { key, place: Place::Stored, node: Self::from_json(json) })
                    .collect(),
            ),
        };
        Self { value, place: Place::Stored }
    }

    /// `at` tells the place of a byte offset.
    fn from_value(spanned: &Spanned<DeValue<'_>>, at: &dyn Fn(usize) -> Place) -> Self {
        let value = match spanned.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix())
                .map_or(Value::Other("a number beyond all bounds"), Value::Integer),
            DeValue::Boolean(flag) => Value::Flag(*flag),
            DeValue::Float(_) => Value::Other("a fraction"),
            DeValue::Datetime(_) => Value::Other("a date"),
            DeValue::Array(elements) => {
                Value::List(elements.iter().map(|element| Self::from_value(element, at)).collect())
            }
            DeValue::Table(table) => entries(table, at),
        };
        Self { value, place: at(spanned.span().start) }
    }
}

fn entries(table: &DeTable<'_>, at: &dyn Fn(usize) -> Place) -> Value {
    let entry = |(key, value): (&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)| Entry {
        key: key.get_ref().to_string(),
        place: at(key.span().start),
        node: Node::from_value(value, at),
    };
    Value::Table(table.iter().map(entry).collect())
}

/// Turns byte offsets of a file into lines.
struct Lines<'a> {
    file: Arc<Path>,
    text: &'a str,
    /// Offset of each line's first byte.
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str, file: &Path) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file: file.into(), text, starts }
    }

    fn place(&self, offset: usize) -> Place {
        let offset = offset.min(self.text.len());
        Place::File(self.file.clone(), self.starts.partition_point(|start| *start <= offset))
    }
}
