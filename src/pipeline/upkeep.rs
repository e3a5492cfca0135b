//! What is done once a day: room is made for the weeks to come, and what was delivered long ago is kept
//! as totals alone. In small steps, so that nobody waits for it; killed half-way, it goes on the next
//! time.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Engine, Result};
use crate::store::deliveries::{self, Week};
use crate::store::editions::{self, day_of};
use crate::store::{Db, reports};

/// Room is made for so many weeks, this one included.
const WEEKS: i64 = 5;
/// Editions whose totals are made before their list is asked for again.
const EDITIONS: i64 = 100;
/// Rows deleted in one transaction.
const CHUNK: i64 = 10_000;

/// Does what the day asks for.
///
/// # Errors
/// What the database says.
pub async fn tick(engine: &Engine) -> Result<()> {
    let now = engine.clock.now();
    make_room(engine, now).await?;
    forget_reports(engine, now).await?;
    archive_old(engine, engine.config.delivery.keep.delta(), now).await
}

/// Deletes the bytes of reports whose time is over, and what reports came to when the deliveries that
/// they are about are kept no more.
///
/// # Errors
/// What the database says.
pub async fn forget_reports(engine: &Engine, now: DateTime<Utc>) -> Result<()> {
    let before = now - engine.config.delivery.keep.delta();
    loop {
        let mut tx = engine.db.begin().await?;
        let forgotten = reports::forget_raw(&mut tx, now, CHUNK).await?;
        let deleted = reports::delete_before(&mut tx, before, CHUNK).await?;
        tx.commit().await?;
        if forgotten == 0 && deleted == 0 {
            return Ok(());
        }
    }
}

/// Makes the partitions of four weeks ahead (PostgreSQL). Whoever opens an edition for a later day makes
/// its own.
///
/// # Errors
/// What the database says.
pub async fn make_room(engine: &Engine, now: DateTime<Utc>) -> Result<()> {
    for week in 0..WEEKS {
        let mut tx = engine.db.begin().await?;
        deliveries::ensure_partitions(&mut tx, day_of(now) + 7 * week).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Counts ended editions into totals once their day is `keep` past, then deletes their deliveries: row by
/// row on SQLite, by whole weeks on PostgreSQL, or row by row there, too, where one edition of the week
/// has still to be kept.
///
/// # Errors
/// What the database says.
pub async fn archive_old(engine: &Engine, keep: TimeDelta, now: DateTime<Utc>) -> Result<()> {
    let before = day_of(now - keep);
    archive_editions(engine, before, now).await?;
    drop_weeks(engine, before).await?;
    // Where there are weeks, what is left of them is what could not be dropped although all is past.
    let past = if matches!(engine.db, Db::Postgres(_)) { Week::of(before).first_day() } else { before };
    let mut tx = engine.db.read().await?;
    let left = deliveries::with_rows_left(&mut tx, past).await?;
    drop(tx);
    for id in left {
        loop {
            let mut tx = engine.db.begin().await?;
            let Some(edition) = editions::get(&mut tx, id).await? else { break };
            let deleted = deliveries::delete_archived_chunk(&mut tx, &edition, CHUNK).await?;
            tx.commit().await?;
            if deleted == 0 {
                break;
            }
        }
    }
    Ok(())
}

async fn archive_editions(engine: &Engine, before: i64, now: DateTime<Utc>) -> Result<()> {
    let mut after = None;
    loop {
        let mut tx = engine.db.read().await?;
        let ids = deliveries::to_archive(&mut tx, before, after, EDITIONS).await?;
        drop(tx);
        let Some(last) = ids.last() else { return Ok(()) };
        after = Some(*last);
        for id in ids {
            let mut tx = engine.db.begin().await?;
            let Some(edition) = editions::get(&mut tx, id).await? else { continue };
            if deliveries::archive(&mut tx, &edition, now).await? {
                tracing::info!(edition.id = id.0, "deliveries are kept as totals");
            }
            tx.commit().await?;
        }
    }
}

async fn drop_weeks(engine: &Engine, before: i64) -> Result<()> {
    let mut tx = engine.db.read().await?;
    let weeks = deliveries::weeks_before(&mut tx, before).await?;
    drop(tx);
    for week in weeks {
        let mut tx = engine.db.begin().await?;
        if deliveries::drop_week(&mut tx, week).await? {
            tx.commit().await?;
            tracing::info!(week.first_day = week.first_day(), "a week of deliveries was dropped");
        }
    }
    Ok(())
}
