//! What the parts of one run share: what is sent, whether it may still be sent, and who has what in
//! hand.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use std::{fmt, sync::Arc};

use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use super::recorder::{Answered, BATCH};
use super::routes::Routes;
use crate::config::Newsletter;
use crate::domain::ids::{ListId, SubscriberId};
use crate::domain::setback::Setback;
use crate::mail::prepared::Prepared;
use crate::pipeline::Engine;
use crate::pipeline::judge::Judge;
use crate::store::claims::Claimed;
use crate::store::editions::Edition;

/// No message is begun when its lease ends sooner than this.
pub(super) const LEASE_MARGIN: Duration = Duration::from_secs(10);

/// The common ground of one run.
pub(super) struct Shared {
    pub(super) engine: Engine,
    pub(super) edition: Edition,
    pub(super) newsletter: Newsletter,
    pub(super) list: ListId,
    pub(super) letter: Prepared,
    pub(super) routes: Routes,
    pub(super) stop: CancellationToken,
    /// Where answers go to be recorded.
    answers: mpsc::UnboundedSender<Answered>,
    /// How many answers wait for the recorder, which is rung for when they are many.
    pub(super) waiting: AtomicUsize,
    pub(super) many: Notify,
    /// Sees what the recorder will see, at once: answers are recorded some time after they came, and
    /// nothing more should begin meanwhile when they will pause the edition.
    lookout: Mutex<Judge>,
    /// Rung when something changed that a feeder may wait for.
    pub(super) changed: Notify,
    halted: AtomicBool,
    fault: OnceLock<Setback>,
    in_flight: Mutex<HashSet<SubscriberId>>,
    leases: Mutex<Vec<Arc<Lease>>>,
}

/// What a run is made of.
pub(super) struct Parts {
    pub(super) engine: Engine,
    pub(super) edition: Edition,
    pub(super) newsletter: Newsletter,
    pub(super) list: ListId,
    pub(super) letter: Prepared,
    pub(super) routes: Routes,
    pub(super) stop: CancellationToken,
    pub(super) answers: mpsc::UnboundedSender<Answered>,
    pub(super) judge: Judge,
}

impl Shared {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { engine, edition, newsletter, list, letter, routes, stop, answers, judge } = parts;
        Self {
            engine,
            edition,
            newsletter,
            list,
            letter,
            routes,
            stop,
            answers,
            waiting: AtomicUsize::new(0),
            many: Notify::new(),
            lookout: Mutex::new(judge),
            changed: Notify::new(),
            halted: AtomicBool::new(false),
            fault: OnceLock::new(),
            in_flight: Mutex::default(),
            leases: Mutex::default(),
        }
    }

    /// Whether nothing more may be begun.
    pub(super) fn must_stop(&self) -> bool {
        self.halted.load(Ordering::SeqCst) || self.stop.is_cancelled()
    }

    /// Lets nothing more begin.
    pub(super) fn halt(&self) {
        self.halted.store(true, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    /// Whether the run was stopped from within or by a person, not by the end of the process.
    pub(super) fn is_halted(&self) -> bool {
        self.halted.load(Ordering::SeqCst)
    }

    /// Stops the run for a fault of ours, which its edition is to be paused for.
    pub(super) fn fail(&self, why: Setback) {
        // The first says enough.
        let _ = self.fault.set(why);
        self.halt();
    }

    /// Why the edition is to be paused.
    pub(super) fn fault(&self) -> Option<&Setback> {
        self.fault.get()
    }

    /// Marks a delivery as on its way, until its answer is recorded: it is not given back meanwhile.
    /// `false` when nothing may be begun any more.
    pub(super) fn begin(&self, subscriber: SubscriberId) -> bool {
        self.mark(subscriber);
        // Looked at after the mark: who halts looks at the marks afterwards.
        if self.must_stop() {
            self.end(subscriber);
            return false;
        }
        true
    }

    /// As [`Shared::begin`], for what was answered already.
    pub(super) fn mark(&self, subscriber: SubscriberId) {
        lock(&self.in_flight).insert(subscriber);
    }

    /// A delivery is no longer on its way: its answer is recorded, or nothing was attempted.
    pub(super) fn end(&self, subscriber: SubscriberId) {
        lock(&self.in_flight).remove(&subscriber);
    }

    /// The deliveries that are on their way, may be with a relay already, or are not recorded yet.
    pub(super) fn in_flight(&self) -> Vec<SubscriberId> {
        lock(&self.in_flight).iter().copied().collect()
    }

    /// Adds a lease that this run has.
    pub(super) fn hold(&self, lease: Arc<Lease>) {
        let mut leases = lock(&self.leases);
        leases.retain(|held| held.open.load(Ordering::Relaxed) > 0);
        leases.push(lease);
    }

    /// The leases under which something may still be claimed.
    pub(super) fn leases(&self) -> Vec<Arc<Lease>> {
        lock(&self.leases).clone()
    }

    /// One answer goes to be recorded.
    pub(super) fn answered(&self, answered: Answered) {
        let mut lookout = lock(&self.lookout);
        if lookout.alarms(&answered.entry.outcome, self.edition.guard_tripped_at.is_none()) {
            self.halt();
        }
        // The recorder outlives all that may answer; were it gone, the journal still has it.
        let waiting = self.waiting.fetch_add(1, Ordering::Relaxed) + 1;
        let _ = self.answers.send(answered);
        if waiting >= BATCH {
            self.many.notify_one();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lease of one claim.
pub(super) struct Lease {
    /// Its name in the database.
    pub(super) name: String,
    /// How many of its deliveries have no outcome yet.
    pub(super) open: AtomicI64,
    until: Mutex<Instant>,
}

impl Lease {
    /// A lease that ends at `until`, by a clock that nobody sets.
    pub(super) fn new(name: String, until: Instant) -> Self {
        Self { name, open: AtomicI64::new(0), until: Mutex::new(until) }
    }

    /// How long it still lasts.
    pub(super) fn left(&self) -> Duration {
        lock(&self.until).saturating_duration_since(Instant::now())
    }

    /// It lasts until then.
    pub(super) fn extend(&self, until: Instant) {
        *lock(&self.until) = until;
    }
}

/// A claimed delivery.
pub(super) struct Job {
    pub(super) claimed: Claimed,
    pub(super) lease: Arc<Lease>,
}

impl Job {
    /// The same claim for another try, when nothing was attempted.
    pub(super) fn again(&self) -> Self {
        Self { claimed: self.claimed.clone(), lease: Arc::clone(&self.lease) }
    }

    /// Whether a message may still be begun under its lease.
    pub(super) fn is_held(&self, length: Duration) -> bool {
        // A lease that is short altogether has a shorter margin.
        self.lease.left() > LEASE_MARGIN.min(length / 4)
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("subscriber", &self.claimed.subscriber).finish_non_exhaustive()
    }
}
