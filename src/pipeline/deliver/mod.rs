//! Sends an edition's deliveries. A run claims batches under leases, lane by lane (`feed`); hands each
//! letter to a relay, where it is filled in and signed at the last moment (`parcel`); and records what
//! the relays answer in batches (`recorder`). An answer is journaled before the connection goes on,
//! so that a process that is killed leaves at most one letter for each open connection in doubt; such
//! a letter goes out again under the same Message-ID. `watch` sees to it that a run ends within a
//! second when its edition is paused or cancelled.

mod feed;
mod lane;
mod parcel;
mod recorder;
mod replay;
mod routes;
mod settle;
mod shared;
mod watch;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use replay::replay;
pub use settle::settle;

use self::feed::{Idle, feed};
use self::lane::LaneState;
use self::routes::Routes;
use self::shared::{Parts, Shared};
use super::judge::Judge;
use super::pause::pause;
use super::{Engine, PipelineError, Result, advance, newsletter_of, revision};
use crate::domain::delivery::Guard;
use crate::domain::edition::{CanaryPhase, EditionState};
use crate::domain::ids::EditionId;
use crate::domain::lane::Lane;
use crate::mail::prepared::Prepared;
use crate::store::editions::{self, Edition};
use crate::store::{Tx, catalog, claims, deliveries, relays};

/// How a run of an edition ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// Nothing is due now.
    NothingDue,
    /// The edition is not sending: paused, cancelled, ended.
    NotSending,
    /// All its relays rest until then.
    RelayDown(DateTime<Utc>),
    /// This process is to stop.
    Stopped,
}

/// Sends what is due of an edition until nothing is, or something stops it.
///
/// # Errors
/// What the database says.
pub async fn run(engine: &Engine, id: EditionId, stop: &CancellationToken) -> Result<RunEnd> {
    let now = engine.clock.now();
    let mut tx = engine.db.read().await?;
    let Some(edition) =
        editions::get(&mut tx, id).await?.filter(|edition| edition.state == EditionState::Sending)
    else {
        engine.windows.forget(id);
        return Ok(RunEnd::NotSending);
    };
    let newsletter = newsletter_of(&edition)?;
    if advance::is_abandoned(&newsletter, now - edition.last_activity_at) {
        // A restored backup, or a long outage: the scheduler pauses it.
        return Ok(RunEnd::NotSending);
    }
    let routes = Routes::new(&engine.relays.bound_to(&newsletter.relays));
    if let Some(until) = routes.learn(&relays::states(&mut tx).await?, now) {
        return Ok(RunEnd::RelayDown(until));
    }
    if deliveries::next_due(&mut tx, &edition).await?.is_none_or(|due| due > now) {
        return Ok(RunEnd::NothingDue);
    }
    let lanes = lanes(engine, &mut tx, &edition).await?;
    let list = catalog::list_of(&mut tx, edition.newsletter).await?;
    let letter = revision::letter(&mut tx, &edition).await?;
    let letter = letter.ok_or_else(|| PipelineError::Refused(format!("edition {id} has no revision")))?;
    let outcomes = match engine.windows.of(id) {
        Some(outcomes) => outcomes,
        None => claims::recent_outcomes(&mut tx, &edition, Guard::WINDOW).await?,
    };
    let judge = Judge::new(outcomes, &engine.config);
    drop(tx);

    let letter = Prepared::new(&letter, &engine.signers, newsletter.from.address.domain());
    let (answers, answered) = mpsc::unbounded_channel();
    let (engine, stop) = (engine.clone(), stop.clone());
    let shared = Arc::new(Shared::new(Parts {
        engine,
        edition,
        newsletter,
        list,
        letter,
        routes,
        stop,
        answers,
        judge: judge.clone(),
    }));
    // Boxed, for its size: whoever waits for a run need not hold all of it in place.
    Box::pin(send(&shared, &lanes, answered, judge)).await?;
    end(&shared).await
}

/// The lanes of an edition that have something to send, with the limits of their providers.
async fn lanes(engine: &Engine, tx: &mut Tx, edition: &Edition) -> Result<Vec<Arc<LaneState>>> {
    let canary_only = edition.canary.is_some_and(|phase| phase != CanaryPhase::Passed);
    let lanes = deliveries::lanes(tx, edition).await?;
    Ok(lanes
        .into_iter()
        .filter(|lane| !canary_only || *lane == Lane::Canary)
        .map(|lane| {
            let limits = engine.providers.limits(&lane);
            Arc::new(LaneState::new(lane, limits.connections, limits.rate))
        })
        .collect())
}

/// Feeds all lanes, records what is answered, and looks after the run until all that it had in hand
/// is recorded or given back.
async fn send(
    shared: &Arc<Shared>,
    lanes: &[Arc<LaneState>],
    mut answered: mpsc::UnboundedReceiver<recorder::Answered>,
    judge: Judge,
) -> Result<()> {
    let finished = CancellationToken::new();
    let idle = Idle::new(lanes.len());
    let fed = async {
        let results = join_all(lanes.iter().map(|lane| async {
            let fed = feed(shared, lane, &idle).await;
            if fed.is_err() {
                // The database fails: what is on its way is waited for, and nothing more is begun.
                shared.halt();
            }
            fed
        }))
        .await;
        for lane in lanes {
            while !lane.is_at_rest() {
                lane.change().await;
            }
        }
        finished.cancel();
        results.into_iter().collect::<Result<Vec<()>>>()
    };
    let recorded = async {
        let recorded = recorder::record(shared, &mut answered, judge, &finished).await;
        if recorded.is_err() {
            finished.cancel();
        }
        recorded
    };
    let fed = async {
        tokio::select! {
            fed = fed => fed,
            () = finished.cancelled() => Ok(Vec::new()),
        }
    };
    let (fed, recorded, watched) = tokio::join!(fed, recorded, watch::watch(shared, &finished));
    shared.engine.windows.keep(shared.edition.id, &recorded?);
    watch::give_back(shared).await?;
    fed?;
    watched
}

/// Says how a run ended, and pauses the edition where that is why.
async fn end(shared: &Shared) -> Result<RunEnd> {
    let (engine, edition) = (&shared.engine, &shared.edition);
    if let Some(why) = shared.fault() {
        let mut tx = engine.db.begin().await?;
        let now = engine.clock.now();
        pause(engine, &mut tx, &shared.newsletter, edition, why.clone(), "deliver", now).await?;
        tx.commit().await?;
        return Ok(RunEnd::NotSending);
    }
    if shared.stop.is_cancelled() {
        return Ok(RunEnd::Stopped);
    }
    let mut tx = engine.db.read().await?;
    let now = engine.clock.now();
    let down = shared.routes.learn(&relays::states(&mut tx).await?, now);
    let current = editions::get(&mut tx, edition.id).await?;
    if current.is_none_or(|current| current.state != EditionState::Sending) {
        return Ok(RunEnd::NotSending);
    }
    Ok(down.map_or(RunEnd::NothingDue, RunEnd::RelayDown))
}
