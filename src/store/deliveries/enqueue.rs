//! Writing an edition's deliveries.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use crate::domain::ids::ListId;
use crate::domain::lane::{Canary, LanePlan};
use crate::store::deliveries::partitions::analyze;
use crate::store::editions::Edition;
use crate::store::{Result, StoreError, Tx, expect_rows, ms, on, on_dialect};

/// What one chunk of enqueueing came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// There may be more subscribers after this one.
    More,
    /// All deliveries are written.
    Complete,
}

/// Writes the next `limit` deliveries of a locked edition, in order of subscriber id and each in its
/// lane, and moves its cursor in the same transaction: killed at any instant, it goes on where it
/// stopped. What was never attempted is due since 1970, so that it is due whatever the clock does.
///
/// The audience are those whose subscription is active since `edition.audience_at` or longer, and
/// whose address is not suppressed; who leaves after that is cancelled, at the latest by the claim.
///
/// # Errors
/// [`StoreError::Refused`] when the edition was never locked; [`StoreError::RowsAffected`] when it is
/// not any more, or when another daemon wrote this chunk: then nothing of it must be committed.
pub async fn enqueue_chunk(
    tx: &mut Tx,
    edition: &Edition,
    list: ListId,
    plan: &LanePlan,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Chunk> {
    const UPPER: &str = "SELECT MAX(subscriber_id) FROM (SELECT subscriber_id FROM subscriptions \
        WHERE list_id = $1 AND state = 'active' AND subscriber_id > $2 ORDER BY subscriber_id LIMIT $3) AS chunk";
    macro_rules! insert {
        ($lane:literal) => {
            concat!(
                "INSERT INTO deliveries (day, edition_id, subscriber_id, state, domain_group, due_at, attempt, lane) \
                 SELECT $1, $2, s.id, 'queued', s.domain_group, 0, 0, COALESCE(",
                $lane,
                ", '') FROM subscriptions u JOIN subscribers s ON s.id = u.subscriber_id \
                 WHERE u.list_id = $3 AND u.state = 'active' AND u.subscriber_id > $4 AND u.subscriber_id <= $5 \
                 AND u.activated_at <= $6 AND s.address IS NOT NULL AND NOT EXISTS (SELECT 1 FROM suppressions p \
                 WHERE p.address_hash = s.address_hash AND p.lifted_at IS NULL) ON CONFLICT DO NOTHING"
            )
        };
    }
    const MOVE: &str = "UPDATE editions SET enqueue_cursor = $2, enqueued_count = enqueued_count + $3, \
        last_activity_at = $4 WHERE id = $1 AND state = 'locked' AND COALESCE(enqueue_cursor, 0) = $5";
    let audience_at = edition
        .audience_at
        .ok_or_else(|| StoreError::Refused(format!("edition {} is not locked", edition.id)))?;
    let cursor = edition.enqueue_cursor.unwrap_or(0);
    let upper: Option<i64> = on!(&mut *tx, conn => sqlx::query_scalar(UPPER).bind(list.0).bind(cursor).bind(limit)
        .fetch_one(conn).await?);
    let Some(upper) = upper else { return Ok(Chunk::Complete) };
    let written = on_dialect!(&mut *tx, sqlite: insert!("$7 ->> s.domain_group"),
        postgres: insert!("CAST($7 AS JSONB) ->> s.domain_group"), |sql, conn| {
        sqlx::query(sql).bind(edition.day).bind(edition.id.0).bind(list.0).bind(cursor).bind(upper)
            .bind(ms(audience_at)).bind(Json(plan.domains())).execute(conn).await?.rows_affected()
    });
    mark_canary(tx, edition, plan, cursor, upper).await?;
    let moved = on!(tx, conn => sqlx::query(MOVE).bind(edition.id.0).bind(upper)
        .bind(i64::try_from(written).unwrap_or(i64::MAX)).bind(ms(now)).bind(cursor)
        .execute(conn).await?.rows_affected());
    expect_rows("move an edition's enqueue cursor", 1, moved)?;
    Ok(Chunk::More)
}

/// Moves those of a chunk that are the canary into its lane: few, and mostly none. By ranges of the
/// primary key alone: PostgreSQL knows nothing yet of how the rows are spread, and would join them in
/// the slowest way.
async fn mark_canary(tx: &mut Tx, edition: &Edition, plan: &LanePlan, cursor: i64, upper: i64) -> Result<()> {
    const LAST: &str = "SELECT MAX(subscriber_id) FROM (SELECT subscriber_id FROM deliveries WHERE day = $1 \
        AND edition_id = $2 AND subscriber_id > $3 AND subscriber_id <= $4 ORDER BY subscriber_id LIMIT $5) AS first";
    const SEED: &str = "SELECT id FROM subscribers WHERE address_key = $1 AND id > $2 AND id <= $3";
    const MARK: &str = "UPDATE deliveries SET lane = '*canary' WHERE day = $1 AND edition_id = $2 \
        AND subscriber_id > $3 AND subscriber_id <= $4";
    let mut ranges = Vec::new();
    match plan.canary() {
        None => {}
        Some(Canary::First(n)) => {
            // Chunks before this one have written as many as are counted.
            let left = i64::from(*n) - edition.enqueued_count;
            if left > 0 {
                let last: Option<i64> = on!(&mut *tx, conn => sqlx::query_scalar(LAST).bind(edition.day)
                    .bind(edition.id.0).bind(cursor).bind(upper).bind(left).fetch_one(conn).await?);
                ranges.extend(last.map(|last| (cursor, last)));
            }
        }
        Some(Canary::Seeds(addresses)) => {
            for address in addresses {
                let seed: Option<i64> = on!(&mut *tx, conn => sqlx::query_scalar(SEED).bind(address.key())
                    .bind(cursor).bind(upper).fetch_optional(conn).await?);
                ranges.extend(seed.map(|seed| (seed - 1, seed)));
            }
        }
    }
    for (after, last) in ranges {
        on!(&mut *tx, conn => sqlx::query(MARK).bind(edition.day).bind(edition.id.0).bind(after).bind(last)
            .execute(conn).await?.rows_affected());
    }
    Ok(())
}

/// Closes enqueueing: the rows there are must be the rows that were written; their number is the
/// audience. PostgreSQL is told how they are spread, since nothing else does before the first claims.
///
/// # Errors
/// [`StoreError::Refused`] when they differ: then nobody may claim.
pub async fn finish_enqueue(tx: &mut Tx, edition: &Edition) -> Result<i64> {
    const COUNT: &str = "SELECT COUNT(*) FROM deliveries WHERE day = $1 AND edition_id = $2";
    const SET: &str = "UPDATE editions SET audience_count = $2 WHERE id = $1 AND state = 'locked'";
    let counted: i64 = on!(tx, conn => sqlx::query_scalar(COUNT).bind(edition.day).bind(edition.id.0)
        .fetch_one(conn).await?);
    if counted != edition.enqueued_count {
        return Err(StoreError::Refused(format!(
            "edition {}: {} deliveries were written but {counted} are there",
            edition.id, edition.enqueued_count
        )));
    }
    let changed = on!(&mut *tx, conn => sqlx::query(SET).bind(edition.id.0).bind(counted)
        .execute(conn).await?.rows_affected());
    expect_rows("fix an edition's audience", 1, changed)?;
    analyze(tx, edition.day).await?;
    Ok(counted)
}
