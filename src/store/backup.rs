//! Copies of the database while it is in use.

use std::path::Path;

use super::{Db, Result, StoreError};

impl Db {
    /// Writes a complete, consistent copy of a SQLite database to `file`, while daemons go on
    /// writing. The copy is a database like any other: to restore, put it in place of the lost one.
    ///
    /// # Errors
    /// [`StoreError::Refused`] on PostgreSQL (with the command to run) and when `file` exists.
    pub async fn backup(&self, file: &Path) -> Result<()> {
        let Self::Sqlite { read, .. } = self else {
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
        sqlx::query("VACUUM INTO $1").bind(name).execute(read).await?;
        let failed = |source| StoreError::File { path: file.to_owned(), source };
        std::fs::File::open(file).and_then(|copy| copy.sync_all()).map_err(failed)
    }
}
