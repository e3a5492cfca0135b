//! Editions: one for each newsletter and slot. How they are opened and found stands here; what
//! changes in them afterwards, in `changes`.

mod changes;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::FromRow;
use sqlx::types::Json;

pub use self::changes::{
    Told, Transition, Wording, confirm_guard, extend, hold_row, move_canary, move_to, set_locked,
    set_wording, tell, touch, transition, trip_guard,
};
use super::events::{self, About};
use super::{Result, StoreError, Tx, at, ms, on, opt_ms, word};
use crate::domain::edition::{CanaryPhase, EditionKind, EditionState};
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
    /// How far its canary has come, if it has one.
    pub canary: Option<CanaryPhase>,
    /// Until when the canary's outcome is waited for.
    pub canary_until: Option<DateTime<Utc>>,
    /// Since when its deliveries are kept as totals alone.
    pub archived_at: Option<DateTime<Utc>>,
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
         last_activity_at, day, canary, canary_until, archived_at"
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
    canary: Option<String>,
    canary_until: Option<i64>,
    archived_at: Option<i64>,
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
            canary: row.canary.map(|phase| word("editions", "canary", &phase)).transpose()?,
            canary_until: row.canary_until.map(at),
            archived_at: row.archived_at.map(at),
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
