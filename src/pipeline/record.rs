//! What an outcome means: to the delivery, to the subscriber, to the relay, to the run. All of it
//! in one transaction.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use super::alerts::{self, Alert};
use super::{Engine, Result};
use crate::config::Newsletter;
use crate::domain::bounce::SuppressionReason;
use crate::domain::delivery::{DeliveryState, Guard, Outcome, Reply, WhenUncertain, jitter, retry_pause};
use crate::domain::edition::EditionState;
use crate::domain::setback::Setback;
use crate::store::claims::{self, Claimed, Recorded};
use crate::store::editions::{self, Edition, Transition};
use crate::store::events::{self, About};
use crate::store::suppressions::{self, NewSuppression};
use crate::store::{Tx, deliveries, relays};

/// What the sender has to do after an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Send the next letter.
    GoOn,
    /// Rest: the relay does not work for us.
    Rest,
    /// Stop: this outcome has paused the run.
    Stop,
    /// The claim no longer held; nothing was recorded.
    LeaseLost,
}

/// One run of an edition by this process: what recording needs to know.
pub struct Run<'a> {
    /// The way out and the database.
    pub engine: &'a Engine,
    /// The edition.
    pub edition: &'a Edition,
    /// Its newsletter, as configured when it was opened.
    pub newsletter: &'a Newsletter,
}

impl Run<'_> {
    /// Records `outcome` for `claimed`, with all that follows from it.
    ///
    /// # Errors
    /// What the database says; then nothing was recorded.
    pub async fn record(
        &self,
        claimed: &Claimed,
        lease: &str,
        outcome: &Outcome,
        guard: &std::sync::Mutex<GuardWindow>,
    ) -> Result<Next> {
        let now = self.engine.clock.now();
        let mut tx = self.engine.db.begin().await?;
        let relay = self.engine.relays.first().relay.name();
        if let Outcome::RelayDown(reply) = outcome {
            self.relay_is_down(&mut tx, reply, now).await?;
            if !(400..500).contains(&reply.code) {
                // Ours, not theirs: the delivery keeps its attempt, and waits in the queue.
                tx.commit().await?;
                return Ok(Next::Rest);
            }
        }
        let (state, due_at) = self.verdict(claimed, outcome, now);
        let recorded = Recorded { state, due_at, relay, reply: outcome.reply() };
        if !claims::record(&mut tx, self.edition, claimed, lease, &recorded, now).await? {
            tracing::warn!(
                edition.id = self.edition.id.0,
                "an outcome came after its lease; it was not recorded"
            );
            return Ok(Next::LeaseLost);
        }
        match state {
            DeliveryState::Bounced => self.bounced(&mut tx, claimed, outcome.reply(), now).await?,
            DeliveryState::Rejected => {
                let (domain, text) = (claimed.address.domain(), &outcome.reply().text);
                let alert = Alert::refused(self.newsletter, self.edition, domain, text);
                alerts::raise(self.engine, &mut tx, &alert, now).await?;
            }
            _ => {}
        }
        let tripped = guard_trips(guard, state == DeliveryState::Bounced) && self.trip(&mut tx, now).await?;
        tx.commit().await?;
        Ok(match outcome {
            Outcome::RelayDown(_) => Next::Rest,
            _ if tripped => Next::Stop,
            _ => Next::GoOn,
        })
    }

    /// Where the delivery stands after the outcome, and when a deferred one is due again.
    fn verdict(
        &self,
        claimed: &Claimed,
        outcome: &Outcome,
        now: DateTime<Utc>,
    ) -> (DeliveryState, Option<DateTime<Utc>>) {
        let later = || {
            let first = self.engine.config.delivery.retry_first.delta();
            let attempt = u32::try_from(claimed.attempt).unwrap_or(u32::MAX);
            let spread = jitter(self.edition.id, claimed.subscriber, attempt);
            let due_at = now + retry_pause(attempt, first, spread);
            // What would be due after the edition's end is over now: waiting would only delay the report.
            if due_at > self.edition.expires_at {
                (DeliveryState::Expired, None)
            } else {
                (DeliveryState::Deferred, Some(due_at))
            }
        };
        match outcome {
            Outcome::Accepted(_) => (DeliveryState::Accepted, None),
            Outcome::Bounced(_) => (DeliveryState::Bounced, None),
            Outcome::Rejected(_) => (DeliveryState::Rejected, None),
            Outcome::Deferred(_) | Outcome::UnknownHost(_) | Outcome::RelayDown(_) => later(),
            Outcome::Uncertain(_) => match self.newsletter.when_uncertain {
                WhenUncertain::Resend => later(),
                WhenUncertain::Hold => (DeliveryState::Uncertain, None),
            },
        }
    }

    /// A hard bounce suppresses the address and cancels what is still queued for it, unless the
    /// guard has found this run's bounces doubtful.
    async fn bounced(&self, tx: &mut Tx, claimed: &Claimed, reply: &Reply, now: DateTime<Utc>) -> Result<()> {
        let doubtful = suppressions::are_doubtful(tx, self.edition.id).await?;
        let detail =
            serde_json::json!({"code": reply.code, "status": reply.enhanced, "suppressed": !doubtful});
        let about = About::subscriber(claimed.subscriber, Some(self.edition.id));
        events::record(tx, now, "delivery.bounced", about, &detail).await?;
        if doubtful {
            return Ok(());
        }
        let address = claimed.address.as_string();
        let hash = self.engine.keys.address_hash(&claimed.address);
        let suppression = NewSuppression {
            address_hash: &hash,
            address: Some(&address),
            reason: SuppressionReason::Hard,
            edition: Some(self.edition.id),
            note: Some(&reply.text),
        };
        suppressions::add(tx, &suppression, now).await?;
        deliveries::cancel_for_subscriber(tx, claimed.subscriber, now).await?;
        Ok(())
    }

    /// Promise 8: the run pauses, an alert goes out, and nobody stays suppressed from it until a
    /// person confirms. It does so once; whether this was the time is given back.
    async fn trip(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<bool> {
        if !editions::trip_guard(tx, self.edition.id, now).await? {
            return Ok(false);
        }
        let lifted = suppressions::lift_edition(tx, self.edition.id, "guard", now).await?;
        let why = Setback::HardBounces { lifted };
        pause(self.engine, tx, self.newsletter, self.edition, why, "guard", now).await?;
        Ok(true)
    }

    async fn relay_is_down(&self, tx: &mut Tx, reply: &Reply, now: DateTime<Utc>) -> Result<()> {
        let relay = self.engine.relays.first().relay.name();
        let before = relays::down(tx, relay).await?;
        // Several connections fail together: within one rest they are one failure.
        if before.as_ref().is_some_and(|down| down.until > now) {
            return Ok(());
        }
        let failures = before.as_ref().map_or(0, |down| down.failures) + 1;
        let down = relays::Down { until: now + rest(failures), failures, reply: Some(reply.text.clone()) };
        relays::set_down(tx, relay, &down, now).await?;
        if let Some(before) = before.filter(|_| failures == ALERT_AFTER) {
            // Named after the rest that it ends: two connections that fail at the same instant, each in
            // its own transaction, raise one alert.
            let alert = Alert::relay_down(relay, &reply.text, before.until);
            alerts::raise(self.engine, tx, &alert, now).await?;
        }
        tracing::warn!(
            relay = relay,
            relay.failures = failures,
            reply.code = reply.code,
            "relay down: {}",
            reply.text
        );
        Ok(())
    }
}

/// Failures in a row before ops are told.
const ALERT_AFTER: i64 = 3;

/// How long a relay is left alone after so many failures in a row: from one second, doubling, up to
/// a minute, so that one that recovers is soon at work again.
fn rest(failures: i64) -> TimeDelta {
    let doublings = u32::try_from(failures - 1).unwrap_or(0).min(9);
    TimeDelta::seconds((1_i64 << doublings).min(60))
}

/// Pauses a sending edition, with an alert.
///
/// # Errors
/// What the database says.
pub async fn pause(
    engine: &Engine,
    tx: &mut Tx,
    newsletter: &Newsletter,
    edition: &Edition,
    why: impl Into<Setback>,
    by: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let why = why.into();
    let reason = why.to_string();
    let change = Transition {
        from: EditionState::Sending,
        to: EditionState::Paused,
        version: None,
        reason: Some(&reason),
        by,
    };
    if editions::transition(tx, edition.id, &change, now).await? {
        alerts::raise(engine, tx, &Alert::paused(newsletter, edition, why), now).await?;
    }
    Ok(())
}

/// The last outcomes of a run, for the guard.
#[derive(Clone, Debug, Default)]
pub struct GuardWindow {
    outcomes: VecDeque<bool>,
}

impl GuardWindow {
    /// A window that begins with the outcomes that the database knows, oldest first: `true` for a
    /// hard bounce.
    pub fn new(outcomes: Vec<bool>) -> Self {
        Self { outcomes: outcomes.into() }
    }

    /// Adds an outcome and gives what the guard sees.
    fn add(&mut self, hard: bool) -> Guard {
        self.outcomes.push_back(hard);
        while i64::try_from(self.outcomes.len()).unwrap_or(i64::MAX) > Guard::WINDOW {
            self.outcomes.pop_front();
        }
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        Guard {
            attempts: count(self.outcomes.len()),
            hard: count(self.outcomes.iter().filter(|hard| **hard).count()),
        }
    }
}

fn guard_trips(guard: &std::sync::Mutex<GuardWindow>, hard: bool) -> bool {
    // A poisoned lock means that another sender panicked; its window is still true.
    let mut window = guard.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    window.add(hard).trips() && hard
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_rests_longer_each_time() {
        let rests: Vec<_> = (1..=12).map(|n| rest(n).num_seconds()).collect();
        assert_eq!(rests, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]);
    }

    #[test]
    fn the_window_forgets_what_is_old() {
        let mut window = GuardWindow::new(vec![true; 30]);
        for _ in 0..200 {
            window.add(false);
        }
        assert_eq!(window.add(false), Guard { attempts: 200, hard: 0 });
    }
}
