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

/// The ids in a JSON list, the given parameter, as a subselect: as many as one likes in one statement,
/// and the same text whatever their number.
macro_rules! id_list {
    (sqlite, $parameter:literal) => {
        concat!("SELECT value FROM json_each(", $parameter, ")")
    };
    (postgres, $parameter:literal) => {
        concat!(
            "SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST(",
            $parameter,
            " AS JSONB))"
        )
    };
}

/// The rows of a JSON list of lists, the given parameter, each as one JSON `value`.
macro_rules! json_rows {
    (sqlite, $parameter:literal) => {
        concat!("json_each(", $parameter, ")")
    };
    (postgres, $parameter:literal) => {
        concat!("jsonb_array_elements(CAST(", $parameter, " AS JSONB))")
    };
}

/// Gathers the given columns of all rows into one JSON list of lists.
macro_rules! json_list {
    (sqlite, $columns:literal) => {
        concat!("json_group_array(json_array(", $columns, "))")
    };
    (postgres, $columns:literal) => {
        concat!("COALESCE(json_agg(json_build_array(", $columns, ")), '[]')")
    };
}

/// Behind a table's name: the index that finds the rows. SQLite may take another that is as good while
/// the table is small, and reads it through when it is large; PostgreSQL knows how large it is.
macro_rules! by_index {
    (sqlite, $index:literal) => {
        concat!(" INDEXED BY ", $index)
    };
    (postgres, $index:literal) => {
        ""
    };
}

/// Ends a subselect that another table is joined to row by row. SQLite would rather go through that
/// whole table for each row of the subselect; a limit makes it work the subselect out first.
macro_rules! worked_out {
    (sqlite) => {
        " LIMIT -1"
    };
    (postgres) => {
        ""
    };
}

pub(super) use {by_index, id_list, json_list, json_rows, lease_now, skip_locked, worked_out};
