//! `newsletterd demo`: sends the sample newsroom's editions, tells where to look at them, and
//! serves them until Ctrl-C.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use unicode_width::UnicodeWidthStr as _;

use super::progress::Progress;
use super::{Failure, output};
use crate::clock::Clock;
use crate::config::LogFormat;
use crate::demo::{self, Demo, DemoError, Outcome, Tally, Wishes};
use crate::domain::edition::EditionState;
use crate::telemetry;

/// Columns that names of addresses take.
const NAMES: usize = 15;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where database and mails are kept, also those of an earlier demo; a new temporary folder
    /// when it is left out.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// A feed, as a file or an http(s) address, whose articles take the place of the sample
    /// newsroom's in their language (in English where that is none of ours).
    #[arg(long, value_name = "FILE|URL")]
    feed: Option<String>,
    /// Ends when the edition is delivered, and leaves the mails as .eml files.
    #[arg(long)]
    once: bool,
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::Build(error) => error.into(),
            DemoError::Pipeline(error) => error.into(),
            DemoError::Config(errors) => errors.into(),
            DemoError::Feed { .. }
            | DemoError::Folder { .. }
            | DemoError::Port(_)
            | DemoError::Newsroom(_)
            | DemoError::Settings(_) => Self::failed(error),
        }
    }
}

pub async fn run(args: Args) -> Result<(), Failure> {
    telemetry::init(LogFormat::Text, "warn").map_err(Failure::usage)?;
    let started = Instant::now();
    let stop = CancellationToken::new();
    let interrupted = stop.clone();
    tokio::spawn(async move {
        // Where nobody can press it, the demo runs until it is killed.
        if tokio::signal::ctrl_c().await.is_ok() {
            interrupted.cancel();
        }
    });

    let demo = Demo::prepare(Wishes { folder: args.dir, feed: args.feed }, Clock::System).await?;
    let progress = Progress::new();
    let sent =
        demo.send(&stop, |tally| progress.show_counts(tally.audience, tally.ended, tally.deferred)).await;
    progress.finish();
    let sent = sent?;
    if stop.is_cancelled() {
        let folder = demo.folder().display().to_string();
        demo.close().await?;
        return Err(Failure::failed(format!("stopped; newsletterd demo --dir {folder} goes on")));
    }
    let delivered = delivered(&sent);
    tell(&demo, &sent, started.elapsed())?;
    if args.once {
        output::line(format!("Mails:  {}/*.eml", demo.mails().display()))?;
        demo.close().await?;
        return delivered;
    }
    show_addresses(&demo, &sent)?;
    if let Err(failure) = delivered {
        output::note(failure.message)?;
    }
    Ok(demo.serve(stop).await?)
}

/// Whether every letter was delivered.
fn delivered(sent: &Outcome) -> Result<(), Failure> {
    let Tally { audience, accepted, .. } = sent.tally();
    if accepted == audience {
        return Ok(());
    }
    Err(Failure::failed(format!("{} of {audience} letters were not delivered", audience - accepted)))
}

/// What was done.
fn tell(demo: &Demo, sent: &Outcome, took: Duration) -> Result<(), Failure> {
    let (readers, without) = demo.readers();
    let (now, before) = (sent.tally().accepted - sent.before.accepted, sent.before.accepted);
    let before = if before > 0 { format!("; {before} went out before") } else { String::new() };
    output::line(format!(
        "{now} letters delivered in {:.1} s{before}.\n\
         {without} of {readers} readers get none: they have left, not confirmed, or are suppressed.",
        took.as_secs_f64(),
    ))?;
    for one in &sent.editions {
        if one.report.state == EditionState::Skipped {
            let why = one.report.reason.as_deref().unwrap_or("there is nothing new");
            output::line(format!("{}: no new edition: {why}.", one.title))?;
        }
    }
    Ok(())
}

/// Where to look.
fn show_addresses(demo: &Demo, sent: &Outcome) -> Result<(), Failure> {
    let line = |name: &str, place: &str| {
        output::line(format!("    {name}{}{place}", " ".repeat(NAMES.saturating_sub(name.width()))))
    };
    output::line("\n  Open in a browser\n")?;
    for one in sent.editions.iter().filter(|one| one.report.state != EditionState::Skipped) {
        line(demo::own_name(one.language), &demo.letter(one))?;
    }
    output::line("")?;
    line("Mailbox", &demo.mailbox())?;
    line("Archive", demo.archive().as_str())?;
    line("Folder", &demo.folder().display().to_string())?;
    output::line("\nCtrl-C ends the demo; the folder stays.")?;
    Ok(())
}
