//! What an IMAP server says, one response after the other. Its grammar is that of `imap-proto`; where a
//! response ends is found here, so that its size is bounded before it is read.

use imap_proto::{Response, Status};

use super::super::line::Line;
use super::super::trouble::{Trouble, said};

/// The longest line of a response, without its literals.
const LINE_MOST: usize = 64 * 1024;

/// How a command, or a part of it, was answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// OK.
    Done,
    /// NO or BAD, with what the server says.
    No(String),
    /// The server wants the rest of the command.
    More,
}

/// Reads one response with its literals: at most `most` bytes.
pub(super) async fn read(line: &mut Line, most: usize) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    loop {
        let room = most.saturating_sub(bytes.len());
        line.line(&mut bytes, LINE_MOST.min(room)).await?;
        let Some(size) = literal(&bytes)? else { return Ok(bytes) };
        if size > most.saturating_sub(bytes.len()) {
            return Err(Trouble::TooMuch(most));
        }
        line.bytes(&mut bytes, size).await?;
    }
}

/// The size of the literal that a line announces at its end: `{1234}`.
fn literal(line: &[u8]) -> Result<Option<usize>, Trouble> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let Some(inner) = line.strip_suffix(b"}") else { return Ok(None) };
    let digits = inner.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (before, digits) = inner.split_at(inner.len() - digits);
    if digits.is_empty() || !before.ends_with(b"{") {
        return Ok(None);
    }
    let size = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
    size.map(Some).ok_or(Trouble::TooMuch(usize::MAX))
}

/// What a response means to whoever waits for the answer to `tag`: the answer, or nothing yet. `each`
/// sees what is no answer. What cannot be understood is passed over, unless it should be the answer.
pub(super) fn take(
    bytes: &[u8],
    tag: &str,
    user: &str,
    each: &mut dyn FnMut(&Response<'_>),
) -> Result<Option<Answer>, Trouble> {
    let response = match Response::parse(bytes) {
        Ok((_, response)) => response,
        Err(_) if bytes.starts_with(b"* ") => return Ok(None),
        Err(_) => {
            let text = String::from_utf8_lossy(bytes);
            return Err(Trouble::Line(format!("the server says what is no IMAP: {:?}", said(&text, user))));
        }
    };
    let words = |text: Option<std::borrow::Cow<'_, str>>| said(text.as_deref().unwrap_or_default(), user);
    match response {
        Response::Continue(_) => Ok(Some(Answer::More)),
        Response::Done { tag: theirs, status, outcome } if theirs.0 == tag => Ok(Some(match status {
            Status::Ok => Answer::Done,
            _ => Answer::No(words(outcome.information)),
        })),
        Response::Done { .. } => Err(Trouble::Line("the server answers what nobody asked".to_owned())),
        Response::Data { status: Status::Bye, outcome } => {
            Err(Trouble::Line(format!("the server ends the connection: {}", words(outcome.information))))
        }
        other => {
            each(&other);
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_seen_at_the_end_of_a_line_alone() {
        for (line, expected) in [
            (&b"* 1 FETCH (BODY[] {12}\r\n"[..], Some(12)),
            (b"* 1 FETCH (BODY[] {0}\n", Some(0)),
            (b"* OK {12} is no literal\r\n", None),
            (b"* OK {}\r\n", None),
            (b"* OK 12}\r\n", None),
            (b"{4294967296}\r\n", Some(1 << 32)),
            (b"", None),
        ] {
            assert_eq!(literal(line), Ok(expected), "{line:?}");
        }
        assert!(literal(b"{99999999999999999999999999}\r\n").is_err());
    }

    #[test]
    fn answers_are_told_from_the_rest() {
        let mut seen = 0;
        let mut answer = |text: &str| take(text.as_bytes(), "a7", "bo", &mut |_| seen += 1);
        assert_eq!(answer("a7 OK done\r\n"), Ok(Some(Answer::Done)));
        assert_eq!(answer("a7 NO [TRYCREATE] bo, no\r\n"), Ok(Some(Answer::No("USER, no".to_owned()))));
        assert_eq!(answer("a7 BAD what?\r\n"), Ok(Some(Answer::No("what?".to_owned()))));
        assert_eq!(answer("+ idling\r\n"), Ok(Some(Answer::More)));
        assert_eq!(answer("* 5 EXISTS\r\n"), Ok(None));
        assert_eq!(answer("* XYZZY plugh\r\n"), Ok(None));
        for bad in ["a6 OK done\r\n", "* BYE tired\r\n", "HTTP/1.1 400 Bad Request\r\n", "\r\n", "a7\r\n"] {
            assert!(matches!(answer(bad), Err(Trouble::Line(_))), "{bad}");
        }
        assert_eq!(seen, 1);
    }
}
