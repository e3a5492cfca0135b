//! Running processes: who is alive, with which version and configuration.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{Result, Tx, at, ms, on};

/// A process as it announces itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// A name that no other process ever bears.
    pub incarnation: String,
    /// The machine: equal only where a process id means the same.
    pub host: String,
    /// Its process id there.
    pub pid: i64,
    /// What it does: `scheduler`, `worker`, `web`.
    pub roles: String,
    /// The program's version.
    pub version: String,
    /// A fingerprint of its configuration.
    pub config_hash: String,
    /// When it last said that it lives.
    pub heartbeat_at: DateTime<Utc>,
    /// The file, on its machine, in which it keeps outcomes until the database has them.
    pub journal: Option<String>,
}

#[derive(FromRow)]
struct InstanceRecord {
    incarnation: String,
    host: String,
    pid: i64,
    roles: String,
    version: String,
    config_hash: String,
    heartbeat_at: i64,
    journal: Option<String>,
}

impl From<InstanceRecord> for Instance {
    fn from(row: InstanceRecord) -> Self {
        Self {
            incarnation: row.incarnation,
            host: row.host,
            pid: row.pid,
            roles: row.roles,
            version: row.version,
            config_hash: row.config_hash,
            heartbeat_at: at(row.heartbeat_at),
            journal: row.journal,
        }
    }
}

/// Announces a process, or that it still lives.
///
/// # Errors
/// What the database says.
pub async fn announce(tx: &mut Tx, instance: &Instance, now: DateTime<Utc>) -> Result<()> {
    const UPSERT: &str = "INSERT INTO instances (incarnation, host, pid, roles, version, config_hash, started_at, \
        heartbeat_at, journal) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8) ON CONFLICT (incarnation) DO UPDATE SET \
        heartbeat_at = excluded.heartbeat_at, config_hash = excluded.config_hash, journal = excluded.journal";
    on!(tx, conn => sqlx::query(UPSERT).bind(&instance.incarnation).bind(&instance.host).bind(instance.pid)
        .bind(&instance.roles).bind(&instance.version).bind(&instance.config_hash).bind(ms(now))
        .bind(&instance.journal).execute(conn).await?.rows_affected());
    Ok(())
}

/// All processes that announced themselves and did not take leave.
///
/// # Errors
/// What the database says.
pub async fn all(tx: &mut Tx) -> Result<Vec<Instance>> {
    const SELECT: &str = "SELECT incarnation, host, pid, roles, version, config_hash, heartbeat_at, journal FROM instances \
        ORDER BY id";
    let rows: Vec<InstanceRecord> = on!(tx, conn => sqlx::query_as(SELECT).fetch_all(conn).await?);
    Ok(rows.into_iter().map(Into::into).collect())
}

/// How many processes that send have said since `since` that they live: among so many a relay's
/// connections are shared out.
///
/// # Errors
/// What the database says.
pub async fn live_workers(tx: &mut Tx, since: DateTime<Utc>) -> Result<i64> {
    const SELECT: &str = "SELECT COUNT(*) FROM instances WHERE heartbeat_at >= $1 \
        AND ' ' || roles || ' ' LIKE '% worker %'";
    Ok(on!(tx, conn => sqlx::query_scalar(SELECT).bind(ms(since)).fetch_one(conn).await?))
}

/// Takes leave, or strikes out a process that is dead.
///
/// # Errors
/// What the database says.
pub async fn remove(tx: &mut Tx, incarnation: &str) -> Result<()> {
    const DELETE: &str = "DELETE FROM instances WHERE incarnation = $1";
    on!(tx, conn => sqlx::query(DELETE).bind(incarnation).execute(conn).await?.rows_affected());
    Ok(())
}
