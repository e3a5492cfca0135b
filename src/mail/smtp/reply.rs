//! Replies as the domain has them: code, enhanced code, and a text fit for one line of a log.
//!
//! Promises that a text holds no control characters, no local part of anybody's address and at
//! most [`TEXT_MAX`] characters, whatever the server sent.

use crate::domain::delivery::Reply;

/// The longest text kept, in characters.
const TEXT_MAX: usize = 300;

/// A reply of `code` with these lines, joined by spaces. The enhanced code (RFC 2034) is taken off
/// the front of each, or found in qmail's way at the end: `no mailbox here by that name. (#5.1.1)`.
/// One whose class contradicts the reply code is no such code.
pub(super) fn reply<L: AsRef<str>>(code: u16, lines: impl IntoIterator<Item = L>) -> Reply {
    let mut enhanced: Option<String> = None;
    let mut text = String::new();
    for line in lines {
        let line = line.as_ref().trim();
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        let is_code = is_enhanced(code, first) && enhanced.as_deref().is_none_or(|seen| seen == first);
        if is_code && enhanced.is_none() {
            enhanced = Some(first.to_owned());
        }
        text.push_str(if is_code { rest } else { line });
        text.push(' ');
    }
    if enhanced.is_none() {
        let at_end = text.split_once("(#").and_then(|(_, rest)| rest.split_once(')')).map(|(word, _)| word);
        enhanced = at_end.filter(|word| is_enhanced(code, word)).map(str::to_owned);
    }
    Reply { code, enhanced, text: presentable(&text) }
}

/// What happened instead of a reply.
pub(super) fn no_reply(what: &str) -> Reply {
    Reply { code: 0, enhanced: None, text: presentable(what) }
}

fn is_enhanced(code: u16, word: &str) -> bool {
    let class = code / 100;
    let mut parts = word.split('.');
    let is_class = |part: &str| part.parse() == Ok(class);
    let is_number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    matches!(class, 2 | 4 | 5)
        && parts.next().is_some_and(is_class)
        && parts.next().is_some_and(is_number)
        && parts.next().is_some_and(is_number)
        && parts.next().is_none()
}

/// One line, without addresses: servers like to repeat them, and a reply's text is logged.
fn presentable(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(TEXT_MAX));
    let mut room = TEXT_MAX;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let (opening, hidden, rest) = without_local_part(word);
        let space = if line.is_empty() { "" } else { " " };
        for part in [space, opening, if hidden { "…" } else { "" }, rest] {
            for letter in part.chars().take(room) {
                line.push(letter);
                room -= 1;
            }
        }
        if room == 0 {
            break;
        }
    }
    line
}

/// A word in two parts, between which a local part was left out, if one was.
fn without_local_part(word: &str) -> (&str, bool, &str) {
    let Some(at) = word.rfind('@') else { return ("", false, word) };
    let local = &word[..at];
    match local.find(|c: char| !"<([\"':;,".contains(c)) {
        Some(opening) => (&local[..opening], true, &word[at..]),
        None => ("", false, word),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn enhanced_codes_are_told_from_text() {
        for (code, text, enhanced, rest) in [
            (550, "5.1.1 No such user", Some("5.1.1"), "No such user"),
            (550, "5.1.10 x", Some("5.1.10"), "x"),
            (250, "2.0.0", Some("2.0.0"), ""),
            (450, "5.1.1 contradicts itself", None, "5.1.1 contradicts itself"),
            (550, "5.1 Unknown", None, "5.1 Unknown"),
            (550, "5.1.1.1 Unknown", None, "5.1.1.1 Unknown"),
            (550, "5.1234.1 Unknown", None, "5.1234.1 Unknown"),
            (550, "5..1 Unknown", None, "5..1 Unknown"),
            (354, "3.0.0 go", None, "3.0.0 go"),
            (550, "", None, ""),
            (550, "5.7.1 one|5.7.1 two|three", Some("5.7.1"), "one two three"),
            (550, "5.7.1 one|5.7.2 two", Some("5.7.1"), "one 5.7.2 two"),
            (550, "no mailbox here. (#5.1.1)", Some("5.1.1"), "no mailbox here. (#5.1.1)"),
            (550, "odd (#5.1) (", None, "odd (#5.1) ("),
        ] {
            let got = reply(code, text.split('|'));
            assert_eq!((got.enhanced.as_deref(), got.text.as_str()), (enhanced, rest), "{code} {text}");
        }
    }

    #[test]
    fn addresses_and_controls_are_left_out() {
        let got = reply(
            550,
            ["5.1.1 <ana.maria@example.org>:\r\n rejected; mail \"x\"@b.example,\tor a@c\u{1b}[31m"],
        );
        assert_eq!(got.text, "<…@example.org>: rejected; mail \"…@b.example, or …@c [31m");
        assert_eq!(reply(550, ["@ at <@x>"]).text, "@ at <@x>");
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_short_line(code in 0u16..700, text in "\\PC{0,400}|[0-9.@ |#()<>\\r\\na-c]{0,60}") {
            let got = reply(code, text.split('|'));
            prop_assert!(got.text.chars().count() <= TEXT_MAX);
            prop_assert!(!got.text.contains(char::is_control));
            prop_assert!(got.enhanced.is_none_or(|enhanced| text.contains(&enhanced)));
        }
    }
}
