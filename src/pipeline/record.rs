//! What outcomes mean: to the deliveries, to the subscribers, to the relays, to the run. All that
//! follows from a batch of answers is one transaction.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::alerts::{self, Alert};
use super::judge::Judge;
use super::{Engine, Result};
use crate::config::Newsletter;
use crate::domain::address::EmailAddress;
use crate::domain::bounce::SuppressionReason;
use crate::domain::delivery::{DeliveryState, Outcome, Reply, WhenUncertain, jitter, retry_pause};
use crate::domain::edition::EditionState;
use crate::domain::ids::SubscriberId;
use crate::domain::setback::Setback;
use crate::store::editions::{self, Edition, Transition};
use crate::store::events::{self, About};
use crate::store::journal::Entry;
use crate::store::outcomes::{self, Recorded};
use crate::store::suppressions::{self, NewSuppression};
use crate::store::{Tx, deliveries, relays};

/// An edition whose answers are recorded.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The database and the configuration.
    pub engine: &'a Engine,
    /// The edition.
    pub edition: &'a Edition,
    /// Its newsletter, as configured when it was opened.
    pub newsletter: &'a Newsletter,
}

/// An answer that was recorded, and where its delivery stands now.
type Stand<'a> = (&'a Entry, DeliveryState, Option<DateTime<Utc>>);

/// What an answer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// The delivery stands there now.
    Stands(DeliveryState, Option<DateTime<Utc>>),
    /// Nothing was attempted: it keeps its claim and no attempt is spent.
    Unsent,
}

/// What a batch of answers came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Whose answers say that nothing was attempted for them.
    pub unsent: BTreeSet<SubscriberId>,
    /// How many came too late: others have, or had, the deliveries.
    pub late: usize,
    /// Whether the edition was paused for them.
    pub paused: bool,
}

impl Run<'_> {
    /// Records answers, with all that follows from them. `others_work` says whether there is another
    /// relay for what this one refuses.
    ///
    /// # Errors
    /// What the database says; then nothing must be committed.
    pub async fn write(
        &self,
        tx: &mut Tx,
        entries: &[&Entry],
        judge: &mut Judge,
        others_work: impl Fn(&str) -> bool,
    ) -> Result<Written> {
        let now = self.engine.clock.now();
        let mut written = Written::default();
        let mut stands = Vec::with_capacity(entries.len());
        for entry in entries {
            match self.verdict(entry, others_work(&entry.relay), now) {
                Verdict::Stands(state, due_at) => stands.push((*entry, state, due_at)),
                Verdict::Unsent => {
                    written.unsent.insert(entry.subscriber);
                }
            }
        }
        let rows: Vec<_> = stands.iter().map(|(entry, state, due_at)| row(entry, *state, *due_at)).collect();
        let recorded = outcomes::record(tx, self.edition, &rows, now).await?;
        written.late = rows.len() - recorded.len();
        stands.retain(|(entry, ..)| recorded.contains(&entry.subscriber));
        self.relays(tx, entries, &stands, now).await?;
        self.refused(tx, &stands, now).await?;
        for (entry, state, _) in &stands {
            if judge.guard_trips(*state) && self.trip(tx, now).await? {
                written.paused = true;
            }
            if let Some(why) = judge.too_many_in_a_row(&entry.outcome) {
                pause(self.engine, tx, self.newsletter, self.edition, why, "deliver", now).await?;
                written.paused = true;
            }
        }
        Ok(written)
    }

    /// Where the delivery stands after an answer, and when a deferred one is due again.
    fn verdict(&self, entry: &Entry, others_work: bool, now: DateTime<Utc>) -> Verdict {
        let later = || {
            let first = self.engine.config.delivery.retry_first.delta();
            let attempt = u32::try_from(entry.attempt).unwrap_or(u32::MAX);
            let spread = jitter(self.edition.id, entry.subscriber, attempt);
            let due_at = now + retry_pause(attempt, first, spread);
            // What would be due after the edition's end is over now: waiting would only delay the report.
            if due_at > self.edition.expires_at {
                Verdict::Stands(DeliveryState::Expired, None)
            } else {
                Verdict::Stands(DeliveryState::Deferred, Some(due_at))
            }
        };
        let ended = |state| Verdict::Stands(state, None);
        match &entry.outcome {
            Outcome::Accepted(_) => ended(DeliveryState::Accepted),
            Outcome::Bounced(_) => ended(DeliveryState::Bounced),
            Outcome::Rejected(_) => ended(DeliveryState::Rejected),
            // Ours or the relay's, not theirs. Where it says "later" to all alike, and there is no
            // other, the delivery waits like any that was refused for now.
            Outcome::RelayDown(reply) if others_work || !(400..500).contains(&reply.code) => Verdict::Unsent,
            Outcome::Deferred(_) | Outcome::UnknownHost(_) | Outcome::RelayDown(_) => later(),
            Outcome::Uncertain(_) => match self.newsletter.when_uncertain {
                WhenUncertain::Resend => later(),
                WhenUncertain::Hold => ended(DeliveryState::Uncertain),
            },
        }
    }

    /// What the answers say about the relays themselves.
    async fn relays(
        &self,
        tx: &mut Tx,
        entries: &[&Entry],
        stands: &[Stand<'_>],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let down: BTreeMap<&str, &Reply> = entries
            .iter()
            .filter_map(|entry| match &entry.outcome {
                Outcome::RelayDown(reply) => Some((entry.relay.as_str(), reply)),
                _ => None,
            })
            .collect();
        let works: BTreeSet<&str> = stands
            .iter()
            .filter(|(_, state, _)| *state == DeliveryState::Accepted)
            .map(|(entry, ..)| entry.relay.as_str())
            .collect();
        for (relay, reply) in &down {
            self.relay_is_down(tx, relay, reply, now).await?;
        }
        for relay in works.iter().filter(|relay| !down.contains_key(*relay)) {
            if relays::set_up(tx, relay, now).await? {
                tracing::info!(relay, "relay works again");
            }
        }
        Ok(())
    }

    /// What follows from refusals: for the address, where it is to blame, and for ops.
    async fn refused(&self, tx: &mut Tx, stands: &[Stand<'_>], now: DateTime<Utc>) -> Result<()> {
        let refusals: Vec<_> = stands
            .iter()
            .filter(|(_, state, _)| matches!(state, DeliveryState::Bounced | DeliveryState::Rejected))
            .collect();
        if refusals.is_empty() {
            return Ok(());
        }
        let ids = refusals.iter().map(|(entry, ..)| entry.subscriber);
        let addresses: BTreeMap<_, _> = outcomes::addresses(tx, ids).await?.into_iter().collect();
        let mut told = BTreeSet::new();
        for (entry, state, _) in refusals {
            // Erased in the meantime: there is nobody left to suppress, nor a domain to name.
            let Some(address) = addresses.get(&entry.subscriber) else { continue };
            let reply = entry.outcome.reply();
            if *state == DeliveryState::Bounced {
                self.bounced(tx, entry.subscriber, address, reply, now).await?;
            } else if told.insert(address.domain()) {
                let alert = Alert::refused(self.newsletter, self.edition, address.domain(), &reply.text);
                alerts::raise(self.engine, tx, &alert, now).await?;
            }
        }
        Ok(())
    }

    /// A hard bounce suppresses the address and cancels what is still queued for it, unless the
    /// guard has found this run's bounces doubtful.
    async fn bounced(
        &self,
        tx: &mut Tx,
        subscriber: SubscriberId,
        address: &EmailAddress,
        reply: &Reply,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let doubtful = suppressions::are_doubtful(tx, self.edition.id).await?;
        let detail =
            serde_json::json!({"code": reply.code, "status": reply.enhanced, "suppressed": !doubtful});
        let about = About::subscriber(subscriber, Some(self.edition.id));
        events::record(tx, now, "delivery.bounced", about, &detail).await?;
        if doubtful {
            return Ok(());
        }
        let hash = self.engine.keys.address_hash(address);
        let suppression = NewSuppression {
            address_hash: &hash,
            address: Some(&address.as_string()),
            reason: SuppressionReason::Hard,
            edition: Some(self.edition.id),
            note: Some(&reply.text),
        };
        suppressions::add(tx, &suppression, now).await?;
        deliveries::cancel_for_subscriber(tx, subscriber, now).await?;
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

    async fn relay_is_down(&self, tx: &mut Tx, relay: &str, reply: &Reply, now: DateTime<Utc>) -> Result<()> {
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

/// An answer as a row of the database.
fn row(entry: &Entry, state: DeliveryState, due_at: Option<DateTime<Utc>>) -> Recorded<'_> {
    Recorded {
        subscriber: entry.subscriber,
        attempt: entry.attempt,
        lease: &entry.lease,
        state,
        due_at,
        relay: &entry.relay,
        reply: entry.outcome.reply(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_rests_longer_each_time() {
        let rests: Vec<_> = (1..=12).map(|n| rest(n).num_seconds()).collect();
        assert_eq!(rests, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]);
    }
}
