//! What is still to go out of an edition, and when.

use chrono::{DateTime, Utc};

use crate::domain::lane::Lane;
use crate::store::editions::Edition;
use crate::store::{Result, Tx, at, on, on_dialect};

/// The lanes of an edition that hold anything still to go out, from one to the next by the index: as
/// fast with ten million deliveries as with ten.
macro_rules! lanes {
    () => {
        "WITH RECURSIVE l (lane) AS (SELECT (SELECT MIN(lane) FROM deliveries WHERE day = $1 AND edition_id = $2 \
         AND state IN ('queued', 'deferred')) UNION ALL SELECT (SELECT MIN(lane) FROM deliveries WHERE day = $1 \
         AND edition_id = $2 AND state IN ('queued', 'deferred') AND lane > l.lane) FROM l WHERE l.lane IS NOT NULL) "
    };
}

/// The lanes of an edition in which anything is still to go out.
///
/// # Errors
/// What the database says.
pub async fn lanes(tx: &mut Tx, edition: &Edition) -> Result<Vec<Lane>> {
    const SELECT: &str = concat!(lanes!(), "SELECT lane FROM l WHERE lane IS NOT NULL");
    let names: Vec<String> = on!(tx, conn => sqlx::query_scalar(SELECT).bind(edition.day).bind(edition.id.0)
        .fetch_all(conn).await?);
    Ok(names.into_iter().map(|name| name.parse().unwrap_or_else(|never| match never {})).collect())
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
    // Left to itself, SQLite takes the primary key, and reads all when none is.
    macro_rules! select {
        ($claimed:literal) => {
            concat!(
                "SELECT subscriber_id FROM deliveries",
                $claimed,
                " WHERE state = 'claimed' AND day = $1 AND edition_id = $2 LIMIT 1"
            )
        };
    }
    let claimed: Option<i64> = on_dialect!(tx, sqlite: select!(" INDEXED BY deliveries_lease_by"),
        postgres: select!(""), |sql, conn| {
        sqlx::query_scalar(sql).bind(edition.day).bind(edition.id.0).fetch_optional(conn).await?
    });
    Ok(claimed.is_some())
}

/// When the next delivery of an edition is due, in whichever lane, if any is still to go out. What was
/// never attempted has always been due.
///
/// # Errors
/// What the database says.
pub async fn next_due(tx: &mut Tx, edition: &Edition) -> Result<Option<DateTime<Utc>>> {
    const SELECT: &str = concat!(
        lanes!(),
        "SELECT MIN((SELECT MIN(due_at) FROM deliveries WHERE day = $1 AND edition_id = $2 \
         AND state IN ('queued', 'deferred') AND lane = l.lane)) FROM l"
    );
    let due: Option<i64> = on!(tx, conn => sqlx::query_scalar(SELECT).bind(edition.day).bind(edition.id.0)
        .fetch_one(conn).await?);
    Ok(due.map(at))
}

/// When the next delivery of one lane of an edition is due, if any is still to go out.
///
/// # Errors
/// What the database says.
pub async fn next_due_in(tx: &mut Tx, edition: &Edition, lane: &Lane) -> Result<Option<DateTime<Utc>>> {
    const SELECT: &str = "SELECT MIN(due_at) FROM deliveries WHERE day = $1 AND edition_id = $2 \
        AND state IN ('queued', 'deferred') AND lane = $3";
    let due: Option<i64> = on!(tx, conn => sqlx::query_scalar(SELECT).bind(edition.day).bind(edition.id.0)
        .bind(lane.as_str()).fetch_one(conn).await?);
    Ok(due.map(at))
}

/// Whether any delivery of an edition is due now, or in a worker's hands.
///
/// # Errors
/// What the database says.
pub async fn is_due(tx: &mut Tx, edition: &Edition, now: DateTime<Utc>) -> Result<bool> {
    Ok(any_claimed(tx, edition).await? || next_due(tx, edition).await?.is_some_and(|due| due <= now))
}
