//! Read counts, kept by page, so that reads that come before their article are not lost.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use sqlx::types::Json;

use super::{Result, Tx, at, ms, on, on_dialect};
use crate::domain::ids::SourceId;
use crate::domain::reads::{ReadCount, ReadsPart, Replaces};

/// Rows per statement.
const CHUNK: usize = 1000;

/// Stores one part of a source of reads: what the part said before is replaced, wholly or for the
/// same pages and spans, so that the same part can be read any number of times.
///
/// # Errors
/// What the database says.
pub async fn store(tx: &mut Tx, source: SourceId, part: &ReadsPart) -> Result<()> {
    const DELETE: &str = "DELETE FROM reads WHERE source_id = $1 AND part = $2";
    const UPSERT_SQLITE: &str = "INSERT INTO reads (source_id, part, url_key, start_at, span_s, views, visitors) \
        SELECT $1, $2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each($3) WHERE true \
        ON CONFLICT (source_id, part, url_key, start_at, span_s) \
        DO UPDATE SET views = excluded.views, visitors = excluded.visitors";
    const UPSERT_POSTGRES: &str = "INSERT INTO reads (source_id, part, url_key, start_at, span_s, views, visitors) \
        SELECT $1, $2, value ->> 0, CAST(value ->> 1 AS BIGINT), CAST(value ->> 2 AS BIGINT), \
        CAST(value ->> 3 AS BIGINT), CAST(value ->> 4 AS BIGINT) FROM jsonb_array_elements($3) AS rows (value) \
        ON CONFLICT (source_id, part, url_key, start_at, span_s) \
        DO UPDATE SET views = excluded.views, visitors = excluded.visitors";
    if part.replaces == Replaces::WholePart {
        on!(tx, conn => sqlx::query(DELETE).bind(source.0).bind(&part.part).execute(conn).await?.rows_affected());
    }
    for chunk in part.counts.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|count| (&count.url_key, ms(count.start_at), count.span_s, count.views, count.visitors))
            .collect();
        on_dialect!(tx, sqlite: UPSERT_SQLITE, postgres: UPSERT_POSTGRES, |sql, conn| {
            sqlx::query(sql).bind(source.0).bind(&part.part).bind(Json(&rows)).execute(conn).await?;
        });
    }
    Ok(())
}

#[derive(FromRow)]
struct ReadRecord {
    url_key: String,
    start_at: i64,
    span_s: i64,
    views: i64,
    visitors: i64,
}

/// All counts whose span touches `from..to`, summed over sources and parts.
///
/// # Errors
/// What the database says.
pub async fn between(tx: &mut Tx, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<ReadCount>> {
    const SELECT: &str = "SELECT url_key, start_at, span_s, CAST(SUM(views) AS BIGINT) AS views, \
        CAST(SUM(visitors) AS BIGINT) AS visitors FROM reads \
        WHERE start_at < $2 AND start_at > $1 - 604800000 AND start_at + span_s * 1000 > $1 \
        GROUP BY url_key, start_at, span_s ORDER BY url_key, start_at, span_s";
    let rows: Vec<ReadRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(ms(from)).bind(ms(to)).fetch_all(conn).await?);
    Ok(rows
        .into_iter()
        .map(|row| ReadCount {
            url_key: row.url_key,
            start_at: at(row.start_at),
            span_s: row.span_s,
            views: row.views,
            visitors: row.visitors,
        })
        .collect())
}

/// The end of the newest span that any source of reads has told of: how fresh the counts are.
///
/// # Errors
/// What the database says.
pub async fn newest(tx: &mut Tx) -> Result<Option<DateTime<Utc>>> {
    const SELECT: &str = "SELECT MAX(start_at + span_s * 1000) FROM reads";
    let newest: Option<i64> = on!(tx, conn => sqlx::query_scalar(SELECT).fetch_one(conn).await?);
    Ok(newest.map(at))
}

/// Which of `url_keys` belong to no known article.
///
/// # Errors
/// What the database says.
pub async fn unmatched(tx: &mut Tx, url_keys: &[String]) -> Result<Vec<String>> {
    const SELECT: &str = "SELECT key FROM article_keys WHERE kind = 'url' AND source_id = 0 AND key = $1";
    let mut missing = Vec::new();
    for key in url_keys {
        let found: Option<String> =
            on!(tx, conn => sqlx::query_scalar(SELECT).bind(key).fetch_optional(conn).await?);
        if found.is_none() {
            missing.push(key.clone());
        }
    }
    Ok(missing)
}
