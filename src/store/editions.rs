//! Editions: one for each newsletter and slot, and the transitions of their lives. Every
//! transition asserts the state it came from, so that two daemons never make it twice.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::FromRow;
use sqlx::types::Json;

use super::events::{self, About};
use super::{Result, StoreError, Tx, at, ms, on, opt_ms, word};
use crate::domain::edition::{EditionKind, EditionState};
use crate::domain::ids::{EditionId, NewsletterId};

/// An edition as the database holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Edition {
    /// Row identity.
    pub id: EditionId,
    /// Its newsletter.
    pub newsletter: NewsletterId,
    /// Why it exists.
    pub kind: EditionKind,
    /// The instant for which the schedule made it; never changes.
    pub slot_at: Option<DateTime<Utc>>,
    /// The newsletter's how-many-eth edition it is, from 1.
    pub number: i64,
    /// When it is to go out.
    pub send_at: DateTime<Utc>,
    /// When deferred deliveries are given up.
    pub expires_at: DateTime<Utc>,
    /// Where it stands.
    pub state: EditionState,
    /// Why it stands there, for people.
    pub reason: Option<String>,
    /// Grows with every change; a writer names the version it saw.
    pub version: i64,
    /// The resolved configuration of its newsletter when it was opened.
    pub config: serde_json::Value,
    /// The editors' subject; `None` for the default.
    pub subject: Option<String>,
    /// The editors' preheader; `None` for the default.
    pub preheader: Option<String>,
    /// The editors' note.
    pub note: Option<String>,
    /// Which edition it corrects.
    pub corrects: Option<EditionId>,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// The instant as of which its audience is fixed.
    pub audience_at: Option<DateTime<Utc>>,
    /// How many deliveries it has; known when all are written.
    pub audience_count: Option<i64>,
    /// The last subscriber for whom a delivery was written.
    pub enqueue_cursor: Option<i64>,
    /// Deliveries written so far.
    pub enqueued_count: i64,
    /// The revision that goes out.
    pub current_rev: Option<i64>,
    /// When the guard of promise 8 stopped it.
    pub guard_tripped_at: Option<DateTime<Utc>>,
    /// When a person said that its bounces are real.
    pub guard_confirmed_at: Option<DateTime<Utc>>,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When its automatic blocks were last compiled.
    pub compiled_at: Option<DateTime<Utc>>,
    /// When anything last happened to it.
    pub last_activity_at: DateTime<Utc>,
    /// The day of its deliveries: days since 1970-01-01 UTC, fixed at opening.
    pub day: i64,
}

/// What a new edition is made of.
#[derive(Clone, Debug)]
pub struct NewEdition {
    /// Its newsletter.
    pub newsletter: NewsletterId,
    /// Why it exists.
    pub kind: EditionKind,
    /// Its identity, when the schedule made it.
    pub slot_at: Option<DateTime<Utc>>,
    /// Its identity, when a person asked for it.
    pub request_key: Option<String>,
    /// When it is to go out.
    pub send_at: DateTime<Utc>,
    /// When deferred deliveries are given up.
    pub expires_at: DateTime<Utc>,
    /// Where it begins: `Draft`, or `Skipped` for a missed slot that only keeps its row.
    pub state: EditionState,
    /// Why, for a missed slot.
    pub reason: Option<String>,
    /// The resolved configuration of its newsletter.
    pub config: serde_json::Value,
}

/// Columns of [`EditionRecord`].
macro_rules! columns {
    () => {
        "id, newsletter_id, kind, slot_at, number, send_at, expires_at, state, reason, version, config_json, \
         subject, preheader, note, corrects_id, approved_by, audience_at, audience_count, enqueue_cursor, \
         enqueued_count, current_rev, guard_tripped_at, guard_confirmed_at, opened_at, compiled_at, \
         last_activity_at, day"
    };
}

#[derive(FromRow)]
struct EditionRecord {
    id: i64,
    newsletter_id: i64,
    kind: String,
    slot_at: Option<i64>,
    number: i64,
    send_at: i64,
    expires_at: i64,
    state: String,
    reason: Option<String>,
    version: i64,
    config_json: Json<serde_json::Value>,
    subject: Option<String>,
    preheader: Option<String>,
    note: Option<String>,
    corrects_id: Option<i64>,
    approved_by: Option<String>,
    audience_at: Option<i64>,
    audience_count: Option<i64>,
    enqueue_cursor: Option<i64>,
    enqueued_count: i64,
    current_rev: Option<i64>,
    guard_tripped_at: Option<i64>,
    guard_confirmed_at: Option<i64>,
    opened_at: i64,
    compiled_at: Option<i64>,
    last_activity_at: i64,
    day: i64,
}

impl TryFrom<EditionRecord> for Edition {
    type Error = StoreError;

    fn try_from(row: EditionRecord) -> Result<Self> {
        Ok(Self {
            id: EditionId(row.id),
            newsletter: NewsletterId(row.newsletter_id),
            kind: word("editions", "kind", &row.kind)?,
            slot_at: row.slot_at.map(at),
            number: row.number,
            send_at: at(row.send_at),
            expires_at: at(row.expires_at),
            state: word("editions", "state", &row.state)?,
            reason: row.reason,
            version: row.version,
            config: row.config_json.0,
            subject: row.subject,
            preheader: row.preheader,
            note: row.note,
            corrects: row.corrects_id.map(EditionId),
            approved_by: row.approved_by,
            audience_at: row.audience_at.map(at),
            audience_count: row.audience_count,
            enqueue_cursor: row.enqueue_cursor,
            enqueued_count: row.enqueued_count,
            current_rev: row.current_rev,
            guard_tripped_at: row.guard_tripped_at.map(at),
            guard_confirmed_at: row.guard_confirmed_at.map(at),
            opened_at: at(row.opened_at),
            compiled_at: row.compiled_at.map(at),
            last_activity_at: at(row.last_activity_at),
            day: row.day,
        })
    }
}

/// Whole days since 1970-01-01 UTC.
pub fn day_of(instant: DateTime<Utc>) -> i64 {
    instant.timestamp().div_euclid(86_400)
}

/// Opens an edition; `None` when its slot or request key has one already, whoever made it.
///
/// # Errors
/// What the database says.
pub async fn open(tx: &mut Tx, new: &NewEdition, now: DateTime<Utc>) -> Result<Option<Edition>> {
    // The number is taken from the newsletter's own editions; two openings at once differ in slot or
    // key, and a number that two editions share does no harm.
    const INSERT: &str = concat!(
        "INSERT INTO editions (newsletter_id, kind, slot_at, request_key, number, send_at, expires_at, state, reason, \
         version, config_json, enqueued_count, opened_at, last_activity_at, day) \
         VALUES ($1, $2, $3, $4, (SELECT COUNT(*) + 1 FROM editions WHERE newsletter_id = $1 AND state <> 'skipped'), \
         $5, $6, $7, $8, 1, $9, 0, $10, $10, $11) ON CONFLICT DO NOTHING RETURNING ",
        columns!()
    );
    let row: Option<EditionRecord> = on!(tx, conn => sqlx::query_as(INSERT)
        .bind(new.newsletter.0).bind(new.kind.as_str()).bind(opt_ms(new.slot_at)).bind(&new.request_key)
        .bind(ms(new.send_at)).bind(ms(new.expires_at)).bind(new.state.as_str()).bind(&new.reason)
        .bind(Json(&new.config)).bind(ms(now)).bind(day_of(new.send_at))
        .fetch_optional(conn).await?);
    let Some(edition) = row.map(Edition::try_from).transpose()? else { return Ok(None) };
    let about = About { newsletter: Some(edition.newsletter), edition: Some(edition.id), subscriber: None };
    let detail = json!({"state": edition.state, "kind": edition.kind, "reason": edition.reason});
    events::record(tx, now, "edition.opened", about, &detail).await?;
    Ok(Some(edition))
}

/// One edition.
///
/// # Errors
/// What the database says.
pub async fn get(tx: &mut Tx, id: EditionId) -> Result<Option<Edition>> {
    const SELECT: &str = concat!("SELECT ", columns!(), " FROM editions WHERE id = $1");
    let row: Option<EditionRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(id.0).fetch_optional(conn).await?);
    row.map(TryInto::try_into).transpose()
}

/// The editions that are not final, by send time.
///
/// # Errors
/// What the database says.
pub async fn unfinished(tx: &mut Tx) -> Result<Vec<Edition>> {
    const SELECT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM editions WHERE state IN ('draft', 'approved', 'held', 'locked', 'sending', 'paused', 'failed') \
         ORDER BY send_at, id"
    );
    let rows: Vec<EditionRecord> = on!(tx, conn => sqlx::query_as(SELECT).fetch_all(conn).await?);
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The latest editions, of one newsletter or of all, newest first.
///
/// # Errors
/// What the database says.
pub async fn latest(tx: &mut Tx, newsletter: Option<NewsletterId>, limit: i64) -> Result<Vec<Edition>> {
    const SELECT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM editions WHERE CAST($1 AS BIGINT) IS NULL OR newsletter_id = $1 ORDER BY send_at DESC, id DESC LIMIT $2"
    );
    let newsletter = newsletter.map(|id| id.0);
    let rows: Vec<EditionRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(newsletter).bind(limit).fetch_all(conn).await?);
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The newest slot of a newsletter that has its row.
///
/// # Errors
/// What the database says.
pub async fn last_slot(tx: &mut Tx, newsletter: NewsletterId) -> Result<Option<DateTime<Utc>>> {
    const SELECT: &str = "SELECT MAX(slot_at) FROM editions WHERE newsletter_id = $1";
    let slot: Option<i64> =
        on!(tx, conn => sqlx::query_scalar(SELECT).bind(newsletter.0).fetch_one(conn).await?);
    Ok(slot.map(at))
}

/// When the newsletter's last edition before `before` took its content; what was first seen later
/// is new.
///
/// # Errors
/// What the database says.
pub async fn last_locked_at(
    tx: &mut Tx,
    newsletter: NewsletterId,
    before: EditionId,
) -> Result<Option<DateTime<Utc>>> {
    const SELECT: &str = "SELECT MAX(r.locked_at) FROM edition_revisions r JOIN editions e ON e.id = r.edition_id \
        WHERE e.newsletter_id = $1 AND e.id <> $2 AND e.state IN ('locked', 'sending', 'paused', 'sent')";
    let locked: Option<i64> = on!(tx, conn => sqlx::query_scalar(SELECT)
        .bind(newsletter.0).bind(before.0).fetch_one(conn).await?);
    Ok(locked.map(at))
}

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
    super::expect_rows("move an open edition", 1, changed)?;
    events::record(tx, now, "edition.moved", About::edition(id), &json!({"send_at": send_at})).await
}

/// Fixes the audience and the revision of a locked edition.
///
/// # Errors
/// [`StoreError::RowsAffected`] when it is not locked.
pub async fn set_locked(tx: &mut Tx, id: EditionId, revision: i64, now: DateTime<Utc>) -> Result<()> {
    const UPDATE: &str = "UPDATE editions SET audience_at = $3, current_rev = $2, audience_count = NULL, \
        enqueue_cursor = NULL, enqueued_count = 0, last_activity_at = $3 WHERE id = $1 AND state = 'locked'";
    let changed = on!(tx, conn => sqlx::query(UPDATE).bind(id.0).bind(revision).bind(ms(now))
        .execute(conn).await?.rows_affected());
    super::expect_rows("fix a revision", 1, changed)
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
    super::expect_rows("confirm a stopped edition's bounces", 1, changed)
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
    super::expect_rows("set an open edition's words", 1, changed)
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

/// The edition that a request key made.
///
/// # Errors
/// What the database says.
pub async fn find_by_request_key(tx: &mut Tx, key: &str) -> Result<Option<Edition>> {
    const SELECT: &str = concat!("SELECT ", columns!(), " FROM editions WHERE request_key = $1");
    let row: Option<EditionRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(key).fetch_optional(conn).await?);
    row.map(TryInto::try_into).transpose()
}
