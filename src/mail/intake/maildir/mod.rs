//! Reports that a mail server of this machine delivers into a folder of files (Maildir).
//!
//! A file goes from its folder only when its mail is safe in the database. What a person should see,
//! what cannot be read and what is too large is put into the folder `.aside` below (a subfolder by
//! the rules of Maildir++, so that mail programs show it) and never deleted. Each step may be the
//! last one: a file that was kept and is still there is kept once more, which changes nothing. So two
//! daemons may share a folder, too.

mod files;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Content, Incoming, Keeper, Kept};
use crate::domain::bounce::Intake;
use files::{Found, Taken};

/// How often the folders are looked at.
const EVERY: Duration = Duration::from_secs(1);
/// How long to wait when something could not be kept or moved.
const AFTER_TROUBLE: Duration = Duration::from_secs(30);

/// What became of the files of a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Kept, and gone from the folder.
    pub kept: usize,
    /// Put aside, for people.
    pub aside: usize,
    /// Still where they were, for the next time.
    pub left: usize,
}

/// A folder cannot be worked with.
#[derive(Debug, thiserror::Error)]
#[error("the folder {path} cannot be used: {source}; it must be a Maildir that this user may change")]
pub struct MaildirError {
    /// Which.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// Takes what is in `new` and `cur` of a folder, oldest first. It ends at the first mail that cannot be
/// kept now. May be given up at any time.
///
/// # Errors
/// [`MaildirError`] when the folder cannot be read, or what was kept cannot be taken from it.
pub async fn sweep(folder: &Path, keeper: &impl Keeper) -> Result<Swept, MaildirError> {
    let at = folder.to_owned();
    let found = blocking(folder, move || files::list(&at)).await?;
    let mut swept = Swept::default();
    for (index, file) in found.iter().enumerate() {
        let opened = file.clone();
        let kept = match blocking(folder, move || Ok(files::read(&opened))).await? {
            Found::Gone => continue,
            Found::NotNow(why) => {
                tracing::warn!("{} is left: {why}", file.display());
                swept.left += 1;
                continue;
            }
            Found::Unreadable(why) => {
                tracing::warn!("{} is put aside: {why}", file.display());
                Kept::ForPeople
            }
            Found::Mail(mail) => {
                let incoming =
                    Incoming { intake: Intake::Maildir, came_to: None, content: Content::Mail(mail) };
                match keeper.keep(incoming).await {
                    Ok(kept) => kept,
                    Err(not_now) => {
                        tracing::warn!("mails are left in {}: {not_now}", folder.display());
                        swept.left += found.len() - index;
                        return Ok(swept);
                    }
                }
            }
        };
        let (at, file) = (folder.to_owned(), file.clone());
        let taken = blocking(folder, move || match kept {
            Kept::Report => files::remove(&file),
            Kept::ForPeople => files::put_aside(&at, &file),
        });
        match (taken.await?, kept) {
            (Taken::ByOthers, _) => {}
            (Taken::ByUs, Kept::Report) => swept.kept += 1,
            (Taken::ByUs, Kept::ForPeople) => swept.aside += 1,
        }
    }
    Ok(swept)
}

/// Looks at the folders again and again until `stop`.
pub async fn watch(folders: Vec<PathBuf>, keeper: impl Keeper, stop: CancellationToken) {
    let watched = folders.iter().map(|folder| watch_one(folder, &keeper));
    tokio::select! {
        () = stop.cancelled() => {}
        _ = futures_util::future::join_all(watched) => stop.cancelled().await,
    }
}

async fn watch_one(folder: &Path, keeper: &impl Keeper) {
    loop {
        let pause = match sweep(folder, keeper).await {
            Ok(swept) => {
                if swept.kept + swept.aside > 0 {
                    tracing::info!(
                        kept = swept.kept,
                        aside = swept.aside,
                        "read mails in {}",
                        folder.display()
                    );
                }
                if swept.left == 0 { EVERY } else { AFTER_TROUBLE }
            }
            Err(error) => {
                tracing::warn!("{error}");
                AFTER_TROUBLE
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Work on files, away from the threads that must not wait.
async fn blocking<T: Send + 'static>(
    folder: &Path,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, MaildirError> {
    let done = tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)));
    done.map_err(|source| MaildirError { path: folder.to_owned(), source })
}
