//! A new, empty PostgreSQL database for each test that asks for one.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::provided;

/// A database of a test's own; it is dropped with this value.
pub struct Database {
    server: String,
    name: String,
}

/// Creates an empty database on the server of `tests/run`; `None` where there is no server
/// (outside of continuous integration).
pub async fn fresh_database() -> Option<Database> {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let server = provided("NEWSLETTERD_TEST_POSTGRES", "PostgreSQL server")?;
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let name = format!("newsletterd_test_{}_{number}", std::process::id());
    // One of the same name can only be left over from a run that was killed.
    execute(&server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    execute(&server, format!("CREATE DATABASE {name}")).await;
    Some(Database { server, name })
}

impl Database {
    /// Where it is, as the program takes it in `database.url`.
    pub fn url(&self) -> String {
        let options: PgConnectOptions = self.server.parse().unwrap();
        options.database(&self.name).to_url_lossy().to_string()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let server = self.server.clone();
        // A runtime of its own: the test's may be the one that this runs on.
        let done = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(execute(&server, drop));
        });
        if done.join().is_err() {
            eprintln!("could not drop the database {}", self.name);
        }
    }
}

async fn execute(server: &str, statement: String) {
    let options: PgConnectOptions = server.parse().unwrap();
    let mut connection = options.disable_statement_logging().connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
