//! The deliveries that reports are about.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{EditionId, SubscriberId};
use crate::store::editions::Edition;
use crate::store::{Result, Tx, at, ms, on, on_dialect, word};

/// A delivery, as far as a report about it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Where it stands.
    pub state: DeliveryState,
    /// The relay that was asked last.
    pub relay: Option<String>,
    /// When a relay took it.
    pub accepted_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct LetterRecord {
    state: String,
    relay: Option<String>,
    accepted_at: Option<i64>,
}

/// The delivery of an edition to a subscriber, held until the transaction ends; `None` when there is
/// none, or none any more.
///
/// # Errors
/// What the database says.
pub async fn letter(tx: &mut Tx, edition: &Edition, subscriber: SubscriberId) -> Result<Option<Letter>> {
    macro_rules! select {
        ($lock:literal) => {
            concat!(
                "SELECT state, relay, accepted_at FROM deliveries \
                 WHERE day = $1 AND edition_id = $2 AND subscriber_id = $3",
                $lock
            )
        };
    }
    let row: Option<LetterRecord> = on_dialect!(tx, sqlite: select!(""), postgres: select!(" FOR UPDATE"),
        |sql, conn| {
        sqlx::query_as(sql).bind(edition.day).bind(edition.id.0).bind(subscriber.0).fetch_optional(conn).await?
    });
    row.map(|row| {
        Ok(Letter {
            state: word("deliveries", "state", &row.state)?,
            relay: row.relay,
            accepted_at: row.accepted_at.map(at),
        })
    })
    .transpose()
}

/// Ends a delivery as a report says: `bounced` or `rejected`, with what the server said. Only one that
/// was accepted, or may have been, or was ended so by another report.
///
/// # Errors
/// What the database says.
pub async fn end(
    tx: &mut Tx,
    edition: &Edition,
    subscriber: SubscriberId,
    end: DeliveryState,
    said: (Option<&str>, Option<&str>),
    now: DateTime<Utc>,
) -> Result<()> {
    const UPDATE: &str = "UPDATE deliveries SET state = $4, enhanced = $5, reply = $6, ended_at = $7 \
        WHERE day = $1 AND edition_id = $2 AND subscriber_id = $3 AND state IN ('accepted', 'uncertain', 'rejected')";
    let (enhanced, reply) = said;
    on!(tx, conn => sqlx::query(UPDATE).bind(edition.day).bind(edition.id.0).bind(subscriber.0)
        .bind(end.as_str()).bind(enhanced).bind(reply).bind(ms(now)).execute(conn).await?.rows_affected());
    Ok(())
}

/// Marks that the reader complained about a letter.
///
/// # Errors
/// What the database says.
pub async fn complain(
    tx: &mut Tx,
    edition: &Edition,
    subscriber: SubscriberId,
    now: DateTime<Utc>,
) -> Result<()> {
    const UPDATE: &str = "UPDATE deliveries SET complained_at = $4 \
        WHERE day = $1 AND edition_id = $2 AND subscriber_id = $3 AND complained_at IS NULL";
    on!(tx, conn => sqlx::query(UPDATE).bind(edition.day).bind(edition.id.0).bind(subscriber.0).bind(ms(now))
        .execute(conn).await?.rows_affected());
    Ok(())
}

/// The latest edition since `since` of which a letter to the subscriber went out.
///
/// # Errors
/// What the database says.
pub async fn latest(
    tx: &mut Tx,
    subscriber: SubscriberId,
    since: DateTime<Utc>,
) -> Result<Option<EditionId>> {
    const SELECT: &str = "SELECT edition_id FROM deliveries WHERE subscriber_id = $1 \
        AND state IN ('accepted', 'uncertain') AND accepted_at >= $2 ORDER BY day DESC, edition_id DESC LIMIT 1";
    let id: Option<i64> = on!(tx, conn => sqlx::query_scalar(SELECT).bind(subscriber.0).bind(ms(since))
        .fetch_optional(conn).await?);
    Ok(id.map(EditionId))
}

/// Whether a letter to the subscriber arrived between two others: it was accepted after `after` and
/// before `before`, and no report said otherwise.
///
/// # Errors
/// What the database says.
pub async fn arrived_between(
    tx: &mut Tx,
    subscriber: SubscriberId,
    after: DateTime<Utc>,
    before: DateTime<Utc>,
) -> Result<bool> {
    const SELECT: &str = "SELECT 1 FROM deliveries WHERE subscriber_id = $1 AND state = 'accepted' \
        AND accepted_at > $2 AND accepted_at < $3 LIMIT 1";
    let found: Option<i32> = on!(tx, conn => sqlx::query_scalar(SELECT).bind(subscriber.0).bind(ms(after))
        .bind(ms(before)).fetch_optional(conn).await?);
    Ok(found.is_some())
}

/// The attempts of an edition around one of them, in the order in which its letters go out: up to `n`
/// before it with itself, and up to `n` behind it. `true` for a hard bounce.
///
/// # Errors
/// What the database says.
pub async fn neighbours(
    tx: &mut Tx,
    edition: &Edition,
    subscriber: SubscriberId,
    n: i64,
) -> Result<Vec<bool>> {
    const BEFORE: &str = "SELECT state FROM deliveries WHERE day = $1 AND edition_id = $2 AND subscriber_id <= $3 \
        AND state IN ('accepted', 'bounced', 'rejected', 'uncertain', 'deferred', 'expired') \
        ORDER BY subscriber_id DESC LIMIT $4";
    const BEHIND: &str = "SELECT state FROM deliveries WHERE day = $1 AND edition_id = $2 AND subscriber_id > $3 \
        AND state IN ('accepted', 'bounced', 'rejected', 'uncertain', 'deferred', 'expired') \
        ORDER BY subscriber_id LIMIT $4";
    let mut found = Vec::new();
    for sql in [BEFORE, BEHIND] {
        let states: Vec<String> = on!(&mut *tx, conn => sqlx::query_scalar(sql).bind(edition.day)
            .bind(edition.id.0).bind(subscriber.0).bind(n).fetch_all(conn).await?);
        let bounced = DeliveryState::Bounced.as_str();
        found.extend(states.into_iter().map(|state| state == bounced));
        if sql == BEFORE {
            found.reverse();
        }
    }
    Ok(found)
}
