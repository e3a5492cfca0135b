//! Bounds on what is given to the HTML parser. A browser's parser repairs anything, and repairing
//! can take time and memory that grow with the square of the input: deep nesting, formatting that
//! is never closed, tags of a thousand attributes. Letters have none of these.

/// Octets of HTML that are read: five times what any letter may have.
const MOST: usize = 512 * 1024;
/// Elements within one another.
const DEEPEST: usize = 400;
/// Attributes of one tag, roughly.
const ATTRIBUTES: usize = 500;
/// Elements that a parser may make, with those that it repeats for formatting left open.
const ELEMENTS: usize = 150_000;

/// Elements that a parser opens again behind a block that interrupts them (HTML 13.2.4.3).
const FORMATTING: [&str; 14] =
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
/// Elements without an end.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];
/// Elements whose end may be left out.
const ENDS_BY_ITSELF: [&str; 10] = ["p", "li", "dt", "dd", "td", "th", "tr", "tbody", "option", "thead"];

/// Why `markup` is not read, if it is not. Errs towards too much, never towards too little: what it
/// takes for open, a parser may know for closed.
pub(super) fn excess(markup: &str) -> Option<String> {
    if markup.len() > MOST {
        return Some(format!("it has {} octets; more than {MOST} are not read", markup.len()));
    }
    let mut open: Vec<&str> = Vec::new();
    let mut formatting = 0;
    let mut elements = 0;
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let closes = rest.starts_with('/');
        let inner = rest.strip_prefix('/').unwrap_or(rest);
        if !inner.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
        let (name, attributes) = inner.split_at(end);
        let (size, count) = tag(attributes);
        if count > ATTRIBUTES {
            return Some(format!("a tag {name} has over {ATTRIBUTES} attributes"));
        }
        rest = attributes.get(size..).unwrap_or_default();
        if closes {
            close(&mut open, name, &mut formatting);
            continue;
        }
        elements += 1 + formatting;
        if elements > ELEMENTS {
            return Some("its formatting is left open too often".to_owned());
        }
        if is_in(&VOID, name) {
            continue;
        }
        if is_in(&ENDS_BY_ITSELF, name) && open.last().is_some_and(|last| last.eq_ignore_ascii_case(name)) {
            open.pop();
        }
        formatting += usize::from(is_in(&FORMATTING, name));
        open.push(name);
        if open.len() > DEEPEST {
            return Some(format!("its elements are nested deeper than {DEEPEST}"));
        }
    }
    None
}

/// Takes the innermost element off, if it is the one that ends; with those that may end unsaid.
fn close(open: &mut Vec<&str>, name: &str, formatting: &mut usize) {
    let optional = open.iter().rev().take_while(|last| is_in(&ENDS_BY_ITSELF, last)).count();
    let inner = open.len() - optional;
    let found = (inner.saturating_sub(1)..open.len()).rev().find(|&at| open[at].eq_ignore_ascii_case(name));
    if let Some(at) = found {
        *formatting -= usize::from(is_in(&FORMATTING, open[at]));
        open.truncate(at);
    }
}

fn is_in(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Octets of a tag behind its name up to its end, and about how many attributes it has.
fn tag(attributes: &str) -> (usize, usize) {
    let (mut quote, mut count) = (None, 0);
    for (at, byte) in attributes.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return (at + 1, count),
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'/') => count += 1,
            (None, byte) if byte.is_ascii_whitespace() => count += 1,
            (Some(open), byte) if byte == open => {
                quote = None;
                count += 1;
            }
            _ => {}
        }
    }
    (attributes.len(), count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_pass_and_bombs_do_not() {
        for good in [
            "<!doctype html><html><body><p>a<p>b<p>c</body></html>".to_owned(),
            "<table><tr><td>a<td>b<tr><td>c</table>".repeat(400),
            "<p>x".repeat(10_000),
            "<b><i>x</i></b><br>".repeat(5_000),
            "a < b && c > d".to_owned(),
        ] {
            assert_eq!(excess(&good), None, "{good:.60}");
        }
        for bad in [
            "<div>".repeat(10_000),
            "<font color=1><p>x".repeat(5_000),
            "<font><table><td></font></td></table><p>".repeat(5_000),
            format!("<p {}>", "a=1 ".repeat(2_000)),
            format!("<p{}>", "/b".repeat(2_000)),
            format!("<p {}>", "a=''".repeat(2_000)),
            "x".repeat(MOST + 1),
        ] {
            assert!(excess(&bad).is_some(), "{bad:.60}");
        }
    }
}
