//! Deliveries: written in resumable chunks, counted, cancelled, retried. Claiming and recording
//! are in `claims`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::FromRow;

use super::editions::Edition;
use super::{Result, StoreError, Tx, at, expect_rows, ms, on, word};
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{EditionId, ListId, SubscriberId};

/// What one chunk of enqueueing came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// There may be more subscribers after this one.
    More,
    /// All deliveries are written.
    Complete,
}

/// Makes room for the deliveries of `day` (PostgreSQL: the partitions of its week; SQLite needs
/// none). Made standalone and attached, so that it never waits for running claims.
///
/// # Errors
/// What the database says.
pub async fn ensure_partitions(tx: &mut Tx, day: i64) -> Result<()> {
    const LOCK: &str = "SELECT pg_advisory_xact_lock(7340911)";
    const EXISTS: &str = "SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass($1)";
    let Tx::Postgres(tx) = tx else { return Ok(()) };
    let week = day.div_euclid(7);
    for table in ["deliveries", "delivery_attempts"] {
        let partition = format!("{table}_w{week}");
        sqlx::query(LOCK).execute(&mut **tx).await?;
        let there: i64 = sqlx::query_scalar(EXISTS).bind(&partition).fetch_one(&mut **tx).await?;
        if there > 0 {
            continue;
        }
        let (from, to) = (week * 7, week * 7 + 7);
        // Table names cannot be bound; they are made of a constant and a number.
        for sql in [
            format!("CREATE TABLE {partition} (LIKE {table} INCLUDING ALL)"),
            format!("ALTER TABLE {table} ATTACH PARTITION {partition} FOR VALUES FROM ({from}) TO ({to})"),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut **tx).await?;
        }
    }
    Ok(())
}

/// Writes the next `limit` deliveries of a locked edition, in order of subscriber id, and moves
/// its cursor in the same transaction: killed at any instant, it goes on where it stopped.
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
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Chunk> {
    const UPPER: &str = "SELECT MAX(subscriber_id) FROM (SELECT subscriber_id FROM subscriptions \
        WHERE list_id = $1 AND state = 'active' AND subscriber_id > $2 ORDER BY subscriber_id LIMIT $3) AS chunk";
    const INSERT: &str = "INSERT INTO deliveries (day, edition_id, subscriber_id, state, domain_group, due_at, attempt) \
        SELECT $1, $2, s.id, 'queued', s.domain_group, $3, 0 FROM subscriptions u \
        JOIN subscribers s ON s.id = u.subscriber_id \
        WHERE u.list_id = $4 AND u.state = 'active' AND u.subscriber_id > $5 AND u.subscriber_id <= $6 \
        AND u.activated_at <= $7 AND s.address IS NOT NULL AND NOT EXISTS (SELECT 1 FROM suppressions p \
        WHERE p.address_hash = s.address_hash AND p.lifted_at IS NULL) \
        ON CONFLICT DO NOTHING";
    const MOVE: &str = "UPDATE editions SET enqueue_cursor = $2, enqueued_count = enqueued_count + $3, \
        last_activity_at = $4 WHERE id = $1 AND state = 'locked' AND COALESCE(enqueue_cursor, 0) = $5";
    let audience_at = edition
        .audience_at
        .ok_or_else(|| StoreError::Refused(format!("edition {} is not locked", edition.id)))?;
    let cursor = edition.enqueue_cursor.unwrap_or(0);
    let upper: Option<i64> = on!(tx, conn => sqlx::query_scalar(UPPER).bind(list.0).bind(cursor).bind(limit)
        .fetch_one(conn).await?);
    let Some(upper) = upper else { return Ok(Chunk::Complete) };
    let written = on!(tx, conn => sqlx::query(INSERT).bind(edition.day).bind(edition.id.0).bind(ms(now)).bind(list.0)
        .bind(cursor).bind(upper).bind(ms(audience_at)).execute(conn).await?.rows_affected());
    let moved = on!(tx, conn => sqlx::query(MOVE).bind(edition.id.0).bind(upper)
        .bind(i64::try_from(written).unwrap_or(i64::MAX)).bind(ms(now)).bind(cursor)
        .execute(conn).await?.rows_affected());
    expect_rows("move an edition's enqueue cursor", 1, moved)?;
    Ok(Chunk::More)
}

/// Closes enqueueing: the rows there are must be the rows that were written; their number is the
/// audience.
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
    let changed = on!(tx, conn => sqlx::query(SET).bind(edition.id.0).bind(counted)
        .execute(conn).await?.rows_affected());
    expect_rows("fix an edition's audience", 1, changed)?;
    Ok(counted)
}

/// Takes back the queued deliveries of an edition that is unlocked; refused once any was claimed.
///
/// # Errors
/// [`StoreError::Refused`] when a delivery was ever claimed.
pub async fn take_back(tx: &mut Tx, edition: &Edition) -> Result<()> {
    const CLAIMED: &str = "SELECT COUNT(*) FROM deliveries WHERE day = $1 AND edition_id = $2 \
        AND (attempt > 0 OR state <> 'queued')";
    const DELETE: &str = "DELETE FROM deliveries WHERE day = $1 AND edition_id = $2";
    let claimed: i64 = on!(tx, conn => sqlx::query_scalar(CLAIMED).bind(edition.day).bind(edition.id.0)
        .fetch_one(conn).await?);
    if claimed > 0 {
        return Err(StoreError::Refused(format!(
            "edition {} has begun to go out; pause it instead",
            edition.id
        )));
    }
    on!(tx, conn => sqlx::query(DELETE).bind(edition.day).bind(edition.id.0).execute(conn).await?.rows_affected());
    Ok(())
}

/// How many deliveries of an edition stand in each state. The promise of accounting is that their
/// sum is the audience.
pub type Accounting = BTreeMap<DeliveryState, i64>;

/// Counts an edition's deliveries by state.
///
/// # Errors
/// What the database says.
pub async fn accounting(tx: &mut Tx, edition: &Edition) -> Result<Accounting> {
    const SELECT: &str =
        "SELECT state, COUNT(*) FROM deliveries WHERE day = $1 AND edition_id = $2 GROUP BY state";
    let rows: Vec<(String, i64)> = on!(tx, conn => sqlx::query_as(SELECT).bind(edition.day).bind(edition.id.0)
        .fetch_all(conn).await?);
    rows.into_iter().map(|(state, n)| Ok((word("deliveries", "state", &state)?, n))).collect()
}

/// Ended deliveries other than accepted ones, by domain, state and reply code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusals {
    /// The recipients' domain.
    pub domain: String,
    /// What became of them.
    pub state: DeliveryState,
    /// SMTP code, if there was a reply.
    pub code: Option<i64>,
    /// Enhanced code, if there was one.
    pub enhanced: Option<String>,
    /// How many.
    pub n: i64,
}

#[derive(FromRow)]
struct RefusalsRecord {
    domain_group: String,
    state: String,
    code: Option<i64>,
    enhanced: Option<String>,
    n: i64,
}

/// What was refused, for the report.
///
/// # Errors
/// What the database says.
pub async fn refusals(tx: &mut Tx, edition: &Edition) -> Result<Vec<Refusals>> {
    const SELECT: &str = "SELECT domain_group, state, code, enhanced, COUNT(*) AS n FROM deliveries \
        WHERE day = $1 AND edition_id = $2 AND state NOT IN ('accepted', 'queued', 'claimed') \
        GROUP BY domain_group, state, code, enhanced ORDER BY n DESC, domain_group, state LIMIT 100";
    let rows: Vec<RefusalsRecord> = on!(tx, conn => sqlx::query_as(SELECT).bind(edition.day).bind(edition.id.0)
        .fetch_all(conn).await?);
    rows.into_iter()
        .map(|row| {
            Ok(Refusals {
                domain: row.domain_group,
                state: word("deliveries", "state", &row.state)?,
                code: row.code,
                enhanced: row.enhanced,
                n: row.n,
            })
        })
        .collect()
}

/// Cancels what is still to be delivered to a subscriber from editions of newsletters on `list`.
///
/// # Errors
/// What the database says.
pub async fn cancel_for_list(
    tx: &mut Tx,
    subscriber: SubscriberId,
    list: ListId,
    now: DateTime<Utc>,
) -> Result<u64> {
    const UPDATE: &str = "UPDATE deliveries SET state = 'cancelled', ended_at = $3 \
        WHERE subscriber_id = $1 AND state IN ('queued', 'deferred') AND edition_id IN (SELECT e.id FROM editions e \
        JOIN newsletters n ON n.id = e.newsletter_id WHERE n.list_id = $2)";
    Ok(on!(tx, conn => sqlx::query(UPDATE).bind(subscriber.0).bind(list.0).bind(ms(now))
        .execute(conn).await?.rows_affected()))
}

/// Cancels all that is still to be delivered to a subscriber.
///
/// # Errors
/// What the database says.
pub async fn cancel_for_subscriber(tx: &mut Tx, subscriber: SubscriberId, now: DateTime<Utc>) -> Result<u64> {
    const UPDATE: &str = "UPDATE deliveries SET state = 'cancelled', ended_at = $2 \
        WHERE subscriber_id = $1 AND state IN ('queued', 'deferred')";
    Ok(
        on!(tx, conn => sqlx::query(UPDATE).bind(subscriber.0).bind(ms(now)).execute(conn).await?.rows_affected()),
    )
}

/// Cancels up to `limit` deliveries that are still to go out for an edition; how many were is
/// given back.
///
/// # Errors
/// What the database says.
pub async fn cancel_chunk(tx: &mut Tx, edition: &Edition, limit: i64, now: DateTime<Utc>) -> Result<u64> {
    // The state is asked for twice: a row that a worker claimed while this waited for it is not
    // cancelled under that worker.
    const UPDATE: &str = "UPDATE deliveries SET state = 'cancelled', ended_at = $3 \
        WHERE day = $1 AND edition_id = $2 AND state IN ('queued', 'deferred') AND subscriber_id IN (SELECT subscriber_id FROM deliveries \
        WHERE day = $1 AND edition_id = $2 AND state IN ('queued', 'deferred') ORDER BY due_at LIMIT $4)";
    Ok(on!(tx, conn => sqlx::query(UPDATE).bind(edition.day).bind(edition.id.0).bind(ms(now)).bind(limit)
        .execute(conn).await?.rows_affected()))
}

/// The cancelled editions of which something is still to go out: what a crash left of a cancel, or
/// what was claimed at its instant and came back to the queue.
///
/// # Errors
/// What the database says.
pub async fn cancelled_in_part(tx: &mut Tx) -> Result<Vec<EditionId>> {
    const SELECT: &str = "SELECT id FROM editions e WHERE state = 'cancelled' AND EXISTS (SELECT 1 FROM deliveries d \
        WHERE d.day = e.day AND d.edition_id = e.id AND d.state IN ('queued', 'deferred'))";
    let ids: Vec<i64> = on!(tx, conn => sqlx::query_scalar(SELECT).fetch_all(conn).await?);
    Ok(ids.into_iter().map(EditionId).collect())
}

/// Gives up what is still to go out of an edition whose time is over.
///
/// # Errors
/// What the database says.
pub async fn expire(tx: &mut Tx, edition: &Edition, now: DateTime<Utc>) -> Result<u64> {
    const UPDATE: &str = "UPDATE deliveries SET state = 'expired', ended_at = $3 \
        WHERE day = $1 AND edition_id = $2 AND state IN ('queued', 'deferred')";
    Ok(on!(tx, conn => sqlx::query(UPDATE).bind(edition.day).bind(edition.id.0).bind(ms(now))
        .execute(conn).await?.rows_affected()))
}

/// Queues again the deliveries of an edition that ended as `outcome`; how many is given back.
///
/// # Errors
/// [`StoreError::Refused`] for what has not ended, and for what was accepted: nobody gets a letter
/// twice.
pub async fn retry(
    tx: &mut Tx,
    edition: &Edition,
    outcome: DeliveryState,
    now: DateTime<Utc>,
) -> Result<u64> {
    const UPDATE: &str = "UPDATE deliveries SET state = 'queued', ended_at = NULL, due_at = $4 \
        WHERE day = $1 AND edition_id = $2 AND state = $3";
    if !outcome.is_ended() || outcome == DeliveryState::Accepted {
        return Err(StoreError::Refused(format!("deliveries that are {outcome} cannot be tried again")));
    }
    Ok(
        on!(tx, conn => sqlx::query(UPDATE).bind(edition.day).bind(edition.id.0).bind(outcome.as_str()).bind(ms(now))
        .execute(conn).await?.rows_affected()),
    )
}

/// Whether any delivery of an edition has not ended.
///
/// # Errors
/// What the database says.
pub async fn is_unfinished(tx: &mut Tx, edition: &Edition) -> Result<bool> {
    Ok(any_claimed(tx, edition).await? || next_due(tx, edition).await?.is_some())
}

/// Whether any delivery of an edition is in a worker's hands.
async fn any_claimed(tx: &mut Tx, edition: &Edition) -> Result<bool> {
    const SELECT: &str = "SELECT subscriber_id FROM deliveries WHERE state = 'claimed' AND day = $1 \
        AND edition_id = $2 LIMIT 1";
    let claimed: Option<i64> = on!(tx, conn => sqlx::query_scalar(SELECT).bind(edition.day).bind(edition.id.0)
        .fetch_optional(conn).await?);
    Ok(claimed.is_some())
}

/// When the next delivery of an edition is due, if any is still to go out.
///
/// # Errors
/// What the database says.
pub async fn next_due(tx: &mut Tx, edition: &Edition) -> Result<Option<DateTime<Utc>>> {
    const SELECT: &str = "SELECT MIN(due_at) FROM deliveries WHERE day = $1 AND edition_id = $2 \
        AND state IN ('queued', 'deferred')";
    let due: Option<i64> = on!(tx, conn => sqlx::query_scalar(SELECT).bind(edition.day).bind(edition.id.0)
        .fetch_one(conn).await?);
    Ok(due.map(at))
}

/// One delivery as `subscriber show` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryRow {
    /// The edition.
    pub edition: EditionId,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempt: i64,
    /// The last reply, if there was one.
    pub reply: Option<String>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct DeliveryRecord {
    edition_id: i64,
    state: String,
    attempt: i64,
    reply: Option<String>,
    ended_at: Option<i64>,
}

/// The latest deliveries of a subscriber, newest first.
///
/// # Errors
/// What the database says.
pub async fn of_subscriber(tx: &mut Tx, subscriber: SubscriberId, limit: i64) -> Result<Vec<DeliveryRow>> {
    const SELECT: &str = "SELECT edition_id, state, attempt, reply, ended_at FROM deliveries \
        WHERE subscriber_id = $1 ORDER BY day DESC, edition_id DESC LIMIT $2";
    let rows: Vec<DeliveryRecord> = on!(tx, conn => sqlx::query_as(SELECT).bind(subscriber.0).bind(limit)
        .fetch_all(conn).await?);
    rows.into_iter()
        .map(|row| {
            Ok(DeliveryRow {
                edition: EditionId(row.edition_id),
                state: word("deliveries", "state", &row.state)?,
                attempt: row.attempt,
                reply: row.reply,
                ended_at: row.ended_at.map(at),
            })
        })
        .collect()
}

/// Whether any delivery of an edition is due now, or in a worker's hands.
///
/// # Errors
/// What the database says.
pub async fn is_due(tx: &mut Tx, edition: &Edition, now: DateTime<Utc>) -> Result<bool> {
    Ok(any_claimed(tx, edition).await? || next_due(tx, edition).await?.is_some_and(|due| due <= now))
}
