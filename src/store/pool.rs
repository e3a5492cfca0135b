//! Connections and transactions on either database.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{
    ConnectOptions as _, Connection as _, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction,
};

use super::{Result, StoreError};

/// How long others may keep a file from being opened.
const OPEN_PATIENCE: Duration = Duration::from_secs(30);

/// An open database; cheap to clone.
#[derive(Clone, Debug)]
pub enum Db {
    /// One file, one machine: many readers, one writer.
    Sqlite {
        /// Connections that only read.
        read: SqlitePool,
        /// The one connection that writes.
        write: SqlitePool,
        /// The file.
        path: PathBuf,
    },
    /// A server that several daemons may share.
    Postgres(PgPool),
}

/// An open transaction. Dropped without [`Tx::commit`], it changes nothing.
pub enum Tx {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

impl Db {
    /// Connections to PostgreSQL at most, per process.
    const POSTGRES_CONNECTIONS: u32 = 16;

    /// Opens `sqlite:FILE` (percent-encoded; made when absent) or `postgres://…`. The schema is left as it is: see
    /// [`Db::migrate`].
    ///
    /// # Errors
    /// [`StoreError::Url`] for another scheme, else what the driver says.
    pub async fn open(url: &str) -> Result<Self> {
        if let Some(file) = url.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            let file = percent_encoding::percent_decode_str(file).decode_utf8_lossy();
            return Self::open_sqlite(Path::new(file.as_ref())).await;
        }
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(StoreError::Url(url.split(':').next().unwrap_or_default().to_owned()));
        }
        let options = PgConnectOptions::from_str(url)?
            .application_name("newsletterd")
            .options([("statement_timeout", "60s"), ("idle_in_transaction_session_timeout", "60s")])
            .log_slow_statements(tracing::log::LevelFilter::Debug, Duration::from_secs(5));
        let pool = PgPoolOptions::new()
            .max_connections(Self::POSTGRES_CONNECTIONS)
            .acquire_timeout(Duration::from_secs(30))
            .connect_with(options)
            .await?;
        Ok(Self::Postgres(pool))
    }

    async fn open_sqlite(path: &Path) -> Result<Self> {
        let began = Instant::now();
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(30))
            // A batch: the threads of the database and of whoever asked it need not wake each other row by row.
            .row_buffer_size(1024)
            .log_slow_statements(tracing::log::LevelFilter::Debug, Duration::from_secs(5));
        let write = loop {
            let opened = SqlitePoolOptions::new()
                .max_connections(1)
                .acquire_timeout(Duration::from_secs(60))
                .after_release(|connection, _| Box::pin(is_at_rest(connection)))
                .connect_with(options.clone())
                .await
                .map_err(StoreError::from);
            match opened {
                // Of several that make one new file at once, one turns it to WAL, and SQLite lets nobody wait
                // for that, whatever the busy timeout.
                Err(error) if error.is_temporary() && began.elapsed() < OPEN_PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                opened => break opened?,
            }
        };
        // The writer made the file; readers never do, so that a wrong path is seen once, there.
        let read = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(30))
            .connect_with(options.create_if_missing(false).pragma("query_only", "ON"))
            .await?;
        Ok(Self::Sqlite { read, write, path: path.to_owned() })
    }

    /// Lets commits return before the disk has them, for a database that nobody relies on: the
    /// demo's. A crash of the program still loses nothing, one of the machine the last commits; the
    /// file stays whole. Where there is more than one writer, on PostgreSQL, it changes nothing.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn relax(&self) -> Result<()> {
        if let Self::Sqlite { write, .. } = self {
            sqlx::query("PRAGMA synchronous = NORMAL").execute(write).await?;
        }
        Ok(())
    }

    /// Begins a transaction that may write. On SQLite it holds the one writer's place from the
    /// start (`BEGIN IMMEDIATE`), so that it never fails half-way with "database is locked".
    ///
    /// # Errors
    /// What the driver says.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Begins a transaction that only reads, and sees one state of the database throughout.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn read(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Self::Postgres(pool) => {
                Tx::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        })
    }

    /// Closes all connections, in good order.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { read, write, .. } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// Whether a connection has no transaction, once what it was told before is done. SQLite itself rolls
/// back when the disk is full, and the driver goes on to count a transaction that nothing can end:
/// such a connection is closed, and a new one takes its place.
async fn is_at_rest(connection: &mut SqliteConnection) -> std::result::Result<bool, sqlx::Error> {
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

impl Tx {
    /// Gives up all that was written, and the locks, before it returns; a dropped transaction does so
    /// some time later.
    ///
    /// # Errors
    /// What the driver says; nothing was written all the same.
    pub async fn rollback(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }

    /// Makes all that was written durable.
    ///
    /// # Errors
    /// What the driver says; then nothing was written.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}
