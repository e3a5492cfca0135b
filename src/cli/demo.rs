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
use crate::demo::{self, Demo, DemoError, Sent, Tally, Wishes};
use crate::domain::edition::EditionState;
use crate::telemetry;

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
    let sent = demo.send(&stop, |tally| progress.show_counts(tally.audience, tally.ended, tally.deferred)).await;
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
        output::line(format!("  Mails      {}/*.eml", demo.mails().display()))?;
        demo.close().await?;
        return delivered;
    }
    output::line(format!("  Folder     {}", demo.folder().display()))?;
    output::line("\nCtrl-C ends the demo; the folder stays.")?;
    if let Err(failure) = delivered {
        output::note(failure.message)?;
    }
    Ok(demo.serve(stop).await?)
}

/// Whether every letter was delivered.
fn delivered(sent: &[Sent]) -> Result<(), Failure> {
    let Tally { audience, accepted, .. } = Tally::of(sent.iter().map(|one| &one.report));
    if accepted == audience {
        return Ok(());
    }
    Err(Failure::failed(format!("{} of {audience} letters were not delivered", audience - accepted)))
}

fn tell(demo: &Demo, sent: &[Sent], took: Duration) -> Result<(), Failure> {
    let (readers, without) = demo.readers();
    let tally = Tally::of(sent.iter().map(|one| &one.report));
    output::line(format!(
        "{} letters delivered in {:.1} s, in {} languages.\n\
         Of {readers} readers {without} have left, not confirmed or are suppressed, and get none.\n",
        output::grouped(tally.accepted),
        took.as_secs_f64(),
        sent.len(),
    ))?;
    output::line("  Letters")?;
    for one in sent {
        let name = demo::own_name(one.language);
        let place = match one.report.state {
            EditionState::Skipped => {
                let why = one.report.reason.as_deref().unwrap_or("nothing new");
                format!("no new edition: {why}")
            }
            _ => demo.letter(one),
        };
        output::line(format!("    {name}{}{place}", " ".repeat(15_usize.saturating_sub(name.width()))))?;
    }
    output::line(format!("  Mailbox    {}", demo.mailbox()))?;
    output::line(format!("  Archive    {}", demo.archive()))?;
    Ok(())
}
