//! A mailbox that keeps every message as a file: the demo's, and a test's.
//!
//! Each message becomes `000001.eml` with its bytes as they came, and `000001.json` with its
//! envelope, both under their names only when complete, the envelope first. Files survive a crash of
//! the program, not of the machine: nothing is synced to disk, since nobody relies on this mailbox.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::{Handler, Received, Verdict};

/// A folder of captured messages.
#[derive(Debug)]
pub struct Capture {
    folder: PathBuf,
    last: AtomicU64,
}

/// A captured message, as the list of the mailbox shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    /// Its number; messages that came later have higher ones.
    pub number: u64,
    /// Its file.
    pub file: PathBuf,
    /// With what envelope it came.
    pub envelope: CapturedEnvelope,
}

/// The envelope beside a captured message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapturedEnvelope {
    /// The return path; `None` is `<>`.
    pub mail_from: Option<String>,
    /// The recipients.
    pub rcpt_to: Vec<String>,
}

impl Capture {
    /// Opens `folder`, makes it where it is missing, and goes on after the messages in it.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let last = numbers(folder)?.into_iter().max().unwrap_or(0);
        Ok(Self { folder: folder.to_owned(), last: AtomicU64::new(last) })
    }

    /// The messages in the folder, in order of arrival.
    ///
    /// # Errors
    /// When the folder or an envelope cannot be read.
    pub fn list(&self) -> io::Result<Vec<Captured>> {
        let mut numbers = numbers(&self.folder)?;
        numbers.sort_unstable();
        numbers.into_iter().map(|number| self.captured(number)).collect()
    }

    /// How many messages there are, and `take` of them behind the newest `skip`, newest first.
    ///
    /// # Errors
    /// When the folder or an envelope cannot be read.
    pub fn newest(&self, skip: usize, take: usize) -> io::Result<(usize, Vec<Captured>)> {
        let mut numbers = numbers(&self.folder)?;
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        let page = numbers.iter().skip(skip).take(take).map(|&number| self.captured(number));
        Ok((numbers.len(), page.collect::<io::Result<_>>()?))
    }

    /// Message `number` with its envelope; `None` when there is no such message.
    ///
    /// # Errors
    /// When its envelope cannot be read.
    pub fn find(&self, number: u64) -> io::Result<Option<Captured>> {
        if self.path(number, "eml").try_exists()? { self.captured(number).map(Some) } else { Ok(None) }
    }

    /// The bytes of message `number`; `None` when there is no such message.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn message(&self, number: u64) -> io::Result<Option<Vec<u8>>> {
        match std::fs::read(self.path(number, "eml")) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn captured(&self, number: u64) -> io::Result<Captured> {
        let envelope = serde_json::from_slice(&std::fs::read(self.path(number, "json"))?)?;
        Ok(Captured { number, file: self.path(number, "eml"), envelope })
    }

    fn path(&self, number: u64, extension: &str) -> PathBuf {
        self.folder.join(format!("{number:06}.{extension}"))
    }

    fn keep(&self, number: u64, message: Received) -> io::Result<()> {
        let Received { mail_from, rcpt_to, bytes, .. } = message;
        let envelope = serde_json::to_vec(&CapturedEnvelope { mail_from, rcpt_to })?;
        for (extension, bytes) in [("json", envelope), ("eml", bytes)] {
            let unfinished = self.path(number, "part");
            std::fs::write(&unfinished, bytes)?;
            std::fs::rename(&unfinished, self.path(number, extension))?;
        }
        Ok(())
    }
}

/// The numbers of the messages in `folder`. Other files are none of ours.
fn numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = PathBuf::from(entry?.file_name());
        let is_message = path.extension().is_some_and(|extension| extension == "eml");
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        numbers.extend(stem.filter(|_| is_message).and_then(|stem| stem.parse::<u64>().ok()));
    }
    Ok(numbers)
}

impl Handler for std::sync::Arc<Capture> {
    async fn receive(&self, message: Received) -> Verdict {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let capture = Self::clone(self);
        match tokio::task::spawn_blocking(move || capture.keep(number, message)).await {
            Ok(Ok(())) => Verdict::Accept,
            Ok(Err(error)) => {
                tracing::error!(%error, "a message could not be captured");
                Verdict::TryLater("the mailbox cannot be written".to_owned())
            }
            Err(_) => Verdict::TryLater("the mailbox is closing".to_owned()),
        }
    }
}
