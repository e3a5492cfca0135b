//! Judges one report, within the transaction that settles it.

use chrono::{DateTime, TimeDelta, Utc};

use super::lay::{self, Lead};
use super::verdict::Verdict;
use crate::domain::bounce::{Asks, Attribution, Effect, Form, Intake, NoSuchHost, Report, asks};
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{EditionId, ListId, SubscriberId};
use crate::pipeline::bounces::Case;
use crate::pipeline::readers::{self, Left};
use crate::pipeline::{Engine, Result, forward, newsletter_of};
use crate::store::editions::{self, Edition};
use crate::store::reports::{self, Letter, Pending, Settled};
use crate::store::subscribers::{self, Evidence};
use crate::store::{Tx, catalog};

/// A report may be faster than the record of the answer to its letter: it waits so long for it.
const PATIENCE: TimeDelta = TimeDelta::minutes(15);

/// A report that is looked at.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) engine: &'a Engine,
    pub(super) pending: &'a Pending,
    pub(super) report: &'a Report,
    /// What the DNS says of a host that is said not to exist.
    pub(super) host: NoSuchHost,
    pub(super) now: DateTime<Utc>,
}

/// What looking came to.
pub(super) enum Judged {
    /// It is settled, with all that follows.
    Settled { effect: Effect, attribution: Attribution },
    /// It has to wait for the record of its letter.
    Later,
}

/// What is known of the letter that a report leads to.
#[derive(Clone, Copy, Default)]
struct Known<'a> {
    delivery: Option<(i64, EditionId, SubscriberId)>,
    domain: Option<&'a str>,
    relay: Option<&'a str>,
}

impl Sight<'_> {
    /// Lays the report to its letter, judges it and does what it asks for.
    pub(super) async fn judge(&self, tx: &mut Tx) -> Result<Judged> {
        match lay::lead(self.engine, tx, self.report).await? {
            Lead::Letter { edition, subscriber, by } => self.of_letter(tx, edition, subscriber, by).await,
            Lead::Subscription { subscriber, list, edition } => {
                self.leaving(tx, subscriber, list, edition).await
            }
            Lead::Nowhere => {
                let whole = Verdict::of(self.report);
                let asks = asks(whole.kind, whole.reason, self.host);
                let effect = if asks == Asks::Nothing { Effect::Nothing } else { Effect::Unattributed };
                self.settle(tx, &whole, Attribution::None, Known::default(), effect).await
            }
        }
    }

    async fn of_letter(
        &self,
        tx: &mut Tx,
        edition: EditionId,
        subscriber: SubscriberId,
        by: Attribution,
    ) -> Result<Judged> {
        let whole = Verdict::of(self.report);
        let nobody = Known::default();
        // Two reports about one reader are looked at one after the other.
        subscribers::hold(tx, subscriber).await?;
        let edition = editions::get(tx, edition).await?;
        let (Some(edition), Some(reader)) = (edition, subscribers::get(tx, subscriber).await?) else {
            // Signed with our key, for an earlier database.
            return self.settle(tx, &whole, by, nobody, Effect::Unattributed).await;
        };
        let delivery = Some((edition.day, edition.id, subscriber));
        let Some(address) = reader.address else {
            return self.settle(tx, &whole, by, Known { delivery, ..nobody }, Effect::Erased).await;
        };
        let known = Known { delivery, domain: Some(address.domain()), relay: None };
        let Some(verdict) = Verdict::about(self.report, &address) else {
            return self.settle(tx, &whole, by, known, Effect::SomebodyElse).await;
        };
        let asks = asks(verdict.kind, verdict.reason, self.host);
        let letter = reports::letter(tx, &edition, subscriber).await?;
        let known = Known { relay: letter.as_ref().and_then(|letter| letter.relay.as_deref()), ..known };
        if let Some(effect) = self.hindrance(tx, &verdict, asks, &edition, subscriber, by).await? {
            return self.settle(tx, &verdict, by, known, effect).await;
        }
        match self.standing(letter.as_ref(), asks) {
            Standing::Open => {}
            Standing::Undecided => return Ok(Judged::Later),
            Standing::Closed(effect) => return self.settle(tx, &verdict, by, known, effect).await,
        }
        let accepted_at = letter.as_ref().and_then(|letter| letter.accepted_at);
        if self.came_back_since(tx, &edition, subscriber, asks, accepted_at).await? {
            return self.settle(tx, &verdict, by, known, Effect::Stale).await;
        }
        if asks == Asks::Leave {
            let list = catalog::list_of(tx, edition.newsletter).await?;
            let effect = self.leave(tx, subscriber, list, Some(edition.id)).await?;
            return self.settle(tx, &verdict, by, known, effect).await;
        }
        let newsletter = newsletter_of(&edition)?;
        let case = Case {
            engine: self.engine,
            edition: &edition,
            newsletter: &newsletter,
            subscriber,
            address: &address,
            kind: verdict.kind,
            reason: verdict.reason,
            status: verdict.status,
            said: verdict.diagnostic,
            relay: known.relay,
            accepted_at,
        };
        self.mark(tx, &case, asks).await?;
        let effect = case.act(tx, asks, self.now).await?;
        let judged = self.settle(tx, &verdict, by, known, effect).await?;
        case.look_around(tx, effect, self.now).await?;
        Ok(judged)
    }

    /// Why a report changes nothing, whatever became of its letter.
    async fn hindrance(
        &self,
        tx: &mut Tx,
        verdict: &Verdict<'_>,
        asks: Asks,
        edition: &Edition,
        subscriber: SubscriberId,
        by: Attribution,
    ) -> Result<Option<Effect>> {
        if asks == Asks::Nothing {
            return Ok(Some(Effect::Nothing));
        }
        // A provider's call is signed as a whole.
        if by == Attribution::Recipient && self.pending.intake != Intake::Webhook {
            return Ok(Some(Effect::Unproven));
        }
        let counted = reports::is_counted(tx, edition.id, subscriber, verdict.kind, verdict.status).await?;
        Ok(counted.then_some(Effect::Repeated))
    }

    /// Whether the letter stands so that a report about it can count.
    fn standing(&self, letter: Option<&Letter>, asks: Asks) -> Standing {
        use DeliveryState::{
            Accepted, Bounced, Cancelled, Claimed, Deferred, Expired, Queued, Rejected, Uncertain,
        };
        if matches!(asks, Asks::Complaint | Asks::Leave) {
            // Who complains, or leaves, has got it, whatever we know of it.
            return Standing::Open;
        }
        let Some(letter) = letter else { return Standing::Closed(Effect::Stale) };
        match letter.state {
            Accepted | Uncertain => Standing::Open,
            // That it is no good at all is more than what an earlier report said.
            Rejected if asks == Asks::Hard => Standing::Open,
            Claimed | Queued | Deferred if self.pending.received_at + PATIENCE > self.now => {
                Standing::Undecided
            }
            Claimed | Queued | Deferred | Rejected | Bounced | Expired | Cancelled => {
                Standing::Closed(Effect::NotDelivered)
            }
        }
    }

    /// Whether the reader has consented anew since the letter: a complaint, or a wish to leave, counts for
    /// the list that it is about, a bounce against the address.
    async fn came_back_since(
        &self,
        tx: &mut Tx,
        edition: &Edition,
        subscriber: SubscriberId,
        asks: Asks,
        accepted_at: Option<DateTime<Utc>>,
    ) -> Result<bool> {
        let Some(accepted_at) = accepted_at else { return Ok(false) };
        let list = catalog::list_of(tx, edition.newsletter).await?;
        let subscriptions = subscribers::subscriptions(tx, subscriber).await?;
        let of_list = matches!(asks, Asks::Complaint | Asks::Leave);
        Ok(subscriptions
            .iter()
            .filter(|subscription| !of_list || subscription.list == list)
            .any(|subscription| subscription.activated_at.is_some_and(|at| at > accepted_at)))
    }

    /// Writes with the delivery what became of it.
    async fn mark(&self, tx: &mut Tx, case: &Case<'_>, asks: Asks) -> Result<()> {
        let end = match asks {
            Asks::Hard => DeliveryState::Bounced,
            Asks::Soft | Asks::Ours => DeliveryState::Rejected,
            Asks::Complaint => {
                return Ok(reports::complain(tx, case.edition, case.subscriber, self.now).await?);
            }
            Asks::Nothing | Asks::Leave => return Ok(()),
        };
        let status = case.status.map(|status| status.to_string());
        let said = (status.as_deref(), case.said);
        Ok(reports::end(tx, case.edition, case.subscriber, end, said, self.now).await?)
    }

    /// Ends a subscription, as its reader asks by mail.
    async fn leaving(
        &self,
        tx: &mut Tx,
        subscriber: SubscriberId,
        list: ListId,
        edition: Option<EditionId>,
    ) -> Result<Judged> {
        subscribers::hold(tx, subscriber).await?;
        let effect = self.leave(tx, subscriber, list, edition).await?;
        let edition = match edition {
            Some(id) => editions::get(tx, id).await?,
            None => None,
        };
        let delivery = edition.map(|edition| (edition.day, edition.id, subscriber));
        let known = Known { delivery, ..Known::default() };
        self.settle(tx, &Verdict::of(self.report), Attribution::Unsubscribe, known, effect).await
    }

    async fn leave(
        &self,
        tx: &mut Tx,
        subscriber: SubscriberId,
        list: ListId,
        edition: Option<EditionId>,
    ) -> Result<Effect> {
        let proof = edition.map(|id| ("edition".to_owned(), id.to_string())).into_iter().collect();
        let evidence = Evidence { actor: "reader", source: "mail", proof };
        Ok(match readers::end(self.engine, tx, subscriber, list, &evidence, self.now).await? {
            Left::Now => Effect::Left,
            Left::Before => Effect::NotSubscribed,
        })
    }

    async fn settle(
        &self,
        tx: &mut Tx,
        verdict: &Verdict<'_>,
        attribution: Attribution,
        known: Known<'_>,
        effect: Effect,
    ) -> Result<Judged> {
        let settled = Settled {
            kind: verdict.kind,
            reason: verdict.reason,
            status: verdict.status,
            rule: &self.report.rule.0,
            diagnostic: verdict.diagnostic,
            reporting_mta: self.report.reporting_mta.as_deref(),
            attribution,
            delivery: known.delivery,
            domain: known.domain,
            relay: known.relay,
            effect,
        };
        reports::settle(tx, self.pending.id, &settled, self.now).await?;
        if self.pending.form == Form::Mail && self.report.is_for_people() {
            forward::hand_on(self.engine, tx, self.pending.id, self.now).await?;
        }
        Ok(Judged::Settled { effect, attribution })
    }
}

/// Whether a letter stands so that a report about it can count.
enum Standing {
    Open,
    Undecided,
    Closed(Effect),
}
