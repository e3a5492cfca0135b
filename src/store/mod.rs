//! The database: SQLite by default, PostgreSQL when several daemons share one.
//!
//! Each query is written once and runs on both: [`Tx`] is an open transaction on either, and the
//! `on!` macro pastes one body into both arms, so every statement is type-checked for both
//! drivers. What differs in SQL stands in `dialect`. Times come from the caller's clock, in
//! Unix milliseconds UTC; only leases on PostgreSQL use the database's own.
//!
//! Every function that writes takes a [`Tx`], so that a caller can make one transaction of a
//! change of state and all that follows from it. Nothing is durable before [`Tx::commit`].

pub mod archive;
pub mod articles;
pub mod backup;
mod bells;
pub mod canary;
pub mod catalog;
pub mod claims;
pub mod content;
pub mod deliveries;
mod dialect;
pub mod editions;
mod error;
pub mod events;
pub mod exclusions;
pub mod instances;
pub mod journal;
pub mod limits;
pub mod links;
pub mod mails;
pub mod media;
mod migrate;
pub mod outcomes;
#[cfg(test)]
mod plans;
mod pool;
pub mod progress;
pub mod reads;
pub mod relays;
pub mod reports;
pub mod subscribers;
pub mod suppressions;

use chrono::{DateTime, Utc};

pub use self::bells::Bells;
pub use self::error::StoreError;
pub use self::pool::{Db, Tx};

/// What functions of this module return.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Runs `$body` on the open transaction, whichever driver it is; `$conn` is the connection.
macro_rules! on {
    ($tx:expr, $conn:ident => $body:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => {
                let $conn = &mut **tx;
                $body
            }
            $crate::store::Tx::Postgres(tx) => {
                let $conn = &mut **tx;
                $body
            }
        }
    };
}

/// As [`on!`], where the statement's text differs: a constant for SQLite, one for PostgreSQL.
macro_rules! on_dialect {
    ($tx:expr, sqlite: $lite:expr, postgres: $pg:expr, |$sql:ident, $conn:ident| $body:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => {
                let ($sql, $conn) = ($lite, &mut **tx);
                $body
            }
            $crate::store::Tx::Postgres(tx) => {
                let ($sql, $conn) = ($pg, &mut **tx);
                $body
            }
        }
    };
}

pub(crate) use {on, on_dialect};

/// An instant as the database holds it.
pub(crate) const fn ms(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// An optional instant as the database holds it.
pub(crate) fn opt_ms(at: Option<DateTime<Utc>>) -> Option<i64> {
    at.map(ms)
}

/// A stored instant; one outside chrono's range (nobody wrote it) becomes the epoch.
pub(crate) fn at(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or(DateTime::UNIX_EPOCH)
}

/// A stored word as its enum.
pub(crate) fn word<T: std::str::FromStr>(table: &'static str, column: &'static str, text: &str) -> Result<T>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| StoreError::Inconsistent { table, column, found: error.to_string() })
}

/// Fails unless exactly `expected` rows were changed.
pub(crate) fn expect_rows(what: &'static str, expected: u64, actual: u64) -> Result<()> {
    if expected == actual { Ok(()) } else { Err(StoreError::RowsAffected { what, expected, actual }) }
}
