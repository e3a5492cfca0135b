//! What outcomes mean: to the deliveries, to the subscribers, to the relays, to the run. All that
//! follows from a batch of answers is one transaction.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::alerts::{self, Alert};
use super::bounces::{self, Case};
use super::judge::Judge;
use super::pause::pause;
use super::{Engine, Result};
use crate::config::Newsletter;
use crate::domain::address::EmailAddress;
use crate::domain::bounce::{Asks, Attribution, BounceReason, Fault, ReportKind};
use crate::domain::delivery::{DeliveryState, Outcome, Reply, WhenUncertain, jitter, retry_pause};
use crate::domain::ids::SubscriberId;
use crate::mail::report;
use crate::store::editions::Edition;
use crate::store::journal::Entry;
use crate::store::outcomes::{self, Recorded};
use crate::store::reports::{self, SessionReport, Settled};
use crate::store::{Tx, relays};

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
            if judge.guard_trips(*state)
                && bounces::trip(self.engine, tx, self.newsletter, self.edition, now).await?
            {
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
        use DeliveryState::{Bounced, Expired, Rejected};
        let refusals: Vec<_> =
            stands.iter().filter(|(_, state, _)| matches!(state, Bounced | Rejected | Expired)).collect();
        if refusals.is_empty() {
            return Ok(());
        }
        let ids = refusals.iter().map(|(entry, ..)| entry.subscriber);
        let addresses: BTreeMap<_, _> = outcomes::addresses(tx, ids).await?.into_iter().collect();
        for (entry, state, _) in refusals {
            // Erased in the meantime: there is nobody left to suppress, nor a domain to name.
            let Some(address) = addresses.get(&entry.subscriber) else { continue };
            self.report(tx, entry, *state, address, now).await?;
        }
        Ok(())
    }

    /// A refusal in the session is a report like any other, understood at once.
    async fn report(
        &self,
        tx: &mut Tx,
        entry: &Entry,
        state: DeliveryState,
        address: &EmailAddress,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let reply = entry.outcome.reply();
        let status = reply.enhanced.as_deref().and_then(|text| text.parse().ok());
        let reason = report::reason_of_reply(reply.code, status, &reply.text);
        // Whose fault it is has been told from step and reply when the letter was sent; the reason only
        // says more about it, and what a relay of ours refuses for no reason that it tells is no reader's.
        let (kind, reason, asks) = match (state, reason.fault()) {
            (DeliveryState::Bounced, Fault::Address) => (ReportKind::Hard, reason, Asks::Hard),
            (DeliveryState::Bounced, _) => (ReportKind::Hard, BounceReason::UserUnknown, Asks::Hard),
            (_, Fault::Mailbox) => (ReportKind::Soft, reason, Asks::Soft),
            (_, Fault::Address) => (ReportKind::Soft, BounceReason::Undefined, Asks::Nothing),
            (DeliveryState::Rejected, _) => (ReportKind::Soft, reason, Asks::Ours),
            _ => (ReportKind::Soft, reason, Asks::Nothing),
        };
        let case = Case {
            engine: self.engine,
            edition: self.edition,
            newsletter: self.newsletter,
            subscriber: entry.subscriber,
            address,
            kind,
            reason: Some(reason),
            status,
            said: Some(&reply.text),
            relay: Some(&entry.relay),
            accepted_at: None,
        };
        let effect = case.act(tx, asks, now).await?;
        let settled = Settled {
            kind,
            reason: Some(reason),
            status,
            rule: "session",
            diagnostic: Some(&reply.text),
            reporting_mta: None,
            attribution: Attribution::ReturnPath,
            delivery: Some((self.edition.day, self.edition.id, entry.subscriber)),
            domain: Some(address.domain()),
            relay: Some(&entry.relay),
            effect,
        };
        reports::record_session(tx, &SessionReport { attempt: entry.attempt, settled }, now).await?;
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_rests_longer_each_time() {
        let rests: Vec<_> = (1..=12).map(|n| rest(n).num_seconds()).collect();
        assert_eq!(rests, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]);
    }
}
