//! Overrides from the environment: `NEWSLETTERD__DATABASE__URL` stands for `database.url`,
//! `NEWSLETTERD__RELAYS__0__URL` for the `url` of the first relay.

use super::problem::{Place, Problem};
use super::tree::{Entry, Node, Value};

/// What every override begins with.
pub const PREFIX: &str = "NEWSLETTERD__";

/// One step on the way to a value. Numbers come first and in their own order, so that
/// `…__2__…` is laid down before `…__10__…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Element(usize),
    Key(String),
}

/// Lays the overrides among `variables` over `root`, in an order that does not depend on that of
/// the environment. What cannot be laid down is a problem.
pub(super) fn overlay(root: &mut Node, variables: impl Iterator<Item = (String, String)>) -> Vec<Problem> {
    let mut overrides: Vec<(Vec<Step>, String, String)> = variables
        .filter_map(|(variable, text)| {
            let steps = variable.strip_prefix(PREFIX)?.split("__").map(step).collect();
            Some((steps, variable, text))
        })
        .collect();
    overrides.sort();
    let mut problems = Vec::new();
    for (steps, variable, text) in overrides {
        let place = Place::Environment(variable);
        if let Err(message) = lay(root, &steps, &place, text) {
            problems.push(Problem { place, key: path_of(&steps), message });
        }
    }
    problems
}

fn step(part: &str) -> Step {
    part.parse().map_or_else(|_| Step::Key(part.to_lowercase()), Step::Element)
}

fn path_of(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Element(index) => path.push_str(&format!("[{index}]")),
            Step::Key(key) if path.is_empty() => path.push_str(key),
            Step::Key(key) => path.extend([".", key]),
        }
    }
    path
}

/// Goes down `steps` from `node`, making sections and elements that are not there yet.
fn lay(node: &mut Node, steps: &[Step], place: &Place, text: String) -> Result<(), String> {
    let Some((step, rest)) = steps.split_first() else {
        *node = Node { value: Value::Untyped(text), place: place.clone() };
        return Ok(());
    };
    let next = match (&mut node.value, step) {
        (_, Step::Key(key)) if key.is_empty() => return Err("has an empty part between two `__`".to_owned()),
        (Value::Table(entries), Step::Key(key)) => {
            let at = entries.iter().position(|entry| entry.key == *key).unwrap_or_else(|| {
                let node = fresh(rest, place);
                entries.push(Entry { key: key.clone(), place: place.clone(), node });
                entries.len() - 1
            });
            &mut entries[at].node
        }
        (Value::List(elements), Step::Element(index)) => {
            if *index > elements.len() {
                return Err(format!("there are only {}, counted from 0", elements.len()));
            }
            if *index == elements.len() {
                elements.push(fresh(rest, place));
            }
            &mut elements[*index]
        }
        (_, Step::Element(_)) => {
            return Err("a number stands for an element of a list; here is none".to_owned());
        }
        (_, Step::Key(key)) => return Err(format!("there is no {key:?} in {}", node.kind())),
    };
    lay(next, rest, place, text)
}

/// What stands where nothing stood, so that the next step finds its kind.
fn fresh(rest: &[Step], place: &Place) -> Node {
    let value = match rest.first() {
        Some(Step::Element(_)) => Value::List(Vec::new()),
        _ => Value::Table(Vec::new()),
    };
    Node { value, place: place.clone() }
}
