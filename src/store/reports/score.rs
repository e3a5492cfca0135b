//! The scores of soft bounces.

use crate::domain::bounce::Score;
use crate::domain::ids::SubscriberId;
use crate::store::{Result, Tx, on};

/// The score of a subscriber, if there is one.
///
/// # Errors
/// What the database says.
pub async fn score(tx: &mut Tx, subscriber: SubscriberId) -> Result<Option<Score>> {
    const SELECT: &str = "SELECT score, first_day, last_day FROM bounce_scores WHERE subscriber_id = $1";
    let row: Option<(i64, i64, i64)> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(subscriber.0).fetch_optional(conn).await?);
    Ok(row.map(|(thousandths, first_day, last_day)| Score { thousandths, first_day, last_day }))
}

/// Sets the score of a subscriber.
///
/// # Errors
/// What the database says.
pub async fn set_score(tx: &mut Tx, subscriber: SubscriberId, score: Score) -> Result<()> {
    const UPSERT: &str = "INSERT INTO bounce_scores (subscriber_id, score, first_day, last_day) \
        VALUES ($1, $2, $3, $4) ON CONFLICT (subscriber_id) DO UPDATE SET score = excluded.score, \
        first_day = excluded.first_day, last_day = excluded.last_day";
    on!(tx, conn => sqlx::query(UPSERT).bind(subscriber.0).bind(score.thousandths).bind(score.first_day)
        .bind(score.last_day).execute(conn).await?.rows_affected());
    Ok(())
}

/// Forgets the score of a subscriber.
///
/// # Errors
/// What the database says.
pub async fn clear_score(tx: &mut Tx, subscriber: SubscriberId) -> Result<()> {
    const DELETE: &str = "DELETE FROM bounce_scores WHERE subscriber_id = $1";
    on!(tx, conn => sqlx::query(DELETE).bind(subscriber.0).execute(conn).await?.rows_affected());
    Ok(())
}
