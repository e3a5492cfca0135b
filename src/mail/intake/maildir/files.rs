//! The files of a Maildir: found, read, removed, put aside. Links are never followed.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::super::MOST_BYTES;

/// The folder below for what people should see.
const ASIDE: &str = ".aside";

/// What a file is.
#[derive(Debug)]
pub(super) enum Found {
    /// A mail.
    Mail(Vec<u8>),
    /// It cannot be read, or is too large.
    Unreadable(String),
    /// Not for now: a link in its place, or a disk that fails.
    NotNow(String),
    /// Somebody else has taken it.
    Gone,
}

/// Who took a file from its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// We did.
    ByUs,
    /// It was gone already.
    ByOthers,
}

/// The files in `new` and `cur`, oldest first.
pub(super) fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for part in ["new", "cur"] {
        let part = folder.join(part);
        if fs::symlink_metadata(&part)?.is_symlink() {
            return Err(io::Error::other(format!("{} is a link", part.display())));
        }
        for entry in fs::read_dir(part)? {
            let entry = entry?;
            // Maildir's own rule: such names are no mails.
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            // Of the entry itself, not of what a link leads to.
            match entry.metadata() {
                Ok(metadata) if metadata.is_file() => {
                    found.push(((metadata.mtime(), metadata.mtime_nsec()), entry.path()));
                }
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    found.sort_unstable();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// Reads one.
pub(super) fn read(path: &Path) -> Found {
    let opened = fs::symlink_metadata(path).and_then(|named| {
        if !named.is_file() {
            return Ok(None);
        }
        let file = File::open(path)?;
        let opened = file.metadata()?;
        // Something else may have taken its place in between.
        Ok(((named.dev(), named.ino()) == (opened.dev(), opened.ino())).then_some((file, opened.len())))
    });
    let (file, size) = match opened {
        Ok(Some(opened)) => opened,
        Ok(None) => return Found::NotNow("it is no file any more".to_owned()),
        Err(error) => return not_read(&error),
    };
    let most = MOST_BYTES as u64;
    let mut mail = Vec::with_capacity(usize::try_from(size.min(most)).unwrap_or_default());
    if size <= most
        && let Err(error) = file.take(most + 1).read_to_end(&mut mail)
    {
        return not_read(&error);
    }
    if size > most || mail.len() > MOST_BYTES {
        return Found::Unreadable(format!("it is larger than {MOST_BYTES} bytes"));
    }
    Found::Mail(mail)
}

fn not_read(error: &io::Error) -> Found {
    match error.kind() {
        ErrorKind::NotFound => Found::Gone,
        ErrorKind::PermissionDenied => Found::Unreadable(format!("it cannot be read: {error}")),
        _ => Found::NotNow(error.to_string()),
    }
}

/// Removes one that was kept.
pub(super) fn remove(path: &Path) -> io::Result<Taken> {
    by_us(fs::remove_file(path))
}

/// Moves one into the folder for people, where it lies when this returns, whatever happens then.
pub(super) fn put_aside(folder: &Path, path: &Path) -> io::Result<Taken> {
    let aside = folder.join(ASIDE);
    for part in ["tmp", "new", "cur"] {
        fs::create_dir_all(aside.join(part))?;
    }
    // By this file others know a subfolder (Maildir++).
    File::options().append(true).create(true).open(aside.join("maildirfolder"))?;
    let cur = aside.join("cur");
    let taken = by_us(fs::rename(path, cur.join(free_name(&cur, path)?)))?;
    if taken == Taken::ByUs {
        for changed in [Some(cur.as_path()), Some(&aside), Some(folder), path.parent()].into_iter().flatten()
        {
            File::open(changed)?.sync_all()?;
        }
    }
    Ok(taken)
}

/// A name that nothing in `cur` has, with no flags.
fn free_name(cur: &Path, path: &Path) -> io::Result<OsString> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let base = name.split(':').next().unwrap_or_default();
    let mut free = format!("{base}:2,");
    let mut number = 0_u32;
    while fs::symlink_metadata(cur.join(&free)).is_ok() {
        number += 1;
        free = format!("{base}.{}-{number}:2,", std::process::id());
    }
    Ok(free.into())
}

fn by_us(done: io::Result<()>) -> io::Result<Taken> {
    match done {
        Ok(()) => Ok(Taken::ByUs),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Taken::ByOthers),
        Err(error) => Err(error),
    }
}
