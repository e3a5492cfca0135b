//! Writes an edition's deliveries in chunks by subscriber id: resumable, unique, and only when the
//! counts agree may anything be claimed.

use chrono::{DateTime, Utc};

use super::pause::pause;
use super::{Engine, PipelineError, Result, advance, canary, newsletter_of};
use crate::config::Newsletter;
use crate::domain::edition::EditionState;
use crate::domain::ids::EditionId;
use crate::domain::lane::LanePlan;
use crate::store::deliveries::{self, Chunk};
use crate::store::editions::{self, Edition, Transition};
use crate::store::{Tx, catalog};

/// Subscribers looked at in one transaction.
const CHUNK: i64 = 10_000;

/// Writes what is missing of a locked edition's deliveries, then lets it be sent. How many
/// deliveries it has is given back; `None` when it is no longer locked.
///
/// # Errors
/// What the database says.
pub async fn enqueue(engine: &Engine, id: EditionId) -> Result<Option<i64>> {
    let mut clean = false;
    loop {
        let mut tx = engine.db.begin().await?;
        let Some(edition) = editions::get(&mut tx, id).await? else { return Ok(None) };
        if edition.state != EditionState::Locked {
            return Ok(None);
        }
        let now = engine.clock.now();
        if edition.enqueue_cursor.is_none() && !clean {
            drop(tx);
            take_back(engine, &edition).await?;
            clean = true;
            continue;
        }
        let list = catalog::list_of(&mut tx, edition.newsletter).await?;
        let newsletter = newsletter_of(&edition)?;
        let plan = plan(engine, &newsletter);
        deliveries::ensure_partitions(&mut tx, edition.day).await?;
        let chunk = deliveries::enqueue_chunk(&mut tx, &edition, list, &plan, CHUNK, now).await?;
        if chunk == Chunk::Complete {
            let audience = deliveries::finish_enqueue(&mut tx, &edition).await?;
            start(&mut tx, id, now).await?;
            canary::begin(engine, &mut tx, &edition, &newsletter, now).await?;
            pause_abandoned(engine, &mut tx, &edition, now).await?;
            tx.ring().await?;
            tx.commit().await?;
            tracing::info!(edition.id = id.0, edition.audience = audience, "deliveries written");
            engine.wake.notify_waiters();
            return Ok(Some(audience));
        }
        tx.commit().await?;
    }
}

/// Which delivery goes into which lane: that of its provider as configured now, the canary as configured
/// when the edition was opened.
fn plan(engine: &Engine, newsletter: &Newsletter) -> LanePlan {
    let domains =
        engine.config.providers.iter().flat_map(|provider| {
            provider.domains.iter().map(|domain| (provider.name.as_str(), domain.as_str()))
        });
    LanePlan::new(domains, newsletter.canary.as_ref().map(canary::choice))
}

/// Deletes, in chunks, the deliveries of an edition that was unlocked, or of which an earlier lock left
/// some. It leaves alone what is being written for another lock in the meantime.
///
/// # Errors
/// What the database says.
pub async fn take_back(engine: &Engine, edition: &Edition) -> Result<()> {
    loop {
        let mut tx = engine.db.begin().await?;
        editions::hold_row(&mut tx, edition.id).await?;
        let current = editions::get(&mut tx, edition.id).await?;
        let unwritten = |now: &Edition| now.state == EditionState::Locked && now.enqueue_cursor.is_none();
        if !current.is_some_and(|now| now.state.is_open() || unwritten(&now)) {
            return Ok(());
        }
        let deleted = deliveries::take_back_chunk(&mut tx, edition, CHUNK).await?;
        tx.commit().await?;
        if deleted == 0 {
            return Ok(());
        }
    }
}

/// What was locked long ago (a restored backup, a long outage) waits for a person, as a run does
/// that nobody looked after: its letters may be long out, or long stale.
async fn pause_abandoned(engine: &Engine, tx: &mut Tx, edition: &Edition, now: DateTime<Utc>) -> Result<()> {
    let newsletter = newsletter_of(edition)?;
    let quiet = now - edition.audience_at.unwrap_or(now);
    if advance::is_abandoned(&newsletter, quiet) {
        let why = advance::abandoned(quiet);
        pause(engine, tx, &newsletter, edition, why, "schedule", now).await?;
    }
    Ok(())
}

async fn start(tx: &mut Tx, id: EditionId, now: DateTime<Utc>) -> Result<()> {
    let change = Transition {
        from: EditionState::Locked,
        to: EditionState::Sending,
        version: None,
        reason: None,
        by: "enqueue",
    };
    if editions::transition(tx, id, &change, now).await? {
        Ok(())
    } else {
        Err(PipelineError::Refused(format!("edition {id} is no longer locked")))
    }
}
