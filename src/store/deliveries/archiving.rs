//! What is kept of deliveries after their time: totals by edition.

use chrono::{DateTime, Utc};

use crate::domain::ids::EditionId;
use crate::store::editions::Edition;
use crate::store::{Result, Tx, ms, on};

/// The ended editions of days before `day` whose deliveries are still kept row by row, by id, from the
/// one after `after` on.
///
/// # Errors
/// What the database says.
pub async fn to_archive(
    tx: &mut Tx,
    day: i64,
    after: Option<EditionId>,
    limit: i64,
) -> Result<Vec<EditionId>> {
    const SELECT: &str = "SELECT id FROM editions WHERE archived_at IS NULL AND day < $1 AND id > $2 \
        AND state IN ('skipped', 'sent', 'cancelled') ORDER BY id LIMIT $3";
    let ids: Vec<i64> = on!(tx, conn => sqlx::query_scalar(SELECT).bind(day).bind(after.map_or(0, |id| id.0))
        .bind(limit).fetch_all(conn).await?);
    Ok(ids.into_iter().map(EditionId).collect())
}

/// Counts an ended edition's deliveries into its totals, which are what reports read from then on.
/// `false` when it has not ended, when any of its deliveries has not, or when it was archived before.
///
/// # Errors
/// What the database says.
pub async fn archive(tx: &mut Tx, edition: &Edition, now: DateTime<Utc>) -> Result<bool> {
    const MARK: &str = "UPDATE editions SET archived_at = $3 WHERE id = $2 AND archived_at IS NULL \
        AND state IN ('skipped', 'sent', 'cancelled') AND NOT EXISTS (SELECT 1 FROM deliveries WHERE day = $1 \
        AND edition_id = $2 AND state IN ('queued', 'deferred')) AND NOT EXISTS (SELECT 1 FROM deliveries \
        WHERE day = $1 AND edition_id = $2 AND state = 'claimed')";
    const COUNT: &str = "INSERT INTO edition_totals (edition_id, revision, domain_group, state, reason, n) \
        SELECT edition_id, COALESCE(revision, 0), domain_group, state, \
        COALESCE(enhanced, CAST(NULLIF(code, 0) AS TEXT), ''), COUNT(*) \
        FROM deliveries WHERE day = $1 AND edition_id = $2 GROUP BY 1, 2, 3, 4, 5";
    let marked = on!(&mut *tx, conn => sqlx::query(MARK).bind(edition.day).bind(edition.id.0).bind(ms(now))
        .execute(conn).await?.rows_affected());
    if marked == 0 {
        return Ok(false);
    }
    on!(tx, conn => sqlx::query(COUNT).bind(edition.day).bind(edition.id.0).execute(conn).await?.rows_affected());
    Ok(true)
}

/// The archived editions of days before `day` of which rows are left, oldest first.
///
/// # Errors
/// What the database says.
pub async fn with_rows_left(tx: &mut Tx, day: i64) -> Result<Vec<EditionId>> {
    const SELECT: &str = "SELECT id FROM editions e WHERE archived_at IS NOT NULL AND day < $1 \
        AND (EXISTS (SELECT 1 FROM deliveries d WHERE d.day = e.day AND d.edition_id = e.id) \
        OR EXISTS (SELECT 1 FROM delivery_attempts a WHERE a.day = e.day AND a.edition_id = e.id)) ORDER BY day, id";
    let ids: Vec<i64> = on!(tx, conn => sqlx::query_scalar(SELECT).bind(day).fetch_all(conn).await?);
    Ok(ids.into_iter().map(EditionId).collect())
}

/// Deletes up to `limit` deliveries of an archived edition, and so many attempts; how many went is
/// given back.
///
/// # Errors
/// What the database says.
pub async fn delete_archived_chunk(tx: &mut Tx, edition: &Edition, limit: i64) -> Result<u64> {
    macro_rules! delete {
        ($table:literal) => {
            concat!(
                "DELETE FROM ",
                $table,
                " WHERE day = $1 AND edition_id = $2 AND subscriber_id IN (\
                 SELECT subscriber_id FROM ",
                $table,
                " WHERE day = $1 AND edition_id = $2 \
                 ORDER BY subscriber_id LIMIT $3) AND EXISTS (SELECT 1 FROM editions WHERE id = $2 \
                 AND archived_at IS NOT NULL)"
            )
        };
    }
    let mut deleted = 0;
    for sql in [delete!("deliveries"), delete!("delivery_attempts")] {
        deleted += on!(&mut *tx, conn => sqlx::query(sql).bind(edition.day).bind(edition.id.0).bind(limit)
            .execute(conn).await?.rows_affected());
    }
    Ok(deleted)
}
