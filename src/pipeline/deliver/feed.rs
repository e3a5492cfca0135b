//! Feeds one lane of a run to the relays: claims a batch while the last one goes out, and hands over
//! letter by letter, each at its time.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::lane::{LaneState, Pace};
use super::parcel::Letter;
use super::routes::Route;
use super::shared::{Job, Lease, Shared};
use crate::config::Rate;
use crate::domain::warm_up;
use crate::pipeline::Result;
use crate::store::claims::{self, Claim, Claimed};
use crate::store::limits::{self, Ask, Grant};

/// How long a lane with nothing due waits before it looks again, while others go on.
const LOOK: Duration = Duration::from_millis(250);
/// How long a letter waits for room at a relay before all that wait with it are looked at anew.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a letter that is late may make up for, which is about as exact as timers are. What is later
/// than that does not go out in a burst.
const SLACK: Duration = Duration::from_millis(10);
/// With a rate, no more than go out in this time wait for a connection.
const AHEAD: Duration = Duration::from_millis(20);

/// What a lane has to send next.
enum Next {
    /// These, over this relay.
    Batch(Batch),
    /// Nothing yet: a limit is reached, or all that it has is on its way.
    Wait(Duration),
    /// Nothing is due.
    Nothing,
    /// No relay works.
    NoRelay,
}

/// Letters to hand over.
struct Batch {
    jobs: Vec<Job>,
    route: Arc<Route>,
    /// When the first may go out, and how the others follow.
    pace: Pace,
}

/// How many lanes of a run have nothing to do.
pub(super) struct Idle {
    lanes: usize,
    idle: AtomicUsize,
}

impl Idle {
    pub(super) fn new(lanes: usize) -> Self {
        Self { lanes, idle: AtomicUsize::new(0) }
    }

    /// Whether all have nothing to do, after one more has not.
    fn rest(&self) -> bool {
        self.idle.fetch_add(1, Ordering::SeqCst) + 1 == self.lanes
    }

    fn work(&self) {
        self.idle.fetch_sub(1, Ordering::SeqCst);
    }

    fn all(&self) -> bool {
        self.idle.load(Ordering::SeqCst) >= self.lanes
    }
}

/// Feeds a lane until nothing of the run is due, or it must stop.
pub(super) async fn feed(shared: &Arc<Shared>, lane: &Arc<LaneState>, idle: &Idle) -> Result<()> {
    let mut next = next(shared, lane).await?;
    loop {
        if shared.must_stop() {
            if let Next::Batch(batch) = next {
                batch.jobs.into_iter().for_each(|job| lane.put_back(job));
            }
            return Ok(());
        }
        next = match next {
            Next::Batch(batch) => {
                let ((), following) = tokio::join!(hand_over(shared, lane, batch), following(shared, lane));
                following?
            }
            Next::Wait(pause) => {
                tokio::select! {
                    () = sleep(pause) => {}
                    () = lane.change() => {}
                    () = shared.changed.notified() => {}
                }
                self::next(shared, lane).await?
            }
            Next::Nothing if lane.is_at_rest() => {
                if !rest(shared, lane, idle).await {
                    return Ok(());
                }
                self::next(shared, lane).await?
            }
            // What is on its way may come back.
            Next::Nothing => {
                tokio::select! {
                    () = lane.change() => {}
                    () = sleep(LOOK) => {}
                }
                self::next(shared, lane).await?
            }
            Next::NoRelay => {
                shared.halt();
                return Ok(());
            }
        };
    }
}

/// Waits while other lanes work; `false` when none does.
async fn rest(shared: &Shared, lane: &LaneState, idle: &Idle) -> bool {
    let last = idle.rest();
    if last {
        shared.changed.notify_waiters();
        return false;
    }
    tokio::select! {
        () = sleep(LOOK) => {}
        () = lane.change() => {}
        () = shared.changed.notified() => {}
    }
    if idle.all() {
        return false;
    }
    idle.work();
    true
}

/// The next batch, while the last one is handed over: a database that is slow for a moment holds up
/// nothing.
async fn following(shared: &Arc<Shared>, lane: &Arc<LaneState>) -> Result<Next> {
    // What is on its way is bounded by the relays' connections; what is answered and not recorded must
    // not become more and more while the database is slow.
    let most_out = lane.size() * 2 + shared.routes.connections() * 8;
    while lane.out() > most_out && !shared.must_stop() {
        tokio::select! {
            () = lane.change() => {}
            // A halt tells nobody in particular.
            () = sleep(LOOK) => {}
        }
    }
    next(shared, lane).await
}

/// Takes what came back, or claims; within the limits of a relay that works.
async fn next(shared: &Arc<Shared>, lane: &Arc<LaneState>) -> Result<Next> {
    if shared.must_stop() {
        return Ok(Next::Nothing);
    }
    let size = lane.size();
    let returned = held(shared, lane, lane.take_returned(size));
    let mut again_in = LOOK;
    for route in shared.routes.in_turn() {
        if !returned.is_empty() {
            // Their time has passed, but not for all of them at once.
            return Ok(Next::Batch(Batch { jobs: returned, route, pace: lane.pace() }));
        }
        match claim(shared, lane, &route, size).await? {
            Next::Wait(pause) => again_in = again_in.min(pause),
            next => return Ok(next),
        }
    }
    let none = shared.routes.are_down();
    for job in returned {
        lane.put_back(job);
    }
    Ok(if none { Next::NoRelay } else { Next::Wait(again_in) })
}

/// Lets go of what came back under a lease that is over: others take it.
fn held(shared: &Shared, lane: &LaneState, returned: Vec<Job>) -> Vec<Job> {
    let length = shared.engine.config.delivery.lease.duration();
    let (held, lost): (Vec<_>, Vec<_>) = returned.into_iter().partition(|job| job.is_held(length));
    for job in lost {
        job.lease.open.fetch_sub(1, Ordering::Relaxed);
        lane.recorded();
    }
    held
}

/// Claims a batch for a relay, and gets it slots within the limits, in one transaction.
async fn claim(shared: &Shared, lane: &LaneState, route: &Arc<Route>, size: usize) -> Result<Next> {
    let engine = &shared.engine;
    let name = format!("{}#{}", engine.incarnation, next_lease());
    let length = engine.config.delivery.lease;
    let now = engine.clock.now();
    let ask = ask(lane, route, now);
    let mut limit = u32::try_from(size).unwrap_or(u32::MAX);
    loop {
        let begun = Instant::now();
        let mut tx = engine.db.begin().await?;
        let claim =
            Claim { lane: &lane.lane, list: shared.list, lease: &name, length: length.delta(), limit };
        let claimed = claims::claim(&mut tx, &shared.edition, &claim, now).await?;
        if claimed.is_empty() {
            tx.commit().await?;
            return Ok(Next::Nothing);
        }
        let wanted = u32::try_from(claimed.len()).unwrap_or(u32::MAX);
        let grant = match &ask {
            Some(ask) => limits::grant(&mut tx, &Ask { wanted, ..*ask }, now).await?,
            None => Grant {
                n: wanted,
                start_in: Duration::ZERO,
                spacing: Duration::ZERO,
                again_in: Duration::ZERO,
            },
        };
        if grant.n < wanted {
            // Undone as a whole: more was claimed than may go out now.
            drop(tx);
            if grant.n == 0 {
                return Ok(Next::Wait(grant.again_in.max(Duration::from_millis(1))));
            }
            limit = grant.n;
            continue;
        }
        tx.commit().await?;
        let lease = Lease::new(name, begun.into_std() + length.duration());
        return Ok(Next::Batch(batch(shared, lane, route, claimed, &grant, lease)));
    }
}

fn batch(
    shared: &Shared,
    lane: &LaneState,
    route: &Arc<Route>,
    claimed: Vec<Claimed>,
    grant: &Grant,
    lease: Lease,
) -> Batch {
    lease.open.store(i64::try_from(claimed.len()).unwrap_or(i64::MAX), Ordering::Relaxed);
    let lease = Arc::new(lease);
    shared.hold(Arc::clone(&lease));
    lane.claimed(claimed.len());
    let jobs = claimed.into_iter().map(|claimed| Job { claimed, lease: Arc::clone(&lease) }).collect();
    let pace = Pace { free_at: Instant::now() + grant.start_in, spacing: grant.spacing };
    Batch { jobs, route: Arc::clone(route), pace }
}

/// What limits a batch; `None` when nothing does.
fn ask<'a>(lane: &'a LaneState, route: &'a Route, now: DateTime<Utc>) -> Option<Ask<'a>> {
    let relay = &route.config;
    let warm = relay.warm_up_from.and_then(|from| warm_up::limit(&relay.warm_up, from, now));
    let per_day = [relay.per_day.map(NonZeroU64::get), warm].into_iter().flatten().min();
    let ask = Ask {
        relay: route.relay.name(),
        rate: relay.rate.map(Rate::per_second),
        per_hour: relay.per_hour.map(NonZeroU64::get),
        per_day,
        provider: lane.rate.map(|rate| (lane.lane.as_str(), rate)),
        wanted: 0,
    };
    let is_limited =
        ask.rate.is_some() || ask.per_hour.is_some() || ask.per_day.is_some() || ask.provider.is_some();
    is_limited.then_some(ask)
}

/// Hands a batch over letter by letter, each at its time; waits for room at the relay and for the
/// provider's connections as long as it takes.
async fn hand_over(shared: &Arc<Shared>, lane: &Arc<LaneState>, batch: Batch) {
    let Batch { jobs, route, pace: Pace { free_at, spacing } } = batch;
    let begun = Instant::now();
    let ahead = ahead(spacing);
    let (n, mut at) = (jobs.len(), free_at.max(lane.pace().free_at));
    let mut jobs = jobs.into_iter();
    for job in jobs.by_ref() {
        // Not for a moment that has come: the timer would make a millisecond of it.
        if at > Instant::now() {
            sleep_until(at).await;
        }
        at = at.max(Instant::now().checked_sub(SLACK).unwrap_or(at)) + spacing;
        let permit = match &lane.connections {
            Some(connections) => Some(place(connections).await),
            None => None,
        };
        if shared.must_stop() || route.is_down() {
            lane.put_back(job);
            break;
        }
        let letter = Box::new(Letter::new(shared, lane, &route, job, permit));
        if timeout(PATIENCE, route.relay.submit(letter, ahead)).await.is_err() {
            // It came back; perhaps another relay has room.
            break;
        }
    }
    jobs.for_each(|job| lane.put_back(job));
    lane.keep_pace(Pace { free_at: at, spacing });
    if !shared.must_stop() {
        let most = shared.engine.config.delivery.batch.get().into();
        lane.learn(n, begun.elapsed(), most);
    }
}

/// How many letters may wait for a connection before one that has its time.
fn ahead(spacing: Duration) -> usize {
    if spacing.is_zero() {
        return usize::MAX;
    }
    usize::try_from(AHEAD.as_nanos() / spacing.as_nanos()).unwrap_or(usize::MAX)
}

#[expect(clippy::expect_used, reason = "the semaphore is never closed")]
async fn place(connections: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    Arc::clone(connections).acquire_owned().await.expect("the semaphore is open")
}

/// Numbers the leases of this process.
fn next_lease() -> u64 {
    static LEASES: AtomicU64 = AtomicU64::new(0);
    LEASES.fetch_add(1, Ordering::Relaxed)
}
