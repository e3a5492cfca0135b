//! What becomes of deliveries that are no longer wanted row by row: of an edition that was unlocked, and
//! of one that went out long ago.

use chrono::{DateTime, TimeDelta, Utc};
use newsletterd::domain::edition::EditionState;
use newsletterd::domain::ids::EditionId;
use newsletterd::pipeline::{control, lock, report, upkeep};
use newsletterd::store::{Db, Tx, deliveries, editions};

use super::{Newsroom, send_due};
use crate::support::engine::{TestEngine, stories};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn number(tx: &mut Tx, sql: &'static str) -> i64 {
    match tx {
        Tx::Sqlite(tx) => sqlx::query_scalar(sql).fetch_one(&mut **tx).await.unwrap(),
        Tx::Postgres(tx) => sqlx::query_scalar(sql).fetch_one(&mut **tx).await.unwrap(),
    }
}

async fn execute(tx: &mut Tx, sql: &'static str) {
    match tx {
        Tx::Sqlite(tx) => drop(sqlx::query(sql).execute(&mut **tx).await.unwrap()),
        Tx::Postgres(tx) => drop(sqlx::query(sql).execute(&mut **tx).await.unwrap()),
    }
}

async fn open_day(test: &TestEngine) {
    test.tick_at("2026-11-24T00:00:00Z").await;
    test.import_articles(&stories(4, test.engine.clock.now())).await;
    test.add_subscribers("readers", &["ana@example.org", "bo@example.org", "cy@example.org"]).await;
    test.tick_at("2026-11-24T01:00:00Z").await;
}

/// An unlocked edition's rows are deleted after it became a draft. The process died before that, and
/// one of the readers has left since.
#[tokio::test]
async fn what_a_crash_left_of_an_unlock_goes_with_the_next_lock() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        open_day(test).await;
        let id = test.editions().await[0].id;
        test.engine.clock.set(utc("2026-11-24T03:00:00Z"));
        let mut tx = test.engine.db.begin().await.unwrap();
        let edition = editions::get(&mut tx, id).await.unwrap().unwrap();
        lock::lock(&test.engine, &mut tx, &edition, lock::Decision::Schedule).await.unwrap();
        deliveries::ensure_partitions(&mut tx, edition.day).await.unwrap();
        execute(
            &mut tx,
            "INSERT INTO deliveries (day, edition_id, subscriber_id, state, domain_group, due_at, attempt) \
             SELECT day, 1, 999, 'queued', '', 0, 0 FROM editions WHERE id = 1",
        )
        .await;
        tx.commit().await.unwrap();
        assert_eq!(id, EditionId(1));
        test.tick_at("2026-11-24T03:00:01Z").await;
        let sent = send_due(test).await;
        assert_eq!((sent.state, sent.audience_count), (EditionState::Sent, Some(3)));
    }
}

/// Promise 6 also after the rows are gone.
#[tokio::test]
async fn old_deliveries_become_totals_that_add_up() {
    let room = Newsroom::open("[delivery]\nkeep = \"400d\"", "", "").await;
    for test in &room.engines {
        open_day(test).await;
        test.tick_at("2026-11-24T03:00:00Z").await;
        let sent = send_due(test).await;
        assert_eq!(sent.state, EditionState::Sent);
        let engine = &test.engine;
        let before = report::report(engine, sent.id).await.unwrap();
        assert!(before.adds_up() && before.audience == 3, "{before:?}");

        engine.clock.set(utc("2026-11-24T03:00:00Z") + TimeDelta::days(400));
        upkeep::tick(engine).await.unwrap();
        let mut tx = engine.db.read().await.unwrap();
        assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM deliveries").await, 3, "the day itself is kept");
        drop(tx);
        // Every day, as the daemon does it; some day its week is over as well.
        for _ in 0..8 {
            engine.clock.advance(TimeDelta::days(1));
            upkeep::tick(engine).await.unwrap();
        }
        let after = report::report(engine, sent.id).await.unwrap();
        assert_eq!(after.accounting, before.accounting);
        assert!(after.adds_up());
        let mut tx = engine.db.read().await.unwrap();
        assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM deliveries").await, 0);
        if matches!(engine.db, Db::Postgres(_)) {
            let weeks = "SELECT COUNT(*) FROM pg_inherits WHERE inhparent = 'deliveries'::regclass";
            // Nine days of making five weeks' room, and nothing of the edition's own week.
            assert!((6..=7).contains(&number(&mut tx, weeks).await));
        }
        drop(tx);
        let refused = control::retry(engine, sent.id, control::RetryOutcome::Rejected, "ana").await;
        assert!(refused.unwrap_err().to_string().contains("archived"));
    }
}
