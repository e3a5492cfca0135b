//! How far an edition's run has come: what is still open, by which relays the rest went, and what
//! became of each letter, in portions.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::FromRow;

use super::editions::Edition;
use super::{Result, Tx, at, ms, on, word};
use crate::domain::delivery::DeliveryState;
use crate::domain::forecast::Standing;
use crate::domain::ids::SubscriberId;

/// Where a run stands. It counts what is open and takes the rest from the audience: the farther the
/// run, the cheaper.
///
/// # Errors
/// What the database says.
pub async fn standing(tx: &mut Tx, edition: &Edition) -> Result<Standing> {
    // What was never attempted is due since 1970, so that the index of what is open tells all.
    const SELECT: &str = "SELECT COUNT(CASE WHEN due_at = 0 THEN 1 END), COUNT(CASE WHEN due_at > 0 THEN 1 END), \
        MIN(CASE WHEN due_at > 0 THEN due_at END), (SELECT COUNT(*) FROM deliveries WHERE day = $1 \
        AND edition_id = $2 AND state = 'claimed') FROM deliveries WHERE day = $1 AND edition_id = $2 \
        AND state IN ('queued', 'deferred')";
    let (queued, deferred, due, claimed): (i64, i64, Option<i64>, i64) = on!(tx, conn => {
        sqlx::query_as(SELECT).bind(edition.day).bind(edition.id.0).fetch_one(conn).await?
    });
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let mut standing = Standing {
        waiting: count(queued) + count(claimed),
        deferred: count(deferred),
        ended: 0,
        next_retry: due.map(at),
    };
    let audience = u64::try_from(edition.audience_count.unwrap_or(edition.enqueued_count)).unwrap_or(0);
    standing.ended = audience.saturating_sub(standing.waiting + standing.deferred);
    Ok(standing)
}

/// What one relay took of an edition.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Taken {
    /// The relay.
    pub relay: String,
    /// How many letters.
    pub n: i64,
    /// How many of them since the instant that was asked for.
    pub lately: i64,
    first: i64,
    last: i64,
}

impl Taken {
    /// When it took the first.
    pub fn first(&self) -> DateTime<Utc> {
        at(self.first)
    }

    /// When it took the last.
    pub fn last(&self) -> DateTime<Utc> {
        at(self.last)
    }
}

/// What each relay took of an edition, and how much of it since `lately`; who took most comes first.
/// Looks at every delivery.
///
/// # Errors
/// What the database says.
pub async fn by_relay(tx: &mut Tx, edition: &Edition, lately: DateTime<Utc>) -> Result<Vec<Taken>> {
    const SELECT: &str = "SELECT COALESCE(relay, '') AS relay, COUNT(*) AS n, \
        COUNT(CASE WHEN accepted_at >= $3 THEN 1 END) AS lately, MIN(accepted_at) AS first, MAX(accepted_at) AS last \
        FROM deliveries WHERE day = $1 AND edition_id = $2 AND state = 'accepted' AND accepted_at IS NOT NULL \
        GROUP BY COALESCE(relay, '') ORDER BY n DESC, relay";
    Ok(on!(tx, conn => sqlx::query_as(SELECT).bind(edition.day).bind(edition.id.0).bind(ms(lately))
        .fetch_all(conn).await?))
}

/// What became of one letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutcomeRow {
    /// Whose.
    pub subscriber: SubscriberId,
    /// Where it went; `None` once the reader is erased.
    pub address: Option<String>,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempts: i64,
    /// The relay that was asked last.
    pub relay: Option<String>,
    /// The last reply's code, if there was a reply.
    pub code: Option<i64>,
    /// Its enhanced code, if there was one.
    pub enhanced: Option<String>,
    /// Its text.
    pub reply: Option<String>,
    /// When the next attempt is due, for a deferred one.
    pub due_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct OutcomeRecord {
    subscriber_id: i64,
    address: Option<String>,
    state: String,
    attempt: i64,
    relay: Option<String>,
    code: Option<i64>,
    enhanced: Option<String>,
    reply: Option<String>,
    due_at: i64,
    ended_at: Option<i64>,
}

/// What became of an edition's letters: up to `limit` of them, by subscriber, from the one after
/// `after`; of one state only, or of all.
///
/// # Errors
/// What the database says.
pub async fn outcomes(
    tx: &mut Tx,
    edition: &Edition,
    state: Option<DeliveryState>,
    after: SubscriberId,
    limit: i64,
) -> Result<Vec<OutcomeRow>> {
    const SELECT: &str = "SELECT d.subscriber_id, s.address, d.state, d.attempt, d.relay, d.code, d.enhanced, d.reply, \
        d.due_at, d.ended_at FROM deliveries d LEFT JOIN subscribers s ON s.id = d.subscriber_id \
        WHERE d.day = $1 AND d.edition_id = $2 AND d.subscriber_id > $3 AND (CAST($4 AS TEXT) IS NULL OR d.state = $4) \
        ORDER BY d.subscriber_id LIMIT $5";
    let state = state.map(DeliveryState::as_str);
    let rows: Vec<OutcomeRecord> = on!(tx, conn => sqlx::query_as(SELECT).bind(edition.day).bind(edition.id.0)
        .bind(after.0).bind(state).bind(limit).fetch_all(conn).await?);
    rows.into_iter()
        .map(|row| {
            let state = word("deliveries", "state", &row.state)?;
            Ok(OutcomeRow {
                subscriber: SubscriberId(row.subscriber_id),
                address: row.address,
                state,
                attempts: row.attempt,
                relay: row.relay,
                code: row.code,
                enhanced: row.enhanced,
                reply: row.reply,
                due_at: (state == DeliveryState::Deferred).then(|| at(row.due_at)),
                ended_at: row.ended_at.map(at),
            })
        })
        .collect()
}
