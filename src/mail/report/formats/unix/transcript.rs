//! Sendmail's transcript of a session: what it said to the other server (`>>>`), what that answered
//! (`<<<`), and what came of it for each recipient (`550 <nina@example.org>... User unknown`).

use super::super::listed::{Strictness, listed};

/// What came of a session for a recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome<'a> {
    /// The recipient.
    pub address: &'a str,
    /// What Sendmail says of it.
    pub said: &'a str,
    /// What the other server had answered to the command before, with that command.
    pub answered: Option<String>,
    /// On which line, of those given.
    pub line: usize,
}

/// Reads the lines of a transcript.
pub(super) fn outcomes<'a>(lines: &[&'a str]) -> Vec<Outcome<'a>> {
    let mut outcomes: Vec<Outcome<'a>> = Vec::new();
    let (mut asked, mut answer) = ("", None::<String>);
    for (number, line) in lines.iter().enumerate() {
        let line = line.trim();
        if let Some(command) = line.strip_prefix(">>>") {
            asked = command.trim();
            answer = None;
        } else if let Some(said) = line.strip_prefix("<<<") {
            let said = said.trim();
            if refuses(said) && answer.is_none() {
                answer = Some(if asked.is_empty() {
                    said.to_owned()
                } else {
                    format!("{said} (in reply to {asked})")
                });
            }
        } else if line.to_ascii_lowercase().contains("while talking to") {
            asked = "";
            answer = None;
        } else if let Some((_, rest)) = line.split_once(' ').filter(|(code, _)| is_code(code)) {
            let rest = without_status(rest.trim());
            if let Some(named) = listed(rest, Strictness::List)
                && rest.contains("...")
            {
                outcomes.push(Outcome {
                    address: named.address,
                    said: line,
                    answered: answer.take(),
                    line: number,
                });
            }
        }
    }
    outcomes
}

/// Whether an answer refuses: its code begins with 4 or 5.
fn refuses(answer: &str) -> bool {
    answer.get(..3).is_some_and(is_code)
}

/// Whether a word is a reply code that refuses.
fn is_code(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() == 3 && matches!(bytes[0], b'4' | b'5') && bytes[1..].iter().all(u8::is_ascii_digit)
}

/// A text without an enhanced status at its start.
fn without_status(text: &str) -> &str {
    match text.split_once(' ') {
        Some((status, rest)) if status.parse::<crate::domain::bounce::EnhancedStatus>().is_ok() => {
            rest.trim()
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_have_the_answer_before_them() {
        let lines = [
            "... while talking to mx.example.org.:",
            ">>> RCPT To:<nina@example.org>",
            "<<< 550 5.1.1 no such person",
            "550 5.1.1 <nina@example.org>... User unknown",
            "550 example.net (smtp)... 550 Host unknown",
            "554 <tom@example.net>... 550 Host unknown (Authoritative answer)",
            "<<< 250 fine",
        ];
        let found = outcomes(&lines);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].address, "nina@example.org");
        assert_eq!(
            found[0].answered.as_deref(),
            Some("550 5.1.1 no such person (in reply to RCPT To:<nina@example.org>)")
        );
        assert_eq!((found[1].address, found[1].answered.as_deref()), ("tom@example.net", None));
    }
}
