//! Keeps reports that come as files, or through a pipe of a mail server: `newsletterd bounce -`.
//!
//! A mail server takes exit code 75 for "try again later" and every other failure for "give up". What
//! comes through the pipe is therefore kept, or else the code is 75, whatever went wrong.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::cli::{Failure, context, output};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::domain::bounce::Intake;
use crate::mail::intake::{Content, Incoming, Keeper as _, MOST_BYTES};
use crate::mail::smtp::hand_over;
use crate::pipeline::intake::Inbox;
use crate::{daemon, telemetry};

/// How long all of it may take; a mail server waits for longer.
const PATIENCE: Duration = Duration::from_secs(120);
/// Where a mail server says to whom it delivers (Postfix, local(8)).
const RECIPIENT: &str = "ORIGINAL_RECIPIENT";

pub async fn run(
    file: Option<PathBuf>,
    mails: Vec<PathBuf>,
    recipient: Option<String>,
) -> Result<(), Failure> {
    let piped = mails.iter().any(|mail| is_stdin(mail));
    let recipient = recipient.or_else(|| std::env::var(RECIPIENT).ok().filter(|_| piped));
    let recipient = recipient.filter(|address| is_address(address));
    let kept = tokio::time::timeout(PATIENCE, keep(file.as_deref(), &mails, recipient.as_deref())).await;
    match kept.unwrap_or_else(|_| Err(Failure::failed("it took too long"))) {
        Err(failure) if piped => Err(Failure::later(failure.message)),
        kept => kept,
    }
}

async fn keep(file: Option<&Path>, mails: &[PathBuf], recipient: Option<&str>) -> Result<(), Failure> {
    let way = Way::open(file).await?;
    let mut unread = 0_usize;
    for path in mails {
        let opened = path.clone();
        let read = tokio::task::spawn_blocking(move || read(&opened)).await.map_err(Failure::failed)?;
        match read {
            Ok(mail) => way.keep(mail, recipient).await?,
            Err(error) => {
                output::note(format!("{} cannot be read: {error}", path.display()))?;
                unread += 1;
            }
        }
    }
    if unread > 0 {
        return Err(Failure::failed(format!("{unread} of {} mails could not be read", mails.len())));
    }
    Ok(())
}

/// Where mails go.
enum Way {
    /// Into the database.
    Inbox(Inbox),
    /// To the daemon, which can write it where we cannot.
    Daemon(SocketAddr, String),
}

impl Way {
    async fn open(file: Option<&Path>) -> Result<Self, Failure> {
        let config = config::load(file, std::env::vars())?;
        telemetry::init(config.logging.format, "warn").map_err(Failure::usage)?;
        let config = Arc::new(config);
        let failure = match context::refuse_other_users(&config) {
            Ok(()) => match daemon::engine(Arc::clone(&config), Clock::System).await {
                Ok(engine) => return Ok(Self::Inbox(Inbox::new(&engine))),
                // A mail server's user may not read every secret that an engine wants.
                Err(error) => error.into(),
            },
            Err(failure) => failure,
        };
        Self::to_daemon(&config).ok_or(failure)
    }

    fn to_daemon(config: &Config) -> Option<Self> {
        let postmaster = format!("postmaster@{}", config.bounces.return_path.as_str());
        config.bounces.listen.map(|listen| Self::Daemon(listen, postmaster))
    }

    async fn keep(&self, mail: Vec<u8>, recipient: Option<&str>) -> Result<(), Failure> {
        match self {
            Self::Inbox(inbox) => {
                let came_to = recipient.map(str::to_owned);
                let incoming = Incoming { intake: Intake::Command, came_to, content: Content::Mail(mail) };
                inbox.keep(incoming).await.map(|_| ()).map_err(Failure::failed)
            }
            Self::Daemon(address, postmaster) => {
                // Also what came to nobody is kept.
                let recipients: Vec<_> = recipient.into_iter().chain([postmaster.as_str()]).collect();
                hand_over(*address, &recipients, &mail).await.map_err(Failure::failed)
            }
        }
    }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads a mail; of one that is too large, as much as is looked at of any.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut source: Box<dyn Read> =
        if is_stdin(path) { Box::new(io::stdin().lock()) } else { Box::new(std::fs::File::open(path)?) };
    let mut mail = Vec::new();
    source.by_ref().take(MOST_BYTES as u64).read_to_end(&mut mail)?;
    if is_stdin(path) {
        // Whoever writes must be let end, or takes it for a failure.
        io::copy(&mut source.take(MOST_BYTES as u64 * 10), &mut io::sink())?;
    }
    Ok(mail)
}

/// Whether it can stand in an envelope.
fn is_address(text: &str) -> bool {
    let bad = |c: char| c.is_whitespace() || c.is_control() || c == '<' || c == '>';
    !text.is_empty() && text.len() <= 320 && !text.contains(bad)
}
