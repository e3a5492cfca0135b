//! One look at every edition that is not final: what its time asks for is done. Called again and
//! again by the scheduler; whatever a crash left half-way is taken up here.

use chrono::{DateTime, TimeDelta, Utc};

use super::alerts::{self, Alert};
use super::lock::{self, Decision};
use super::pause::pause;
use super::{Engine, Result, canary, compile, enqueue, forecast, newsletter_of, pictures, schedule};
use crate::config::Newsletter;
use crate::domain::delivery::DeliveryState;
use crate::domain::edition::{EditionKind, EditionState};
use crate::domain::setback::Setback;
use crate::store::editions::{self, Edition, Transition};
use crate::store::{deliveries, mails};

/// How often the automatic blocks of a draft are made anew.
const RECOMPILE: TimeDelta = TimeDelta::minutes(5);
/// How often a running edition says that somebody looks after it.
pub(super) const TOUCH: TimeDelta = TimeDelta::seconds(60);

/// Opens what is due, and moves every edition as far as its time asks for. One edition's failure
/// is logged and never keeps the others.
///
/// # Errors
/// What the database says of the schedule or of the list of editions.
pub async fn tick(engine: &Engine) -> Result<()> {
    schedule::tick(engine).await?;
    let mut tx = engine.db.read().await?;
    let unfinished = editions::unfinished(&mut tx).await?;
    drop(tx);
    for edition in unfinished {
        if let Err(error) = advance(engine, &edition).await {
            tracing::error!(edition.id = edition.id.0, "edition cannot go on: {error}");
        }
    }
    Ok(())
}

/// Moves one edition as far as its time asks for.
///
/// # Errors
/// What the database says.
pub async fn advance(engine: &Engine, edition: &Edition) -> Result<()> {
    let newsletter = newsletter_of(edition)?;
    let now = engine.clock.now();
    match edition.state {
        EditionState::Draft | EditionState::Approved => open_edition(engine, edition, &newsletter, now).await,
        EditionState::Locked => enqueue::enqueue(engine, edition.id).await.map(|_| ()),
        EditionState::Sending => running(engine, edition, &newsletter, now).await,
        EditionState::Held => late(engine, edition, &newsletter, Setback::Held, now).await,
        EditionState::Paused => late(engine, edition, &newsletter, Setback::Paused, now).await,
        EditionState::Failed | EditionState::Skipped | EditionState::Sent | EditionState::Cancelled => Ok(()),
    }
}

async fn open_edition(
    engine: &Engine,
    edition: &Edition,
    newsletter: &Newsletter,
    now: DateTime<Utc>,
) -> Result<()> {
    if now < edition.send_at {
        if edition.state == EditionState::Draft && edition.compiled_at.is_none_or(|at| now - at >= RECOMPILE)
        {
            let mut tx = engine.db.begin().await?;
            compile::refresh(engine, &mut tx, edition).await?;
            tx.commit().await?;
        }
        return Ok(());
    }
    // What a person does to it after its time (a release, say) starts the clock anew; opening does not.
    let touched = (edition.last_activity_at > edition.opened_at).then_some(edition.last_activity_at);
    let late_by = now - touched.map_or(edition.send_at, |at| at.max(edition.send_at));
    let grace = newsletter.grace.delta();
    if late_by <= grace {
        pictures::before_lock(engine, edition, pictures::ON_TIME).await?;
    }
    let mut tx = engine.db.begin().await?;
    if late_by > grace {
        let why = Setback::TooLate { late: late_by.num_minutes(), grace: grace.num_minutes() };
        skip(engine, &mut tx, edition, newsletter, &why, now).await?;
    } else if edition.kind == EditionKind::Scheduled && superseded(&mut tx, edition, now).await? {
        skip(engine, &mut tx, edition, newsletter, &Setback::NewerSlot, now).await?;
    } else {
        lock::lock(engine, &mut tx, edition, Decision::Schedule).await?;
    }
    tx.commit().await?;
    enqueue::enqueue(engine, edition.id).await?;
    Ok(())
}

/// Whether the newsletter has an edition for a later slot that has come as well.
async fn superseded(tx: &mut crate::store::Tx, edition: &Edition, now: DateTime<Utc>) -> Result<bool> {
    let others = editions::unfinished(tx).await?;
    Ok(others.iter().any(|other| {
        other.newsletter == edition.newsletter
            && other.state.is_open()
            && other.slot_at > edition.slot_at
            && other.send_at <= now
    }))
}

async fn skip(
    engine: &Engine,
    tx: &mut crate::store::Tx,
    edition: &Edition,
    newsletter: &Newsletter,
    why: &Setback,
    now: DateTime<Utc>,
) -> Result<()> {
    let reason = why.to_string();
    let change = Transition {
        from: edition.state,
        to: EditionState::Skipped,
        version: Some(edition.version),
        reason: Some(&reason),
        by: "schedule",
    };
    if editions::transition(tx, edition.id, &change, now).await? {
        alerts::raise(engine, tx, &Alert::missed(newsletter, edition, why.clone()), now).await?;
    }
    Ok(())
}

/// A run that nobody looked after for longer than the grace (a restored backup, a long outage)
/// waits for a person: its letters may be long out, or long stale.
async fn running(
    engine: &Engine,
    edition: &Edition,
    newsletter: &Newsletter,
    now: DateTime<Utc>,
) -> Result<()> {
    let quiet = now - edition.last_activity_at;
    if is_abandoned(newsletter, quiet) {
        let why = abandoned(quiet);
        let mut tx = engine.db.begin().await?;
        pause(engine, &mut tx, newsletter, edition, why, "schedule", now).await?;
        tx.commit().await?;
    } else if quiet >= TOUCH {
        let mut tx = engine.db.begin().await?;
        editions::touch(&mut tx, edition.id, now).await?;
        tx.commit().await?;
        // Looked at once a minute: whether anything went out is a count.
        let mut tx = engine.db.read().await?;
        let accounting = deliveries::accounting(&mut tx, edition).await?;
        drop(tx);
        if accounting.get(&DeliveryState::Accepted).is_none_or(|accepted| *accepted == 0) {
            late(engine, edition, newsletter, Setback::NothingSent, now).await?;
        }
    }
    canary::advance(engine, edition, newsletter, now).await?;
    forecast::watch(engine, edition, newsletter, now).await
}

/// Whether an edition was left alone for too long to go on by itself. A grace shorter than the time
/// between two signs of life would stop every run.
pub(super) fn is_abandoned(newsletter: &Newsletter, quiet: TimeDelta) -> bool {
    quiet > newsletter.grace.delta().max(TOUCH * 10)
}

/// Why an abandoned edition waits.
pub(super) fn abandoned(quiet: TimeDelta) -> Setback {
    Setback::Quiet { minutes: quiet.num_minutes() }
}

/// Tells ops once when an edition's time is well past and nothing has gone out.
async fn late(
    engine: &Engine,
    edition: &Edition,
    newsletter: &Newsletter,
    why: Setback,
    now: DateTime<Utc>,
) -> Result<()> {
    let late_after = engine.config.alerts.late_after.delta();
    // Looked at for one hour: the alert's key makes it one, and later there is nothing new to say.
    if now - edition.send_at < late_after || now - edition.send_at > late_after + TimeDelta::hours(1) {
        return Ok(());
    }
    let alert = Alert::late(newsletter, edition, why);
    let mut tx = engine.db.read().await?;
    if mails::is_known(&mut tx, &alert.log_key()).await? {
        return Ok(());
    }
    drop(tx);
    let mut tx = engine.db.begin().await?;
    alerts::raise(engine, &mut tx, &alert, now).await?;
    tx.commit().await?;
    Ok(())
}
