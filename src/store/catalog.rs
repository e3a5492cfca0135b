//! Sources, lists and newsletters: the names in the configuration and their row identities.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{Result, Tx, at, ms, on, opt_ms};
use crate::domain::ids::{ListId, NewsletterId, SourceId};

/// The row of a source, made when absent.
///
/// # Errors
/// What the database says.
pub async fn source_id(tx: &mut Tx, name: &str) -> Result<SourceId> {
    const INSERT: &str = "INSERT INTO sources (name) VALUES ($1) ON CONFLICT (name) DO NOTHING";
    const SELECT: &str = "SELECT id FROM sources WHERE name = $1";
    on!(tx, conn => sqlx::query(INSERT).bind(name).execute(&mut *conn).await?.rows_affected());
    Ok(SourceId(on!(tx, conn => sqlx::query_scalar(SELECT).bind(name).fetch_one(conn).await?)))
}

/// The row of a source, if there is one.
///
/// # Errors
/// What the database says.
pub async fn find_source(tx: &mut Tx, name: &str) -> Result<Option<SourceId>> {
    const SELECT: &str = "SELECT id FROM sources WHERE name = $1";
    Ok(on!(tx, conn => sqlx::query_scalar(SELECT).bind(name).fetch_optional(conn).await?).map(SourceId))
}

/// The row of a list, made when absent.
///
/// # Errors
/// What the database says.
pub async fn list_id(tx: &mut Tx, name: &str) -> Result<ListId> {
    const INSERT: &str = "INSERT INTO lists (name) VALUES ($1) ON CONFLICT (name) DO NOTHING";
    on!(tx, conn => sqlx::query(INSERT).bind(name).execute(&mut *conn).await?.rows_affected());
    find_list(tx, name).await?.ok_or_else(|| super::StoreError::Refused(format!("list {name} vanished")))
}

/// The row of a list, if there is one.
///
/// # Errors
/// What the database says.
pub async fn find_list(tx: &mut Tx, name: &str) -> Result<Option<ListId>> {
    const SELECT: &str = "SELECT id FROM lists WHERE name = $1";
    Ok(on!(tx, conn => sqlx::query_scalar(SELECT).bind(name).fetch_optional(conn).await?).map(ListId))
}

/// The name of a list.
///
/// # Errors
/// What the database says.
pub async fn list_name(tx: &mut Tx, list: ListId) -> Result<Option<String>> {
    const SELECT: &str = "SELECT name FROM lists WHERE id = $1";
    Ok(on!(tx, conn => sqlx::query_scalar(SELECT).bind(list.0).fetch_optional(conn).await?))
}

/// A newsletter as the database knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewsletterRow {
    /// Row identity.
    pub id: NewsletterId,
    /// Its name in the configuration.
    pub name: String,
    /// Whom it goes to.
    pub list: ListId,
    /// Since when its present schedule holds; no slot before it is ever due.
    pub scheduled_since: DateTime<Utc>,
    /// The fingerprint of its configuration.
    pub config_hash: String,
}

#[derive(FromRow)]
struct NewsletterRecord {
    id: i64,
    name: String,
    list_id: i64,
    scheduled_since: i64,
    last_config_hash: String,
}

impl From<NewsletterRecord> for NewsletterRow {
    fn from(row: NewsletterRecord) -> Self {
        Self {
            id: NewsletterId(row.id),
            name: row.name,
            list: ListId(row.list_id),
            scheduled_since: at(row.scheduled_since),
            config_hash: row.last_config_hash,
        }
    }
}

/// Records that the newsletter `name` is configured with `list` and `schedule` (the expression and
/// its zone), at `now`, and gives its row.
///
/// # Errors
/// What the database says.
pub async fn upsert_newsletter(
    tx: &mut Tx,
    name: &str,
    list: ListId,
    schedule: &str,
    config_hash: &str,
    now: DateTime<Utc>,
) -> Result<NewsletterRow> {
    const UPSERT: &str = "INSERT INTO newsletters (name, list_id, first_seen_at, schedule, scheduled_since, last_config_hash) \
        VALUES ($1, $2, $3, $4, $3, $5) \
        ON CONFLICT (name) DO UPDATE SET list_id = excluded.list_id, last_config_hash = excluded.last_config_hash, \
        scheduled_since = CASE WHEN newsletters.schedule = excluded.schedule THEN newsletters.scheduled_since \
        ELSE excluded.scheduled_since END, schedule = excluded.schedule \
        RETURNING id, name, list_id, scheduled_since, last_config_hash";
    let row: NewsletterRecord = on!(tx, conn => sqlx::query_as(UPSERT)
        .bind(name).bind(list.0).bind(ms(now)).bind(schedule).bind(config_hash).fetch_one(conn).await?);
    Ok(row.into())
}

/// The newsletter of that name, if it was ever configured.
///
/// # Errors
/// What the database says.
pub async fn find_newsletter(tx: &mut Tx, name: &str) -> Result<Option<NewsletterRow>> {
    const SELECT: &str =
        "SELECT id, name, list_id, scheduled_since, last_config_hash FROM newsletters WHERE name = $1";
    let row: Option<NewsletterRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(name).fetch_optional(conn).await?);
    Ok(row.map(Into::into))
}

/// What the last poll of a source left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceState {
    /// The validator for `If-None-Match`.
    pub etag: Option<String>,
    /// The validator for `If-Modified-Since`.
    pub last_modified: Option<String>,
    /// When it was last asked.
    pub polled_at: Option<DateTime<Utc>>,
    /// When it last answered usably.
    pub ok_at: Option<DateTime<Utc>>,
    /// What went wrong the last time, if it did.
    pub error: Option<String>,
}

#[derive(FromRow)]
struct SourceStateRecord {
    etag: Option<String>,
    last_modified: Option<String>,
    polled_at: Option<i64>,
    ok_at: Option<i64>,
    error: Option<String>,
}

/// What the last poll of `source` left behind; the default when it was never polled.
///
/// # Errors
/// What the database says.
pub async fn source_state(tx: &mut Tx, source: SourceId) -> Result<SourceState> {
    const SELECT: &str =
        "SELECT etag, last_modified, polled_at, ok_at, error FROM source_state WHERE source_id = $1";
    let row: Option<SourceStateRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(source.0).fetch_optional(conn).await?);
    Ok(row.map_or_else(SourceState::default, |row| SourceState {
        etag: row.etag,
        last_modified: row.last_modified,
        polled_at: row.polled_at.map(at),
        ok_at: row.ok_at.map(at),
        error: row.error,
    }))
}

/// Keeps what a poll of `source` left behind.
///
/// # Errors
/// What the database says.
pub async fn set_source_state(tx: &mut Tx, source: SourceId, state: &SourceState) -> Result<()> {
    const UPSERT: &str = "INSERT INTO source_state (source_id, etag, last_modified, polled_at, ok_at, error) \
        VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (source_id) DO UPDATE SET etag = excluded.etag, last_modified = excluded.last_modified, \
        polled_at = excluded.polled_at, ok_at = excluded.ok_at, error = excluded.error";
    on!(tx, conn => sqlx::query(UPSERT)
        .bind(source.0).bind(&state.etag).bind(&state.last_modified)
        .bind(opt_ms(state.polled_at)).bind(opt_ms(state.ok_at)).bind(&state.error)
        .execute(conn).await?.rows_affected());
    Ok(())
}

/// The list that a newsletter goes to.
///
/// # Errors
/// What the database says.
pub async fn list_of(tx: &mut Tx, newsletter: NewsletterId) -> Result<ListId> {
    const SELECT: &str = "SELECT list_id FROM newsletters WHERE id = $1";
    Ok(ListId(on!(tx, conn => sqlx::query_scalar(SELECT).bind(newsletter.0).fetch_one(conn).await?)))
}

/// The name of a newsletter.
///
/// # Errors
/// What the database says.
pub async fn newsletter_name(tx: &mut Tx, newsletter: NewsletterId) -> Result<String> {
    const SELECT: &str = "SELECT name FROM newsletters WHERE id = $1";
    Ok(on!(tx, conn => sqlx::query_scalar(SELECT).bind(newsletter.0).fetch_one(conn).await?))
}
