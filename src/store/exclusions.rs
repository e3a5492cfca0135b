//! What is kept out of letters.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{Result, StoreError, Tx, at, ms, on, word};
use crate::domain::ids::NewsletterId;
use crate::domain::selection::{Excluded, Exclusion, ExclusionScope};

#[derive(FromRow)]
struct ExclusionRecord {
    scope: String,
    value: String,
    until: Option<i64>,
    reason: String,
}

/// The exclusions that hold at `now` for a newsletter, its own and those for all.
///
/// # Errors
/// What the database says.
pub async fn standing(tx: &mut Tx, newsletter: NewsletterId, now: DateTime<Utc>) -> Result<Vec<Exclusion>> {
    const SELECT: &str = "SELECT scope, value, until, reason FROM exclusions \
        WHERE (newsletter_id IS NULL OR newsletter_id = $1) AND (until IS NULL OR until > $2) ORDER BY id";
    let rows: Vec<ExclusionRecord> = on!(tx, conn => sqlx::query_as(SELECT).bind(newsletter.0).bind(ms(now))
        .fetch_all(conn).await?);
    rows.into_iter()
        .map(|row| {
            let scope: ExclusionScope = word("exclusions", "scope", &row.scope)?;
            let what = Excluded::parse(scope, &row.value).map_err(|error| StoreError::Inconsistent {
                table: "exclusions",
                column: "value",
                found: error.to_string(),
            })?;
            Ok(Exclusion { what, until: row.until.map(at), reason: row.reason })
        })
        .collect()
}
