//! The plans that SQLite makes for the statements of a run, which must not depend on how large an
//! edition is: one that reads it through is as good as any while it is small.

use super::pool::{Db, Tx};
use super::{claims, outcomes};

async fn plan(db: &Db, statement: &'static str) -> Vec<String> {
    let Tx::Sqlite(mut tx) = db.read().await.unwrap() else { unreachable!("it is SQLite") };
    let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(sql).fetch_all(&mut *tx).await.unwrap();
    rows.into_iter()
        .map(|row| row.3)
        .filter(|step| step.contains("deliveries") || step.contains(" d "))
        .collect()
}

#[tokio::test]
async fn a_batch_costs_the_same_in_an_edition_of_any_size() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&format!("sqlite:{}", folder.path().join("newsroom").display())).await.unwrap();
    db.migrate().await.unwrap();
    for statement in claims::CLAIM.into_iter().chain([outcomes::UPDATE]) {
        let steps = plan(&db, statement).await;
        assert!(!steps.is_empty(), "{statement}");
        for step in steps {
            let found_by = ["subscriber_id=?", "lane=?", "lease_by=?"];
            assert!(found_by.iter().any(|column| step.contains(column)), "{step}: {statement}");
        }
    }
    db.close().await;
}
