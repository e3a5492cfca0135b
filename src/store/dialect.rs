//! The only SQL that differs between the two databases.

/// Ends a `SELECT` of rows that are about to be updated: on PostgreSQL rows that another worker
/// has locked are passed over; SQLite has one writer and needs nothing.
macro_rules! skip_locked {
    (sqlite) => {
        ""
    };
    (postgres) => {
        " FOR UPDATE SKIP LOCKED"
    };
}

/// The instant that leases are measured by: the database's own clock on PostgreSQL, so that
/// machines need not agree; the caller's, in the given parameter, on SQLite, where there is one.
macro_rules! lease_now {
    (sqlite, $parameter:literal) => {
        $parameter
    };
    (postgres, $parameter:literal) => {
        concat!("(CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) + 0 * ", $parameter, ")")
    };
}

pub(super) use {lease_now, skip_locked};
