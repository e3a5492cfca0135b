//! The newsroom's database: made, copied for each run, filled with many readers, asked how a run went.

use std::fs;
use std::path::PathBuf;
use std::str::FromStr as _;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use tokio::runtime::Runtime;

use super::Result;

/// Which of the two it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl On {
    /// As the table and the command line name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// Where it is.
enum Place {
    /// The folder of the files.
    Folder(PathBuf),
    /// The server's own database, from which others are made.
    Server(Box<PgConnectOptions>),
}

/// A database that may have copies.
pub struct Database {
    place: Place,
    runtime: Runtime,
    name: &'static str,
}

/// What is filled once.
const FIRST: &str = "newsroom";
/// What a run uses up.
const COPY: &str = "newsroom_run";

impl Database {
    /// One in `folder`, or on the server that the environment names.
    pub fn new(on: On, folder: PathBuf) -> Result<Self> {
        let place = match on {
            On::Sqlite => Place::Folder(folder),
            On::Postgres => {
                let url = std::env::var("NEWSLETTERD_TEST_POSTGRES")
                    .map_err(|_| "no PostgreSQL: NEWSLETTERD_TEST_POSTGRES is not set")?;
                Place::Server(Box::new(url.parse()?))
            }
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { place, runtime, name: FIRST })
    }

    /// As the configuration has it.
    pub fn url(&self) -> String {
        match &self.place {
            Place::Folder(folder) => format!("sqlite:{}", folder.join(self.name).display()),
            Place::Server(server) => (**server).clone().database(self.name).to_url_lossy().to_string(),
        }
    }

    /// Makes it, empty.
    pub fn create(&mut self) -> Result<()> {
        self.on_server(&[
            format!("DROP DATABASE IF EXISTS {COPY} WITH (FORCE)"),
            format!("DROP DATABASE IF EXISTS {FIRST} WITH (FORCE)"),
            format!("CREATE DATABASE {FIRST}"),
        ])
    }

    /// From now on it is a fresh copy of what was filled first.
    pub fn copy(&mut self) -> Result<()> {
        self.on_server(&[
            format!("DROP DATABASE IF EXISTS {COPY} WITH (FORCE)"),
            format!("CREATE DATABASE {COPY} TEMPLATE {FIRST}"),
            "CHECKPOINT".to_owned(),
        ])?;
        self.name = FIRST;
        if let Place::Folder(folder) = &self.place {
            self.execute(&[])?;
            for rest in ["-wal", "-shm"] {
                drop(fs::remove_file(folder.join(format!("{COPY}{rest}"))));
            }
            fs::copy(folder.join(FIRST), folder.join(COPY))?;
        }
        self.name = COPY;
        Ok(())
    }

    /// Readers of the list `readers`, in three statements: what the program's import does row by row,
    /// less the evidence of consent. Their hashes are made up, as nobody is suppressed.
    pub fn fill(&self, n: u32) -> Result<()> {
        let (series, hash) = match self.place {
            Place::Folder(_) => (
                format!(
                    "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {n})"
                ),
                "lower(hex(randomblob(32)))",
            ),
            Place::Server(_) => (
                format!("WITH numbers (n) AS (SELECT generate_series(1, {n}))"),
                "encode(sha256(CAST(CAST(n AS TEXT) AS BYTEA)), 'hex')",
            ),
        };
        let address = "'reader' || n || '@reader' || (n % 97) || '.test'";
        self.execute(&[
            format!(
                "{series} INSERT INTO subscribers (address, address_key, address_hash, domain_group, attributes, created_at) \
                 SELECT {address}, {address}, {hash}, 'reader' || (n % 97) || '.test', '{{}}', 0 FROM numbers"
            ),
            "INSERT INTO lists (name) VALUES ('readers') ON CONFLICT DO NOTHING".to_owned(),
            "INSERT INTO subscriptions (subscriber_id, list_id, state, activated_at) SELECT s.id, l.id, 'active', 0 \
             FROM subscribers s, lists l WHERE l.name = 'readers'"
                .to_owned(),
            "ANALYZE".to_owned(),
        ])
    }

    /// When the newest edition came into each of these states, in Unix milliseconds.
    pub fn reached(&self, states: [&str; 2]) -> Result<[i64; 2]> {
        let [first, second] = states.map(|state| {
            self.number(&format!(
                "SELECT max(at) FROM events WHERE type = 'edition.{state}' \
                 AND edition_id = (SELECT max(id) FROM editions)"
            ))
        });
        Ok([first?, second?])
    }

    /// The last instant that is recorded with a delivery, in Unix milliseconds.
    pub fn last_accepted(&self) -> Result<i64> {
        self.number("SELECT max(accepted_at) FROM deliveries WHERE state = 'accepted'")
    }

    fn number(&self, query: &str) -> Result<i64> {
        let query = AssertSqlSafe(query);
        Ok(self.runtime.block_on(async {
            match &self.place {
                Place::Folder(_) => sqlx::query_scalar(query).fetch_one(&mut self.sqlite().await?).await,
                Place::Server(_) => sqlx::query_scalar(query).fetch_one(&mut self.postgres().await?).await,
            }
        })?)
    }

    fn execute(&self, statements: &[String]) -> Result<()> {
        Ok(self.runtime.block_on(async {
            match &self.place {
                Place::Folder(_) => {
                    let mut connection = self.sqlite().await?;
                    for statement in statements {
                        sqlx::raw_sql(AssertSqlSafe(statement.as_str())).execute(&mut connection).await?;
                    }
                    // All of it goes into the one file that is copied.
                    sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
                    connection.close().await
                }
                Place::Server(_) => {
                    let mut connection = self.postgres().await?;
                    for statement in statements {
                        sqlx::raw_sql(AssertSqlSafe(statement.as_str())).execute(&mut connection).await?;
                    }
                    connection.close().await
                }
            }
        })?)
    }

    /// Runs statements about whole databases; on SQLite there are none.
    fn on_server(&self, statements: &[String]) -> Result<()> {
        let Place::Server(server) = &self.place else { return Ok(()) };
        Ok(self.runtime.block_on(async {
            let mut connection = (**server).clone().disable_statement_logging().connect().await?;
            for statement in statements {
                sqlx::raw_sql(AssertSqlSafe(statement.as_str())).execute(&mut connection).await?;
            }
            connection.close().await
        })?)
    }

    async fn sqlite(&self) -> std::result::Result<SqliteConnection, sqlx::Error> {
        SqliteConnectOptions::from_str(&self.url())?.disable_statement_logging().connect().await
    }

    async fn postgres(&self) -> std::result::Result<PgConnection, sqlx::Error> {
        PgConnectOptions::from_str(&self.url())?.disable_statement_logging().connect().await
    }
}
