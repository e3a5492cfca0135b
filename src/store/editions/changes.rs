//! What changes in an edition after it was opened. Every transition asserts the state it came from,
//! so that two daemons never make it twice.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::domain::edition::{CanaryPhase, EditionState};
use crate::domain::ids::EditionId;
use crate::store::events::{self, About};
use crate::store::{Result, StoreError, Tx, expect_rows, ms, on, opt_ms};

/// A change of state, with all that it carries.
#[derive(Clone, Debug)]
pub struct Transition<'a> {
    /// Where it must stand.
    pub from: EditionState,
    /// Where it goes.
    pub to: EditionState,
    /// The version that the writer saw; `None` when only the state matters.
    pub version: Option<i64>,
    /// Why, for people.
    pub reason: Option<&'a str>,
    /// Who did it: an editor's name, `schedule`, `policy`, `guard`.
    pub by: &'a str,
}

/// Makes a transition, and writes an event. `false` when the edition no longer stands where the
/// writer saw it: somebody else was first, and nothing was changed.
///
/// # Errors
/// [`StoreError::Refused`] for a transition that the life of an edition does not have.
pub async fn transition(
    tx: &mut Tx,
    id: EditionId,
    change: &Transition<'_>,
    now: DateTime<Utc>,
) -> Result<bool> {
    const UPDATE: &str = "UPDATE editions SET state = $3, reason = $4, version = version + 1, last_activity_at = $5, \
        approved_by = CASE $3 WHEN 'approved' THEN $6 WHEN 'draft' THEN NULL ELSE approved_by END \
        WHERE id = $1 AND state = $2 AND (CAST($7 AS BIGINT) IS NULL OR version = $7)";
    let to = change.from.to(change.to).map_err(|error| StoreError::Refused(error.to_string()))?;
    let changed = on!(tx, conn => sqlx::query(UPDATE).bind(id.0).bind(change.from.as_str()).bind(to.as_str())
        .bind(change.reason).bind(ms(now)).bind(change.by).bind(change.version)
        .execute(conn).await?.rows_affected());
    if changed == 0 {
        return Ok(false);
    }
    let detail = json!({"from": change.from, "by": change.by, "reason": change.reason});
    events::record(tx, now, &format!("edition.{to}"), About::edition(id), &detail).await?;
    Ok(true)
}

/// Moves the send time of an open edition; the slot stays.
///
/// # Errors
/// [`StoreError::RowsAffected`] when it is no longer open.
pub async fn move_to(
    tx: &mut Tx,
    id: EditionId,
    send_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    const UPDATE: &str = "UPDATE editions SET send_at = $2, expires_at = $3, version = version + 1, \
        last_activity_at = $4 WHERE id = $1 AND state IN ('draft', 'approved', 'held')";
    let changed = on!(tx, conn => sqlx::query(UPDATE).bind(id.0).bind(ms(send_at)).bind(ms(expires_at)).bind(ms(now))
        .execute(conn).await?.rows_affected());
    expect_rows("move an open edition", 1, changed)?;
    events::record(tx, now, "edition.moved", About::edition(id), &json!({"send_at": send_at})).await
}

/// Fixes the audience and the revision of a locked edition.
///
/// # Errors
/// [`StoreError::RowsAffected`] when it is not locked.
pub async fn set_locked(tx: &mut Tx, id: EditionId, revision: i64, now: DateTime<Utc>) -> Result<()> {
    const UPDATE: &str = "UPDATE editions SET audience_at = $3, current_rev = $2, audience_count = NULL, \
        enqueue_cursor = NULL, enqueued_count = 0, canary = NULL, canary_until = NULL, \
        last_activity_at = $3 WHERE id = $1 AND state = 'locked'";
    let changed = on!(tx, conn => sqlx::query(UPDATE).bind(id.0).bind(revision).bind(ms(now))
        .execute(conn).await?.rows_affected());
    expect_rows("fix a revision", 1, changed)
}

/// Moves the canary of an edition from one phase to another, `None` being that of a run without
/// one, and writes an event; `until` is when its outcome is known. `false` when the edition's canary
/// is no longer in the phase `from`: another daemon was first, and nothing was changed.
///
/// # Errors
/// What the database says.
pub async fn move_canary(
    tx: &mut Tx,
    id: EditionId,
    from: Option<CanaryPhase>,
    to: CanaryPhase,
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool> {
    const UPDATE: &str = "UPDATE editions SET canary = $3, canary_until = $4, last_activity_at = $5 \
        WHERE id = $1 AND COALESCE(canary, '') = $2";
    let from = from.map_or("", CanaryPhase::as_str);
    let changed = on!(tx, conn => sqlx::query(UPDATE).bind(id.0).bind(from).bind(to.as_str()).bind(opt_ms(until))
        .bind(ms(now)).execute(conn).await?.rows_affected());
    if changed == 0 {
        return Ok(false);
    }
    let detail = json!({"phase": to, "until": until});
    events::record(tx, now, "edition.canary", About::edition(id), &detail).await?;
    Ok(true)
}

/// Remembers that something happened to a running edition.
///
/// # Errors
/// What the database says.
pub async fn touch(tx: &mut Tx, id: EditionId, now: DateTime<Utc>) -> Result<()> {
    const UPDATE: &str = "UPDATE editions SET last_activity_at = $2 WHERE id = $1 AND last_activity_at < $2";
    on!(tx, conn => sqlx::query(UPDATE).bind(id.0).bind(ms(now)).execute(conn).await?.rows_affected());
    Ok(())
}

/// Of what ops are told once for each edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Many of its addresses bounced hard.
    Hard,
    /// Many of its readers complained.
    Complaints,
    /// So many that it was paused for it.
    ComplaintsPaused,
}

/// Marks that ops are told of something; `false` when they had been before.
///
/// # Errors
/// What the database says.
pub async fn tell(tx: &mut Tx, id: EditionId, what: Told, now: DateTime<Utc>) -> Result<bool> {
    let sql = match what {
        Told::Hard => "UPDATE editions SET hard_told_at = $2 WHERE id = $1 AND hard_told_at IS NULL",
        Told::Complaints => {
            "UPDATE editions SET complaints_told_at = $2 WHERE id = $1 AND complaints_told_at IS NULL"
        }
        Told::ComplaintsPaused => {
            "UPDATE editions SET complaints_paused_at = $2 WHERE id = $1 AND complaints_paused_at IS NULL"
        }
    };
    let marked =
        on!(tx, conn => sqlx::query(sql).bind(id.0).bind(ms(now)).execute(conn).await?.rows_affected());
    Ok(marked == 1)
}

/// Marks when the guard of promise 8 stopped the edition; `false` when it had been marked before.
///
/// # Errors
/// What the database says.
pub async fn trip_guard(tx: &mut Tx, id: EditionId, now: DateTime<Utc>) -> Result<bool> {
    const UPDATE: &str =
        "UPDATE editions SET guard_tripped_at = $2 WHERE id = $1 AND guard_tripped_at IS NULL";
    Ok(on!(tx, conn => sqlx::query(UPDATE).bind(id.0).bind(ms(now)).execute(conn).await?.rows_affected())
        == 1)
}

/// Marks that a person found the bounces of a stopped edition to be real.
///
/// # Errors
/// [`StoreError::RowsAffected`] when the guard had not stopped it.
pub async fn confirm_guard(tx: &mut Tx, id: EditionId, now: DateTime<Utc>) -> Result<()> {
    const UPDATE: &str =
        "UPDATE editions SET guard_confirmed_at = $2 WHERE id = $1 AND guard_tripped_at IS NOT NULL";
    let changed =
        on!(tx, conn => sqlx::query(UPDATE).bind(id.0).bind(ms(now)).execute(conn).await?.rows_affected());
    expect_rows("confirm a stopped edition's bounces", 1, changed)
}

/// The editors' words for an open edition; each `None` asks for the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wording {
    /// Subject.
    pub subject: Option<String>,
    /// Preheader.
    pub preheader: Option<String>,
    /// Note above the stories.
    pub note: Option<String>,
}

/// Sets the editors' words.
///
/// # Errors
/// [`StoreError::RowsAffected`] when the edition is no longer open.
pub async fn set_wording(tx: &mut Tx, id: EditionId, wording: &Wording, now: DateTime<Utc>) -> Result<()> {
    const UPDATE: &str = "UPDATE editions SET subject = $2, preheader = $3, note = $4, version = version + 1, \
        last_activity_at = $5 WHERE id = $1 AND state IN ('draft', 'approved', 'held')";
    let changed = on!(tx, conn => sqlx::query(UPDATE).bind(id.0).bind(&wording.subject).bind(&wording.preheader)
        .bind(&wording.note).bind(ms(now)).execute(conn).await?.rows_affected());
    expect_rows("set an open edition's words", 1, changed)
}

/// Lets deferred deliveries of an edition be tried until `expires_at`, if that is later than now.
///
/// # Errors
/// What the database says.
pub async fn extend(tx: &mut Tx, id: EditionId, expires_at: DateTime<Utc>) -> Result<()> {
    const UPDATE: &str = "UPDATE editions SET expires_at = $2 WHERE id = $1 AND expires_at < $2";
    on!(tx, conn => sqlx::query(UPDATE).bind(id.0).bind(ms(expires_at)).execute(conn).await?.rows_affected());
    Ok(())
}

/// Holds an edition's row until the transaction ends, so that no other changes it between a look
/// and what follows from it (SQLite has one writer and holds all).
///
/// # Errors
/// What the database says.
pub async fn hold_row(tx: &mut Tx, id: EditionId) -> Result<()> {
    const UPDATE: &str = "UPDATE editions SET version = version WHERE id = $1";
    on!(tx, conn => sqlx::query(UPDATE).bind(id.0).execute(conn).await?.rows_affected());
    Ok(())
}
