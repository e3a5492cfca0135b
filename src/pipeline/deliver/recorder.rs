//! Takes answers to the database: all that came within a moment in one transaction, again and again
//! until the database has them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::lane::LaneState;
use super::shared::{Job, Shared};
use crate::pipeline::Result;
use crate::pipeline::judge::Judge;
use crate::pipeline::record::{Run, Written};
use crate::store::journal::{Entry, Half};

/// Answers are recorded together when so many are there, or this long after the first.
pub(super) const BATCH: usize = 500;
const MOMENT: Duration = Duration::from_millis(50);
/// How long to wait for a database that fails, at first and at most.
const WAIT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// When the process is to end, the database is asked so many times more. What it still does not take
/// stands in the journal.
const LAST_TRIES: u32 = 5;

/// What a relay answered for one delivery.
pub(super) struct Answered {
    pub(super) entry: Entry,
    /// Where in the journal it stands; nowhere when that could not be written.
    pub(super) half: Option<Half>,
    pub(super) job: Job,
    pub(super) lane: Arc<LaneState>,
}

/// Records what comes until `finished`, and then what is there. Gives how all of it looked together.
pub(super) async fn record(
    shared: &Shared,
    answers: &mut UnboundedReceiver<Answered>,
    mut judge: Judge,
    finished: &CancellationToken,
) -> Result<Judge> {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            biased;
            first = answers.recv() => batch.extend(first),
            () = finished.cancelled() => return Ok(judge),
        }
        tokio::select! {
            () = sleep(MOMENT) => {}
            () = shared.many.notified() => {}
            // Nobody has anything in hand any more that could be worth waiting for.
            () = finished.cancelled() => {}
        }
        while batch.len() < BATCH
            && let Ok(more) = answers.try_recv()
        {
            batch.push(more);
        }
        shared.waiting.fetch_sub(batch.len(), Ordering::Relaxed);
        judge = store(shared, &batch, judge).await?;
        batch.clear();
    }
}

/// Stores a batch, however long the database takes to be there.
async fn store(shared: &Shared, batch: &[Answered], judge: Judge) -> Result<Judge> {
    let mut wait = WAIT.0;
    let mut tries = 0;
    loop {
        match try_store(shared, batch, judge.clone()).await {
            Ok((written, judge)) => {
                settle(shared, batch, &written);
                return Ok(judge);
            }
            Err(error) => {
                // Nobody sends on unseen, and the answers wait here and in the journal.
                shared.halt();
                tracing::error!(
                    edition.id = shared.edition.id.0,
                    answers.waiting = batch.len(),
                    "answers cannot be recorded yet: {error}"
                );
                if shared.stop.is_cancelled() {
                    tries += 1;
                    if tries >= LAST_TRIES {
                        return Err(error);
                    }
                }
            }
        }
        sleep(wait).await;
        wait = (wait * 2).min(WAIT.1);
    }
}

async fn try_store(shared: &Shared, batch: &[Answered], mut judge: Judge) -> Result<(Written, Judge)> {
    let run = Run { engine: &shared.engine, edition: &shared.edition, newsletter: &shared.newsletter };
    let entries: Vec<&Entry> = batch.iter().map(|answered| &answered.entry).collect();
    let others_work = |relay: &str| shared.routes.has_other(relay);
    let mut tx = shared.engine.db.begin().await?;
    let written = run.write(&mut tx, &entries, &mut judge, others_work).await?;
    tx.commit().await?;
    Ok((written, judge))
}

/// What follows in this process when the database has a batch.
fn settle(shared: &Shared, batch: &[Answered], written: &Written) {
    shared.engine.journal.settled(batch.iter().filter_map(|answered| answered.half));
    if written.late > 0 {
        tracing::warn!(
            edition.id = shared.edition.id.0,
            answers.late = written.late,
            "answers came after their leases, when others had the deliveries"
        );
    }
    if written.paused {
        shared.halt();
    }
    for answered in batch {
        shared.end(answered.entry.subscriber);
        if written.unsent.contains(&answered.entry.subscriber) {
            answered.lane.put_back(answered.job.again());
        } else {
            answered.job.lease.open.fetch_sub(1, Ordering::Relaxed);
            answered.lane.recorded();
        }
    }
    shared.changed.notify_waiters();
}
