//! One letter on its way: filled in and signed at the last moment, and its answer journaled before
//! anything else happens on that connection.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::lane::LaneState;
use super::recorder::Answered;
use super::routes::Route;
use super::shared::{Job, Shared};
use crate::domain::address::{EmailAddress, Mailbox};
use crate::domain::delivery::{Outcome, Reply};
use crate::domain::setback::Setback;
use crate::mail::letter::{PlaceValues, message_id};
use crate::mail::prepared::PreparedError;
use crate::mail::smtp::{DnsAnswer, End, Envelope, MailData, Packed, Parcel};
use crate::store::journal::Entry;

/// A claimed delivery on its way to a relay.
pub(super) struct Letter {
    shared: Arc<Shared>,
    lane: Arc<LaneState>,
    route: Arc<Route>,
    /// Taken when it is over.
    job: Option<Job>,
    /// Whether its envelope may be out.
    packed: bool,
    /// One of its provider's connections.
    _permit: Option<OwnedSemaphorePermit>,
}

impl Letter {
    pub(super) fn new(
        shared: &Arc<Shared>,
        lane: &Arc<LaneState>,
        route: &Arc<Route>,
        job: Job,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            shared: Arc::clone(shared),
            lane: Arc::clone(lane),
            route: Arc::clone(route),
            job: Some(job),
            packed: false,
            _permit: permit,
        }
    }

    fn is_wanted(&self, job: &Job) -> bool {
        let length = self.shared.engine.config.delivery.lease.duration();
        !self.shared.must_stop() && !self.route.is_down() && job.is_held(length)
    }

    fn make(&self, job: &Job) -> Result<Packed, Unmade> {
        let Shared { engine, edition, letter, .. } = &*self.shared;
        let subscriber = job.claimed.subscriber;
        let values = places(&self.shared, job);
        let message = letter.message(&values, engine.clock.now())?;
        let local = engine.keys.return_path(edition.id, subscriber);
        let from = EmailAddress::parse(&engine.at_return_path(&local))
            .map_err(|_| Unmade::Ours("the return path's domain cannot be used".into()))?;
        let envelope = Envelope { from: Some(from), to: job.claimed.address.clone(), id: Some(local) };
        Ok(Packed { envelope, data: MailData::from(message) })
    }
}

/// Why a letter could not be made.
enum Unmade {
    /// This one recipient's values do not fit.
    Recipient(String),
    /// No letter can be made.
    Ours(Setback),
}

impl From<PreparedError> for Unmade {
    fn from(error: PreparedError) -> Self {
        match error {
            PreparedError::Letter(error) => Self::Recipient(error.to_string()),
            PreparedError::Sign(error) => Self::Ours((&error.to_string()).into()),
        }
    }
}

fn places(shared: &Shared, job: &Job) -> PlaceValues {
    let Shared { engine, edition, newsletter, list, .. } = shared;
    let subscriber = job.claimed.subscriber;
    let url = engine.links().unsubscribe(subscriber, *list, edition.id);
    PlaceValues {
        to: Mailbox { name: None, address: job.claimed.address.clone() },
        message_id: message_id(
            &engine.keys,
            edition.id,
            edition.opened_at,
            subscriber,
            newsletter.from.address.domain(),
        ),
        date: engine.clock.now().with_timezone(&newsletter.zone()).fixed_offset(),
        unsubscribe_url: url.clone(),
        preferences_url: engine.links().preferences(subscriber, *list, edition.id),
        one_click_url: url,
        unsubscribe_address: engine.leaving(subscriber, *list, edition.id),
    }
}

/// A reply that no server gave.
fn internal(text: &str) -> Reply {
    Reply { code: 0, enhanced: None, text: text.to_owned() }
}

impl Parcel for Letter {
    fn pack(&mut self) -> Option<Packed> {
        let job = self.job.as_ref()?;
        if !self.is_wanted(job) || !self.shared.begin(job.claimed.subscriber) {
            return None;
        }
        match self.make(job) {
            Ok(packed) => {
                self.packed = true;
                Some(packed)
            }
            Err(Unmade::Ours(why)) => {
                self.shared.end(job.claimed.subscriber);
                self.shared.fail(why);
                None
            }
            Err(Unmade::Recipient(why)) => {
                if let Some(job) = self.job.take() {
                    let outcome = Outcome::Rejected(internal(&why));
                    answer(&self.shared, &self.lane, &self.route, job, outcome);
                }
                None
            }
        }
    }

    fn may_go(&self) -> bool {
        self.job.as_ref().is_some_and(|job| self.is_wanted(job))
    }

    fn done(mut self: Box<Self>, end: End) {
        let Some(job) = self.job.take() else { return };
        let (shared, lane, route) = (&self.shared, &self.lane, &self.route);
        match end {
            End::NotSent => {
                shared.end(job.claimed.subscriber);
                lane.put_back(job);
            }
            End::Outcome(Outcome::UnknownHost(reply)) => {
                let (shared, lane, route) = (Arc::clone(shared), Arc::clone(lane), Arc::clone(route));
                tokio::spawn(async move {
                    let domain = job.claimed.address.domain();
                    let outcome = match shared.engine.dns.domain_exists(domain).await {
                        DnsAnswer::DoesNotExist => Outcome::Bounced(reply),
                        DnsAnswer::Exists | DnsAnswer::Unknown => Outcome::Deferred(reply),
                    };
                    answer(&shared, &lane, &route, job, outcome);
                });
            }
            End::Outcome(outcome) => answer(shared, lane, route, job, outcome),
        }
    }
}

/// Takes down what a relay answered. From here on it is known, whatever happens to this process.
fn answer(shared: &Arc<Shared>, lane: &Arc<LaneState>, route: &Arc<Route>, job: Job, outcome: Outcome) {
    // Also one that was never begun, when there was no connection: it is not given back before this is
    // recorded.
    shared.mark(job.claimed.subscriber);
    if matches!(outcome, Outcome::RelayDown(_)) {
        route.rest();
    }
    let entry = Entry {
        edition: shared.edition.id,
        subscriber: job.claimed.subscriber,
        attempt: job.claimed.attempt,
        lease: job.lease.name.clone(),
        relay: route.relay.name().to_owned(),
        outcome,
    };
    let half = match shared.engine.journal.append(&entry) {
        Ok(half) => Some(half),
        Err(error) => {
            // Without it a crash could send letters twice that are out: nothing more is begun.
            let folder = shared.engine.journal.base().display();
            tracing::error!(
                edition.id = shared.edition.id.0,
                "the journal {folder} cannot be written: {error}"
            );
            shared.halt();
            None
        }
    };
    shared.answered(Answered { entry, half, job, lane: Arc::clone(lane) });
}

impl Drop for Letter {
    fn drop(&mut self) {
        // Only a defect gets here with a job: whoever had it broke down.
        let Some(job) = self.job.take() else { return };
        let reply = internal("the letter was lost on its way inside the program: this is a defect");
        let outcome = if self.packed { Outcome::Uncertain(reply) } else { Outcome::Deferred(reply) };
        answer(&self.shared, &self.lane, &self.route, job, outcome);
    }
}
