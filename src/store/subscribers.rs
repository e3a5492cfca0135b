//! Subscribers, their subscriptions, and the append-only evidence of consent.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::FromRow;
use sqlx::types::Json;

use super::events::{self, About};
use super::{Result, Tx, at, deliveries, expect_rows, ms, on, on_dialect, opt_ms, reports, word};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{ListId, SubscriberId};
use crate::domain::subscriber::{EndReason, SubscriptionState};

/// A subscriber as the database holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscriber {
    /// Row identity.
    pub id: SubscriberId,
    /// The address; `None` once erased.
    pub address: Option<EmailAddress>,
    /// The keyed hash of the address, by which suppressions know it.
    pub address_hash: Option<String>,
    /// BCP 47 language, if known.
    pub language: Option<String>,
    /// Name of the time zone, if known.
    pub time_zone: Option<String>,
    /// How they call themselves.
    pub name: Option<String>,
    /// When we first knew them.
    pub created_at: DateTime<Utc>,
    /// When they were erased.
    pub erased_at: Option<DateTime<Utc>>,
}

/// What is known of somebody who is to be added.
#[derive(Clone, Debug)]
pub struct NewSubscriber {
    /// The address.
    pub address: EmailAddress,
    /// Its keyed hash.
    pub address_hash: String,
    /// BCP 47 language.
    pub language: Option<String>,
    /// Name of the time zone.
    pub time_zone: Option<String>,
    /// How they call themselves.
    pub name: Option<String>,
}

#[derive(FromRow)]
struct SubscriberRecord {
    id: i64,
    address: Option<String>,
    address_hash: Option<String>,
    language: Option<String>,
    time_zone: Option<String>,
    name: Option<String>,
    created_at: i64,
    erased_at: Option<i64>,
}

impl TryFrom<SubscriberRecord> for Subscriber {
    type Error = super::StoreError;

    fn try_from(row: SubscriberRecord) -> Result<Self> {
        Ok(Self {
            id: SubscriberId(row.id),
            address: row.address.map(|text| word("subscribers", "address", &text)).transpose()?,
            address_hash: row.address_hash,
            language: row.language,
            time_zone: row.time_zone,
            name: row.name,
            created_at: at(row.created_at),
            erased_at: row.erased_at.map(at),
        })
    }
}

/// Columns of [`SubscriberRecord`].
macro_rules! columns {
    () => {
        "id, address, address_hash, language, time_zone, name, created_at, erased_at"
    };
}

/// The subscriber with that address, made when absent; a known one keeps what it has and gains
/// what it lacks.
///
/// # Errors
/// What the database says.
pub async fn upsert(tx: &mut Tx, new: &NewSubscriber, now: DateTime<Utc>) -> Result<SubscriberId> {
    const UPSERT: &str = "INSERT INTO subscribers (address, address_key, address_hash, domain_group, language, time_zone, name, \
        attributes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
        ON CONFLICT (address_key) DO UPDATE SET language = COALESCE(subscribers.language, excluded.language), \
        time_zone = COALESCE(subscribers.time_zone, excluded.time_zone), \
        name = COALESCE(subscribers.name, excluded.name) RETURNING id";
    let id: i64 = on!(tx, conn => sqlx::query_scalar(UPSERT).bind(new.address.as_string()).bind(new.address.key())
        .bind(&new.address_hash).bind(new.address.domain()).bind(&new.language).bind(&new.time_zone).bind(&new.name)
        .bind(Json(json!({}))).bind(ms(now)).fetch_one(conn).await?);
    Ok(SubscriberId(id))
}

/// One subscriber.
///
/// # Errors
/// What the database says.
pub async fn get(tx: &mut Tx, id: SubscriberId) -> Result<Option<Subscriber>> {
    const SELECT: &str = concat!("SELECT ", columns!(), " FROM subscribers WHERE id = $1");
    let row: Option<SubscriberRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(id.0).fetch_optional(conn).await?);
    row.map(TryInto::try_into).transpose()
}

/// Holds a subscriber's row until the transaction ends, so that two wishes of one reader are looked
/// at one after the other. On SQLite a writing transaction is alone anyway.
///
/// # Errors
/// What the database says.
pub async fn hold(tx: &mut Tx, id: SubscriberId) -> Result<()> {
    let _: Option<i64> = on_dialect!(tx, sqlite: "SELECT id FROM subscribers WHERE id = $1",
        postgres: "SELECT id FROM subscribers WHERE id = $1 FOR UPDATE", |sql, conn| {
        sqlx::query_scalar(sql).bind(id.0).fetch_optional(conn).await?
    });
    Ok(())
}

/// The subscriber with that address.
///
/// # Errors
/// What the database says.
pub async fn find(tx: &mut Tx, address: &EmailAddress) -> Result<Option<Subscriber>> {
    const SELECT: &str = concat!("SELECT ", columns!(), " FROM subscribers WHERE address_key = $1");
    let row: Option<SubscriberRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(address.key()).fetch_optional(conn).await?);
    row.map(TryInto::try_into).transpose()
}

/// A subscription as the database holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The list.
    pub list: ListId,
    /// Where it stands.
    pub state: SubscriptionState,
    /// Since when it is active.
    pub activated_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it ended.
    pub end_reason: Option<EndReason>,
}

#[derive(FromRow)]
struct SubscriptionRecord {
    list_id: i64,
    state: String,
    activated_at: Option<i64>,
    ended_at: Option<i64>,
    end_reason: Option<String>,
}

impl TryFrom<SubscriptionRecord> for Subscription {
    type Error = super::StoreError;

    fn try_from(row: SubscriptionRecord) -> Result<Self> {
        Ok(Self {
            list: ListId(row.list_id),
            state: word("subscriptions", "state", &row.state)?,
            activated_at: row.activated_at.map(at),
            ended_at: row.ended_at.map(at),
            end_reason: row.end_reason.map(|text| word("subscriptions", "end_reason", &text)).transpose()?,
        })
    }
}

/// All subscriptions of a subscriber.
///
/// # Errors
/// What the database says.
pub async fn subscriptions(tx: &mut Tx, id: SubscriberId) -> Result<Vec<Subscription>> {
    const SELECT: &str = "SELECT list_id, state, activated_at, ended_at, end_reason FROM subscriptions \
        WHERE subscriber_id = $1 ORDER BY list_id";
    let rows: Vec<SubscriptionRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(id.0).fetch_all(conn).await?);
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The subscription of a subscriber to a list.
///
/// # Errors
/// What the database says.
pub async fn subscription(tx: &mut Tx, id: SubscriberId, list: ListId) -> Result<Option<Subscription>> {
    Ok(subscriptions(tx, id).await?.into_iter().find(|subscription| subscription.list == list))
}

/// Who changed a subscription, from where, and what proves it.
#[derive(Clone, Debug)]
pub struct Evidence<'a> {
    /// `reader`, `import`, an operator's name.
    pub actor: &'a str,
    /// The page, file or command.
    pub source: &'a str,
    /// What proves it: opt-in time, address it came from.
    pub proof: BTreeMap<String, String>,
}

/// Sets where a subscription stands, with its evidence; ending it cancels, in the same
/// transaction, what was still to be delivered for its list.
///
/// # Errors
/// What the database says.
pub async fn set_subscription(
    tx: &mut Tx,
    id: SubscriberId,
    list: ListId,
    state: SubscriptionState,
    end_reason: Option<EndReason>,
    evidence: &Evidence<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    const UPSERT: &str = "INSERT INTO subscriptions (subscriber_id, list_id, state, activated_at, ended_at, end_reason) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (subscriber_id, list_id) DO UPDATE SET state = excluded.state, \
        activated_at = COALESCE(excluded.activated_at, subscriptions.activated_at), ended_at = excluded.ended_at, \
        end_reason = excluded.end_reason";
    const EVIDENCE: &str = "INSERT INTO subscription_events (subscriber_id, list_id, event, at, actor, source, evidence) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let activated_at = (state == SubscriptionState::Active).then_some(now);
    let ended_at = (state == SubscriptionState::Ended).then_some(now);
    on!(tx, conn => sqlx::query(UPSERT).bind(id.0).bind(list.0).bind(state.as_str()).bind(opt_ms(activated_at))
        .bind(opt_ms(ended_at)).bind(end_reason.map(EndReason::as_str)).execute(conn).await?.rows_affected());
    on!(tx, conn => sqlx::query(EVIDENCE).bind(id.0).bind(list.0).bind(state.as_str()).bind(ms(now))
        .bind(evidence.actor).bind(evidence.source).bind(Json(&evidence.proof))
        .execute(conn).await?.rows_affected());
    if state == SubscriptionState::Ended {
        deliveries::cancel_for_list(tx, id, list, now).await?;
    }
    let detail = json!({"list": list, "state": state, "reason": end_reason, "actor": evidence.actor});
    events::record(tx, now, "subscription.changed", About::subscriber(id, None), &detail).await
}

/// Erases a subscriber: all that is personal goes, subscriptions end, what was queued is
/// cancelled. The row stays as a tombstone, so that counts stay true; suppressions keep
/// their hash, and lose what was written beside it.
///
/// # Errors
/// What the database says.
pub async fn erase(tx: &mut Tx, id: SubscriberId, actor: &str, now: DateTime<Utc>) -> Result<()> {
    const UPDATE: &str = "UPDATE subscribers SET address = NULL, address_key = NULL, address_hash = NULL, \
        domain_group = '', language = NULL, time_zone = NULL, name = NULL, attributes = $2, erased_at = $3 \
        WHERE id = $1 AND erased_at IS NULL";
    const EVIDENCE: &str =
        "UPDATE subscription_events SET evidence = $2, source = '' WHERE subscriber_id = $1";
    const SUPPRESSIONS: &str = "UPDATE suppressions SET address = NULL, note = NULL WHERE address_hash = $1";
    const ATTEMPTS: &str = "UPDATE delivery_attempts SET reply = NULL WHERE subscriber_id = $1";
    const DELIVERIES: &str = "UPDATE deliveries SET reply = NULL, domain_group = '' WHERE subscriber_id = $1";
    let hash = get(tx, id).await?.and_then(|subscriber| subscriber.address_hash);
    for subscription in subscriptions(tx, id).await? {
        if subscription.state != SubscriptionState::Ended {
            let evidence = Evidence { actor, source: "erasure", proof: BTreeMap::new() };
            let (list, reason) = (subscription.list, Some(EndReason::Erased));
            set_subscription(tx, id, list, SubscriptionState::Ended, reason, &evidence, now).await?;
        }
    }
    deliveries::cancel_for_subscriber(tx, id, now).await?;
    let changed = on!(tx, conn => sqlx::query(UPDATE).bind(id.0).bind(Json(json!({}))).bind(ms(now))
        .execute(conn).await?.rows_affected());
    expect_rows("erase a subscriber", 1, changed)?;
    on!(tx, conn => sqlx::query(EVIDENCE).bind(id.0).bind(Json(json!({}))).execute(conn).await?.rows_affected());
    on!(tx, conn => sqlx::query(ATTEMPTS).bind(id.0).execute(conn).await?.rows_affected());
    on!(tx, conn => sqlx::query(DELIVERIES).bind(id.0).execute(conn).await?.rows_affected());
    reports::forget_subscriber(tx, id).await?;
    reports::clear_score(tx, id).await?;
    if let Some(hash) = hash {
        on!(tx, conn => sqlx::query(SUPPRESSIONS).bind(hash).execute(conn).await?.rows_affected());
    }
    events::record(tx, now, "subscriber.erased", About::subscriber(id, None), &json!({"actor": actor})).await
}

/// One row of the evidence of consent.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct SubscriptionEvent {
    /// The list.
    pub list: ListId,
    /// The state it was given.
    pub event: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub actor: String,
    /// From where.
    pub source: String,
    /// What proves it.
    pub evidence: BTreeMap<String, String>,
}

#[derive(FromRow)]
struct SubscriptionEventRecord {
    list_id: i64,
    event: String,
    at: i64,
    actor: String,
    source: String,
    evidence: Json<BTreeMap<String, String>>,
}

/// The evidence of consent for a subscriber, oldest first.
///
/// # Errors
/// What the database says.
pub async fn evidence(tx: &mut Tx, id: SubscriberId) -> Result<Vec<SubscriptionEvent>> {
    const SELECT: &str = "SELECT list_id, event, at, actor, source, evidence FROM subscription_events \
        WHERE subscriber_id = $1 ORDER BY id";
    let rows: Vec<SubscriptionEventRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(id.0).fetch_all(conn).await?);
    Ok(rows
        .into_iter()
        .map(|row| SubscriptionEvent {
            list: ListId(row.list_id),
            event: row.event,
            at: at(row.at),
            actor: row.actor,
            source: row.source,
            evidence: row.evidence.0,
        })
        .collect())
}

/// How many subscriptions of a list stand in each state: pending, active, ended.
///
/// # Errors
/// What the database says.
pub async fn count_by_state(tx: &mut Tx, list: ListId) -> Result<BTreeMap<SubscriptionState, i64>> {
    const SELECT: &str = "SELECT state, COUNT(*) FROM subscriptions WHERE list_id = $1 GROUP BY state";
    let rows: Vec<(String, i64)> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(list.0).fetch_all(conn).await?);
    rows.into_iter().map(|(state, n)| Ok((word("subscriptions", "state", &state)?, n))).collect()
}
