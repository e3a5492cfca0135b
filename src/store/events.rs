//! What happened, in order: a cursor for metrics and reports. No addresses.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::FromRow;
use sqlx::types::Json;

use super::{Result, Tx, at, ms, on};
use crate::domain::ids::{EditionId, NewsletterId, SubscriberId};

/// Whom or what an event is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// A newsletter.
    pub newsletter: Option<NewsletterId>,
    /// An edition.
    pub edition: Option<EditionId>,
    /// A subscriber.
    pub subscriber: Option<SubscriberId>,
}

impl About {
    /// An event about an edition.
    pub fn edition(edition: EditionId) -> Self {
        Self { edition: Some(edition), ..Self::default() }
    }

    /// An event about a newsletter.
    pub fn newsletter(newsletter: NewsletterId) -> Self {
        Self { newsletter: Some(newsletter), ..Self::default() }
    }

    /// An event about a subscriber, perhaps because of an edition.
    pub fn subscriber(subscriber: SubscriberId, edition: Option<EditionId>) -> Self {
        Self { subscriber: Some(subscriber), edition, newsletter: None }
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its place in the order.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Dotted name: `edition.approved`.
    pub name: String,
    /// More about it.
    pub detail: Value,
}

#[derive(FromRow)]
struct EventRecord {
    id: i64,
    at: i64,
    r#type: String,
    detail: Json<Value>,
}

impl From<EventRecord> for Event {
    fn from(row: EventRecord) -> Self {
        Self { id: row.id, at: at(row.at), name: row.r#type, detail: row.detail.0 }
    }
}

/// Writes down that `name` happened.
///
/// # Errors
/// What the database says.
pub async fn record(tx: &mut Tx, now: DateTime<Utc>, name: &str, about: About, detail: &Value) -> Result<()> {
    const INSERT: &str = "INSERT INTO events (at, type, newsletter_id, edition_id, subscriber_id, detail) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    on!(tx, conn => sqlx::query(INSERT).bind(ms(now)).bind(name)
        .bind(about.newsletter.map(|id| id.0)).bind(about.edition.map(|id| id.0))
        .bind(about.subscriber.map(|id| id.0)).bind(Json(detail))
        .execute(conn).await?.rows_affected());
    Ok(())
}

/// What happened to an edition, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_edition(tx: &mut Tx, edition: EditionId) -> Result<Vec<Event>> {
    const SELECT: &str =
        "SELECT id, at, type, detail FROM events WHERE edition_id = $1 AND subscriber_id IS NULL ORDER BY id";
    let rows: Vec<EventRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(edition.0).fetch_all(conn).await?);
    Ok(rows.into_iter().map(Into::into).collect())
}

/// What happened to a subscriber, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_subscriber(tx: &mut Tx, subscriber: SubscriberId) -> Result<Vec<Event>> {
    const SELECT: &str = "SELECT id, at, type, detail FROM events WHERE subscriber_id = $1 ORDER BY id";
    let rows: Vec<EventRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(subscriber.0).fetch_all(conn).await?);
    Ok(rows.into_iter().map(Into::into).collect())
}
