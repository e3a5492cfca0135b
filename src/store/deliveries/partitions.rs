//! The weeks in which PostgreSQL keeps deliveries: made ahead, dropped when nothing of a week is kept
//! but totals. SQLite has one table and needs none of it.

use crate::store::{Result, Tx};

/// The tables that have weeks.
const TABLES: [&str; 2] = ["deliveries", "delivery_attempts"];

/// Makes room for the deliveries of `day` (PostgreSQL: the partitions of its week; SQLite needs
/// none). Made standalone and attached, so that it never waits for running claims.
///
/// # Errors
/// What the database says.
pub async fn ensure_partitions(tx: &mut Tx, day: i64) -> Result<()> {
    const LOCK: &str = "SELECT pg_advisory_xact_lock(7340911)";
    const EXISTS: &str = "SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass($1)";
    let Tx::Postgres(tx) = tx else { return Ok(()) };
    let week = day.div_euclid(7);
    for table in TABLES {
        let partition = format!("{table}_w{week}");
        sqlx::query(LOCK).execute(&mut **tx).await?;
        let there: i64 = sqlx::query_scalar(EXISTS).bind(&partition).fetch_one(&mut **tx).await?;
        if there > 0 {
            continue;
        }
        let (from, to) = (week * 7, week * 7 + 7);
        // Table names cannot be bound; they are made of a constant and a number.
        for sql in [
            format!("CREATE TABLE {partition} (LIKE {table} INCLUDING ALL)"),
            format!("ALTER TABLE {table} ATTACH PARTITION {partition} FOR VALUES FROM ({from}) TO ({to})"),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut **tx).await?;
        }
    }
    Ok(())
}

/// Lets PostgreSQL look at how the deliveries of a day's week are spread. Without it, it would take an
/// edition of a million for a few rows until its own look at them a minute later.
///
/// # Errors
/// What the database says.
pub(super) async fn analyze(tx: &mut Tx, day: i64) -> Result<()> {
    let Tx::Postgres(tx) = tx else { return Ok(()) };
    let sql = format!("ANALYZE deliveries_w{}", day.div_euclid(7));
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut **tx).await?;
    Ok(())
}

/// A week of deliveries, counted from 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Week(i64);

impl Week {
    /// The week of a day.
    pub const fn of(day: i64) -> Self {
        Self(day.div_euclid(7))
    }

    /// Its first day.
    pub const fn first_day(self) -> i64 {
        self.0 * 7
    }
}

/// The weeks that there are before that of `day`, oldest first.
///
/// # Errors
/// What the database says.
pub async fn weeks_before(tx: &mut Tx, day: i64) -> Result<Vec<Week>> {
    const SELECT: &str = "SELECT CAST(SUBSTRING(c.relname FROM '^deliveries_w([0-9]+)$') AS BIGINT) AS week \
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
        WHERE i.inhparent = 'deliveries'::regclass AND c.relname ~ '^deliveries_w[0-9]+$' ORDER BY week";
    let Tx::Postgres(tx) = tx else { return Ok(Vec::new()) };
    let weeks: Vec<i64> = sqlx::query_scalar(SELECT).fetch_all(&mut **tx).await?;
    Ok(weeks.into_iter().map(Week).filter(|week| *week < Week::of(day)).collect())
}

/// Drops a week, unless it holds a delivery of an edition that is not archived; whether it did is
/// given back. Nobody waits long for it: it gives up when it cannot have the tables at once.
///
/// # Errors
/// What the database says, that a lock was not to be had within its time included.
pub async fn drop_week(tx: &mut Tx, week: Week) -> Result<bool> {
    const PATIENCE: &str = "SET LOCAL lock_timeout = '2s'";
    const HOLDS: &str = "SELECT COUNT(*) FROM editions e WHERE e.archived_at IS NULL AND e.day >= $1 AND e.day < $1 + 7 \
        AND EXISTS (SELECT 1 FROM deliveries d WHERE d.day = e.day AND d.edition_id = e.id)";
    let Tx::Postgres(tx) = tx else { return Ok(false) };
    sqlx::query(PATIENCE).execute(&mut **tx).await?;
    // The parents first, as whoever writes takes them; a row that comes in now waits.
    for table in TABLES {
        let sql = format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut **tx).await?;
    }
    let held: i64 = sqlx::query_scalar(HOLDS).bind(week.first_day()).fetch_one(&mut **tx).await?;
    if held > 0 {
        return Ok(false);
    }
    for table in TABLES {
        let partition = format!("{table}_w{}", week.0);
        for sql in
            [format!("ALTER TABLE {table} DETACH PARTITION {partition}"), format!("DROP TABLE {partition}")]
        {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut **tx).await?;
        }
    }
    Ok(true)
}
