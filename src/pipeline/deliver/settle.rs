//! Ends a run for good.

use crate::domain::delivery::DeliveryState;
use crate::domain::edition::EditionState;
use crate::domain::ids::EditionId;
use crate::pipeline::{Engine, Result, alerts};
use crate::store::deliveries;
use crate::store::editions::{self, Edition, Transition};

/// Deliveries given up in one transaction.
const CHUNK: i64 = 10_000;

/// Ends a sending edition when every delivery has ended, or its time is over; gives whether it
/// ended now.
///
/// # Errors
/// What the database says.
pub async fn settle(engine: &Engine, id: EditionId) -> Result<bool> {
    let now = engine.clock.now();
    let mut tx = engine.db.read().await?;
    let Some(edition) = editions::get(&mut tx, id).await? else { return Ok(false) };
    let over = edition.expires_at <= now;
    if !over && deliveries::is_unfinished(&mut tx, &edition).await? {
        return Ok(false);
    }
    drop(tx);
    if over {
        expire(engine, id).await?;
    }
    let mut tx = engine.db.begin().await?;
    editions::hold_row(&mut tx, id).await?;
    let Some(edition) =
        editions::get(&mut tx, id).await?.filter(|edition| edition.state == EditionState::Sending)
    else {
        return Ok(false);
    };
    let accounting = deliveries::accounting(&mut tx, &edition).await?;
    if accounting.iter().any(|(state, n)| !state.is_ended() && *n > 0) {
        // What expired stays so, while a worker still has others in its hands.
        tx.commit().await?;
        return Ok(false);
    }
    let change = Transition {
        from: EditionState::Sending,
        to: EditionState::Sent,
        version: None,
        reason: None,
        by: "deliver",
    };
    if !editions::transition(&mut tx, id, &change, now).await? {
        return Ok(false);
    }
    engine.windows.forget(id);
    if let Some(sent) = editions::get(&mut tx, id).await? {
        alerts::heartbeat(engine, &mut tx, &sent, now).await?;
    }
    tx.commit().await?;
    let count = |state| accounting.get(&state).copied().unwrap_or(0);
    tracing::info!(
        edition.id = id.0,
        deliveries.accepted = count(DeliveryState::Accepted),
        deliveries.bounced = count(DeliveryState::Bounced),
        deliveries.rejected = count(DeliveryState::Rejected),
        deliveries.expired = count(DeliveryState::Expired),
        deliveries.cancelled = count(DeliveryState::Cancelled),
        deliveries.uncertain = count(DeliveryState::Uncertain),
        "edition sent"
    );
    Ok(true)
}

/// Gives up what is still to go out of an edition whose time is over; after a crash it goes on.
async fn expire(engine: &Engine, id: EditionId) -> Result<()> {
    loop {
        let mut tx = engine.db.begin().await?;
        editions::hold_row(&mut tx, id).await?;
        let now = engine.clock.now();
        let is_over = |edition: &Edition| edition.state == EditionState::Sending && edition.expires_at <= now;
        // Somebody may have given it more time.
        let edition = editions::get(&mut tx, id).await?;
        let Some(edition) = edition.filter(is_over) else { return Ok(()) };
        let expired = deliveries::expire_chunk(&mut tx, &edition, CHUNK, now).await?;
        tx.commit().await?;
        if expired == 0 {
            return Ok(());
        }
    }
}
