//! Mailboxes that are read by IMAP or POP3, for who has no mail server of their own to hand reports on.
//!
//! A mail leaves its mailbox only after [`Keeper::keep`] said that it is safe. What is for people,
//! unreadable or too large is never deleted: IMAP moves it to a folder of its own, POP3 leaves it where
//! it is. Whatever breaks in between, the mail is fetched again, and kept once.
//!
//! A server may be broken or hostile: what it sends is bounded in size and time, one mail is held at
//! once, and a mail at which the connection breaks again and again is put aside unread.

mod imap;
mod line;
mod memory;
mod pop3;
mod settings;
#[cfg(test)]
mod tests;
mod trouble;

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

pub use settings::{Limits, Settings};
pub use trouble::Trouble;

use super::{Content, Incoming, Keeper, Kept};
use crate::config::{MailProtocol, Secret};
use crate::domain::bounce::Intake;
use memory::Memory;

/// How often the password's file is looked at after the password was refused, at most.
const REFUSED_LOOK: Duration = Duration::from_secs(30);

/// What one look through a mailbox came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Mails that were kept and have left.
    pub kept: usize,
    /// Mails that were put aside, for people to see.
    pub aside: usize,
    /// Mails that stay where they are.
    pub left: usize,
}

/// Reads a mailbox until `stop`. `password` gives the password as it is now, or says in words why there
/// is none; it is asked for each connection. Troubles are logged, and it is tried again.
pub async fn watch<K: Keeper>(
    settings: Settings,
    password: impl Fn() -> Result<Secret, String> + Send + Sync,
    keeper: K,
    stop: CancellationToken,
) {
    stop.run_until_cancelled(read_for_ever(&settings, &password, &keeper)).await;
}

/// Reads a mailbox once, with all that is in it now.
///
/// # Errors
/// [`Trouble`]; what was kept before it has left the mailbox, or is kept once when it comes again.
pub async fn sweep<K: Keeper>(settings: &Settings, password: &Secret, keeper: &K) -> Result<Swept, Trouble> {
    match settings.mailbox.url.protocol {
        MailProtocol::Imap => {
            let mut session = imap::Session::open(settings, password).await?;
            let swept = imap::sweep(&mut session, keeper, &mut Memory::default()).await?;
            session.end().await;
            Ok(swept)
        }
        MailProtocol::Pop3 => pop3::sweep(settings, password, keeper, &mut Memory::default()).await,
    }
}

/// Signs in and counts the mails, and changes nothing.
///
/// # Errors
/// [`Trouble`].
pub async fn count(settings: &Settings, password: &Secret) -> Result<usize, Trouble> {
    match settings.mailbox.url.protocol {
        MailProtocol::Imap => {
            let session = imap::Session::open(settings, password).await?;
            let count = session.count();
            session.end().await;
            Ok(count)
        }
        MailProtocol::Pop3 => pop3::count(settings, password).await,
    }
}

async fn read_for_ever<K: Keeper>(
    settings: &Settings,
    password: &(impl Fn() -> Result<Secret, String> + Sync),
    keeper: &K,
) {
    let (name, limits) = (&settings.mailbox.name, &settings.limits);
    let mut known = Known::default();
    let mut pause = limits.pause;
    loop {
        let tried = password();
        let ended = match &tried {
            Ok(password) => read(settings, password, keeper, &mut known, &mut pause).await,
            Err(why) => Err(Trouble::Password(why.clone())),
        };
        match ended {
            Ok(()) => sleep(settings.mailbox.every.duration()).await,
            Err(Trouble::SignIn(said)) => {
                error!(
                    mailbox = %name,
                    "The mailbox's server refuses the user or the password ({said}): put the right password \
                     into {}, or the right user into the url. A new password is tried at once, the same one \
                     in {} minutes",
                    settings.mailbox.password_file.display(),
                    limits.refused_pause.as_secs() / 60,
                );
                until_another(password, &tried, limits).await;
            }
            Err(trouble) => {
                warn!(mailbox = %name, "The mailbox cannot be read, next try in {pause:?}: {trouble}");
                sleep(pause).await;
                pause = (pause * 2).min(limits.longest_pause);
            }
        }
    }
}

/// Reads until something goes wrong; by POP3 once, because each reading is a connection of its own.
async fn read<K: Keeper>(
    settings: &Settings,
    password: &Secret,
    keeper: &K,
    known: &mut Known,
    pause: &mut Duration,
) -> Result<(), Trouble> {
    let good = |swept: Swept, pause: &mut Duration| {
        *pause = settings.limits.pause;
        if swept.kept + swept.aside > 0 {
            let Swept { kept, aside, left } = swept;
            info!(mailbox = %settings.mailbox.name, kept, aside, left, "Mails were read");
        }
    };
    if settings.mailbox.url.protocol == MailProtocol::Pop3 {
        good(pop3::sweep(settings, password, keeper, &mut known.pop3).await?, pause);
        return Ok(());
    }
    let mut session = imap::Session::open(settings, password).await?;
    loop {
        good(imap::sweep(&mut session, keeper, &mut known.imap).await?, pause);
        session.wait(settings.mailbox.every.duration()).await?;
    }
}

/// What is known of the mails that stay, by the way in which they are named.
#[derive(Default)]
struct Known {
    imap: Memory<imap::Uid>,
    pop3: Memory<String>,
}

/// Waits until the password is another one, or the longest pause is over.
async fn until_another(
    password: &(impl Fn() -> Result<Secret, String> + Sync),
    tried: &Result<Secret, String>,
    limits: &Limits,
) {
    let until = Instant::now() + limits.refused_pause;
    while Instant::now() < until && password() == *tried {
        sleep(REFUSED_LOOK.min(limits.refused_pause / 10)).await;
    }
}

/// Hands a mail to who keeps it.
async fn keep<K: Keeper>(keeper: &K, intake: Intake, mail: Vec<u8>) -> Result<Kept, Trouble> {
    Ok(keeper.keep(Incoming { intake, came_to: None, content: Content::Mail(mail) }).await?)
}

/// Logs that a mail could not be read.
fn unreadable(settings: &Settings, size: Option<usize>) {
    warn!(mailbox = %settings.mailbox.name, size, "A mail is too large or cannot be fetched; nobody reads it");
}
