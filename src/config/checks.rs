//! What no section can see alone: names that are used twice or that nobody declared, and sections
//! of which there must be one. Looks at the tree, so that it finds its problems also where a
//! section could not be read.

use super::problem::{Problem, did_you_mean};
use super::tree::Node;

/// Adds what is wrong between the sections of `root`.
pub(super) fn check(root: &Node, problems: &mut Vec<Problem>) {
    for section in ["sources", "lists", "newsletters"] {
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
    refuse_spare_relays(root, problems);
    find_undeclared_lists(root, problems);
    super::dkim::find_twins(root, problems);
}

fn refuse_spare_relays(root: &Node, problems: &mut Vec<Problem>) {
    for (index, relay) in
        root.get("relays").map(Node::elements).unwrap_or_default().iter().enumerate().skip(1)
    {
        problems.push(Problem {
            place: relay.place.clone(),
            key: format!("relays[{index}]"),
            message: "is one too many: letters go through one relay for now".to_owned(),
        });
    }
}

/// The elements of a section with their names, where they have one.
fn named<'a>(root: &'a Node, section: &str) -> Vec<(usize, &'a Node, &'a str)> {
    let elements = root.get(section).map(Node::elements).unwrap_or_default();
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

fn find_undeclared_lists(root: &Node, problems: &mut Vec<Problem>) {
    let lists: Vec<&str> = named(root, "lists").into_iter().map(|(_, _, name)| name).collect();
    for (index, newsletter) in
        root.get("newsletters").map(Node::elements).unwrap_or_default().iter().enumerate()
    {
        let Some(node) = newsletter.get("list") else { continue };
        let Some(list) = node.text().filter(|list| !lists.contains(list)) else { continue };
        let hint = did_you_mean(list, lists.iter().copied());
        let message = format!("no list {list:?} is declared under [[lists]]{hint}");
        problems.push(Problem {
            place: node.place.clone(),
            key: format!("newsletters[{index}].list"),
            message,
        });
    }
}
