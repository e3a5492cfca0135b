//! Replies out of a stream of bytes (RFC 5321 4.2.1).
//!
//! Knows nothing of what they answer. A reply without fault costs no allocation; what a server may
//! send at most is bounded.

use std::borrow::Cow;
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::super::reply::reply;
use crate::domain::delivery::Reply;

/// The longest reply line: RFC 5321 4.5.3.1.5 says 512, servers say more.
const LINE_MAX: usize = 2_048;
/// The longest reply with all its lines.
const REPLY_MAX: usize = 65_536;
/// How much room there is at first, and at least, for what is read next.
const ROOM: usize = 2_048;

/// One reply, as it stands in the reader.
pub(in crate::mail::smtp) struct Heard<'a> {
    /// The three digits.
    pub(in crate::mail::smtp) code: u16,
    lines: &'a [u8],
}

impl<'a> Heard<'a> {
    /// The text of each line, behind its code.
    pub(in crate::mail::smtp) fn lines(&self) -> impl Iterator<Item = Cow<'a, str>> {
        let lines = self.lines.split(|byte| *byte == b'\n').filter(|line| line.len() >= 3);
        lines.map(|line| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            String::from_utf8_lossy(line.get(4..).unwrap_or_default())
        })
    }

    /// As the domain has it.
    pub(in crate::mail::smtp) fn reply(&self) -> Reply {
        reply(self.code, self.lines())
    }
}

/// Takes bytes in and gives replies out.
pub(super) struct Reader {
    bytes: Vec<u8>,
    /// Where the reply begins that comes next.
    start: usize,
    /// Where the line begins that was not judged yet.
    line: usize,
    /// Up to where that line is known to have no end.
    seen: usize,
    /// Up to where there are bytes.
    end: usize,
    /// The code of the lines that were judged.
    code: Option<u16>,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; ROOM], start: 0, line: 0, seen: 0, end: 0, code: None }
    }

    /// Whether nothing waits that was not taken.
    pub(super) const fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Reads one reply. May be given up and begun again: what came stays.
    pub(super) async fn read(&mut self, io: &mut (impl AsyncRead + Unpin)) -> io::Result<Heard<'_>> {
        let (code, from) = loop {
            if let Some(whole) = self.whole()? {
                break whole;
            }
            self.fill(io).await?;
        };
        Ok(Heard { code, lines: &self.bytes[from..self.start] })
    }

    /// The code and the start of the next reply, when all of it is there; it then ends at `start`.
    fn whole(&mut self) -> io::Result<Option<(u16, usize)>> {
        loop {
            let Some(length) = memchr::memchr(b'\n', &self.bytes[self.seen..self.end]) else {
                self.seen = self.end;
                return if self.end - self.line < LINE_MAX { Ok(None) } else { Err(invalid(ENDLESS)) };
            };
            let end = self.seen + length;
            let line = &self.bytes[self.line..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.len() > LINE_MAX || end - self.start >= REPLY_MAX {
                return Err(invalid(ENDLESS));
            }
            let code = code(line).filter(|code| self.code.is_none_or(|before| before == *code));
            let (Some(code), None | Some(b' ' | b'-')) = (code, line.get(3)) else {
                return Err(invalid("the relay's reply is no SMTP reply"));
            };
            let more = line.get(3) == Some(&b'-');
            (self.line, self.seen, self.code) = (end + 1, end + 1, Some(code));
            if !more {
                let from = std::mem::replace(&mut self.start, end + 1);
                self.code = None;
                return Ok(Some((code, from)));
            }
        }
    }

    /// Waits for further bytes.
    pub(super) async fn fill(&mut self, io: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.line -= self.start;
            self.seen -= self.start;
            self.end -= self.start;
            self.start = 0;
        }
        if self.bytes.len() - self.end < ROOM / 2 {
            self.bytes.resize(self.bytes.len() + ROOM, 0);
        }
        let read = io.read(&mut self.bytes[self.end..]).await?;
        if read == 0 {
            return Err(if self.is_empty() {
                io::Error::new(io::ErrorKind::UnexpectedEof, "the relay closed the connection")
            } else {
                invalid("the relay's reply breaks off, or is no reply")
            });
        }
        self.end += read;
        Ok(())
    }
}

const ENDLESS: &str = "the relay's reply does not end";

/// The code at the start of a line; RFC 5321 4.2 bounds its first two digits.
fn code(line: &[u8]) -> Option<u16> {
    match line {
        [a @ b'2'..=b'5', b @ b'0'..=b'5', c @ b'0'..=b'9', ..] => {
            Some([a, b, c].iter().fold(0, |code, digit| code * 10 + u16::from(**digit - b'0')))
        }
        _ => None,
    }
}

pub(super) fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use proptest::prelude::*;
    use tokio::io::ReadBuf;

    use super::*;

    /// Gives its bytes in pieces of this size.
    struct Pieces<'a>(&'a [u8], usize);

    impl AsyncRead for Pieces<'_> {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            out: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let size = self.1.min(self.0.len()).min(out.remaining());
            let (piece, rest) = self.0.split_at(size);
            out.put_slice(piece);
            self.0 = rest;
            Poll::Ready(Ok(()))
        }
    }

    /// All replies in `bytes`, until something is no reply.
    fn read_all(bytes: &[u8], piece: usize) -> (Vec<(u16, String)>, io::Error) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (mut io, mut reader, mut replies) = (Pieces(bytes, piece), Reader::new(), Vec::new());
            loop {
                match reader.read(&mut io).await {
                    Ok(heard) => replies.push((heard.code, heard.lines().collect::<Vec<_>>().join("|"))),
                    Err(error) => return (replies, error),
                }
            }
        })
    }

    fn read(bytes: &[u8]) -> Option<(u16, String)> {
        read_all(bytes, 1_000).0.into_iter().next()
    }

    #[test]
    fn replies_are_read_as_servers_write_them() {
        for (bytes, code, text) in [
            (&b"250 2.0.0 Ok\r\n"[..], 250, "2.0.0 Ok"),
            (b"250\r\n", 250, ""),
            (b"250-a\r\n250-\r\n250 b\r\nmore", 250, "a||b"),
            (b"250-a\r\n250\r\n", 250, "a|"),
            (b"550 Postf\xe4cher unbekannt\r\n", 550, "Postf\u{fffd}cher unbekannt"),
            (b"220 lone LF\n", 220, "lone LF"),
        ] {
            assert_eq!(read(bytes), Some((code, text.to_owned())));
        }
        let group = b"250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 End data\r\n";
        let (replies, error) = read_all(group, 1_000);
        assert_eq!(replies.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [250, 250, 354]);
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn what_is_no_reply_is_an_error() {
        let long = [b"250 ".as_slice(), &[b'x'; 5_000], b"\r\n"].concat();
        let endless = b"250-x\r\n".repeat(20_000);
        for bytes in [
            &b""[..],
            b"250",
            b"250 Ok",
            b"\r\n",
            b"HTTP/1.1 400 Bad Request\r\n",
            b"999 x\r\n",
            b"250-a\r\n550 b\r\n",
            b"250-a\r\n",
            b"250_a\r\n",
            b"\x16\x03\x01 no reply at all\r\n",
            &long,
            &endless,
        ] {
            assert_eq!(read(bytes), None, "{:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(40)]));
        }
    }

    #[test]
    fn what_is_kept_of_a_reply_without_end_is_bounded() {
        let endless = b"250-".repeat(1_000_000);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut reader = Reader::new();
        assert!(runtime.block_on(async { reader.read(&mut &endless[..]).await.is_err() }));
        let lines = b"250-x\r\n".repeat(1_000_000);
        assert!(runtime.block_on(async { reader.read(&mut &lines[..]).await.is_err() }));
        let mut reader = Reader::new();
        assert!(runtime.block_on(async { reader.read(&mut &lines[..]).await.is_err() }));
        assert!(reader.bytes.len() <= REPLY_MAX + 4 * ROOM, "{}", reader.bytes.len());
    }

    proptest! {
        #[test]
        fn reading_replies_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), piece in 1usize..50) {
            read_all(&bytes, piece);
        }

        #[test]
        fn how_the_bytes_are_cut_does_not_matter(text in "([2-6][0-6][0-9][- ]?[a-z .]{0,6}\r?\n){0,9}", piece in 1usize..40) {
            let (replies, error) = read_all(text.as_bytes(), 1_000);
            let (cut, cut_error) = read_all(text.as_bytes(), piece);
            prop_assert_eq!(&replies, &cut);
            prop_assert_eq!(error.kind(), cut_error.kind());
            if let Some((code, _)) = replies.first() {
                prop_assert!(text.starts_with(&code.to_string()));
            }
        }

        #[test]
        fn what_was_written_as_replies_is_read_as_such(replies in proptest::collection::vec((200u16..556, proptest::collection::vec("[ -~]{0,20}", 1..4)), 0..6), piece in 1usize..40) {
            let replies: Vec<_> = replies.into_iter().filter(|(code, _)| code / 10 % 10 < 6).collect();
            let mut wire = String::new();
            for (code, lines) in &replies {
                for (number, line) in lines.iter().enumerate() {
                    let mark = if number + 1 < lines.len() { '-' } else { ' ' };
                    wire.push_str(&format!("{code}{mark}{line}\r\n"));
                }
            }
            let expected: Vec<_> = replies.into_iter().map(|(code, lines)| (code, lines.join("|"))).collect();
            prop_assert_eq!(read_all(wire.as_bytes(), piece).0, expected);
        }
    }
}
