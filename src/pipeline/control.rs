//! What a person does to an edition: approve, hold, release, skip, move, unlock, send now, pause,
//! resume, cancel, retry. Each is one transaction that asserts where the edition stands, and says
//! in words why it cannot be done.

use chrono::{DateTime, TimeDelta, Utc};

use super::lock::{self, Decision, Locked};
use super::{Engine, PipelineError, Result, canary, enqueue, newsletter_of, pictures};
use crate::domain::delivery::DeliveryState;
use crate::domain::edition::{CanaryPhase, EditionState};
use crate::domain::ids::EditionId;
use crate::store::editions::{self, Edition, Transition};
use crate::store::{Tx, content, deliveries, suppressions};

/// An edition is moved no farther than this: beyond it, the year was mistyped.
const FARTHEST: TimeDelta = TimeDelta::days(366);
/// Deliveries cancelled in one transaction.
const CHUNK: i64 = 10_000;

/// The edition, or a refusal that names it.
///
/// # Errors
/// [`PipelineError::Refused`] when there is none.
pub async fn edition(tx: &mut Tx, id: EditionId) -> Result<Edition> {
    editions::get(tx, id).await?.ok_or_else(|| PipelineError::Refused(format!("there is no edition {id}")))
}

/// Makes a transition from wherever the edition stands.
async fn change(
    tx: &mut Tx,
    edition: &Edition,
    to: EditionState,
    reason: Option<&str>,
    by: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let version = Some(edition.version);
    let transition = Transition { from: edition.state, to, version, reason, by };
    if editions::transition(tx, edition.id, &transition, now).await? {
        return Ok(tx.ring().await?);
    }
    Err(PipelineError::Refused(format!(
        "edition {} was changed by somebody else; look and try again",
        edition.id
    )))
}

/// Approves an open edition: its automatic blocks are frozen.
///
/// # Errors
/// [`PipelineError::Refused`] when it is not open, or has nothing in it.
pub async fn approve(engine: &Engine, id: EditionId, by: &str) -> Result<()> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let found = edition(&mut tx, id).await?;
    if found.compiled_at.is_none() {
        super::compile::refresh(engine, &mut tx, &found).await?;
    }
    if content::draft(&mut tx, id).await?.iter().all(|block| block.items.is_empty()) {
        return Err(PipelineError::Refused(format!(
            "edition {id} has no stories yet; there is nothing to approve"
        )));
    }
    change(&mut tx, &found, EditionState::Approved, None, by, now).await?;
    tx.commit().await?;
    engine.wake.notify_waiters();
    Ok(())
}

/// Holds an open edition until somebody releases it.
///
/// # Errors
/// [`PipelineError::Refused`] when it is not open.
pub async fn hold(engine: &Engine, id: EditionId, reason: Option<&str>, by: &str) -> Result<()> {
    set(engine, id, EditionState::Held, Some(reason.unwrap_or("held by hand")), by).await
}

/// Leaves out an open edition.
///
/// # Errors
/// [`PipelineError::Refused`] when it is not open.
pub async fn skip(engine: &Engine, id: EditionId, reason: Option<&str>, by: &str) -> Result<()> {
    set(engine, id, EditionState::Skipped, Some(reason.unwrap_or("skipped by hand")), by).await
}

/// Stops a run; it can go on later.
///
/// # Errors
/// [`PipelineError::Refused`] when it is not running.
pub async fn pause(engine: &Engine, id: EditionId, reason: Option<&str>, by: &str) -> Result<()> {
    set(engine, id, EditionState::Paused, Some(reason.unwrap_or("paused by hand")), by).await
}

async fn set(engine: &Engine, id: EditionId, to: EditionState, reason: Option<&str>, by: &str) -> Result<()> {
    let mut tx = engine.db.begin().await?;
    let found = edition(&mut tx, id).await?;
    change(&mut tx, &found, to, reason, by, engine.clock.now()).await?;
    tx.commit().await?;
    engine.wake.notify_waiters();
    Ok(())
}

/// Moves an open edition to another send time; its slot stays.
///
/// # Errors
/// [`PipelineError::Refused`] when it is not open, or the time is past or more than a year away.
pub async fn move_to(engine: &Engine, id: EditionId, send_at: DateTime<Utc>) -> Result<()> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let found = edition(&mut tx, id).await?;
    if !found.state.is_open() {
        return Err(PipelineError::Refused(format!(
            "edition {id} is {}; only an open one can be moved",
            found.state
        )));
    }
    if send_at < now - TimeDelta::minutes(1) {
        return Err(PipelineError::Refused(format!("{} is past", send_at.format("%Y-%m-%d %H:%M UTC"))));
    }
    if send_at > now + FARTHEST {
        return Err(PipelineError::Refused(format!(
            "{} is more than a year away",
            send_at.format("%Y-%m-%d %H:%M UTC")
        )));
    }
    let expires_at = send_at + newsletter_of(&found)?.expires_after.delta();
    editions::move_to(&mut tx, id, send_at, expires_at, now).await?;
    tx.commit().await?;
    engine.wake.notify_waiters();
    Ok(())
}

/// Makes a locked or failed edition a draft again, while nothing of it was ever claimed. One whose
/// send time has passed is held besides, or it would be locked again at once.
///
/// # Errors
/// [`PipelineError::Refused`] otherwise.
pub async fn unlock(engine: &Engine, id: EditionId, by: &str) -> Result<()> {
    let mut tx = engine.db.begin().await?;
    let found = edition(&mut tx, id).await?;
    let now = engine.clock.now();
    // The edition's row first: a chunk that is being enqueued ends before its rows are taken back.
    change(&mut tx, &found, EditionState::Draft, Some("unlocked"), by, now).await?;
    if deliveries::is_begun(&mut tx, &found).await? {
        return Err(PipelineError::Refused(format!("edition {id} has begun to go out; pause it instead")));
    }
    if found.send_at <= now {
        let draft = edition(&mut tx, id).await?;
        change(&mut tx, &draft, EditionState::Held, Some("unlocked after its send time"), by, now).await?;
    }
    tx.commit().await?;
    // What a crash leaves of them goes when it is locked again.
    enqueue::take_back(engine, &found).await
}

/// Sends an open edition now: locks it as it stands, whatever its send time. The rest is the
/// daemon's, or the caller's.
///
/// # Errors
/// [`PipelineError::Refused`] when it is not open, or when there is nothing in it.
pub async fn send_now(engine: &Engine, id: EditionId, by: &str) -> Result<()> {
    send(engine, id, Decision::Person(by)).await
}

/// As [`send_now`], also when the check of its letter finds it broken.
///
/// # Errors
/// As [`send_now`].
pub async fn send_despite_check(engine: &Engine, id: EditionId, by: &str) -> Result<()> {
    send(engine, id, Decision::Insists(by)).await
}

async fn send(engine: &Engine, id: EditionId, decision: Decision<'_>) -> Result<()> {
    let mut tx = engine.db.read().await?;
    let found = edition(&mut tx, id).await?;
    drop(tx);
    pictures::before_lock(engine, &found, pictures::PATIENCE).await?;
    let mut tx = engine.db.begin().await?;
    let found = edition(&mut tx, id).await?;
    if !found.state.is_open() {
        return Err(PipelineError::Refused(format!(
            "edition {id} is {}; only an open one can be sent",
            found.state
        )));
    }
    let now = engine.clock.now();
    // Whatever time it was for, its letters are worth delivering for as long as from now.
    let expires_at = now + newsletter_of(&found)?.expires_after.delta();
    if found.send_at > now || found.expires_at < expires_at {
        editions::move_to(&mut tx, id, now, expires_at, now).await?;
    }
    let found = edition(&mut tx, id).await?;
    let locked = lock::lock(engine, &mut tx, &found, decision).await?;
    tx.ring().await?;
    tx.commit().await?;
    engine.wake.notify_waiters();
    match locked {
        Locked::Revision(_) => Ok(()),
        Locked::Held(reason) => Err(PipelineError::Refused(format!("edition {id} is held: {reason}"))),
        Locked::Skipped(reason) => Err(PipelineError::Refused(format!("edition {id} is skipped: {reason}"))),
        Locked::Gone => Err(PipelineError::Refused(format!(
            "edition {id} was changed by somebody else; look and try again"
        ))),
    }
}

/// What a person says about the bounces of a run that the guard stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounces {
    /// They are doubtful still: nobody is suppressed.
    Doubtful,
    /// The addresses really are bad: they are suppressed.
    Confirmed,
}

/// Lets a paused edition go on; one whose canary failed, with all the rest. One that has gone out
/// already, and whose bounces are confirmed, has them confirmed and stays as it is.
///
/// # Errors
/// [`PipelineError::Refused`] when it is neither.
pub async fn resume(engine: &Engine, id: EditionId, bounces: Bounces, by: &str) -> Result<()> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let found = edition(&mut tx, id).await?;
    let confirms = bounces == Bounces::Confirmed && found.guard_tripped_at.is_some();
    if !confirms || !found.state.is_public() || found.state == EditionState::Paused {
        change(&mut tx, &found, EditionState::Sending, Some("resumed"), by, now).await?;
    }
    if canary::has_failed(&found) {
        editions::move_canary(&mut tx, id, found.canary, CanaryPhase::Passed, None, now).await?;
    }
    if confirms {
        editions::confirm_guard(&mut tx, id, now).await?;
        let suppressed = suppressions::add_bounced(&mut tx, found.day, id, now).await?;
        tracing::info!(edition.id = id.0, suppressions.added = suppressed, "bounces confirmed");
    }
    tx.commit().await?;
    engine.wake.notify_waiters();
    Ok(())
}

/// Ends a run for good: nothing is claimed any more from this instant; the rows follow in chunks.
/// An edition that has not begun is ended as well.
///
/// # Errors
/// [`PipelineError::Refused`] when it has ended already.
pub async fn cancel(engine: &Engine, id: EditionId, reason: Option<&str>, by: &str) -> Result<u64> {
    set(engine, id, EditionState::Cancelled, Some(reason.unwrap_or("cancelled by hand")), by).await?;
    cancel_rows(engine, id).await
}

/// Cancels what cancelled editions still have queued: what a crash left, and what was claimed at the
/// instant of the cancel and has come back since.
///
/// # Errors
/// What the database says.
pub async fn finish_cancelled(engine: &Engine) -> Result<()> {
    let mut tx = engine.db.read().await?;
    let editions = deliveries::cancelled_in_part(&mut tx).await?;
    drop(tx);
    for id in editions {
        cancel_rows(engine, id).await?;
    }
    Ok(())
}

async fn cancel_rows(engine: &Engine, id: EditionId) -> Result<u64> {
    let mut total = 0;
    loop {
        let mut tx = engine.db.begin().await?;
        // One at a time: two that wait for each other's rows would end in an error.
        editions::hold_row(&mut tx, id).await?;
        let found = edition(&mut tx, id).await?;
        let cancelled = deliveries::cancel_chunk(&mut tx, &found, CHUNK, engine.clock.now()).await?;
        tx.commit().await?;
        total += cancelled;
        if cancelled == 0 {
            return Ok(total);
        }
    }
}

/// What a retry sends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryOutcome {
    /// What was refused for good, the reader not to blame.
    Rejected,
    /// What was refused for now until the edition expired.
    Expired,
    /// What nobody knows about.
    Uncertain,
}

impl From<RetryOutcome> for DeliveryState {
    fn from(outcome: RetryOutcome) -> Self {
        match outcome {
            RetryOutcome::Rejected => Self::Rejected,
            RetryOutcome::Expired => Self::Expired,
            RetryOutcome::Uncertain => Self::Uncertain,
        }
    }
}

/// Sends again to just those whose delivery ended as `outcome`, and lets an edition that had ended
/// run again for them. Killed half-way, it is simply asked for again.
///
/// # Errors
/// [`PipelineError::Refused`] when the edition never ran, was cancelled or is archived.
pub async fn retry(engine: &Engine, id: EditionId, outcome: RetryOutcome, by: &str) -> Result<u64> {
    let mut total = 0;
    let mut after = None;
    loop {
        let now = engine.clock.now();
        let mut tx = engine.db.begin().await?;
        editions::hold_row(&mut tx, id).await?;
        let found = edition(&mut tx, id).await?;
        if !found.state.is_public() {
            return Err(PipelineError::Refused(format!(
                "edition {id} is {}; only one that went out can be retried",
                found.state
            )));
        }
        let chunk = deliveries::retry_chunk(&mut tx, &found, outcome.into(), after, CHUNK).await?;
        if chunk.queued > 0 {
            editions::extend(&mut tx, id, now + newsletter_of(&found)?.expires_after.delta()).await?;
            // Perhaps once more: what earlier chunks queued may all have gone out since.
            if found.state == EditionState::Sent {
                change(&mut tx, &found, EditionState::Sending, Some("retry"), by, now).await?;
            }
            tx.ring().await?;
        }
        tx.commit().await?;
        engine.wake.notify_waiters();
        total += chunk.queued;
        if chunk.last.is_none() {
            return Ok(total);
        }
        after = chunk.last;
    }
}
