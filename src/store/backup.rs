//! Copies of the database while it is in use.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use super::{Db, Result, StoreError};

impl Db {
    /// Writes a complete, consistent copy of a SQLite database to `file`, while daemons go on
    /// writing. The copy is a database like any other: to restore, put it in place of the lost one.
    ///
    /// # Errors
    /// [`StoreError::Refused`] on PostgreSQL (with the command to run) and when `file` exists.
    pub async fn backup(&self, file: &Path) -> Result<()> {
        let Self::Sqlite { path, .. } = self else {
            return Err(StoreError::Refused(
                "PostgreSQL makes its own backups; run: pg_dump --format=custom --file=FILE DATABASE_URL"
                    .to_owned(),
            ));
        };
        if file.exists() {
            return Err(StoreError::Refused(format!("{} exists; a backup never overwrites", file.display())));
        }
        let name =
            file.to_str().ok_or_else(|| StoreError::Refused(format!("{} is not UTF-8", file.display())))?;
        // A connection of its own: readers may write nothing, not even elsewhere, and the writer is
        // not to wait.
        let mut source = SqliteConnectOptions::new().filename(path).connect().await?;
        sqlx::query("VACUUM INTO $1").bind(name).execute(&mut source).await?;
        source.close().await?;
        let failed = |source| StoreError::File { path: file.to_owned(), source };
        std::fs::File::open(file).and_then(|copy| copy.sync_all()).map_err(failed)
    }
}
