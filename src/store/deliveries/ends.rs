//! Deliveries that end without going out, and such as begin anew: cancelled, expired, retried, taken
//! back.

use chrono::{DateTime, Utc};

use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{EditionId, ListId, SubscriberId};
use crate::store::editions::Edition;
use crate::store::{Result, StoreError, Tx, ms, on};

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
    end_chunk(tx, edition, DeliveryState::Cancelled, limit, now).await
}

/// Gives up to `limit` deliveries up that are still to go out of an edition whose time is over; how
/// many were is given back.
///
/// # Errors
/// What the database says.
pub async fn expire_chunk(tx: &mut Tx, edition: &Edition, limit: i64, now: DateTime<Utc>) -> Result<u64> {
    end_chunk(tx, edition, DeliveryState::Expired, limit, now).await
}

async fn end_chunk(
    tx: &mut Tx,
    edition: &Edition,
    end: DeliveryState,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<u64> {
    // The state is asked for twice: a row that a worker claimed while this waited for it is not
    // ended under that worker.
    const UPDATE: &str = "UPDATE deliveries SET state = $5, ended_at = $3 \
        WHERE day = $1 AND edition_id = $2 AND state IN ('queued', 'deferred') AND subscriber_id IN (\
        SELECT subscriber_id FROM deliveries WHERE day = $1 AND edition_id = $2 AND state IN ('queued', 'deferred') \
        ORDER BY lane, due_at, subscriber_id LIMIT $4)";
    Ok(on!(tx, conn => sqlx::query(UPDATE).bind(edition.day).bind(edition.id.0).bind(ms(now)).bind(limit)
        .bind(end.as_str()).execute(conn).await?.rows_affected()))
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

/// What one chunk of a retry came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retried {
    /// How many deliveries are queued again.
    pub queued: u64,
    /// The last subscriber looked at; `None` when all were.
    pub last: Option<SubscriberId>,
}

/// Queues again those of the next `limit` deliveries of an edition, by subscriber, that ended as
/// `outcome`.
///
/// # Errors
/// [`StoreError::Refused`] for what has not ended, for what was accepted, since nobody gets a letter
/// twice, and for an edition that is archived.
pub async fn retry_chunk(
    tx: &mut Tx,
    edition: &Edition,
    outcome: DeliveryState,
    after: Option<SubscriberId>,
    limit: i64,
) -> Result<Retried> {
    const LAST: &str = "SELECT MAX(subscriber_id) FROM (SELECT subscriber_id FROM deliveries WHERE day = $1 \
        AND edition_id = $2 AND subscriber_id > $3 ORDER BY subscriber_id LIMIT $4) AS chunk";
    const UPDATE: &str = "UPDATE deliveries SET state = 'queued', ended_at = NULL, due_at = 0 \
        WHERE day = $1 AND edition_id = $2 AND subscriber_id > $3 AND subscriber_id <= $4 AND state = $5";
    if !outcome.is_ended() || outcome == DeliveryState::Accepted {
        return Err(StoreError::Refused(format!("deliveries that are {outcome} cannot be tried again")));
    }
    if edition.archived_at.is_some() {
        return Err(StoreError::Refused(format!(
            "edition {} is archived: who got it is no longer known",
            edition.id
        )));
    }
    let after = after.map_or(0, |last| last.0);
    let last: Option<i64> = on!(&mut *tx, conn => sqlx::query_scalar(LAST).bind(edition.day).bind(edition.id.0)
        .bind(after).bind(limit).fetch_one(conn).await?);
    let Some(last) = last else { return Ok(Retried { queued: 0, last: None }) };
    let queued = on!(tx, conn => sqlx::query(UPDATE).bind(edition.day).bind(edition.id.0).bind(after).bind(last)
        .bind(outcome.as_str()).execute(conn).await?.rows_affected());
    Ok(Retried { queued, last: Some(SubscriberId(last)) })
}

/// Whether any delivery of an edition was ever claimed.
///
/// # Errors
/// What the database says.
pub async fn is_begun(tx: &mut Tx, edition: &Edition) -> Result<bool> {
    const SELECT: &str = "SELECT subscriber_id FROM deliveries WHERE day = $1 AND edition_id = $2 \
        AND (attempt > 0 OR state NOT IN ('queued', 'cancelled')) LIMIT 1";
    let begun: Option<i64> = on!(tx, conn => sqlx::query_scalar(SELECT).bind(edition.day).bind(edition.id.0)
        .fetch_optional(conn).await?);
    Ok(begun.is_some())
}

/// Deletes up to `limit` deliveries of an edition that is not to go out as it was locked, of which
/// nothing was claimed; how many were is given back.
///
/// # Errors
/// What the database says.
pub async fn take_back_chunk(tx: &mut Tx, edition: &Edition, limit: i64) -> Result<u64> {
    const DELETE: &str = "DELETE FROM deliveries WHERE day = $1 AND edition_id = $2 AND attempt = 0 \
        AND state IN ('queued', 'cancelled') AND subscriber_id IN (SELECT subscriber_id FROM deliveries \
        WHERE day = $1 AND edition_id = $2 ORDER BY subscriber_id LIMIT $3)";
    Ok(on!(tx, conn => sqlx::query(DELETE).bind(edition.day).bind(edition.id.0).bind(limit)
        .execute(conn).await?.rows_affected()))
}
