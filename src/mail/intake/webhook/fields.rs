//! The members of a JSON object, read leniently: providers write the same thing now as a number, now
//! as text, and leave out what they do not know.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{MOST_EVENTS, Refusal};
use crate::domain::bounce::EnhancedStatus;

/// An object of a call, and where it stands in it.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    value: &'a Value,
    place: String,
}

/// The JSON of a body.
pub(super) fn json(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        // The error's own text may repeat what stands there.
        let place = format!("body, line {}, column {}", error.line(), error.column());
        Refusal::Malformed { place, problem: "is not JSON".to_owned() }
    })
}

/// The events of a body: a list of objects, or one object.
pub(super) fn events(body: &Value) -> Result<Vec<Fields<'_>>, Refusal> {
    let events = match body {
        Value::Array(events) if events.len() > MOST_EVENTS => return Err(Refusal::TooMany),
        Value::Array(events) => {
            let numbered = events.iter().enumerate();
            numbered.map(|(nth, value)| Fields { value, place: format!("event {}", nth + 1) }).collect()
        }
        one => vec![Fields { value: one, place: "event 1".to_owned() }],
    };
    match events.iter().find(|event| !event.value.is_object()) {
        Some(other) => Err(Refusal::Malformed {
            place: other.place.clone(),
            problem: "is not an object with members".to_owned(),
        }),
        None => Ok(events),
    }
}

impl<'a> Fields<'a> {
    /// The members of the whole body.
    pub(super) const fn of_body(value: &'a Value) -> Self {
        Self { value, place: String::new() }
    }

    /// Where it stands: `event 3`.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    fn find(&self, path: &[&str]) -> Option<&'a Value> {
        path.iter().try_fold(self.value, |value, name| value.get(name)).filter(|value| !value.is_null())
    }

    /// The text at a path of member names; a number counts as its text, empty text as absent.
    pub(super) fn text(&self, path: &[&str]) -> Option<String> {
        match self.find(path)? {
            Value::String(text) if text.trim().is_empty() => None,
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// As [`Self::text`], without the white space around it being touched: what signatures cover.
    pub(super) fn exact(&self, name: &str) -> Option<&'a str> {
        self.find(&[name])?.as_str()
    }

    /// The text at a path, without which nothing can be done.
    pub(super) fn need(&self, path: &[&str]) -> Result<String, Refusal> {
        self.text(path).ok_or_else(|| self.wrong(path, "is missing"))
    }

    /// Whether something is said to be so.
    pub(super) fn flag(&self, path: &[&str]) -> Option<bool> {
        self.find(path)?.as_bool()
    }

    /// An object inside, if there is one.
    pub(super) fn inner(&self, name: &str) -> Option<Self> {
        let value = self.find(&[name]).filter(|value| value.is_object())?;
        Some(Self { value, place: self.at(&[name]) })
    }

    /// The objects of a list inside; none where there is no list.
    pub(super) fn list(&self, path: &[&str]) -> Vec<Self> {
        let elements = self.find(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let place = self.at(path);
        let object = |(nth, value): (usize, &'a Value)| {
            value.is_object().then(|| Self { value, place: format!("{place} {}", nth + 1) })
        };
        elements.iter().enumerate().filter_map(object).collect()
    }

    /// The texts of a list inside.
    pub(super) fn texts(&self, path: &[&str]) -> Vec<String> {
        let elements = self.find(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        elements.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// An enhanced status, where the text is one.
    pub(super) fn status(&self, path: &[&str]) -> Option<EnhancedStatus> {
        self.text(path)?.parse().ok()
    }

    /// The names of all members.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.value.as_object().into_iter().flat_map(|members| members.keys().map(String::as_str))
    }

    /// The object itself.
    pub(super) const fn value(&self) -> &'a Value {
        self.value
    }

    /// What is wrong with the member at a path.
    pub(super) fn wrong(&self, path: &[&str], problem: impl Into<String>) -> Refusal {
        Refusal::Malformed { place: self.at(path), problem: problem.into() }
    }

    fn at(&self, path: &[&str]) -> String {
        let name = path.join(".");
        if self.place.is_empty() { name } else { format!("{}, {name}", self.place) }
    }
}

/// An instant in Unix seconds, as text.
pub(super) fn unix_seconds(text: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(text.parse().ok()?, 0)
}
