//! `newsletterd edition send`: sends now, and with `--wait` delivers itself when no daemon does,
//! shows progress, prints the report.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::report as printed;
use crate::cli::progress::Progress;
use crate::cli::{Failure, output};
use crate::daemon::instance;
use crate::domain::edition::{CanaryPhase, EditionState};
use crate::domain::ids::EditionId;
use crate::pipeline::deliver::{self, RunEnd};
use crate::pipeline::{
    Engine, PipelineError, advance, compile, control, enqueue, newsletter_of, outbox, report, schedule,
};
use crate::store::{deliveries, editions};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which edition.
    #[arg(required_unless_present = "newsletter", conflicts_with = "newsletter")]
    id: Option<EditionId>,
    /// Opens, compiles and sends an edition of this newsletter.
    #[arg(long, requires = "now")]
    newsletter: Option<String>,
    /// Confirms that it goes out at once.
    #[arg(long)]
    now: bool,
    /// The same key gives the same edition, so that a repeated call sends nothing twice.
    #[arg(long, requires = "newsletter")]
    request_key: Option<String>,
    /// Sends it also when the check of its letter finds it broken.
    #[arg(long)]
    despite_check: bool,
    /// Waits until every delivery has ended or waits for a retry, and prints the report.
    #[arg(long)]
    wait: bool,
    /// The report as JSON.
    #[arg(long, requires = "wait")]
    json: bool,
}

/// How often progress is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// How often a run without a daemon is looked after.
const TEND: Duration = Duration::from_secs(1);
/// A look takes at most one part in so many of the time.
const SHARE: u32 = 50;

pub async fn run(engine: &Engine, args: Args, by: &str) -> Result<(), Failure> {
    let id = match (args.id, &args.newsletter) {
        (Some(id), _) => id,
        (None, Some(name)) => open(engine, name, args.request_key.clone()).await?,
        (None, None) => return Err(Failure::usage("name an edition or a newsletter")),
    };
    let mut tx = engine.db.read().await?;
    let state = control::edition(&mut tx, id).await?.state;
    drop(tx);
    // A repeated call with the same key finds an edition that is under way.
    if state.is_open() || args.must_be_open(state) {
        if args.despite_check {
            control::send_despite_check(engine, id, by).await?;
        } else {
            control::send_now(engine, id, by).await?;
        }
    }
    if !args.wait {
        output::note(format!("edition {id} goes out now"))?;
        return Ok(());
    }
    wait(engine, id).await?;
    printed::run(engine, id, args.json).await?;
    let report = report::report(engine, id).await?;
    if matches!(report.state, EditionState::Paused | EditionState::Cancelled | EditionState::Failed) {
        return Err(Failure::failed(format!("edition {id} is {}", report.state)));
    }
    Ok(())
}

impl Args {
    /// Whether an edition in this state is to be refused, rather than waited for as one that an
    /// earlier call set under way.
    fn must_be_open(&self, state: EditionState) -> bool {
        self.newsletter.is_none() && !matches!(state, EditionState::Locked | EditionState::Sending)
    }
}

async fn open(engine: &Engine, newsletter: &str, key: Option<String>) -> Result<EditionId, Failure> {
    let now = engine.clock.now();
    let key = key.unwrap_or_else(|| format!("send:{newsletter}:{}", engine.incarnation));
    let mut tx = engine.db.begin().await?;
    if let Some(edition) = schedule::open_manual(engine, &mut tx, newsletter, &key, now).await? {
        compile::refresh(engine, &mut tx, &edition).await?;
        tx.commit().await?;
        return Ok(edition.id);
    }
    drop(tx);
    let mut tx = engine.db.read().await?;
    let known = editions::find_by_request_key(&mut tx, &key).await?;
    known
        .map(|edition| edition.id)
        .ok_or_else(|| Failure::failed("the edition could not be opened; try again"))
}

/// Delivers, or watches the daemon deliver, until nothing is due now.
pub async fn wait(engine: &Engine, id: EditionId) -> Result<(), Failure> {
    let daemon = instance::has_live_worker(&engine.db, engine.clock.now()).await?;
    if !daemon {
        instance::announce(engine, "command").await?;
        instance::bury_the_dead(engine).await?;
        enqueue::enqueue(engine, id).await?;
    }
    let progress = Progress::new();
    let result = if daemon {
        watch(engine, id, &progress).await
    } else {
        Box::pin(deliver(engine, id, &progress)).await
    };
    progress.finish();
    if !daemon {
        instance::leave(engine).await?;
    }
    result
}

async fn deliver(engine: &Engine, id: EditionId, progress: &Progress) -> Result<(), Failure> {
    let stop = CancellationToken::new();
    let interrupted = async {
        let caught = tokio::signal::ctrl_c().await;
        stop.cancel();
        // The senders finish what is on its way and give the rest back.
        std::future::pending::<()>().await;
        caught
    };
    let sent = async {
        loop {
            let mut tx = engine.db.read().await?;
            let edition = control::edition(&mut tx, id).await?;
            drop(tx);
            advance::advance(engine, &edition).await?;
            let end = deliver::run(engine, id, &stop).await?;
            // An alert must not wait for a daemon that may never run.
            outbox::send_due(engine).await?;
            match end {
                RunEnd::RelayDown(until) => {
                    // Also what rests for its relay has an end.
                    if deliver::settle(engine, id).await? {
                        return Ok(());
                    }
                    let wait = (until - engine.clock.now()).to_std().unwrap_or_default();
                    tokio::select! {
                        () = tokio::time::sleep(wait.max(LOOK)) => {}
                        () = stop.cancelled() => return Err(stopped()),
                    }
                }
                RunEnd::NothingDue => {
                    // While a canary holds back the rest, that is due and goes nowhere.
                    if !deliver::settle(engine, id).await? && is_due(engine, id).await? {
                        tokio::select! {
                            () = tokio::time::sleep(LOOK) => continue,
                            () = stop.cancelled() => return Err(stopped()),
                        }
                    }
                    return Ok(outbox::send_due(engine).await.map(|_| ())?);
                }
                RunEnd::NotSending => return Ok(()),
                RunEnd::Stopped => return Err(stopped()),
            }
        }
    };
    let result = tokio::select! {
        result = sent => result,
        never = keep_showing(engine, id, progress) => match never {},
        never = keep_tending(engine, id) => match never {},
        _ = interrupted => Ok(()),
    };
    show(engine, id, progress).await;
    result
}

/// Does for a long run what a daemon's scheduler does: says that somebody looks after it, and keeps
/// an eye on its canary and on the time that it is to be done by.
async fn keep_tending(engine: &Engine, id: EditionId) -> Infallible {
    loop {
        tokio::time::sleep(TEND).await;
        let tended = async {
            let mut tx = engine.db.read().await?;
            let edition = control::edition(&mut tx, id).await?;
            drop(tx);
            if edition.state == EditionState::Sending {
                advance::advance(engine, &edition).await?;
            }
            Ok::<_, PipelineError>(())
        };
        if let Err(error) = tended.await {
            tracing::warn!(edition.id = id.0, "{error}");
        }
    }
}

fn stopped() -> Failure {
    Failure::failed("stopped; the daemon, or another call, goes on")
}

/// Shows again and again how the run stands, at no more than one part in fifty of the time: on a
/// million deliveries a look is no longer for nothing.
async fn keep_showing(engine: &Engine, id: EditionId, progress: &Progress) -> Infallible {
    loop {
        let started = Instant::now();
        show(engine, id, progress).await;
        tokio::time::sleep((started.elapsed() * SHARE).max(LOOK)).await;
    }
}

/// Shows how the run stands. A database that cannot say is no reason to stop sending; who sends
/// hears of it as well.
async fn show(engine: &Engine, id: EditionId, progress: &Progress) {
    if let Err(error) = try_show(engine, id, progress).await {
        tracing::debug!(edition.id = id.0, "{error}");
    }
}

async fn try_show(engine: &Engine, id: EditionId, progress: &Progress) -> Result<(), PipelineError> {
    let position = report::position(engine, id).await?;
    let (zone, now) = (newsletter_of(&position.edition)?.zone(), engine.clock.now());
    let edition = &position.edition;
    let phase = match (edition.state, edition.canary) {
        (EditionState::Locked, _) => Some("the deliveries are being written".to_owned()),
        (EditionState::Sending, Some(phase)) if phase != CanaryPhase::Passed => {
            Some(format!("canary: {}", printed::canary(phase, edition.canary_until, zone, now)))
        }
        (EditionState::Sending, _) => None,
        (other, _) => Some(other.to_string()),
    };
    progress.show(position.standing, phase.as_deref(), zone, now);
    Ok(())
}

/// Watches others deliver.
async fn watch(engine: &Engine, id: EditionId, progress: &Progress) -> Result<(), Failure> {
    tokio::select! {
        ended = until_nothing_is_due(engine, id) => ended,
        never = keep_showing(engine, id, progress) => match never {},
    }
}

async fn until_nothing_is_due(engine: &Engine, id: EditionId) -> Result<(), Failure> {
    while is_due(engine, id).await? {
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

/// Whether anything of the edition is to go out now, or in a worker's hands.
async fn is_due(engine: &Engine, id: EditionId) -> Result<bool, Failure> {
    let mut tx = engine.db.read().await?;
    let edition = control::edition(&mut tx, id).await?;
    Ok(match edition.state {
        EditionState::Locked => true,
        EditionState::Sending => deliveries::is_due(&mut tx, &edition, engine.clock.now()).await?,
        _ => false,
    })
}
