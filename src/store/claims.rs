//! Claiming deliveries under a lease. A claim is committed before anything is sent; what became of
//! it is written in `outcomes`, only where state and attempt still match, so that a worker that lost
//! its lease takes nothing from who has it now.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::dialect::{by_index, id_list, json_list, lease_now, skip_locked};
use super::editions::Edition;
use super::{Result, StoreError, Tx, ms, on, on_dialect, word};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{ListId, SubscriberId};
use crate::domain::lane::Lane;

/// What a worker asks for.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// From this lane.
    pub lane: &'a Lane,
    /// Whose subscribers they are: who has left since gets nothing.
    pub list: ListId,
    /// The lease's name, which no other claim bears.
    pub lease: &'a str,
    /// How long the lease is.
    pub length: TimeDelta,
    /// At most so many.
    pub limit: u32,
}

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

/// Id, attempt, address, and 1 for who is still to get it.
#[derive(Deserialize)]
struct Recipient(i64, i64, Option<String>, u8);

macro_rules! take {
    ($dialect:ident) => {
        concat!(
            "WITH again AS MATERIALIZED (SELECT subscriber_id FROM deliveries",
            by_index!($dialect, "deliveries_lane"),
            " WHERE day = $1 AND edition_id = $2 AND lane = $7 AND state IN ('queued', 'deferred') AND due_at > 0 AND due_at <= $3 \
             ORDER BY due_at, subscriber_id LIMIT ($4 + 1) / 2",
            skip_locked!($dialect),
            "), fresh AS MATERIALIZED (SELECT subscriber_id FROM deliveries",
            by_index!($dialect, "deliveries_lane"),
            " WHERE day = $1 AND edition_id = $2 AND lane = $7 AND state IN ('queued', 'deferred') AND due_at = 0 \
             ORDER BY subscriber_id LIMIT $4",
            skip_locked!($dialect),
            "), due AS MATERIALIZED (SELECT subscriber_id FROM again UNION ALL SELECT subscriber_id FROM fresh LIMIT $4) \
             UPDATE deliveries SET state = 'claimed', attempt = attempt + 1, lease_by = $5, lease_until = $6 + ",
            lease_now!($dialect, "$3"),
            ", revision = (SELECT current_rev FROM editions WHERE id = $2) \
             WHERE day = $1 AND edition_id = $2 AND subscriber_id IN (SELECT subscriber_id FROM due) \
             AND EXISTS (SELECT 1 FROM editions WHERE id = $2 AND state = 'sending' AND expires_at > $3 \
             AND ($7 = '*canary' OR canary IS NULL OR canary = 'passed'))"
        )
    };
}

// As one value: a row of its own for each costs more than reading it.
macro_rules! recipients {
    ($dialect:ident) => {
        concat!(
            "SELECT CAST(",
            json_list!(
                $dialect,
                "s.id, d.attempt, s.address, CASE WHEN u.state = 'active' AND NOT EXISTS (SELECT 1 \
                 FROM suppressions p WHERE p.address_hash = s.address_hash AND p.lifted_at IS NULL) \
                 THEN 1 ELSE 0 END"
            ),
            " AS TEXT) FROM deliveries d",
            by_index!($dialect, "deliveries_lease_by"),
            " JOIN subscribers s ON s.id = d.subscriber_id \
             LEFT JOIN subscriptions u ON u.subscriber_id = s.id AND u.list_id = $4 \
             WHERE d.day = $1 AND d.edition_id = $2 AND d.lease_by = $3 AND d.state = 'claimed'"
        )
    };
}

/// For the test of their plans.
#[cfg(test)]
pub(super) const CLAIM: [&str; 2] = [take!(sqlite), recipients!(sqlite)];

/// Claims due deliveries of one lane of a sending edition: what was refused for now and is due
/// again first, but never more than half of the claim while others wait for their first attempt.
/// Whoever has left, was suppressed or erased since the delivery was written is cancelled in the same
/// transaction and not given out. Nothing is claimed from an edition that is not sending, or whose
/// time is over, and nothing but its canary before that has passed.
///
/// # Errors
/// What the database says.
pub async fn claim(
    tx: &mut Tx,
    edition: &Edition,
    claim: &Claim<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<Claimed>> {
    let taken = on_dialect!(&mut *tx, sqlite: take!(sqlite), postgres: take!(postgres), |sql, conn| {
        sqlx::query(sql).bind(edition.day).bind(edition.id.0).bind(ms(now)).bind(i64::from(claim.limit))
            .bind(claim.lease).bind(claim.length.num_milliseconds()).bind(claim.lane.as_str())
            .execute(conn).await?.rows_affected()
    });
    if taken == 0 {
        return Ok(Vec::new());
    }
    let recipients: String = on_dialect!(&mut *tx, sqlite: recipients!(sqlite), postgres: recipients!(postgres),
        |sql, conn| sqlx::query_scalar(sql).bind(edition.day).bind(edition.id.0).bind(claim.lease).bind(claim.list.0)
            .fetch_one(conn).await?);
    let recipients: Vec<Recipient> = serde_json::from_str(&recipients).map_err(|error| {
        StoreError::Inconsistent { table: "subscribers", column: "address", found: error.to_string() }
    })?;
    let mut given = Vec::with_capacity(recipients.len());
    let mut unwelcome = Vec::new();
    for Recipient(subscriber, attempt, address, welcome) in recipients {
        match address {
            Some(address) if welcome == 1 => given.push(Claimed {
                subscriber: SubscriberId(subscriber),
                attempt,
                address: word("subscribers", "address", &address)?,
            }),
            _ => unwelcome.push(subscriber),
        }
    }
    given.sort_unstable_by_key(|claimed| claimed.subscriber);
    if !unwelcome.is_empty() {
        cancel(tx, edition, &unwelcome, now).await?;
    }
    Ok(given)
}

/// Cancels what was claimed for people who shall not get it; no attempt is spent.
async fn cancel(tx: &mut Tx, edition: &Edition, subscribers: &[i64], now: DateTime<Utc>) -> Result<()> {
    macro_rules! cancel {
        ($dialect:ident) => {
            concat!(
                "UPDATE deliveries SET state = 'cancelled', ended_at = $4, attempt = attempt - 1, \
                 lease_by = NULL, lease_until = NULL WHERE day = $1 AND edition_id = $2 AND state = 'claimed' \
                 AND subscriber_id IN (",
                id_list!($dialect, "$3"),
                ")"
            )
        };
    }
    let ids = id_json(subscribers.iter().copied());
    on_dialect!(tx, sqlite: cancel!(sqlite), postgres: cancel!(postgres), |sql, conn| {
        sqlx::query(sql).bind(edition.day).bind(edition.id.0).bind(ids).bind(ms(now)).execute(conn).await?;
    });
    Ok(())
}

/// Ids as the one parameter that `id_list!` reads.
pub(super) fn id_json(ids: impl Iterator<Item = i64>) -> String {
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    format!("[{}]", ids.join(","))
}

/// Gives back what of a lease was not attempted, but for `kept`: no attempt is spent.
///
/// # Errors
/// What the database says.
pub async fn give_back(tx: &mut Tx, edition: &Edition, lease: &str, kept: &[SubscriberId]) -> Result<u64> {
    macro_rules! give {
        ($dialect:ident) => {
            concat!(
                "UPDATE deliveries SET state = CASE WHEN attempt > 1 THEN 'deferred' ELSE 'queued' END, \
                 attempt = attempt - 1, lease_by = NULL, lease_until = NULL \
                 WHERE day = $1 AND edition_id = $2 AND subscriber_id IN (SELECT subscriber_id FROM deliveries \
                 WHERE day = $1 AND edition_id = $2 AND lease_by = $3 AND state = 'claimed') \
                 AND subscriber_id NOT IN (",
                id_list!($dialect, "$4"),
                ")"
            )
        };
    }
    let kept = id_json(kept.iter().map(|id| id.0));
    Ok(on_dialect!(tx, sqlite: give!(sqlite), postgres: give!(postgres), |sql, conn| {
        sqlx::query(sql).bind(edition.day).bind(edition.id.0).bind(lease).bind(kept).execute(conn).await?
            .rows_affected()
    }))
}

/// Makes a lease last `length` from now; how many deliveries stand under it is given back.
///
/// # Errors
/// What the database says.
pub async fn renew(
    tx: &mut Tx,
    edition: &Edition,
    lease: &str,
    length: TimeDelta,
    now: DateTime<Utc>,
) -> Result<u64> {
    macro_rules! renew {
        ($dialect:ident) => {
            concat!(
                "UPDATE deliveries SET lease_until = $4 + ",
                lease_now!($dialect, "$5"),
                " WHERE day = $1 AND edition_id = $2 AND state = 'claimed' AND lease_by = $3"
            )
        };
    }
    Ok(on_dialect!(tx, sqlite: renew!(sqlite), postgres: renew!(postgres), |sql, conn| {
        sqlx::query(sql).bind(edition.day).bind(edition.id.0).bind(lease).bind(length.num_milliseconds())
            .bind(ms(now)).execute(conn).await?.rows_affected()
    }))
}

/// Puts back into the queue what is claimed under leases that are over. On SQLite, where all
/// processes are on one machine, a lease belongs to its process: only what is left of one that took
/// leave or was struck out is taken back, so that a clock that jumps takes nothing from a living one.
///
/// # Errors
/// What the database says.
pub async fn take_back_expired(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    macro_rules! take_back {
        ($dialect:ident, $besides:literal) => {
            concat!(
                "UPDATE deliveries SET state = 'queued', lease_by = NULL, lease_until = NULL \
                 WHERE state = 'claimed' AND lease_until < ",
                lease_now!($dialect, "$1"),
                $besides
            )
        };
    }
    Ok(on_dialect!(tx,
        sqlite: take_back!(sqlite, " AND NOT EXISTS (SELECT 1 FROM instances \
            WHERE SUBSTR(lease_by, 1, LENGTH(incarnation) + 1) = incarnation || '#')"),
        postgres: take_back!(postgres, ""),
        |sql, conn| sqlx::query(sql).bind(ms(now)).execute(conn).await?.rows_affected()
    ))
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
