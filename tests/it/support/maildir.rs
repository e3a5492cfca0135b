//! Reading a Maildir that a mail server delivers to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::wait;

/// The mails of one Maildir that one test has to do with.
pub struct Maildir {
    folder: PathBuf,
    /// What recipients the test's mails have; for messages.
    name: String,
    ours: Box<dyn Fn(&str) -> bool>,
    /// By file name, so that each file is read once however often the mailbox is looked at.
    read: BTreeMap<String, Option<Vec<u8>>>,
}

impl Maildir {
    /// The mails below `folder` that were delivered to addresses of `domain`.
    pub fn of_domain(folder: impl Into<PathBuf>, domain: &str) -> Self {
        let suffix = format!("@{}", domain.to_ascii_lowercase());
        Self::of(folder, domain, move |to| to.ends_with(&suffix))
    }

    /// The mails below `folder` that were delivered to `address`.
    pub fn of_address(folder: impl Into<PathBuf>, address: &str) -> Self {
        let address = address.to_ascii_lowercase();
        Self::of(folder, &address.clone(), move |to| to == address)
    }

    fn of(folder: impl Into<PathBuf>, name: &str, ours: impl Fn(&str) -> bool + 'static) -> Self {
        Self { folder: folder.into(), name: name.to_owned(), ours: Box::new(ours), read: BTreeMap::new() }
    }

    /// All mails that are there now, as they lie on disk, in the order of their file names.
    pub fn mails(&mut self) -> Vec<Vec<u8>> {
        for part in ["new", "cur"] {
            self.look_into(&self.folder.join(part));
        }
        self.read.values().flatten().cloned().collect()
    }

    /// Waits until at least `count` mails are there, and returns all.
    pub fn wait_for(&mut self, count: usize, limit: Duration) -> Vec<Vec<u8>> {
        let what = format!("{count} mails to {} in {}", self.name, self.folder.display());
        wait::until(&what, limit, || Some(self.mails()).filter(|mails| mails.len() >= count))
    }

    fn look_into(&mut self, part: &Path) {
        for entry in fs::read_dir(part).unwrap() {
            let entry = entry.unwrap();
            let file_name = entry.file_name().into_string().unwrap();
            // What follows the colon are flags, which a mail program may change.
            let name = file_name.split(':').next().unwrap_or_default().to_owned();
            if self.read.contains_key(&name) {
                continue;
            }
            // A file that has gone was moved from `new` to `cur`: the next look finds it there.
            if let Ok(mail) = fs::read(entry.path()) {
                let ours = recipient(&mail).is_some_and(|to| (self.ours)(&to));
                self.read.insert(name, ours.then_some(mail));
            }
        }
    }
}

/// Whom a mail was delivered to: the address in its `Delivered-To`, without which it belongs to
/// nobody. The mail server writes it at the top, one line, in small letters.
pub fn recipient(mail: &[u8]) -> Option<String> {
    let end = mail.windows(2).position(|pair| pair == b"\n\n").unwrap_or(mail.len());
    let head = String::from_utf8_lossy(&mail[..end]);
    let line = head.lines().find_map(|line| line.strip_prefix("Delivered-To: "))?;
    Some(line.trim().to_ascii_lowercase())
}

#[test]
fn tells_the_mails_of_a_test_from_those_of_others() {
    let folder = tempfile::tempdir().unwrap();
    for part in ["new", "cur", "tmp"] {
        fs::create_dir(folder.path().join(part)).unwrap();
    }
    let write = |path: &str, to: &str| {
        let mail = format!("Return-Path: <>\nDelivered-To: {to}\nSubject: x\n\nDelivered-To: a@mine.test\n");
        fs::write(folder.path().join(path), mail).unwrap();
    };
    write("new/1.host", "b@mine.test");
    write("cur/2.host:2,S", "c@mine.test");
    write("new/3.host", "d@other.test");
    write("new/4.host", "e@not-mine.test");
    write("tmp/5.host", "f@mine.test");
    let mut mails = Maildir::of_domain(folder.path(), "Mine.test");
    let recipients = |mails: &[Vec<u8>]| mails.iter().filter_map(|mail| recipient(mail)).collect::<Vec<_>>();
    assert_eq!(recipients(&mails.mails()), ["b@mine.test", "c@mine.test"]);

    fs::rename(folder.path().join("new/1.host"), folder.path().join("cur/1.host:2,S")).unwrap();
    write("new/6.host", "g@mine.test");
    let later = mails.wait_for(3, Duration::from_secs(10));
    assert_eq!(recipients(&later), ["b@mine.test", "c@mine.test", "g@mine.test"]);

    let mut one = Maildir::of_address(folder.path(), "C@mine.test");
    assert_eq!(recipients(&one.mails()), ["c@mine.test"]);
}
