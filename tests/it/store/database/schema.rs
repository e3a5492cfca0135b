//! Both databases have the same tables, columns and types.

use std::collections::BTreeMap;

use newsletterd::store::Tx;

use crate::store::{Fresh, raw};

/// By table and column: the type, as one word for both databases, and whether it must have a value.
type Shape = BTreeMap<(String, String), (String, bool)>;

const SQLITE: &str = "SELECT t.name, c.name, c.type, c.\"notnull\" FROM pragma_table_list t \
    JOIN pragma_table_info(t.name) c WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite%'";
const POSTGRES: &str = "SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT), format_type(a.atttypid, NULL), \
    CAST(CASE WHEN a.attnotnull THEN 1 ELSE 0 END AS BIGINT) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition \
    AND a.attnum > 0 AND NOT a.attisdropped";

async fn shape(tx: &mut Tx) -> Shape {
    let sql = if matches!(tx, Tx::Sqlite(_)) { SQLITE } else { POSTGRES };
    let rows: Vec<(String, String, String, i64)> =
        raw!(tx, conn => sqlx::query_as(sql).fetch_all(conn).await.unwrap());
    rows.into_iter()
        .filter(|(table, ..)| table != "_sqlx_migrations")
        .map(|(table, column, of, required)| ((table, column), (of, required == 1)))
        .collect()
}

/// Every column that may hold text, by table.
pub async fn text_columns(tx: &mut Tx) -> Vec<(String, String)> {
    let number = |of: &str| matches!(of, "INTEGER" | "bigint");
    shape(tx).await.into_iter().filter(|(_, (of, _))| !number(of)).map(|(place, _)| place).collect()
}

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_and_types() {
    let Some(postgres) = Fresh::postgres().await else { return };
    let sqlite = Fresh::sqlite().await;
    let lite = shape(&mut sqlite.db.read().await.unwrap()).await;
    let pg = shape(&mut postgres.db.read().await.unwrap()).await;
    assert!(lite.len() > 150, "only {} columns were found", lite.len());
    let places = |shape: &Shape| shape.keys().cloned().collect::<Vec<_>>();
    assert_eq!(places(&lite), places(&pg));
    for (place, (of, required)) in &lite {
        let (pg_type, pg_required) = &pg[place];
        let same = match of.as_str() {
            "INTEGER" => pg_type == "bigint",
            "TEXT" => pg_type == "text" || pg_type == "jsonb",
            "BLOB" => pg_type == "bytea",
            _ => false,
        };
        assert!(same, "{place:?} is {of} on SQLite and {pg_type} on PostgreSQL");
        // The key of a SQLite table is never NULL in a STRICT table, but is not declared so.
        let key = place.1 == "id"
            || ["source_state", "bounce_scores", "relay_state", "paces", "media", "sessions", "api_keys"]
                .contains(&place.0.as_str());
        assert!(required == pg_required || key, "{place:?} must have a value on one side alone");
    }
    sqlite.db.close().await;
    postgres.db.close().await;
}

/// Unique keys and indexes by name; how a dialect spells their parts is its own affair.
#[tokio::test]
async fn both_databases_have_the_same_indexes_and_views() {
    let Some(postgres) = Fresh::postgres().await else { return };
    let sqlite = Fresh::sqlite().await;
    let lite: Vec<String> = {
        let mut tx = sqlite.db.read().await.unwrap();
        let sql = "SELECT name FROM sqlite_schema WHERE (type = 'index' AND sql IS NOT NULL) OR type = 'view' ORDER BY name";
        raw!(&mut tx, conn => sqlx::query_scalar(sql).fetch_all(conn).await.unwrap())
    };
    let pg: Vec<String> = {
        let mut tx = postgres.db.read().await.unwrap();
        let sql = "SELECT CAST(c.relname AS TEXT) COLLATE \"C\" FROM pg_class c \
            WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition AND (c.relkind = 'v' \
            OR (c.relkind IN ('i', 'I') AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid))) \
            ORDER BY 1";
        raw!(&mut tx, conn => sqlx::query_scalar(sql).fetch_all(conn).await.unwrap())
    };
    assert!(!lite.is_empty());
    assert_eq!(lite, pg);
    sqlite.db.close().await;
    postgres.db.close().await;
}
