//! Sends an edition's deliveries: claims a batch under a lease, commits, then sends with bounded
//! concurrency, one recipient a transaction, each outcome committed before the next message on
//! that connection. Killed at any instant, nothing is lost, and at most one letter for each open
//! connection goes out twice, under the same Message-ID.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex as BlockingMutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::advance::TOUCH;
use super::pace::Pacer;
use super::record::{self, GuardWindow, Next, Run};
use super::{Engine, PipelineError, Result, advance, alerts, newsletter_of, revision};
use crate::config::{Newsletter, Rate};
use crate::domain::address::{EmailAddress, Mailbox};
use crate::domain::delivery::{DeliveryState, Guard, Outcome, Reply};
use crate::domain::edition::EditionState;
use crate::domain::ids::{EditionId, ListId};
use crate::mail::dkim::SignError;
use crate::mail::letter::{EncodedLetter, PlaceValues, message_id};
use crate::mail::smtp::{DnsAnswer, Envelope};
use crate::store::claims::{self, Claimed};
use crate::store::editions::{self, Edition, Transition};
use crate::store::{catalog, deliveries, relays};

/// How often a running edition is looked at, for pause and cancel. A hold bites within a second.
const LOOK: Duration = Duration::from_millis(200);
/// No message is begun when its lease ends sooner than this.
const LEASE_MARGIN: Duration = Duration::from_secs(10);

/// How a run of an edition ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// Nothing is due now.
    NothingDue,
    /// The edition is not sending: paused, cancelled, ended.
    NotSending,
    /// The relay rests until then.
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
        return Ok(RunEnd::NotSending);
    };
    let newsletter = newsletter_of(&edition)?;
    if advance::is_abandoned(&newsletter, now - edition.last_activity_at) {
        // A restored backup, or a long outage: the scheduler pauses it.
        return Ok(RunEnd::NotSending);
    }
    if let Some(down) = relays::down(&mut tx, engine.relays.first().relay.name()).await?
        && down.until > now
    {
        return Ok(RunEnd::RelayDown(down.until));
    }
    if deliveries::next_due(&mut tx, &edition).await?.is_none_or(|due| due > now) {
        return Ok(RunEnd::NothingDue);
    }
    let list = catalog::list_of(&mut tx, edition.newsletter).await?;
    let letter = revision::letter(&mut tx, &edition).await?;
    let letter = letter.ok_or_else(|| PipelineError::Refused(format!("edition {id} has no revision")))?;
    let guard = claims::recent_outcomes(&mut tx, &edition, Guard::WINDOW).await?;
    drop(tx);

    let sender = Sender {
        run: Run { engine, edition: &edition, newsletter: &newsletter },
        letter: &letter,
        list,
        guard: BlockingMutex::new(GuardWindow::new(guard)),
        queue: Mutex::new(VecDeque::new()),
        leases: BlockingMutex::new(Vec::new()),
        halt: AtomicBool::new(false),
        resting: AtomicBool::new(false),
        pacer: Pacer::new(engine.config.relays.first().and_then(|relay| relay.rate).map(Rate::per_second)),
        stop,
    };
    let connections = engine.config.relays.first().map_or(1, |relay| relay.connections.get());
    let finished = CancellationToken::new();
    let senders = async {
        let results = join_all((0..connections).map(|_| sender.send_all())).await;
        finished.cancel();
        results.into_iter().collect::<Result<Vec<()>>>()
    };
    let (sent, watched) = tokio::join!(senders, sender.watch(&finished));
    sender.give_back().await?;
    sent?;
    watched?;
    if stop.is_cancelled() {
        return Ok(RunEnd::Stopped);
    }
    if sender.resting.load(Ordering::SeqCst) {
        let mut tx = engine.db.read().await?;
        let until = relays::down(&mut tx, engine.relays.first().relay.name()).await?.map(|down| down.until);
        return Ok(until.map_or(RunEnd::NothingDue, RunEnd::RelayDown));
    }
    let mut tx = engine.db.begin().await?;
    if relays::set_up(&mut tx, engine.relays.first().relay.name(), engine.clock.now()).await? {
        tracing::info!(relay = engine.relays.first().relay.name(), "relay works again");
    }
    tx.commit().await?;
    Ok(if sender.halt.load(Ordering::SeqCst) { RunEnd::NotSending } else { RunEnd::NothingDue })
}

/// A claimed delivery that waits for a connection.
struct Job {
    claimed: Claimed,
    lease: Arc<str>,
    /// When its lease ends, by a clock that nobody sets.
    until: Instant,
}

/// The connections' common ground in one run.
struct Sender<'a> {
    run: Run<'a>,
    letter: &'a EncodedLetter,
    list: ListId,
    guard: BlockingMutex<GuardWindow>,
    queue: Mutex<VecDeque<Job>>,
    leases: BlockingMutex<Vec<Arc<str>>>,
    halt: AtomicBool,
    resting: AtomicBool,
    pacer: Pacer,
    stop: &'a CancellationToken,
}

impl Sender<'_> {
    fn must_stop(&self) -> bool {
        self.stop.is_cancelled() || self.halt.load(Ordering::SeqCst) || self.resting.load(Ordering::SeqCst)
    }

    /// One connection's work.
    async fn send_all(&self) -> Result<()> {
        while !self.must_stop() {
            self.pacer.wait().await;
            let Some(job) = self.next_job().await? else { return Ok(()) };
            if self.must_stop() || job.until.saturating_duration_since(Instant::now()) < LEASE_MARGIN {
                // It stays claimed under its lease and goes back with the rest of it.
                continue;
            }
            let outcome = match self.attempt(&job.claimed).await {
                Ok(outcome) => outcome,
                Err(error) => return self.pause(&error).await,
            };
            match self.run.record(&job.claimed, &job.lease, &outcome, &self.guard).await {
                Ok(Next::Rest) => self.resting.store(true, Ordering::SeqCst),
                Ok(Next::Stop) => self.halt.store(true, Ordering::SeqCst),
                Ok(Next::GoOn | Next::LeaseLost) => {}
                Err(error) => {
                    self.keep_until_lease_ends(&job.lease);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// After an outcome that could not be recorded: the letter may be out. Its lease is not given
    /// back, so that a database that fails again and again does not send it again and again; and
    /// nobody sends on unseen.
    fn keep_until_lease_ends(&self, lease: &Arc<str>) {
        self.halt.store(true, Ordering::SeqCst);
        let mut leases = self.leases.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        leases.retain(|held| held != lease);
    }

    /// The next claimed delivery; claims a batch when there is none.
    async fn next_job(&self) -> Result<Option<Job>> {
        let mut queue = self.queue.lock().await;
        if queue.is_empty() && !self.must_stop() {
            let engine = self.run.engine;
            let lease: Arc<str> = format!("{}#{}", engine.incarnation, next_lease()).into();
            let length = engine.config.delivery.lease;
            let until = Instant::now() + length.duration();
            let limit = i64::from(engine.config.delivery.batch.get());
            let mut tx = engine.db.begin().await?;
            let now = engine.clock.now();
            let batch = claims::claim(&mut tx, self.run.edition, &lease, length.delta(), limit, now).await?;
            tx.commit().await?;
            if !batch.is_empty() {
                self.leases
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .push(Arc::clone(&lease));
            }
            queue.extend(batch.into_iter().map(|claimed| Job { claimed, lease: Arc::clone(&lease), until }));
        }
        Ok(queue.pop_front())
    }

    /// One attempt: fills in the recipient's places, signs, and hands the letter to the relay. An
    /// error is ours, and comes before the relay hears of the letter.
    async fn attempt(&self, claimed: &Claimed) -> std::result::Result<Outcome, SignError> {
        let Run { engine, edition, newsletter } = &self.run;
        let message = match self.letter.fill(&self.places(claimed, newsletter)) {
            Ok(message) => message,
            Err(error) => return Ok(Outcome::Rejected(internal(&error.to_string()))),
        };
        let domain = newsletter.from.address.domain();
        let message = engine.signers.sign(domain, engine.clock.now(), message)?;
        let local = engine.keys.return_path(edition.id, claimed.subscriber);
        let from = format!("{local}@{}", engine.config.bounces.return_path.as_str());
        let Ok(from) = EmailAddress::parse(&from) else {
            return Ok(Outcome::Rejected(internal("the return path's domain cannot be used")));
        };
        let envelope = Envelope { from: Some(from), to: claimed.address.clone(), id: None };
        Ok(match engine.relays.first().relay.send(&envelope, &message).await {
            Outcome::UnknownHost(reply) => match engine.dns.domain_exists(claimed.address.domain()).await {
                DnsAnswer::DoesNotExist => Outcome::Bounced(reply),
                DnsAnswer::Exists | DnsAnswer::Unknown => Outcome::Deferred(reply),
            },
            outcome => outcome,
        })
    }

    /// No letter can be signed: the run pauses, with an alert. What is claimed goes back to the queue
    /// without an attempt, because no reader has to do with it.
    async fn pause(&self, error: &SignError) -> Result<()> {
        self.halt.store(true, Ordering::SeqCst);
        let Run { engine, edition, newsletter } = self.run;
        let mut tx = engine.db.begin().await?;
        let now = engine.clock.now();
        record::pause(engine, &mut tx, newsletter, edition, &error.to_string(), "deliver", now).await?;
        tx.commit().await?;
        Ok(())
    }

    fn places(&self, claimed: &Claimed, newsletter: &Newsletter) -> PlaceValues {
        let Run { engine, edition, .. } = &self.run;
        let url = engine.links().unsubscribe(claimed.subscriber, self.list, edition.id);
        PlaceValues {
            to: Mailbox { name: None, address: claimed.address.clone() },
            message_id: message_id(
                edition.id,
                edition.opened_at,
                claimed.subscriber,
                newsletter.from.address.domain(),
            ),
            date: engine.clock.now().with_timezone(&newsletter.zone()).fixed_offset(),
            unsubscribe_url: url.clone(),
            preferences_url: engine.links().preferences(claimed.subscriber, self.list, edition.id),
            one_click_url: url,
        }
    }

    /// Looks whether the edition is still to be sent, until the senders have finished.
    async fn watch(&self, finished: &CancellationToken) -> Result<()> {
        loop {
            tokio::select! {
                () = finished.cancelled() => return Ok(()),
                () = tokio::time::sleep(LOOK) => {}
                () = self.run.engine.wake.notified() => {}
            }
            let looked = self.look().await;
            if !matches!(looked, Ok(true)) {
                // Also when the database cannot be asked: nobody may send on unseen.
                self.halt.store(true, Ordering::SeqCst);
                return looked.map(|_| ());
            }
        }
    }

    /// Whether the edition is still sending, under the revision that this run has.
    async fn look(&self) -> Result<bool> {
        let engine = self.run.engine;
        let mut tx = engine.db.read().await?;
        let current = editions::get(&mut tx, self.run.edition.id).await?;
        drop(tx);
        let (edition, now) = (self.run.edition, engine.clock.now());
        if current.as_ref().is_some_and(|current| now - current.last_activity_at >= TOUCH) {
            let mut tx = engine.db.begin().await?;
            editions::touch(&mut tx, edition.id, now).await?;
            tx.commit().await?;
        }
        let same =
            |now: &Edition| now.state == EditionState::Sending && now.current_rev == edition.current_rev;
        Ok(current.as_ref().is_some_and(same))
    }

    /// Gives back what was claimed and not attempted.
    async fn give_back(&self) -> Result<()> {
        let leases =
            std::mem::take(&mut *self.leases.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        if leases.is_empty() {
            return Ok(());
        }
        let mut tx = self.run.engine.db.begin().await?;
        for lease in &leases {
            claims::give_back(&mut tx, self.run.edition, lease).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// A reply that no server gave.
fn internal(text: &str) -> Reply {
    Reply { code: 0, enhanced: None, text: text.to_owned() }
}

/// Numbers the leases of this process.
fn next_lease() -> u64 {
    static LEASES: AtomicU64 = AtomicU64::new(0);
    LEASES.fetch_add(1, Ordering::Relaxed)
}

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
    let mut tx = engine.db.begin().await?;
    editions::hold_row(&mut tx, id).await?;
    let Some(edition) =
        editions::get(&mut tx, id).await?.filter(|edition| edition.state == EditionState::Sending)
    else {
        return Ok(false);
    };
    if edition.expires_at <= now {
        deliveries::expire_chunk(&mut tx, &edition, i64::MAX, now).await?;
    }
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
