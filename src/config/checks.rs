//! What no section can see alone: names that are used twice or that nobody declared, and sections
//! of which there must be one. Looks at the tree, so that it finds its problems also where a
//! section could not be read.

use super::problem::{Problem, did_you_mean};
use super::section::elements;
use super::tree::Node;
use super::values::quoted;

/// Adds what is wrong between the sections of `root`.
pub(super) fn check(root: &Node, problems: &mut Vec<Problem>) {
    for section in
        ["relays", "providers", "sources", "lists", "newsletters", "bounces.mailboxes", "bounces.webhooks"]
    {
        find_twins(root, section, problems);
    }
    for (section, why) in
        [("relays", "letters have no way out"), ("lists", "newsletters have nobody to go to")]
    {
        if root.get(section).is_none_or(|node| node.text().is_none() && node.elements().is_empty()) {
            let place = root.get(section).map_or(&root.place, |node| &node.place).clone();
            let message = format!("is missing: without [[{section}]] {why}");
            problems.push(Problem { place, key: section.to_owned(), message });
        }
    }
    find_undeclared(root, problems);
    super::relays::find_shared_domains(root, problems);
    super::dkim::find_twins(root, problems);
    super::bounces::find_halves(root, problems);
}

/// The elements of a section, named by its path, with their names, where they have one.
fn named<'a>(root: &'a Node, section: &str) -> Vec<(usize, &'a Node, &'a str)> {
    let found = section.split('.').try_fold(root, |node, key| node.get(key));
    let elements = found.map(Node::elements).unwrap_or_default();
    let name = |(index, element): (usize, &'a Node)| {
        let node = element.get("name")?;
        Some((index, node, node.text()?))
    };
    elements.iter().enumerate().filter_map(name).collect()
}

fn find_twins(root: &Node, section: &str, problems: &mut Vec<Problem>) {
    let mut seen = std::collections::BTreeMap::new();
    for (index, node, name) in named(root, section) {
        if let Some(first) = seen.get(name) {
            let message = format!("{name:?} is the name of {section}[{first}] already");
            problems.push(Problem {
                place: node.place.clone(),
                key: format!("{section}[{index}].name"),
                message,
            });
        } else {
            seen.insert(name, index);
        }
    }
}

/// Lists and relays that a newsletter names and nobody declared.
fn find_undeclared(root: &Node, problems: &mut Vec<Problem>) {
    let names = |section| named(root, section).into_iter().map(|(_, _, name)| name).collect::<Vec<_>>();
    let (lists, relays) = (names("lists"), names("relays"));
    let newsletters = root.get("newsletters").map(Node::elements).unwrap_or_default();
    for (index, newsletter) in newsletters.iter().enumerate() {
        if let Some(node) = newsletter.get("list") {
            problems.extend(undeclared(node, format!("newsletters[{index}].list"), "list", &lists));
        }
        let bound = newsletter.get("relays").map(elements).unwrap_or_default();
        for (nth, node) in bound.iter().enumerate() {
            let key = format!("newsletters[{index}].relays[{nth}]");
            problems.extend(undeclared(node, key, "relay", &relays));
        }
    }
}

fn undeclared(node: &Node, key: String, kind: &str, declared: &[&str]) -> Option<Problem> {
    let name = node.text().filter(|name| !declared.contains(name))?;
    let hint = did_you_mean(name, declared.iter().copied());
    let message = format!("no {kind} {} is declared under [[{kind}s]]{hint}", quoted(name));
    Some(Problem { place: node.place.clone(), key, message })
}
