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
pub(super) fn reply<'a>(code: u16, lines: impl IntoIterator<Item = &'a str>) -> Reply {
    let mut enhanced: Option<&str> = None;
    let mut text = String::new();
    for line in lines {
        let line = line.trim();
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        let is_code = is_enhanced(code, first) && enhanced.is_none_or(|seen| seen == first);
        if is_code {
            enhanced = Some(first);
        }
        text.push_str(if is_code { rest } else { line });
        text.push(' ');
    }
    let at_end = text.split_once("(#").and_then(|(_, rest)| rest.split_once(')')).map(|(word, _)| word);
    let enhanced = enhanced.or(at_end.filter(|word| is_enhanced(code, word))).map(str::to_owned);
    Reply { code, enhanced, text: presentable(&text) }
}

/// What happened instead of a reply.
pub(super) fn no_reply(what: &str) -> Reply {
    Reply { code: 0, enhanced: None, text: presentable(what) }
}

fn is_enhanced(code: u16, word: &str) -> bool {
    let mut parts = word.split('.');
    let class = parts.next().and_then(|class| class.parse::<u16>().ok());
    let is_number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let rest: Vec<_> = parts.collect();
    matches!(code / 100, 2 | 4 | 5)
        && class == Some(code / 100)
        && rest.len() == 2
        && rest.into_iter().all(is_number)
}

/// One line, without addresses: servers like to repeat them, and a reply's text is logged.
fn presentable(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.map(without_local_part).collect::<Vec<_>>().join(" ");
    line.chars().take(TEXT_MAX).collect()
}

fn without_local_part(word: &str) -> String {
    let Some((local, domain)) = word.rsplit_once('@') else {
        return word.to_owned();
    };
    let opening = local.find(|c: char| !"<([\"':;,".contains(c)).unwrap_or(local.len());
    if opening == local.len() {
        return word.to_owned();
    }
    format!("{}…@{domain}", &local[..opening])
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
