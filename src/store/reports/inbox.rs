//! What came in and was not looked at yet.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::domain::bounce::{Form, Intake};
use crate::domain::ids::ReportId;
use crate::store::{Result, Tx, at, ms, on, on_dialect, word};

/// A report that comes in.
#[derive(Clone, Copy, Debug)]
pub struct NewReport<'a> {
    /// How.
    pub intake: Intake,
    /// What tells it from every other: the same one, however often it comes, has the same key.
    pub key: &'a str,
    /// What `raw` is.
    pub form: Form,
    /// To which address of ours it came.
    pub came_to: Option<&'a str>,
    /// Its bytes.
    pub raw: &'a [u8],
    /// How long they are kept.
    pub raw_until: DateTime<Utc>,
}

/// Keeps a report; `false` when it was kept before.
///
/// # Errors
/// What the database says.
pub async fn keep(tx: &mut Tx, new: &NewReport<'_>, now: DateTime<Utc>) -> Result<bool> {
    const INSERT: &str = "INSERT INTO reports (intake, intake_key, received_at, raw, raw_until, form, envelope_to) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (intake_key) DO NOTHING";
    let kept = on!(tx, conn => sqlx::query(INSERT).bind(new.intake.as_str()).bind(new.key).bind(ms(now))
        .bind(new.raw).bind(ms(new.raw_until)).bind(new.form.as_str()).bind(new.came_to)
        .execute(conn).await?.rows_affected());
    Ok(kept == 1)
}

/// The reports that wait to be looked at, those longest due first.
///
/// # Errors
/// What the database says.
pub async fn pending(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<Vec<ReportId>> {
    const SELECT: &str = "SELECT id FROM reports WHERE processed_at IS NULL AND due_at <= $1 \
        ORDER BY due_at, id LIMIT $2";
    let ids: Vec<i64> =
        on!(tx, conn => sqlx::query_scalar(SELECT).bind(ms(now)).bind(limit).fetch_all(conn).await?);
    Ok(ids.into_iter().map(ReportId).collect())
}

/// A report that waits.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Row identity.
    pub id: ReportId,
    /// How it came.
    pub intake: Intake,
    /// What `raw` is.
    pub form: Form,
    /// To which address of ours it came.
    pub came_to: Option<String>,
    /// Its bytes.
    pub raw: Vec<u8>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

#[derive(FromRow)]
struct PendingRecord {
    id: i64,
    intake: String,
    form: String,
    envelope_to: Option<String>,
    raw: Option<Vec<u8>>,
    received_at: i64,
}

/// Takes a report that waits, for as long as the transaction lasts; `None` when another has it, or had
/// it.
///
/// # Errors
/// What the database says.
pub async fn hold(tx: &mut Tx, id: ReportId) -> Result<Option<Pending>> {
    macro_rules! select {
        ($lock:literal) => {
            concat!(
                "SELECT id, intake, form, envelope_to, raw, received_at FROM reports \
                 WHERE id = $1 AND processed_at IS NULL",
                $lock
            )
        };
    }
    let row: Option<PendingRecord> = on_dialect!(tx, sqlite: select!(""),
        postgres: select!(" FOR UPDATE SKIP LOCKED"), |sql, conn| {
        sqlx::query_as(sql).bind(id.0).fetch_optional(conn).await?
    });
    row.map(|row| {
        Ok(Pending {
            id: ReportId(row.id),
            intake: word("reports", "intake", &row.intake)?,
            form: word("reports", "form", &row.form)?,
            came_to: row.envelope_to,
            raw: row.raw.unwrap_or_default(),
            received_at: at(row.received_at),
        })
    })
    .transpose()
}

/// Leaves a report for later: what it is about is not recorded yet.
///
/// # Errors
/// What the database says.
pub async fn put_off(tx: &mut Tx, id: ReportId, until: DateTime<Utc>) -> Result<()> {
    const UPDATE: &str = "UPDATE reports SET due_at = $2 WHERE id = $1 AND processed_at IS NULL";
    on!(tx, conn => sqlx::query(UPDATE).bind(id.0).bind(ms(until)).execute(conn).await?.rows_affected());
    Ok(())
}
