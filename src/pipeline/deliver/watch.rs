//! Looks after a run while it goes on: whether its edition is still to be sent, whether its leases
//! last, which relays work. And gives back what is claimed when it is not to be sent.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::shared::Shared;
use crate::domain::edition::EditionState;
use crate::pipeline::Result;
use crate::pipeline::advance::TOUCH;
use crate::store::editions::{self, Edition};
use crate::store::{claims, relays};

/// How often a running edition is looked at, for pause and cancel. A hold bites within a second.
const LOOK: Duration = Duration::from_millis(200);

/// Watches until the run has finished. When its edition is not to be sent any more, or cannot be looked
/// at, nothing more is begun, and what was not begun goes back to the queue.
pub(super) async fn watch(shared: &Shared, finished: &CancellationToken) -> Result<()> {
    let mut result = Ok(());
    let mut gave_back = false;
    loop {
        tokio::select! {
            () = finished.cancelled() => return result,
            () = sleep(LOOK) => {}
            () = shared.engine.wake.notified() => {}
            () = shared.stop.cancelled(), if !shared.is_halted() => shared.halt(),
        }
        if !shared.must_stop() {
            match look(shared).await {
                Ok(true) => {}
                Ok(false) => shared.halt(),
                Err(error) => {
                    shared.halt();
                    result = Err(error);
                }
            }
        }
        if shared.must_stop() && !gave_back {
            // Again at the end of the run, for what was on its way until then.
            gave_back = give_back(shared).await.is_ok();
        }
    }
}

/// Whether the edition is still sending, under the revision that this run has.
async fn look(shared: &Shared) -> Result<bool> {
    let (engine, edition) = (&shared.engine, &shared.edition);
    let mut tx = engine.db.read().await?;
    let current = editions::get(&mut tx, edition.id).await?;
    let states = relays::states(&mut tx).await?;
    drop(tx);
    let now = engine.clock.now();
    shared.routes.learn(&states, now);
    if current.as_ref().is_some_and(|current| now - current.last_activity_at >= TOUCH) {
        let mut tx = engine.db.begin().await?;
        editions::touch(&mut tx, edition.id, now).await?;
        tx.commit().await?;
    }
    renew(shared).await?;
    let same = |now: &Edition| {
        now.state == EditionState::Sending
            && now.current_rev == edition.current_rev
            && now.canary == edition.canary
    };
    Ok(current.as_ref().is_some_and(same))
}

/// Makes leases longer that are half over while something stands under them.
async fn renew(shared: &Shared) -> Result<()> {
    let length = shared.engine.config.delivery.lease;
    for lease in shared.leases() {
        if lease.open.load(Ordering::Relaxed) == 0 || lease.left() > length.duration() / 2 {
            continue;
        }
        let asked_at = Instant::now();
        let mut tx = shared.engine.db.begin().await?;
        let now = shared.engine.clock.now();
        let renewed = claims::renew(&mut tx, &shared.edition, &lease.name, length.delta(), now).await?;
        tx.commit().await?;
        // Only when all that we think is ours still is: what another took is lost to us.
        if i64::try_from(renewed).is_ok_and(|n| n >= lease.open.load(Ordering::Relaxed)) {
            lease.extend(asked_at + length.duration());
        }
    }
    Ok(())
}

/// Gives back what is claimed and not on its way: no attempt is spent.
pub(super) async fn give_back(shared: &Shared) -> Result<()> {
    let leases = shared.leases();
    if leases.is_empty() {
        return Ok(());
    }
    // Marked before anything went out, and looked at after the halt: what is not marked never will be.
    let on_their_way = shared.in_flight();
    let mut tx = shared.engine.db.begin().await?;
    for lease in leases {
        claims::give_back(&mut tx, &shared.edition, &lease.name, &on_their_way).await?;
    }
    tx.commit().await?;
    Ok(())
}
