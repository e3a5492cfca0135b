//! Addresses that get nothing any more. Known by a keyed hash, so that a suppression outlives the
//! erasure of its subscriber; the address stands beside it only while the subscriber does.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{Result, Tx, at, ms, on, on_dialect, word};
use crate::domain::bounce::SuppressionReason;
use crate::domain::ids::{EditionId, SuppressionId};

/// A suppression as the database holds it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Suppression {
    /// Row identity.
    pub id: SuppressionId,
    /// The address, while it may be kept.
    pub address: Option<String>,
    /// Why.
    pub reason: SuppressionReason,
    /// When.
    pub at: DateTime<Utc>,
    /// What a person wrote beside it, or the reply that caused it.
    pub note: Option<String>,
    /// The edition whose delivery caused it.
    pub edition: Option<EditionId>,
}

#[derive(FromRow)]
struct SuppressionRecord {
    id: i64,
    address: Option<String>,
    reason: String,
    at: i64,
    note: Option<String>,
    edition_id: Option<i64>,
}

impl TryFrom<SuppressionRecord> for Suppression {
    type Error = super::StoreError;

    fn try_from(row: SuppressionRecord) -> Result<Self> {
        Ok(Self {
            id: SuppressionId(row.id),
            address: row.address,
            reason: word("suppressions", "reason", &row.reason)?,
            at: at(row.at),
            note: row.note,
            edition: row.edition_id.map(EditionId),
        })
    }
}

/// Whether one of the suppressions that stand can be lifted by nobody's wish, not even the reader's.
pub fn is_barred(standing: &[Suppression]) -> bool {
    standing.iter().any(|one| one.reason == SuppressionReason::Legal)
}

/// What a new suppression says.
#[derive(Clone, Debug)]
pub struct NewSuppression<'a> {
    /// Keyed hash of the address.
    pub address_hash: &'a str,
    /// The address, for people.
    pub address: Option<&'a str>,
    /// Why.
    pub reason: SuppressionReason,
    /// The edition whose delivery caused it.
    pub edition: Option<EditionId>,
    /// A person's words, or the reply that caused it.
    pub note: Option<&'a str>,
}

/// Suppresses an address; `false` when it already was, for the same reason. The address itself is
/// kept only where a subscriber has it, so that an outcome that comes after an erasure does not
/// bring it back.
///
/// # Errors
/// What the database says.
pub async fn add(tx: &mut Tx, new: &NewSuppression<'_>, now: DateTime<Utc>) -> Result<bool> {
    const INSERT: &str = "INSERT INTO suppressions (address_hash, address, reason, at, note, edition_id) \
        VALUES ($1, (SELECT CAST($2 AS TEXT) WHERE EXISTS (SELECT 1 FROM subscribers WHERE address_hash = $1)), \
        $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    let added = on!(tx, conn => sqlx::query(INSERT).bind(new.address_hash).bind(new.address).bind(new.reason.as_str())
        .bind(ms(now)).bind(new.note).bind(new.edition.map(|id| id.0)).execute(conn).await?.rows_affected());
    Ok(added == 1)
}

/// Whether an edition's hard bounces are doubtful: its guard has stopped the run, and nobody has
/// confirmed them. The answer holds until the transaction ends: on PostgreSQL the edition's row is
/// locked, so that no bounce is laid to a reader while another connection finds the run doubtful.
///
/// # Errors
/// What the database says.
pub async fn are_doubtful(tx: &mut Tx, edition: EditionId) -> Result<bool> {
    macro_rules! select {
        ($lock:literal) => {
            concat!(
                "SELECT CAST(CASE WHEN guard_tripped_at IS NOT NULL AND guard_confirmed_at IS NULL THEN 1 ELSE 0 END \
                 AS BIGINT) FROM editions WHERE id = $1",
                $lock
            )
        };
    }
    let doubtful: Option<i64> = on_dialect!(tx, sqlite: select!(""), postgres: select!(" FOR UPDATE"), |sql, conn| {
        sqlx::query_scalar(sql).bind(edition.0).fetch_optional(conn).await?
    });
    Ok(doubtful == Some(1))
}

/// The standing suppressions of an address.
///
/// # Errors
/// What the database says.
pub async fn standing(tx: &mut Tx, address_hash: &str) -> Result<Vec<Suppression>> {
    const SELECT: &str = "SELECT id, address, reason, at, note, edition_id FROM suppressions \
        WHERE address_hash = $1 AND lifted_at IS NULL ORDER BY id";
    let rows: Vec<SuppressionRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(address_hash).fetch_all(conn).await?);
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The standing suppressions for complaints about an edition.
///
/// # Errors
/// What the database says.
pub async fn complaints_of_edition(tx: &mut Tx, edition: EditionId) -> Result<Vec<Suppression>> {
    const SELECT: &str = "SELECT id, address, reason, at, note, edition_id FROM suppressions \
        WHERE edition_id = $1 AND reason = 'complaint' AND lifted_at IS NULL ORDER BY id";
    let rows: Vec<SuppressionRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(edition.0).fetch_all(conn).await?);
    rows.into_iter().map(TryInto::try_into).collect()
}

/// All standing suppressions after `after`, in order, at most `limit`.
///
/// # Errors
/// What the database says.
pub async fn list(tx: &mut Tx, after: SuppressionId, limit: i64) -> Result<Vec<Suppression>> {
    const SELECT: &str = "SELECT id, address, reason, at, note, edition_id FROM suppressions \
        WHERE lifted_at IS NULL AND id > $1 ORDER BY id LIMIT $2";
    let rows: Vec<SuppressionRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(after.0).bind(limit).fetch_all(conn).await?);
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Lifts the suppressions of an address, all but `legal`, and forgets its soft bounces; how many were
/// lifted is given back.
///
/// # Errors
/// What the database says.
pub async fn lift(tx: &mut Tx, address_hash: &str, by: &str, now: DateTime<Utc>) -> Result<u64> {
    const SCORE: &str = "DELETE FROM bounce_scores WHERE subscriber_id IN \
        (SELECT id FROM subscribers WHERE address_hash = $1)";
    const UPDATE: &str = "UPDATE suppressions SET lifted_at = $2, lifted_by = $3 \
        WHERE address_hash = $1 AND lifted_at IS NULL AND reason <> 'legal'";
    on!(&mut *tx, conn => sqlx::query(SCORE).bind(address_hash).execute(conn).await?.rows_affected());
    Ok(on!(tx, conn => sqlx::query(UPDATE).bind(address_hash).bind(ms(now)).bind(by)
        .execute(conn).await?.rows_affected()))
}

/// Lifts the suppressions that an edition's run caused, all or those for one reason, and forgets the
/// soft bounces that led to them; how many were lifted is given back.
///
/// # Errors
/// What the database says.
pub async fn lift_edition(
    tx: &mut Tx,
    edition: EditionId,
    reason: Option<SuppressionReason>,
    by: &str,
    now: DateTime<Utc>,
) -> Result<u64> {
    const SCORES: &str = "DELETE FROM bounce_scores WHERE subscriber_id IN (SELECT s.id FROM subscribers s \
        JOIN suppressions p ON p.address_hash = s.address_hash WHERE p.edition_id = $1 AND p.lifted_at IS NULL \
        AND p.reason = 'soft' AND p.reason = COALESCE($2, p.reason))";
    const UPDATE: &str = "UPDATE suppressions SET lifted_at = $3, lifted_by = $4 \
        WHERE edition_id = $1 AND lifted_at IS NULL AND reason <> 'legal' AND reason = COALESCE($2, reason)";
    let reason = reason.map(SuppressionReason::as_str);
    on!(&mut *tx, conn => sqlx::query(SCORES).bind(edition.0).bind(reason).execute(conn).await?.rows_affected());
    Ok(on!(tx, conn => sqlx::query(UPDATE).bind(edition.0).bind(reason).bind(ms(now)).bind(by)
        .execute(conn).await?.rows_affected()))
}

/// Suppresses everybody whose delivery of `edition` bounced: what the guard had kept back, once a
/// person confirmed it. How many were suppressed is given back.
///
/// # Errors
/// What the database says.
pub async fn add_bounced(tx: &mut Tx, day: i64, edition: EditionId, now: DateTime<Utc>) -> Result<u64> {
    const INSERT: &str = "INSERT INTO suppressions (address_hash, address, reason, at, note, edition_id) \
        SELECT s.address_hash, s.address, 'hard', $3, d.reply, d.edition_id FROM deliveries d \
        JOIN subscribers s ON s.id = d.subscriber_id \
        WHERE d.day = $1 AND d.edition_id = $2 AND d.state = 'bounced' AND s.address_hash IS NOT NULL \
        ON CONFLICT DO NOTHING";
    Ok(on!(tx, conn => sqlx::query(INSERT).bind(day).bind(edition.0).bind(ms(now))
        .execute(conn).await?.rows_affected()))
}
