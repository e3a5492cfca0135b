//! Bringing the schema up to date, safely when several processes start at once.

use std::fs::File;
use std::path::{Path, PathBuf};

use sqlx::migrate::Migrator;

use super::{Db, Result, StoreError};

// Newer migrations are ignored: they only expand, so an older binary works beside a newer schema.
static SQLITE: Migrator = Migrator { ignore_missing: true, ..sqlx::migrate!("migrations/sqlite") };
static POSTGRES: Migrator = Migrator { ignore_missing: true, ..sqlx::migrate!("migrations/postgres") };

impl Db {
    /// Applies the migrations that are missing. On SQLite an exclusive lock on a file beside the
    /// database is held meanwhile (sqlx takes none there); on PostgreSQL an advisory lock.
    ///
    /// # Errors
    /// [`StoreError::Migrate`], or [`StoreError::File`] when the lock file cannot be made.
    pub async fn migrate(&self) -> Result<()> {
        match self {
            Self::Sqlite { write, path, .. } => {
                let lock = lock(path).await?;
                SQLITE.run(write).await?;
                drop(lock);
            }
            Self::Postgres(pool) => POSTGRES.run(pool).await?,
        }
        Ok(())
    }
}

/// Takes the lock beside the database at `path`; it is free again when the file is closed, also
/// when the process is killed.
async fn lock(path: &Path) -> Result<File> {
    let path = PathBuf::from(format!("{}.migrating", path.display()));
    let failed = |path: &Path, source| StoreError::File { path: path.to_owned(), source };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|source| failed(&path, source))?;
    let locked = tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await;
    locked.map_err(std::io::Error::other).flatten().map_err(|source| failed(&path, source))
}
