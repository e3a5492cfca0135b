//! How a tree becomes sections: each section is declared once, with `section!`, and from that one
//! declaration come the struct, its reader, its known keys, its defaults and its page in
//! docs/configuration.md. A reader goes on after a problem, so that all are found at once.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::problem::{Place, Problem, did_you_mean};
use super::tree::{Node, Value};

/// A value that a key can have.
pub(super) trait Setting: Sized {
    /// What is written for it, in words: `a duration such as "2h"`.
    const KIND: &'static str;

    /// What is written for several of it.
    const KINDS: &'static str;

    /// The sections that it consists of, for the reference; none for a plain value.
    #[cfg(test)]
    fn sections() -> Vec<&'static Described> {
        Vec::new()
    }

    /// Reads it; `None` when it cannot be read, and then `problems` has grown.
    fn read(node: &Node, path: &str, problems: &mut Vec<Problem>) -> Option<Self>;

    /// What stands for a key that is not written and has no default.
    fn absent(place: &Place, path: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        let message = format!("is missing: {} is wanted", Self::KIND);
        problems.push(Problem { place: place.clone(), key: path.to_owned(), message });
        None
    }

    /// Writes it so that `read` gives the same back. Secrets are left out.
    fn write(&self) -> Json;
}

/// What a section says of itself: the source of the reference.
#[cfg(test)]
pub(super) struct Described {
    /// What the section is for, as Markdown.
    pub(super) doc: &'static str,
    /// Its keys, in the order of declaration.
    pub(super) keys: &'static [Key],
}

/// One key of a section.
#[cfg(test)]
pub(super) struct Key {
    /// As written.
    pub(super) name: &'static str,
    /// What it is for, as Markdown.
    pub(super) doc: &'static str,
    /// The default, as TOML; `None` for one that is required or may be left out.
    pub(super) default: Option<&'static str>,
    /// [`Setting::KIND`] of its value.
    pub(super) kind: &'static str,
    /// Whether the section is refused without it.
    pub(super) required: fn() -> bool,
    /// [`Setting::sections`] of its value.
    pub(super) sections: fn() -> Vec<&'static Described>,
    /// Whether a TOML text can be read for it.
    pub(super) accepts: fn(&str) -> Result<(), String>,
}

/// Whether a value of this type must be written where it has no default.
#[cfg(test)]
pub(super) fn is_required<T: Setting>() -> bool {
    T::absent(&Place::Default, "", &mut Vec::new()).is_none()
}

/// Whether `text` is TOML that this type reads.
#[cfg(test)]
pub(super) fn accepts<T: Setting>(text: &str) -> Result<(), String> {
    let mut problems = Vec::new();
    let node = Node::from_toml_value(text, &Place::Default)?;
    match T::read(&node, "", &mut problems) {
        Some(_) if problems.is_empty() => Ok(()),
        _ => Err(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
    }
}

/// The keys of one section while it is read.
pub(super) struct Reader<'a> {
    node: &'a Node,
    path: &'a str,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// Starts on a section, or tells that it is none. Names every key that is not among `known`.
    pub(super) fn new(
        node: &'a Node,
        path: &'a str,
        known: &[&str],
        problems: &'a mut Vec<Problem>,
    ) -> Option<Self> {
        let Value::Table(entries) = &node.value else {
            let message = format!("is {}; a section with its own keys is wanted", node.kind());
            problems.push(Problem { place: node.place.clone(), key: path.to_owned(), message });
            return None;
        };
        for entry in entries {
            if entry.place != Place::Stored && !known.contains(&entry.key.as_str()) {
                let key = join(path, &shown_key(&entry.key));
                let message = format!("unknown key{}", did_you_mean(&entry.key, known.iter().copied()));
                problems.push(Problem { place: entry.place.clone(), key, message });
            }
        }
        Some(Self { node, path, problems })
    }

    /// The value of one key, its default, or what stands for its absence.
    pub(super) fn key<T: Setting>(&mut self, name: &str, default: Option<&str>) -> Option<T> {
        let path = join(self.path, name);
        if let Some(node) = self.node.get(name) {
            return T::read(node, &path, self.problems);
        }
        let Some(default) = default else {
            return T::absent(&self.node.place, &path, self.problems);
        };
        let node = Node::from_toml_value(default, &Place::Default);
        node.ok().and_then(|node| T::read(&node, &path, self.problems))
    }

    /// Refuses the value of a key; `found` is what a check found, if anything.
    pub(super) fn refuse(&mut self, found: Option<(&'static str, String)>) {
        if let Some((name, message)) = found {
            let place = self.node.get(name).map_or(&self.node.place, |node| &node.place);
            self.problems.push(Problem { place: place.clone(), key: join(self.path, name), message });
        }
    }
}

/// The path of a key in a section.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A key that somebody wrote, cut and quoted so that a message stays one readable line.
fn shown_key(key: &str) -> String {
    let plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    let short: String = key.chars().take(60).collect();
    if plain && short.len() == key.len() { short } else { format!("{short:?}") }
}

/// Declares a section: `name: Type,` is required unless its type says what absence means
/// (`Option`, `Vec`, another section); `name: Type = "TOML",` has that default. The doc comments
/// are the reference.
///
/// `where check` behind a key names a `fn(&Type) -> Option<String>` that says what is wrong with a
/// value that can be read; `check agree(a, b)` behind the struct's name a
/// `fn(&A, &B) -> Option<(&'static str, String)>` that says which key is wrong when both can be read
/// and do not fit together.
macro_rules! section {
    (
        $(#[doc = $doc:literal])+
        $vis:vis struct $section:ident $(check $agree:ident($($part:ident),+))* {
            $( $(#[doc = $key_doc:literal])+
               $key:ident : $kind:ty $(= $default:literal)? $(where $check:ident)? ),+ $(,)?
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $section { $( $(#[doc = $key_doc])+ pub $key: $kind ),+ }

        #[cfg(test)]
        impl $section {
            pub(in crate::config) const DESCRIBED: &'static $crate::config::section::Described =
                &$crate::config::section::Described {
                    doc: concat!($($doc, "\n"),+),
                    keys: &[$($crate::config::section::Key {
                        name: stringify!($key),
                        doc: concat!($($key_doc, "\n"),+),
                        default: $crate::config::section::section!(@default $($default)?),
                        kind: <$kind as $crate::config::section::Setting>::KIND,
                        required: $crate::config::section::is_required::<$kind>,
                        sections: <$kind as $crate::config::section::Setting>::sections,
                        accepts: $crate::config::section::accepts::<$kind>,
                    }),+],
                };
        }

        impl $crate::config::section::Setting for $section {
            const KIND: &'static str = "a section";
            const KINDS: &'static str = "a list of sections";

            #[cfg(test)]
            fn sections() -> Vec<&'static $crate::config::section::Described> { vec![Self::DESCRIBED] }

            fn read(
                node: &$crate::config::tree::Node,
                path: &str,
                problems: &mut Vec<$crate::config::problem::Problem>,
            ) -> Option<Self> {
                let known = [$(stringify!($key)),+];
                let mut reader = $crate::config::section::Reader::new(node, path, &known, problems)?;
                $(let $key = reader.key::<$kind>(
                    stringify!($key),
                    $crate::config::section::section!(@default $($default)?),
                );)+
                $($(reader.refuse($key.as_ref().and_then($check).map(|message| (stringify!($key), message)));)?)+
                $(if let ($(Some($part)),+) = ($($part.as_ref()),+) {
                    reader.refuse($agree($($part),+));
                })*
                Some(Self { $($key: $key?),+ })
            }

            fn absent(
                place: &$crate::config::problem::Place,
                path: &str,
                problems: &mut Vec<$crate::config::problem::Problem>,
            ) -> Option<Self> {
                Self::read(&$crate::config::tree::Node::empty_table(place.clone()), path, problems)
            }

            fn write(&self) -> serde_json::Value {
                let mut members = serde_json::Map::new();
                $(members.insert(stringify!($key).to_owned(), self.$key.write());)+
                serde_json::Value::Object(members)
            }
        }
    };
    (@default $default:literal) => { Some($default) };
    (@default) => { None };
}

pub(super) use section;

impl<T: Setting> Setting for Option<T> {
    const KIND: &'static str = T::KIND;
    const KINDS: &'static str = T::KINDS;

    #[cfg(test)]
    fn sections() -> Vec<&'static Described> {
        T::sections()
    }

    fn read(node: &Node, path: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        T::read(node, path, problems).map(Some)
    }

    fn absent(_: &Place, _: &str, _: &mut Vec<Problem>) -> Option<Self> {
        Some(None)
    }

    fn write(&self) -> Json {
        self.as_ref().map_or(Json::Null, Setting::write)
    }
}

impl<T: Setting> Setting for Vec<T> {
    const KIND: &'static str = T::KINDS;
    const KINDS: &'static str = "a list of lists";

    #[cfg(test)]
    fn sections() -> Vec<&'static Described> {
        T::sections()
    }

    fn read(node: &Node, path: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        if !matches!(node.value, Value::List(_) | Value::Untyped(_)) {
            let message = format!("is {}; {} is wanted", node.kind(), T::KINDS);
            problems.push(Problem { place: node.place.clone(), key: path.to_owned(), message });
            return None;
        }
        // Every element is read before the first failure counts, so that all problems are found.
        let read: Vec<Option<T>> = elements(node)
            .iter()
            .enumerate()
            .map(|(index, element)| T::read(element, &format!("{path}[{index}]"), problems))
            .collect();
        read.into_iter().collect()
    }

    fn absent(_: &Place, _: &str, _: &mut Vec<Problem>) -> Option<Self> {
        Some(Self::new())
    }

    fn write(&self) -> Json {
        self.iter().map(Setting::write).collect()
    }
}

/// The elements of a list, whether it stands in a file or in the environment; none of anything else.
pub(super) fn elements(node: &Node) -> Cow<'_, [Node]> {
    match &node.value {
        Value::Untyped(text) => Cow::Owned(list_of_text(text, &node.place)),
        _ => Cow::Borrowed(node.elements()),
    }
}

/// A list as the environment has it: TOML (`["a", "b"]`), or words with commas between.
fn list_of_text(text: &str, place: &Place) -> Vec<Node> {
    if text.trim_start().starts_with('[')
        && let Ok(Node { value: Value::List(elements), .. }) = Node::from_toml_value(text, place)
    {
        return elements;
    }
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(|word| Node { value: Value::Untyped(word.to_owned()), place: place.clone() }).collect()
}
