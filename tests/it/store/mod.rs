//! Contract tests of the store: every test body is written once and runs on a fresh SQLite file
//! and on a fresh PostgreSQL database, since a statement that both accept may still mean two things.

mod articles;
mod bells;
mod catalog;
mod content;
mod database;
mod deliveries;
mod editions;
mod given;
mod limits;
mod links;
mod media;
mod process;
mod reads;
mod reports;
mod reports_shown;
mod subscribers;
mod suppressions;

use newsletterd::store::{Db, Tx};
use tempfile::TempDir;

use crate::support::postgres::{self, Database};

/// Makes of each function `async fn(&Db)` a test on SQLite and one on PostgreSQL.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {$(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let fresh = $crate::store::Fresh::sqlite().await;
                super::$name(&fresh.db).await;
                fresh.db.close().await;
            }
        )+}

        mod postgres {$(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let Some(fresh) = $crate::store::Fresh::postgres().await else { return };
                super::$name(&fresh.db).await;
                fresh.db.close().await;
            }
        )+}
    };
}

/// Runs `$body` on the open transaction's own connection, for what the store has no function for.
macro_rules! raw {
    ($tx:expr, $conn:ident => $body:expr) => {
        match $tx {
            newsletterd::store::Tx::Sqlite(tx) => {
                let $conn = &mut **tx;
                $body
            }
            newsletterd::store::Tx::Postgres(tx) => {
                let $conn = &mut **tx;
                $body
            }
        }
    };
}

use {on_both, raw};

/// A migrated database that nobody else has; it goes away with this value.
struct Fresh {
    db: Db,
    _home: Home,
}

enum Home {
    Folder(#[expect(dead_code, reason = "held until the test has ended")] TempDir),
    Server(#[expect(dead_code, reason = "held until the test has ended")] Database),
}

impl Fresh {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("news.db").display());
        Self { db: migrated(&url).await, _home: Home::Folder(folder) }
    }

    async fn postgres() -> Option<Self> {
        let database = postgres::fresh_database().await?;
        Some(Self { db: migrated(&database.url()).await, _home: Home::Server(database) })
    }
}

async fn migrated(url: &str) -> Db {
    let db = Db::open(url).await.unwrap();
    db.migrate().await.unwrap();
    db
}

/// Runs a statement of the test's own; how many rows it changed is given back.
async fn execute(tx: &mut Tx, sql: &str) -> u64 {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    raw!(tx, conn => sqlx::query(sql).execute(conn).await.unwrap().rows_affected())
}

/// The one number that a query of the test's own finds.
async fn number(tx: &mut Tx, sql: &str) -> i64 {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    raw!(tx, conn => sqlx::query_scalar(sql).fetch_one(conn).await.unwrap())
}
