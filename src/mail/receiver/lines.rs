//! Reading from a peer: command lines and message bodies, both bounded.
//!
//! The end of a message is found by [`Unstuffer`], a state machine over bytes, so that it does not
//! matter how they were cut into packets.

use tokio::io::{self, AsyncBufRead, AsyncBufReadExt as _};

/// What a command line can be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A line, without its CR LF.
    Whole(Vec<u8>),
    /// A line that ended in a lone LF. It is no command (RFC 5321 2.3.8).
    LoneLf,
    /// A line beyond the limit; its rest was thrown away.
    TooLong,
    /// A line that went on for so long that its end was not waited for.
    Endless,
    /// The peer has closed.
    Closed,
}

/// What is read, and thrown away, of a line beyond the limit.
const ENDLESS: usize = 1 << 20;

/// Reads one command line of at most `limit` bytes.
pub(super) async fn line<R: AsyncBufRead + Unpin>(reader: &mut R, limit: usize) -> io::Result<Line> {
    let mut line = Vec::new();
    let mut too_long = false;
    let mut read = 0;
    loop {
        let available = reader.fill_buf().await?;
        if available.is_empty() {
            return Ok(Line::Closed);
        }
        let end = memchr::memchr(b'\n', available);
        let taken = end.map_or(available.len(), |end| end + 1);
        too_long |= line.len() + taken > limit;
        if !too_long {
            line.extend_from_slice(&available[..taken]);
        }
        reader.consume(taken);
        if end.is_some() {
            break;
        }
        read += taken;
        if read > ENDLESS.max(limit) {
            return Ok(Line::Endless);
        }
    }
    if too_long {
        return Ok(Line::TooLong);
    }
    line.pop();
    if line.pop() == Some(b'\r') { Ok(Line::Whole(line)) } else { Ok(Line::LoneLf) }
}

/// Where in a line the last byte stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Nothing of the line has come.
    Start,
    /// A dot, not yet kept: the end, or a doubled dot.
    Dot,
    /// A dot and a CR, neither yet kept.
    DotCr,
    /// A CR, kept.
    Cr,
    /// Anything else.
    Middle,
}

/// Takes a message out of what follows DATA (RFC 5321 4.5.2): doubled dots become one, and
/// CR LF . CR LF ends it.
#[derive(Debug)]
pub(super) struct Unstuffer {
    at: At,
    limit: usize,
    message: Vec<u8>,
    size: usize,
}

impl Unstuffer {
    /// For messages of at most `limit` bytes.
    pub(super) const fn new(limit: usize) -> Self {
        Self { at: At::Start, limit, message: Vec::new(), size: 0 }
    }

    /// Takes bytes in and says how many of them belong to the message, and whether it has ended.
    pub(super) fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut next = 0;
        while let Some(byte) = bytes.get(next) {
            self.at = match (self.at, byte) {
                (At::DotCr, b'\n') => return (next + 1, true),
                (At::Start, b'.') => At::Dot,
                (At::Dot, b'\r') => At::DotCr,
                (At::Cr, b'\n') => {
                    self.keep(b"\n");
                    At::Start
                }
                _ => {
                    // The doubled dot goes; what stood behind a lone one stays.
                    if self.at == At::DotCr {
                        self.keep(b"\r");
                    }
                    let end = memchr::memchr(b'\r', &bytes[next..]).map_or(bytes.len(), |at| next + at);
                    if end > next {
                        self.keep(&bytes[next..end]);
                        next = end;
                        self.at = At::Middle;
                        continue;
                    }
                    self.keep(b"\r");
                    At::Cr
                }
            };
            next += 1;
        }
        (next, false)
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.size = self.size.saturating_add(bytes.len());
        if self.size <= self.limit {
            self.message.extend_from_slice(bytes);
        } else {
            self.message = Vec::new();
        }
    }

    /// Bytes that came so far, kept or not.
    pub(super) const fn size(&self) -> usize {
        self.size
    }

    /// Bytes that are held.
    pub(super) const fn held(&self) -> usize {
        self.message.len()
    }

    /// Keeps nothing of the message; its end is still found.
    pub(super) fn forget(&mut self) {
        self.limit = 0;
        self.message = Vec::new();
    }

    /// The message; `None` when it was too big.
    pub(super) fn message(self) -> Option<Vec<u8>> {
        (self.size <= self.limit).then_some(self.message)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Feeds `bytes` in pieces of at most `piece`; gives the message, and what follows it.
    fn unstuff(bytes: &[u8], piece: usize) -> Option<(Vec<u8>, Vec<u8>)> {
        let mut message = Unstuffer::new(usize::MAX);
        let mut rest = bytes;
        while !rest.is_empty() {
            let (taken, ended) = message.take(&rest[..piece.min(rest.len())]);
            rest = &rest[taken..];
            if ended {
                return message.message().map(|message| (message, rest.to_vec()));
            }
        }
        None
    }

    /// The same by the book: lines end in CR LF, a lone dot ends, one leading dot goes.
    fn by_the_book(bytes: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let mut message = Vec::new();
        let mut rest = bytes;
        loop {
            let end = rest.windows(2).position(|pair| pair == b"\r\n")? + 2;
            let (line, after) = rest.split_at(end);
            if line == b".\r\n" {
                return Some((message, after.to_vec()));
            }
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
            rest = after;
        }
    }

    #[test]
    fn too_much_is_forgotten() {
        let mut message = Unstuffer::new(5);
        assert_eq!(message.take(b"12345\r\n.\r\nx"), (10, true));
        assert_eq!(message.message(), None);
    }

    proptest! {
        #[test]
        fn a_message_is_the_same_however_it_is_cut(text in "[a.\\r\\n]{0,30}(\\r\\n\\.\\r\\n)?[a.\\r\\n]{0,6}", piece in 1usize..8) {
            prop_assert_eq!(unstuff(text.as_bytes(), piece), by_the_book(text.as_bytes()));
        }

        #[test]
        fn lines_are_bounded(bytes in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), any::<u8>()], 0..60), limit in 2usize..20) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let mut reader = &bytes[..];
            loop {
                match runtime.block_on(line(&mut reader, limit)).unwrap() {
                    Line::Whole(line) => prop_assert!(line.len() + 2 <= limit && !line.contains(&b'\n')),
                    Line::Closed => break,
                    Line::TooLong | Line::LoneLf | Line::Endless => {}
                }
            }
        }
    }
}
