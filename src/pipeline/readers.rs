//! What happens to subscribers: joining and leaving a list, erasure, suppression by hand, and all
//! that is known of one, told in one answer.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::{Engine, PipelineError, Result, reader_mails};
use crate::config::WhenLeft;
use crate::domain::address::EmailAddress;
use crate::domain::bounce::Score;
use crate::domain::ids::{ListId, SubscriberId};
use crate::domain::language::Language;
use crate::domain::subscriber::{EndReason, SubscriptionState};
use crate::store::deliveries::{self, DeliveryRow};
use crate::store::editions::day_of;
use crate::store::reports::{self, Shown};
use crate::store::subscribers::{self, Evidence, NewSubscriber, Subscriber, SubscriptionEvent};
use crate::store::suppressions::{self, Suppression};
use crate::store::{Tx, catalog};

/// What leaving came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// The subscription ended now.
    Now,
    /// There was none, or it had ended before.
    Before,
}

/// Ends a subscription on the reader's wish; what is still queued for the list is cancelled in the
/// same transaction.
///
/// # Errors
/// What the database says.
pub async fn leave(engine: &Engine, subscriber: SubscriberId, list: ListId, source: &str) -> Result<Left> {
    let mut tx = engine.db.begin().await?;
    subscribers::hold(&mut tx, subscriber).await?;
    let evidence = Evidence { actor: "reader", source, proof: BTreeMap::new() };
    let left = end(engine, &mut tx, subscriber, list, &evidence, engine.clock.now()).await?;
    tx.commit().await?;
    engine.wake.notify_waiters();
    Ok(left)
}

/// Ends a subscription on the reader's wish, within a transaction that holds the reader's row, and
/// queues the goodbye that the list may have: once for each leaving, never for who was not on it
/// yet, and never where something stands against writing to the address.
///
/// # Errors
/// What the database says.
pub(super) async fn end(
    engine: &Engine,
    tx: &mut Tx,
    subscriber: SubscriberId,
    list: ListId,
    evidence: &Evidence<'_>,
    now: DateTime<Utc>,
) -> Result<Left> {
    let before =
        subscribers::subscription(tx, subscriber, list).await?.map(|subscription| subscription.state);
    if before.is_none_or(|state| state == SubscriptionState::Ended) {
        return Ok(Left::Before);
    }
    let (state, reason) = (SubscriptionState::Ended, Some(EndReason::Unsubscribed));
    subscribers::set_subscription(tx, subscriber, list, state, reason, evidence, now).await?;
    let name = catalog::list_name(tx, list).await?.unwrap_or_default();
    let sends = engine.config.list(&name).is_some_and(|list| list.goodbye == WhenLeft::Send);
    if sends && before == Some(SubscriptionState::Active) {
        let hash = subscribers::get(tx, subscriber).await?.and_then(|subscriber| subscriber.address_hash);
        if let Some(hash) = hash
            && suppressions::standing(tx, &hash).await?.is_empty()
        {
            reader_mails::say_goodbye(tx, subscriber, list, now).await?;
        }
    }
    Ok(Left::Now)
}

/// The language of a subscriber, if it is known and one that we speak.
///
/// # Errors
/// What the database says.
pub async fn language(engine: &Engine, subscriber: SubscriberId) -> Result<Option<Language>> {
    let mut tx = engine.db.read().await?;
    let subscriber = subscribers::get(&mut tx, subscriber).await?;
    Ok(subscriber.and_then(|subscriber| subscriber.language).and_then(|tag| Language::from_tag(&tag)))
}

/// Whether the subscriber gets letters of the list.
///
/// # Errors
/// What the database says.
pub async fn is_on(engine: &Engine, subscriber: SubscriberId, list: ListId) -> Result<bool> {
    let mut tx = engine.db.read().await?;
    let standing = subscribers::subscription(&mut tx, subscriber, list).await?;
    Ok(standing.is_some_and(|subscription| subscription.state != SubscriptionState::Ended))
}

/// What adding a subscriber by hand came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// The subscription is active now.
    Now,
    /// It was active before.
    Before,
}

/// Adds a subscriber to a list by hand; the operator answers for the reader's consent.
///
/// # Errors
/// [`PipelineError::Refused`] when the address is suppressed.
pub async fn add(
    engine: &Engine,
    address: &EmailAddress,
    name: Option<String>,
    list: &str,
    by: &str,
) -> Result<Added> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let list = known_list(engine, &mut tx, list).await?;
    let hash = engine.keys.address_hash(address);
    if let Some(standing) = suppressions::standing(&mut tx, &hash).await?.first() {
        return Err(PipelineError::Refused(format!(
            "this address is suppressed ({}); `newsletterd suppression remove ADDRESS` lifts it",
            standing.reason
        )));
    }
    let new =
        NewSubscriber { address: address.clone(), address_hash: hash, language: None, time_zone: None, name };
    let id = subscribers::upsert(&mut tx, &new, now).await?;
    let standing = subscribers::subscription(&mut tx, id, list).await?;
    if standing.is_some_and(|subscription| subscription.state == SubscriptionState::Active) {
        return Ok(Added::Before);
    }
    let evidence = Evidence { actor: by, source: "command line", proof: BTreeMap::new() };
    subscribers::set_subscription(&mut tx, id, list, SubscriptionState::Active, None, &evidence, now).await?;
    tx.commit().await?;
    Ok(Added::Now)
}

/// The row of a list that the configuration declares.
///
/// # Errors
/// [`PipelineError::Refused`] with the names there are.
pub async fn known_list(engine: &Engine, tx: &mut Tx, name: &str) -> Result<ListId> {
    if engine.config.list(name).is_none() {
        let names: Vec<_> = engine.config.lists.iter().map(|list| list.name.as_str()).collect();
        return Err(PipelineError::Refused(format!(
            "there is no list {name}; there are: {}",
            names.join(", ")
        )));
    }
    Ok(catalog::list_id(tx, name).await?)
}

/// Ends a subscription, or all of them, by hand.
///
/// # Errors
/// [`PipelineError::Refused`] when nobody has that address.
pub async fn remove(engine: &Engine, address: &EmailAddress, list: Option<&str>, by: &str) -> Result<usize> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let subscriber = known(&mut tx, address).await?;
    let only = match list {
        Some(name) => Some(known_list(engine, &mut tx, name).await?),
        None => None,
    };
    let mut ended = 0;
    for subscription in subscribers::subscriptions(&mut tx, subscriber.id).await? {
        if subscription.state == SubscriptionState::Ended
            || only.is_some_and(|list| list != subscription.list)
        {
            continue;
        }
        let evidence = Evidence { actor: by, source: "command line", proof: BTreeMap::new() };
        let (list, reason) = (subscription.list, Some(EndReason::Removed));
        let state = SubscriptionState::Ended;
        subscribers::set_subscription(&mut tx, subscriber.id, list, state, reason, &evidence, now).await?;
        ended += 1;
    }
    tx.commit().await?;
    Ok(ended)
}

/// Erases a subscriber.
///
/// # Errors
/// [`PipelineError::Refused`] when nobody has that address.
pub async fn erase(engine: &Engine, address: &EmailAddress, by: &str) -> Result<()> {
    let mut tx = engine.db.begin().await?;
    let subscriber = known(&mut tx, address).await?;
    subscribers::erase(&mut tx, subscriber.id, by, engine.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

async fn known(tx: &mut Tx, address: &EmailAddress) -> Result<Subscriber> {
    subscribers::find(tx, address)
        .await?
        .ok_or_else(|| PipelineError::Refused("nobody with this address is known".to_owned()))
}

/// All that is stored about a subscriber.
#[derive(Clone, Debug, Serialize)]
pub struct Dossier {
    /// Row identity.
    pub subscriber: SubscriberId,
    /// The address.
    pub address: Option<String>,
    /// How they call themselves.
    pub name: Option<String>,
    /// Language, if known.
    pub language: Option<String>,
    /// Time zone, if known.
    pub time_zone: Option<String>,
    /// When we first knew them.
    pub created_at: DateTime<Utc>,
    /// Their subscriptions, by name of list.
    pub subscriptions: BTreeMap<String, Standing>,
    /// What proves them, oldest first.
    pub evidence: Vec<SubscriptionEvent>,
    /// Why the address gets nothing, if it does not.
    pub suppressions: Vec<Suppression>,
    /// Their latest deliveries, newest first.
    pub deliveries: Vec<DeliveryRow>,
    /// The latest reports about them, newest first.
    pub reports: Vec<Shown>,
    /// How their soft bounces add up, where there are any.
    pub soft_bounces: Option<SoftBounces>,
}

/// How a subscriber's soft bounces add up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SoftBounces {
    /// The sum as of today, in thousandths.
    pub thousandths: i64,
    /// The day of the first that counts.
    pub first: NaiveDate,
    /// The day of the last.
    pub last: NaiveDate,
    /// From how many on the address is suppressed.
    pub limit: u16,
    /// For how many days they must have gone on.
    pub span_days: i64,
    /// The first day on which it would be suppressed if a letter came back on each day from tomorrow on.
    pub suppressed_on: Option<NaiveDate>,
}

impl SoftBounces {
    fn of(score: Score, engine: &Engine) -> Option<Self> {
        let today = day_of(engine.clock.now());
        let bounces = &engine.config.bounces;
        let (limit, span_days) = (bounces.soft_limit.get(), bounces.soft_span.delta().num_days());
        Some(Self {
            thousandths: score.on(today),
            first: date(score.first_day)?,
            last: date(score.last_day)?,
            limit,
            span_days,
            suppressed_on: score.would_suppress_on(today, limit, span_days).and_then(date),
        })
    }
}

fn date(day: i64) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(i32::try_from(day).ok()?)
}

/// Where a subscription stands.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// State.
    pub state: SubscriptionState,
    /// Since when it is active.
    pub activated_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it ended.
    pub end_reason: Option<EndReason>,
}

/// All that is stored about the subscriber with an address.
///
/// # Errors
/// [`PipelineError::Refused`] when nobody has it.
pub async fn dossier(engine: &Engine, address: &EmailAddress) -> Result<Dossier> {
    let mut tx = engine.db.read().await?;
    let subscriber = known(&mut tx, address).await?;
    let mut subscriptions = BTreeMap::new();
    for subscription in subscribers::subscriptions(&mut tx, subscriber.id).await? {
        let name = catalog::list_name(&mut tx, subscription.list).await?;
        let standing = Standing {
            state: subscription.state,
            activated_at: subscription.activated_at,
            ended_at: subscription.ended_at,
            end_reason: subscription.end_reason,
        };
        subscriptions.insert(name.unwrap_or_else(|| subscription.list.to_string()), standing);
    }
    let hash = subscriber.address_hash.unwrap_or_default();
    Ok(Dossier {
        subscriber: subscriber.id,
        address: subscriber.address.map(|address| address.as_string()),
        name: subscriber.name,
        language: subscriber.language,
        time_zone: subscriber.time_zone,
        created_at: subscriber.created_at,
        subscriptions,
        evidence: subscribers::evidence(&mut tx, subscriber.id).await?,
        suppressions: suppressions::standing(&mut tx, &hash).await?,
        deliveries: deliveries::of_subscriber(&mut tx, subscriber.id, 100).await?,
        reports: reports::of_subscriber(&mut tx, subscriber.id, 100).await?,
        soft_bounces: reports::score(&mut tx, subscriber.id)
            .await?
            .and_then(|score| SoftBounces::of(score, engine)),
    })
}
