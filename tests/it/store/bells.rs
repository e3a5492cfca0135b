//! Bells between daemons that share a PostgreSQL database.

use std::time::Duration;

use newsletterd::store::{Bells, Db};
use tokio::time::timeout;

use super::Fresh;

async fn heard(bells: &mut Bells, within: Duration) -> bool {
    timeout(within, bells.next()).await.is_ok()
}

async fn ring(db: &Db, commits: bool) {
    let mut tx = db.begin().await.unwrap();
    tx.ring().await.unwrap();
    if commits {
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_committed_is_heard_by_all_and_what_is_not_by_nobody() {
    let Some(fresh) = Fresh::postgres().await else { return };
    let mut one = fresh.db.listen().await.unwrap();
    let mut two = fresh.db.listen().await.unwrap();
    ring(&fresh.db, false).await;
    assert!(!heard(&mut one, Duration::from_millis(300)).await);
    ring(&fresh.db, true).await;
    assert!(heard(&mut one, Duration::from_secs(10)).await);
    assert!(heard(&mut two, Duration::from_secs(10)).await);
}

/// Whoever listened when the connection broke is told to look, and hears again.
#[tokio::test]
async fn a_broken_connection_counts_as_a_bell() {
    let Some(fresh) = Fresh::postgres().await else { return };
    let Db::Postgres(pool) = &fresh.db else { unreachable!() };
    let mut bells = fresh.db.listen().await.unwrap();
    let kill = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'";
    let killed: i64 = sqlx::query_scalar(kill).fetch_one(pool).await.unwrap();
    assert_eq!(killed, 1);
    assert!(heard(&mut bells, Duration::from_secs(10)).await);
    ring(&fresh.db, true).await;
    assert!(heard(&mut bells, Duration::from_secs(10)).await);
}

#[tokio::test]
async fn on_sqlite_nothing_rings() {
    let fresh = Fresh::sqlite().await;
    let mut bells = fresh.db.listen().await.unwrap();
    ring(&fresh.db, true).await;
    assert!(!heard(&mut bells, Duration::from_millis(50)).await);
}
