//! What all daemons know of the relays, across restarts: which are down, and how many connections
//! each was found to bear.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{Result, Tx, at, ms, on};

/// A relay that would not work for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Down {
    /// Not to be asked before.
    pub until: DateTime<Utc>,
    /// Failures in a row.
    pub failures: i64,
    /// What it said, or what happened.
    pub reply: Option<String>,
}

#[derive(FromRow)]
struct DownRecord {
    down_until: i64,
    failures: i64,
    reply: Option<String>,
}

/// Whether, and until when, a relay is down.
///
/// # Errors
/// What the database says.
pub async fn down(tx: &mut Tx, relay: &str) -> Result<Option<Down>> {
    const SELECT: &str =
        "SELECT down_until, failures, reply FROM relay_state WHERE relay = $1 AND down_until IS NOT NULL";
    let row: Option<DownRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(relay).fetch_optional(conn).await?);
    Ok(row.map(|row| Down { until: at(row.down_until), failures: row.failures, reply: row.reply }))
}

/// Marks a relay as down until `until`.
///
/// # Errors
/// What the database says.
pub async fn set_down(tx: &mut Tx, relay: &str, down: &Down, now: DateTime<Utc>) -> Result<()> {
    const UPSERT: &str = "INSERT INTO relay_state (relay, down_until, failures, reply, changed_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (relay) DO UPDATE SET down_until = excluded.down_until, \
        failures = excluded.failures, reply = excluded.reply, changed_at = excluded.changed_at";
    on!(tx, conn => sqlx::query(UPSERT).bind(relay).bind(ms(down.until)).bind(down.failures).bind(&down.reply)
        .bind(ms(now)).execute(conn).await?.rows_affected());
    Ok(())
}

/// Marks a relay as working; `true` when it had been down.
///
/// # Errors
/// What the database says.
pub async fn set_up(tx: &mut Tx, relay: &str, now: DateTime<Utc>) -> Result<bool> {
    const UPDATE: &str = "UPDATE relay_state SET down_until = NULL, failures = 0, changed_at = $2 \
        WHERE relay = $1 AND down_until IS NOT NULL";
    Ok(on!(tx, conn => sqlx::query(UPDATE).bind(relay).bind(ms(now)).execute(conn).await?.rows_affected())
        == 1)
}

/// What is known of a relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayState {
    /// Its name.
    pub relay: String,
    /// Not to be asked before; `None` when it works.
    pub down_until: Option<DateTime<Utc>>,
    /// Failures in a row.
    pub failures: i64,
    /// How many connections at once the feedback last found it to bear; `None` before anybody asked.
    pub concurrency: Option<i64>,
}

#[derive(FromRow)]
struct StateRecord {
    relay: String,
    down_until: Option<i64>,
    failures: i64,
    concurrency: Option<i64>,
}

/// What is known of all relays, by name.
///
/// # Errors
/// What the database says.
pub async fn states(tx: &mut Tx) -> Result<Vec<RelayState>> {
    const SELECT: &str = "SELECT relay, down_until, failures, concurrency FROM relay_state ORDER BY relay";
    let rows: Vec<StateRecord> = on!(tx, conn => sqlx::query_as(SELECT).fetch_all(conn).await?);
    let known = |row: StateRecord| RelayState {
        relay: row.relay,
        down_until: row.down_until.map(at),
        failures: row.failures,
        concurrency: row.concurrency,
    };
    Ok(rows.into_iter().map(known).collect())
}

/// Remembers how many connections a relay bears, for the next process.
///
/// # Errors
/// What the database says.
pub async fn set_concurrency(tx: &mut Tx, relay: &str, concurrency: usize, now: DateTime<Utc>) -> Result<()> {
    const UPSERT: &str = "INSERT INTO relay_state (relay, failures, concurrency, changed_at) VALUES ($1, 0, $2, $3) \
        ON CONFLICT (relay) DO UPDATE SET concurrency = excluded.concurrency, changed_at = excluded.changed_at";
    let concurrency = i64::try_from(concurrency).unwrap_or(i64::MAX);
    on!(tx, conn => sqlx::query(UPSERT).bind(relay).bind(concurrency).bind(ms(now)).execute(conn).await?
        .rows_affected());
    Ok(())
}
