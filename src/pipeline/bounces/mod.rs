//! What follows from a bounce or a complaint that is laid to a delivery, however it was told: in the
//! answer to the letter itself, or by a report afterwards. All of it is one transaction, the caller's.

mod guard;
mod rest;
mod shares;
mod undo;

use chrono::{DateTime, Utc};

pub use guard::trip;
pub use undo::{lift, lift_edition};

use super::alerts::{self, Alert};
use super::{Engine, Result};
use crate::config::Newsletter;
use crate::domain::address::EmailAddress;
use crate::domain::bounce::{
    Asks, BounceReason, Effect, EnhancedStatus, ReportKind, Score, SuppressionReason,
};
use crate::domain::ids::SubscriberId;
use crate::domain::subscriber::{EndReason, SubscriptionState};
use crate::store::editions::{Edition, day_of};
use crate::store::events::{self, About};
use crate::store::subscribers::{self, Evidence};
use crate::store::suppressions::{self, NewSuppression};
use crate::store::{Tx, catalog, deliveries, reports};

/// A bounce or a complaint, and whose.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The database and the configuration.
    pub engine: &'a Engine,
    /// The edition of the letter.
    pub edition: &'a Edition,
    /// Its newsletter, as configured when it was opened.
    pub newsletter: &'a Newsletter,
    /// To whom it went.
    pub subscriber: SubscriberId,
    /// The subscriber's address.
    pub address: &'a EmailAddress,
    /// What is told.
    pub kind: ReportKind,
    /// Why.
    pub reason: Option<BounceReason>,
    /// The enhanced status.
    pub status: Option<EnhancedStatus>,
    /// What the server said.
    pub said: Option<&'a str>,
    /// The relay that had the letter.
    pub relay: Option<&'a str>,
    /// When the letter was accepted, where it was.
    pub accepted_at: Option<DateTime<Utc>>,
}

impl Case<'_> {
    /// Does what a case asks for, and says what it came to.
    ///
    /// # Errors
    /// What the database says; then nothing must be committed.
    pub async fn act(&self, tx: &mut Tx, asks: Asks, now: DateTime<Utc>) -> Result<Effect> {
        let effect = match asks {
            Asks::Nothing | Asks::Leave => Effect::Nothing,
            Asks::Hard => self.hard(tx, now).await?,
            Asks::Soft => self.soft(tx, now).await?,
            Asks::Ours => self.ours(tx, now).await?,
            Asks::Complaint => self.complaint(tx, now).await?,
        };
        let detail = serde_json::json!({
            "kind": self.kind, "reason": self.reason, "status": self.status, "effect": effect,
        });
        let about = About::subscriber(self.subscriber, Some(self.edition.id));
        events::record(tx, now, "delivery.reported", about, &detail).await?;
        Ok(effect)
    }

    /// A hard bounce suppresses the address, unless the guard has found this run's bounces doubtful.
    async fn hard(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<Effect> {
        if suppressions::are_doubtful(tx, self.edition.id).await? {
            return Ok(Effect::Doubtful);
        }
        self.suppress(tx, SuppressionReason::Hard, now).await?;
        Ok(Effect::SuppressedHard)
    }

    /// A soft bounce is counted, at most one a day; a letter that arrived since the last one begins the
    /// count anew.
    async fn soft(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<Effect> {
        let mut before = reports::score(tx, self.subscriber).await?;
        if let Some(score) = before {
            let since = end_of(score.last_day);
            let until = self.accepted_at.unwrap_or(now);
            if reports::arrived_between(tx, self.subscriber, since, until).await? {
                before = None;
            }
        }
        let Some(score) = Score::add(before, day_of(now)) else { return Ok(Effect::SameDay) };
        reports::set_score(tx, self.subscriber, score).await?;
        let bounces = &self.engine.config.bounces;
        if !score.is_enough(bounces.soft_limit.get(), bounces.soft_span.delta().num_days()) {
            return Ok(Effect::CountedSoft);
        }
        self.suppress(tx, SuppressionReason::Soft, now).await?;
        Ok(Effect::SuppressedSoft)
    }

    /// The fault is ours: ops hear of it, once for each edition and domain, and the relay rests when many
    /// come.
    async fn ours(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<Effect> {
        let said = self.said.unwrap_or("no reason was told");
        let alert = Alert::refused(self.newsletter, self.edition, self.address.domain(), said);
        alerts::raise(self.engine, tx, &alert, now).await?;
        Ok(Effect::Ours)
    }

    /// A complaint ends the subscription and suppresses the address.
    async fn complaint(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<Effect> {
        let list = catalog::list_of(tx, self.edition.newsletter).await?;
        let standing = subscribers::subscription(tx, self.subscriber, list).await?;
        if standing.is_some_and(|subscription| subscription.state != SubscriptionState::Ended) {
            let proof = [("edition".to_owned(), self.edition.id.to_string())].into();
            let evidence = Evidence { actor: "reader", source: "complaint", proof };
            let (state, reason) = (SubscriptionState::Ended, Some(EndReason::Complaint));
            subscribers::set_subscription(tx, self.subscriber, list, state, reason, &evidence, now).await?;
        }
        self.suppress(tx, SuppressionReason::Complaint, now).await?;
        Ok(Effect::SuppressedComplaint)
    }

    /// Suppresses the address and cancels what is still queued for it.
    async fn suppress(&self, tx: &mut Tx, reason: SuppressionReason, now: DateTime<Utc>) -> Result<()> {
        let hash = self.engine.keys.address_hash(self.address);
        let suppression = NewSuppression {
            address_hash: &hash,
            address: Some(&self.address.as_string()),
            reason,
            edition: Some(self.edition.id),
            note: self.said,
        };
        suppressions::add(tx, &suppression, now).await?;
        deliveries::cancel_for_subscriber(tx, self.subscriber, now).await?;
        Ok(())
    }

    /// What many of them together ask for, once this one is written down: the guard, the shares of which
    /// ops are told, the relay's rest.
    ///
    /// # Errors
    /// What the database says; then nothing must be committed.
    pub async fn look_around(&self, tx: &mut Tx, effect: Effect, now: DateTime<Utc>) -> Result<()> {
        match effect {
            Effect::SuppressedHard => {
                self.guard(tx, now).await?;
                self.shares(tx, now).await
            }
            Effect::Doubtful | Effect::SuppressedComplaint => self.shares(tx, now).await,
            Effect::Ours => self.rest(tx, now).await,
            _ => Ok(()),
        }
    }
}

/// When a day since 1970 ended.
fn end_of(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp((day + 1).saturating_mul(24 * 3600), 0).unwrap_or_default()
}
