//! What the relay answered, kept beside the database until the database has it: a process that is
//! killed the moment after an answer leaves it here, and whoever takes up its work reads it first.
//!
//! One process, two files: entries go to one while those of the other are being recorded, and a file
//! is emptied when the database has all of it, so that they stay small. Each entry is one line, written
//! in one call; nothing is forced to the disk, because only the process is to be outlived, not the
//! machine. A line that breaks off is none.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::domain::delivery::Outcome;
use crate::domain::ids::{EditionId, SubscriberId};

/// When the file in use is larger than this, the other takes over as soon as it is free. In bytes.
const TURN_AT: u64 = 256 * 1024;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Of which edition the letter was.
    pub edition: EditionId,
    /// To whom.
    pub subscriber: SubscriberId,
    /// Which attempt it was.
    pub attempt: i64,
    /// The lease under which it was made.
    pub lease: String,
    /// The relay that answered.
    pub relay: String,
    /// What it came to.
    pub outcome: Outcome,
}

/// Which of the two files an entry stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Half(usize);

/// The journal of one process. No file is made before there is something to write.
#[derive(Debug)]
pub struct Journal {
    base: PathBuf,
    paths: [PathBuf; 2],
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    files: [Option<File>; 2],
    /// Entries of each file that the database does not have yet.
    pending: [usize; 2],
    /// Bytes in the file in use.
    size: u64,
    current: usize,
}

impl Journal {
    /// The journal of a process in `folder`, under a name that no other process bears.
    pub fn new(folder: &Path, incarnation: &str) -> Self {
        let base = folder.join(incarnation);
        Self { paths: paths(&base), base, state: Mutex::default() }
    }

    /// What others need to [`read`] and [`remove`] it: its path without the ending of either file.
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// Writes an entry. When this has returned, the entry outlives the process.
    ///
    /// # Errors
    /// What the system says: no folder, no room, no right.
    pub fn append(&self, entry: &Entry) -> io::Result<Half> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let other = 1 - state.current;
        if state.size > TURN_AT && state.pending[other] == 0 {
            if let Some(file) = &state.files[other] {
                file.set_len(0)?;
            }
            state.current = other;
            state.size = 0;
        }
        let current = state.current;
        let file = match &mut state.files[current] {
            Some(file) => file,
            empty => empty.insert(open(&self.paths[current])?),
        };
        file.write_all(&line)?;
        state.size += u64::try_from(line.len()).unwrap_or(u64::MAX);
        state.pending[current] += 1;
        Ok(Half(current))
    }

    /// Says that the database has these entries.
    pub fn settled(&self, halves: impl Iterator<Item = Half>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for Half(half) in halves {
            state.pending[half] = state.pending[half].saturating_sub(1);
        }
    }

    /// Takes the files away when the database has everything; leaves them otherwise.
    ///
    /// # Errors
    /// What the system says.
    pub fn close(&self) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.pending != [0, 0] {
            return Ok(());
        }
        *state = State::default();
        remove(self.base())
    }
}

fn paths(base: &Path) -> [PathBuf; 2] {
    // Not `with_extension`: the name of a process may hold a dot.
    ["0", "1"].map(|half| {
        let mut path = base.as_os_str().to_owned();
        path.push(".");
        path.push(half);
        path.into()
    })
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// Reads what a process left: every entry that was written whole, in no order.
///
/// # Errors
/// What the system says; a journal that was never begun is an empty one.
pub fn read(base: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for path in paths(base) {
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        // What follows the last line end breaks off; a disk that was full may break one off before.
        let lines = text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        entries.extend(lines.filter_map(|line| serde_json::from_slice::<Entry>(line).ok()));
    }
    Ok(entries)
}

/// Takes away the journal of a process whose entries the database has.
///
/// # Errors
/// What the system says.
pub fn remove(base: &Path) -> io::Result<()> {
    for path in paths(base) {
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::delivery::Reply;

    fn entry(subscriber: i64) -> Entry {
        Entry {
            edition: EditionId(7),
            subscriber: SubscriberId(subscriber),
            attempt: 1,
            lease: "w-1-ff#3".to_owned(),
            relay: "main".to_owned(),
            outcome: Outcome::Accepted(Reply {
                code: 250,
                enhanced: Some("2.0.0".to_owned()),
                text: "Ok: queued as 4Xy".to_owned(),
            }),
        }
    }

    #[test]
    fn what_was_written_is_read_by_somebody_else() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(&folder.path().join("journal"), "w-1-ff");
        assert_eq!(read(journal.base()).unwrap(), []);
        journal.append(&entry(1)).unwrap();
        journal.append(&entry(2)).unwrap();
        assert_eq!(read(journal.base()).unwrap(), [entry(1), entry(2)]);
        journal.close().unwrap();
        assert_eq!(read(journal.base()).unwrap().len(), 2, "what is not recorded stays");
        remove(journal.base()).unwrap();
        remove(journal.base()).unwrap();
        assert_eq!(read(journal.base()).unwrap(), []);
    }

    #[test]
    fn a_line_that_breaks_off_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path(), "w");
        journal.append(&entry(1)).unwrap();
        let [path, _] = paths(journal.base());
        let whole = fs::read(&path).unwrap();
        for cut in 1..whole.len() {
            let mut text = whole.clone();
            text.extend_from_slice(&whole[..cut]);
            fs::write(&path, &text).unwrap();
            assert_eq!(read(journal.base()).unwrap(), [entry(1)]);
        }
    }

    #[test]
    fn files_take_turns_and_stay_small() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path(), "w");
        let mut unsettled = std::collections::VecDeque::new();
        for n in 0..20_000 {
            unsettled.push_back((n, journal.append(&entry(n)).unwrap()));
            if unsettled.len() > 500 {
                journal.settled(unsettled.drain(..250).map(|(_, half)| half));
            }
        }
        let kept: Vec<_> =
            read(journal.base()).unwrap().into_iter().map(|entry| entry.subscriber.0).collect();
        assert!(unsettled.iter().all(|(n, _)| kept.contains(n)), "what is not recorded is there");
        let sizes: u64 = paths(journal.base()).iter().map(|path| fs::metadata(path).unwrap().len()).sum();
        assert!(sizes < 3 * TURN_AT, "{sizes}");
        journal.settled(unsettled.drain(..).map(|(_, half)| half));
        journal.close().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
