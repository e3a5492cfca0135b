//! Compressed files, as log rotation leaves them, unpacked within limits.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use super::ReadsError;

/// The largest table, unpacked: it is held in memory.
const TABLE_MAX: u64 = 256 * 1024 * 1024;
/// The largest log, unpacked: it is read line by line.
const LOG_MAX: u64 = 4 * 1024 * 1024 * 1024;
/// The longest line of a log.
const LINE_MAX: u64 = 64 * 1024;
/// How much is looked at to guess what a file is.
const START: u64 = 64 * 1024;

fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1F\x8B")
}

/// The first bytes, unpacked.
pub(super) fn start(bytes: &[u8]) -> Result<Vec<u8>, ReadsError> {
    let mut start = Vec::new();
    reader(bytes).take(START).read_to_end(&mut start)?;
    Ok(start)
}

/// The whole file, unpacked.
pub(super) fn whole(bytes: &[u8]) -> Result<Cow<'_, [u8]>, ReadsError> {
    whole_up_to(bytes, TABLE_MAX)
}

fn whole_up_to(bytes: &[u8], max: u64) -> Result<Cow<'_, [u8]>, ReadsError> {
    let too_large = ReadsError::TooLarge { limit_mb: max / 1024 / 1024 };
    let unpacked = if is_packed(bytes) {
        let mut unpacked = Vec::new();
        reader(bytes).take(max + 1).read_to_end(&mut unpacked)?;
        Cow::Owned(unpacked)
    } else {
        Cow::Borrowed(bytes)
    };
    if unpacked.len() as u64 > max { Err(too_large) } else { Ok(unpacked) }
}

fn reader(bytes: &[u8]) -> Box<dyn Read + '_> {
    if is_packed(bytes) { Box::new(MultiGzDecoder::new(bytes)) } else { Box::new(bytes) }
}

/// The lines of a log, one at a time.
pub(super) struct Lines<'a> {
    reader: BufReader<Box<dyn Read + 'a>>,
    read: u64,
}

/// One line, without its end.
pub(super) struct LogLine<'l> {
    pub(super) bytes: &'l [u8],
    /// False for the last line of a log that is being written.
    pub(super) ended: bool,
    /// False when it is longer than any that a server writes; the rest is dropped.
    pub(super) whole: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { reader: BufReader::new(reader(bytes)), read: 0 }
    }

    /// Reads the next line into `buffer`; `None` at the end.
    pub(super) fn next<'l>(&mut self, buffer: &'l mut Vec<u8>) -> Result<Option<LogLine<'l>>, ReadsError> {
        buffer.clear();
        let mut taken = self.reader.by_ref().take(LINE_MAX).read_until(b'\n', buffer)? as u64;
        let mut ended = buffer.last() == Some(&b'\n');
        let whole = ended || taken < LINE_MAX;
        if !whole {
            let rest = self.reader.skip_until(b'\n')? as u64;
            ended = rest > 0;
            taken += rest;
        }
        self.read += taken;
        if self.read > LOG_MAX {
            return Err(ReadsError::TooLarge { limit_mb: LOG_MAX / 1024 / 1024 });
        }
        let bytes = buffer.trim_ascii_end();
        Ok((taken > 0).then_some(LogLine { bytes, ended, whole }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&vec![b'a'; 1_000_000]).unwrap();
        let bomb = packer.finish().unwrap();
        assert!(bomb.len() < 10_000);
        assert!(matches!(whole_up_to(&bomb, 999_999), Err(ReadsError::TooLarge { .. })));
        assert_eq!(whole_up_to(&bomb, 1_000_000).unwrap().len(), 1_000_000);
        let mut lines = Lines::new(&bomb);
        let mut buffer = Vec::new();
        let line = lines.next(&mut buffer).unwrap().unwrap();
        assert!(!line.whole && line.bytes.len() as u64 == LINE_MAX);
        assert!(lines.next(&mut Vec::new()).unwrap().is_none());
    }

    #[test]
    fn packed_pieces_after_one_another_are_one_file() {
        let pack = |text: &[u8]| {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packer.write_all(text).unwrap();
            packer.finish().unwrap()
        };
        let both = [pack(b"one\n"), pack(b"two\n")].concat();
        assert_eq!(&*whole(&both).unwrap(), b"one\ntwo\n");
        assert!(whole(&both[..both.len() - 4]).is_err());
    }
}
