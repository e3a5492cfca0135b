//! Claiming deliveries under a lease, and recording what became of them. A claim is committed
//! before anything is sent; an outcome is written only where state, attempt and lease still match
//! the claim, so that a worker that lost its lease changes nothing.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;

use super::dialect::{lease_now, skip_locked};
use super::editions::Edition;
use super::{Result, Tx, ms, on, on_dialect, opt_ms, word};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::{DeliveryState, Reply};
use crate::domain::ids::SubscriberId;

/// A delivery in a worker's hands.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// To whom.
    pub subscriber: SubscriberId,
    /// Which attempt this is, from 1.
    pub attempt: i64,
    /// Where to.
    pub address: EmailAddress,
}

#[derive(FromRow)]
struct ClaimRecord {
    subscriber_id: i64,
    attempt: i64,
    address: Option<String>,
    welcome: i64,
}

/// Claims up to `limit` due deliveries of a sending edition for `lease`, a name that no other claim
/// bears, until `length` from now. Whoever has left, was suppressed or erased since the delivery
/// was written is cancelled in the same transaction and not given out. Nothing is claimed from an
/// edition that is not sending, or whose time is over.
///
/// # Errors
/// What the database says.
pub async fn claim(
    tx: &mut Tx,
    edition: &Edition,
    lease: &str,
    length: TimeDelta,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Claimed>> {
    macro_rules! claim {
        ($dialect:ident) => {
            concat!(
                "WITH due AS MATERIALIZED (SELECT subscriber_id FROM deliveries WHERE day = $1 AND edition_id = $2 \
                 AND state IN ('queued', 'deferred') AND due_at <= $3 \
                 AND EXISTS (SELECT 1 FROM editions WHERE id = $2 AND state = 'sending' AND expires_at > $3) \
                 ORDER BY due_at, subscriber_id LIMIT $4",
                skip_locked!($dialect),
                ") UPDATE deliveries SET state = 'claimed', attempt = attempt + 1, lease_by = $5, lease_until = $6 + ",
                lease_now!($dialect, "$3"),
                ", revision = (SELECT current_rev FROM editions WHERE id = $2) \
                 WHERE day = $1 AND edition_id = $2 AND subscriber_id IN (SELECT subscriber_id FROM due)"
            )
        };
    }
    const CANCEL: &str = "UPDATE deliveries SET state = 'cancelled', ended_at = $4, attempt = attempt - 1, \
        lease_by = NULL, lease_until = NULL \
        WHERE day = $1 AND edition_id = $2 AND subscriber_id = $3 AND state = 'claimed'";
    // What a lease has is found by its index alone, then row by row: asked for in one, SQLite reads
    // all rows of the edition for each batch.
    const SELECT: &str = "SELECT d.subscriber_id, d.attempt, s.address, CASE WHEN u.state = 'active' AND NOT EXISTS \
        (SELECT 1 FROM suppressions p WHERE p.address_hash = s.address_hash AND p.lifted_at IS NULL) \
        THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS welcome \
        FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id \
        JOIN editions e ON e.id = d.edition_id JOIN newsletters n ON n.id = e.newsletter_id \
        LEFT JOIN subscriptions u ON u.subscriber_id = d.subscriber_id AND u.list_id = n.list_id \
        WHERE d.day = $1 AND d.edition_id = $2 AND d.subscriber_id IN (SELECT subscriber_id FROM deliveries \
        WHERE day = $1 AND edition_id = $2 AND lease_by = $3 AND state = 'claimed') ORDER BY d.due_at, d.subscriber_id";
    let claimed = on_dialect!(&mut *tx, sqlite: claim!(sqlite), postgres: claim!(postgres), |sql, conn| {
        sqlx::query(sql).bind(edition.day).bind(edition.id.0).bind(ms(now)).bind(limit).bind(lease)
            .bind(length.num_milliseconds()).execute(conn).await?.rows_affected()
    });
    if claimed == 0 {
        return Ok(Vec::new());
    }
    let rows: Vec<ClaimRecord> = on!(&mut *tx, conn => sqlx::query_as(SELECT).bind(edition.day).bind(edition.id.0)
        .bind(lease).fetch_all(conn).await?);
    let mut given = Vec::with_capacity(rows.len());
    for row in rows {
        match row.address {
            Some(address) if row.welcome == 1 => given.push(Claimed {
                subscriber: SubscriberId(row.subscriber_id),
                attempt: row.attempt,
                address: word("subscribers", "address", &address)?,
            }),
            _ => {
                on!(&mut *tx, conn => sqlx::query(CANCEL).bind(edition.day).bind(edition.id.0)
                    .bind(row.subscriber_id).bind(ms(now)).execute(conn).await?.rows_affected());
            }
        }
    }
    Ok(given)
}

/// What became of an attempt.
#[derive(Clone, Debug)]
pub struct Recorded<'a> {
    /// Where the delivery stands now: ended, or deferred.
    pub state: DeliveryState,
    /// When a deferred one is due again.
    pub due_at: Option<DateTime<Utc>>,
    /// The relay that was asked.
    pub relay: &'a str,
    /// What it said.
    pub reply: &'a Reply,
}

/// Records an outcome. `false` when the claim no longer holds: another worker has, or had, the
/// delivery since, and nothing was changed.
///
/// # Errors
/// What the database says.
pub async fn record(
    tx: &mut Tx,
    edition: &Edition,
    claimed: &Claimed,
    lease: &str,
    outcome: &Recorded<'_>,
    now: DateTime<Utc>,
) -> Result<bool> {
    const UPDATE: &str = "UPDATE deliveries SET state = $6, due_at = COALESCE($7, due_at), relay = $8, code = $9, \
        enhanced = $10, reply = $11, accepted_at = $12, ended_at = $13, lease_by = NULL, lease_until = NULL \
        WHERE day = $1 AND edition_id = $2 AND subscriber_id = $3 AND attempt = $4 AND lease_by = $5 \
        AND state = 'claimed'";
    const ATTEMPT: &str = "INSERT INTO delivery_attempts (day, edition_id, subscriber_id, attempt, at, outcome, relay, \
        code, enhanced, reply) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
    let accepted = outcome.state == DeliveryState::Accepted;
    let (code, reply) = (i64::from(outcome.reply.code), outcome.reply);
    let text = (!reply.text.is_empty()).then_some(&reply.text);
    let changed = on!(&mut *tx, conn => sqlx::query(UPDATE).bind(edition.day).bind(edition.id.0)
        .bind(claimed.subscriber.0).bind(claimed.attempt).bind(lease).bind(outcome.state.as_str())
        .bind(opt_ms(outcome.due_at)).bind(outcome.relay).bind(code).bind(&reply.enhanced).bind(text)
        .bind(accepted.then_some(ms(now))).bind(outcome.state.is_ended().then_some(ms(now)))
        .execute(conn).await?.rows_affected());
    if changed == 0 {
        return Ok(false);
    }
    if !accepted {
        on!(&mut *tx, conn => sqlx::query(ATTEMPT).bind(edition.day).bind(edition.id.0).bind(claimed.subscriber.0)
            .bind(claimed.attempt).bind(ms(now)).bind(outcome.state.as_str()).bind(outcome.relay).bind(code)
            .bind(&reply.enhanced).bind(text).execute(conn).await?.rows_affected());
    }
    Ok(true)
}

/// Gives back what of a lease was not attempted: no attempt is spent.
///
/// # Errors
/// What the database says.
pub async fn give_back(tx: &mut Tx, edition: &Edition, lease: &str) -> Result<u64> {
    const UPDATE: &str = "UPDATE deliveries SET state = CASE WHEN attempt > 1 THEN 'deferred' ELSE 'queued' END, \
        attempt = attempt - 1, lease_by = NULL, lease_until = NULL \
        WHERE day = $1 AND edition_id = $2 AND subscriber_id IN (SELECT subscriber_id FROM deliveries \
        WHERE day = $1 AND edition_id = $2 AND lease_by = $3 AND state = 'claimed')";
    Ok(on!(tx, conn => sqlx::query(UPDATE).bind(edition.day).bind(edition.id.0).bind(lease)
        .execute(conn).await?.rows_affected()))
}

/// Puts back into the queue what is claimed under leases that are over.
///
/// # Errors
/// What the database says.
pub async fn take_back_expired(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    macro_rules! take_back {
        ($dialect:ident) => {
            concat!(
                "UPDATE deliveries SET state = 'queued', lease_by = NULL, lease_until = NULL \
                 WHERE state = 'claimed' AND lease_until < ",
                lease_now!($dialect, "$1")
            )
        };
    }
    Ok(on_dialect!(tx, sqlite: take_back!(sqlite), postgres: take_back!(postgres), |sql, conn| {
        sqlx::query(sql).bind(ms(now)).execute(conn).await?.rows_affected()
    }))
}

/// Puts back into the queue what a dead process had claimed: leases begin with the name of its
/// incarnation and a `#`, which no name holds.
///
/// # Errors
/// What the database says.
pub async fn take_back_of(tx: &mut Tx, incarnation: &str) -> Result<u64> {
    // Not LIKE: a name may hold its wildcards, and on SQLite it takes two cases for one.
    const UPDATE: &str = "UPDATE deliveries SET state = 'queued', lease_by = NULL, lease_until = NULL \
        WHERE state = 'claimed' AND SUBSTR(lease_by, 1, LENGTH($1) + 1) = $1 || '#'";
    Ok(on!(tx, conn => sqlx::query(UPDATE).bind(incarnation).execute(conn).await?.rows_affected()))
}

/// How the last `window` ended deliveries of an edition that were attempted came out: whether each
/// was a hard bounce, oldest first.
///
/// # Errors
/// What the database says.
pub async fn recent_outcomes(tx: &mut Tx, edition: &Edition, window: i64) -> Result<Vec<bool>> {
    const SELECT: &str = "SELECT CAST(CASE WHEN state = 'bounced' THEN 1 ELSE 0 END AS BIGINT) FROM deliveries \
        WHERE day = $1 AND edition_id = $2 AND state IN ('accepted', 'bounced', 'rejected', 'uncertain') \
        ORDER BY ended_at DESC LIMIT $3";
    let rows: Vec<i64> = on!(tx, conn => {
        sqlx::query_scalar(SELECT).bind(edition.day).bind(edition.id.0).bind(window).fetch_all(conn).await?
    });
    Ok(rows.into_iter().rev().map(|hard| hard == 1).collect())
}
