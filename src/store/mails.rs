//! The outbox of mails that are no edition: tests, alerts, confirmations. Written in the transaction that causes
//! them, sent by the same sender with priority.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::FromRow;
use sqlx::types::Json;

use super::{Result, Tx, ms, on};
use crate::domain::ids::MailId;
use crate::domain::mail::MailKind;

/// A mail to be sent.
#[derive(Clone, Debug)]
pub struct NewMail<'a> {
    /// What it is.
    pub kind: MailKind,
    /// Where to.
    pub recipient: &'a str,
    /// What it is made of.
    pub params: &'a Value,
    /// Two mails with the same key are one.
    pub dedupe_key: &'a str,
}

/// Whether a mail with that key is, or was, in the outbox.
///
/// # Errors
/// What the database says.
pub async fn is_known(tx: &mut Tx, dedupe_key: &str) -> Result<bool> {
    const SELECT: &str = "SELECT COUNT(*) FROM mails WHERE dedupe_key = $1";
    let known: i64 = on!(tx, conn => sqlx::query_scalar(SELECT).bind(dedupe_key).fetch_one(conn).await?);
    Ok(known > 0)
}

/// Whether anything in the outbox is due.
///
/// # Errors
/// What the database says.
pub async fn any_due(tx: &mut Tx, now: DateTime<Utc>) -> Result<bool> {
    const SELECT: &str = "SELECT COUNT(*) FROM mails WHERE (state = 'queued' AND due_at <= $1) \
        OR (state = 'claimed' AND lease_until < $1)";
    let due: i64 = on!(tx, conn => sqlx::query_scalar(SELECT).bind(ms(now)).fetch_one(conn).await?);
    Ok(due > 0)
}

/// A mail in the sender's hands.
#[derive(Clone, Debug)]
pub struct ClaimedMail {
    /// Row identity.
    pub id: MailId,
    /// What it is.
    pub kind: MailKind,
    /// Where to.
    pub recipient: String,
    /// What it is made of.
    pub params: Value,
    /// Which attempt this is, from 1.
    pub attempts: i64,
    /// When it was caused.
    pub created_at: DateTime<Utc>,
}

#[derive(FromRow)]
struct MailRecord {
    id: i64,
    kind: String,
    recipient: String,
    params: Json<Value>,
    attempts: i64,
    created_at: i64,
}

/// Puts a mail into the outbox; `false` when one with its key is, or was, there.
///
/// # Errors
/// What the database says.
pub async fn add(tx: &mut Tx, mail: &NewMail<'_>, now: DateTime<Utc>) -> Result<bool> {
    const INSERT: &str = "INSERT INTO mails (kind, recipient, params, state, due_at, attempts, dedupe_key, created_at) \
        VALUES ($1, $2, $3, 'queued', $4, 0, $5, $4) ON CONFLICT (dedupe_key) DO NOTHING";
    let added = on!(tx, conn => sqlx::query(INSERT).bind(mail.kind.as_str()).bind(mail.recipient)
        .bind(Json(mail.params)).bind(ms(now)).bind(mail.dedupe_key).execute(conn).await?.rows_affected());
    Ok(added == 1)
}

/// Claims due mails, also those whose earlier lease is over.
///
/// # Errors
/// What the database says.
pub async fn claim(
    tx: &mut Tx,
    lease: &str,
    length: TimeDelta,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<ClaimedMail>> {
    // Mails are few, so a claim may wait for another's row locks instead of passing over them.
    const UPDATE: &str = "UPDATE mails SET state = 'claimed', attempts = attempts + 1, lease_by = $1, lease_until = $2 \
        WHERE id IN (SELECT id FROM mails WHERE (state = 'queued' AND due_at <= $3) \
        OR (state = 'claimed' AND lease_until < $3) ORDER BY due_at, id LIMIT $4) \
        AND (state = 'queued' OR lease_until < $3) \
        RETURNING id, kind, recipient, params, attempts, created_at";
    let rows: Vec<MailRecord> = on!(tx, conn => sqlx::query_as(UPDATE).bind(lease).bind(ms(now + length)).bind(ms(now))
        .bind(limit).fetch_all(conn).await?);
    let mut mails = Vec::with_capacity(rows.len());
    for row in rows {
        // A newer version's kind, after going back to this one, must not stop the others: it waits
        // under its lease.
        let Ok(kind) = row.kind.parse() else { continue };
        mails.push(ClaimedMail {
            id: MailId(row.id),
            kind,
            recipient: row.recipient,
            params: row.params.0,
            attempts: row.attempts,
            created_at: super::at(row.created_at),
        });
    }
    mails.sort_by_key(|mail| mail.id);
    Ok(mails)
}

/// What became of an attempt to send a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailOutcome {
    /// It is out.
    Sent,
    /// It is tried again then.
    Again(DateTime<Utc>),
    /// It is given up.
    Failed,
}

/// Records what became of a claimed mail.
///
/// # Errors
/// What the database says.
pub async fn record(
    tx: &mut Tx,
    id: MailId,
    lease: &str,
    outcome: MailOutcome,
    reply: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    const UPDATE: &str = "UPDATE mails SET state = $3, due_at = $4, reply = $5, ended_at = $6, lease_by = NULL, \
        lease_until = NULL WHERE id = $1 AND lease_by = $2 AND state = 'claimed'";
    let (state, due_at, ended_at) = match outcome {
        MailOutcome::Sent => ("sent", now, Some(now)),
        MailOutcome::Again(due_at) => ("queued", due_at, None),
        MailOutcome::Failed => ("failed", now, Some(now)),
    };
    on!(tx, conn => sqlx::query(UPDATE).bind(id.0).bind(lease).bind(state).bind(ms(due_at)).bind(reply)
        .bind(ended_at.map(ms)).execute(conn).await?.rows_affected());
    Ok(())
}
