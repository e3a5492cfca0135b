//! What can go wrong with the database.

/// Why a database call failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The driver or the server said no.
    #[error("the database failed: {0}")]
    Driver(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database could not be migrated: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row holds what this program never writes.
    #[error("{table}.{column} holds something this version does not know: {found}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What was found.
        found: String,
    },
    /// The change is not allowed in the present state.
    #[error("{0}")]
    Refused(String),
    /// A statement changed another number of rows than it must.
    #[error("{what}: {actual} rows changed where {expected} should have")]
    RowsAffected {
        /// The statement's purpose.
        what: &'static str,
        /// Rows that should have changed.
        expected: u64,
        /// Rows that did.
        actual: u64,
    },
    /// The address of the database cannot be used.
    #[error("`{0}` is no database address; use sqlite:FILE or postgres://…")]
    Url(String),
    /// A file of the database could not be used.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl StoreError {
    /// Whether the same call may succeed later without anybody doing anything.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Driver(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed) => true,
            Self::Driver(sqlx::Error::Database(error)) => {
                // 08 connection, 40 rollback by the server, 53 resources, 57 shutdown; 5/6 busy and locked.
                error.code().is_some_and(|code| {
                    ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class) && code.len() == 5)
                        || ["5", "6", "261", "517"].contains(&code.as_ref())
                })
            }
            _ => false,
        }
    }

    /// Whether a unique key forbade it.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Driver(sqlx::Error::Database(error)) if error.is_unique_violation())
    }
}
