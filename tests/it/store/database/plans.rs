//! The plans of the hot statements over a hundred thousand deliveries: none of them may read an
//! edition's rows through, since each runs once for a batch of a few hundred.

use newsletterd::store::{Db, Tx};

use crate::store::given::{many, minute, newsroom, sending};
use crate::store::{Fresh, execute, raw};

const ROWS: i64 = 100_000;

/// What is asked, and the index that must answer. The edition is the first, its day 20514.
const HOT: [(&str, &str, &str); 11] = [
    (
        "the due ones of a claim",
        "SELECT subscriber_id FROM deliveries WHERE day = 20514 AND edition_id = 1 AND lane = '' \
         AND state IN ('queued', 'deferred') AND due_at <= 9000000000000 ORDER BY due_at, subscriber_id LIMIT 200",
        "due_at",
    ),
    (
        "what a lease has",
        "SELECT subscriber_id, attempt FROM deliveries WHERE day = 20514 AND edition_id = 1 AND subscriber_id IN (SELECT \
         subscriber_id FROM deliveries WHERE day = 20514 AND edition_id = 1 AND lease_by = 'w#1' AND state = 'claimed')",
        "lease_by",
    ),
    (
        "what a lease gives back",
        "UPDATE deliveries SET lease_by = NULL WHERE day = 20514 AND edition_id = 1 AND subscriber_id IN (SELECT \
         subscriber_id FROM deliveries WHERE day = 20514 AND edition_id = 1 AND lease_by = 'w#1' AND state = 'claimed')",
        "lease_by",
    ),
    (
        "leases that are over",
        "UPDATE deliveries SET lease_by = NULL WHERE state = 'claimed' AND lease_until < 5",
        "lease",
    ),
    (
        "what a dead process had",
        "UPDATE deliveries SET lease_by = NULL WHERE state = 'claimed' AND SUBSTR(lease_by, 1, LENGTH('w') + 1) = 'w#'",
        "lease",
    ),
    (
        "whether a worker has any",
        "SELECT subscriber_id FROM deliveries WHERE state = 'claimed' AND day = 20514 AND edition_id = 1 LIMIT 1",
        "lease",
    ),
    (
        "an outcome",
        "UPDATE deliveries SET state = 'accepted' WHERE day = 20514 AND edition_id = 1 AND subscriber_id = 7 \
         AND attempt = 1 AND lease_by = 'w#1' AND state = 'claimed'",
        "subscriber_id",
    ),
    (
        "when the next is due",
        "SELECT MIN(due_at) FROM deliveries WHERE day = 20514 AND edition_id = 1 AND state IN ('queued', 'deferred') \
         AND lane = ''",
        "lane",
    ),
    (
        "the next lane",
        "SELECT MIN(lane) FROM deliveries WHERE day = 20514 AND edition_id = 1 AND state IN ('queued', 'deferred') \
         AND lane > ''",
        "lane",
    ),
    (
        "what is cancelled next",
        "SELECT subscriber_id FROM deliveries WHERE day = 20514 AND edition_id = 1 \
         AND state IN ('queued', 'deferred') ORDER BY lane, due_at, subscriber_id LIMIT 100",
        "lane",
    ),
    (
        "the next chunk",
        "SELECT subscriber_id FROM subscriptions WHERE list_id = 1 AND state = 'active' AND subscriber_id > 500 \
         ORDER BY subscriber_id LIMIT 1000",
        "subscriptions",
    ),
];

async fn plan(tx: &mut Tx, statement: &str) -> String {
    let sqlite = matches!(tx, Tx::Sqlite(_));
    let explain = if sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" };
    let sql = sqlx::AssertSqlSafe(format!("{explain} {statement}"));
    if let Tx::Sqlite(tx) = tx {
        let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(sql).fetch_all(&mut **tx).await.unwrap();
        return rows.into_iter().map(|row| row.3).collect::<Vec<_>>().join("\n");
    }
    let rows: Vec<String> = raw!(tx, conn => sqlx::query_scalar(sql).fetch_all(conn).await.unwrap());
    rows.join("\n")
}

async fn hot_statements_use_their_indexes(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, ROWS).await;
    let edition = sending(db, room, minute(60)).await;
    assert_eq!((edition.id.0, edition.day), (1, 20_514));
    let mut tx = db.begin().await.unwrap();
    execute(&mut tx, "UPDATE deliveries SET state = 'accepted' WHERE subscriber_id <= 90000").await;
    execute(
        &mut tx,
        "UPDATE deliveries SET state = 'claimed', lease_by = 'w#' || (subscriber_id / 200), lease_until = 1 \
         WHERE subscriber_id > 99000",
    )
    .await;
    tx.commit().await.unwrap();
    if let Db::Postgres(pool) = db {
        sqlx::query("ANALYZE").execute(pool).await.unwrap();
    }
    let mut tx = db.read().await.unwrap();
    for (what, statement, index) in HOT {
        let plan = plan(&mut tx, statement).await;
        let whole = ["Seq Scan on deliveries_w", "SCAN deliveries\n", "Sort "];
        assert!(!whole.iter().any(|part| plan.contains(part)), "{what}:\n{plan}");
        assert!(plan.contains(index), "{what} does not use {index}:\n{plan}");
    }
}

#[tokio::test]
async fn on_sqlite() {
    let fresh = Fresh::sqlite().await;
    hot_statements_use_their_indexes(&fresh.db).await;
    fresh.db.close().await;
}

#[tokio::test]
async fn on_postgres() {
    let Some(fresh) = Fresh::postgres().await else { return };
    hot_statements_use_their_indexes(&fresh.db).await;
    fresh.db.close().await;
}
