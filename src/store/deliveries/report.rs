//! How an edition's deliveries stand, for people. Of an archived one the totals tell it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::FromRow;

use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{EditionId, SubscriberId};
use crate::store::editions::Edition;
use crate::store::{Result, Tx, at, on, word};

/// How many deliveries of an edition stand in each state. The promise of accounting is that their
/// sum is the audience.
pub type Accounting = BTreeMap<DeliveryState, i64>;

/// Counts an edition's deliveries by state. It reads all of them: about a second for a million, so not
/// oftener than people need it.
///
/// # Errors
/// What the database says.
pub async fn accounting(tx: &mut Tx, edition: &Edition) -> Result<Accounting> {
    const ROWS: &str =
        "SELECT state, COUNT(*) FROM deliveries WHERE day = $1 AND edition_id = $2 GROUP BY state";
    const TOTALS: &str = "SELECT state, CAST(SUM(n) AS BIGINT) FROM edition_totals WHERE $1 = $1 AND edition_id = $2 \
        GROUP BY state";
    let sql = if edition.archived_at.is_some() { TOTALS } else { ROWS };
    let rows: Vec<(String, i64)> = on!(tx, conn => sqlx::query_as(sql).bind(edition.day).bind(edition.id.0)
        .fetch_all(conn).await?);
    rows.into_iter().map(|(state, n)| Ok((word("deliveries", "state", &state)?, n))).collect()
}

/// Ended deliveries other than accepted ones, by domain, state and reply code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusals {
    /// The recipients' domain.
    pub domain: String,
    /// What became of them.
    pub state: DeliveryState,
    /// SMTP code, if there was a reply.
    pub code: Option<i64>,
    /// Enhanced code, if there was one.
    pub enhanced: Option<String>,
    /// How many.
    pub n: i64,
}

#[derive(FromRow)]
struct RefusalsRecord {
    domain_group: String,
    state: String,
    code: Option<i64>,
    enhanced: Option<String>,
    n: i64,
}

#[derive(FromRow)]
struct TotalRecord {
    domain_group: String,
    state: String,
    reason: String,
    n: i64,
}

impl From<TotalRecord> for RefusalsRecord {
    /// The reason is the enhanced code, or else the code, or nothing.
    fn from(row: TotalRecord) -> Self {
        let code = row.reason.parse().ok();
        let enhanced = (code.is_none() && !row.reason.is_empty()).then_some(row.reason);
        Self { domain_group: row.domain_group, state: row.state, code, enhanced, n: row.n }
    }
}

/// What was refused, for the report: the hundred most frequent. It reads all deliveries.
///
/// # Errors
/// What the database says.
pub async fn refusals(tx: &mut Tx, edition: &Edition) -> Result<Vec<Refusals>> {
    const ROWS: &str = "SELECT domain_group, state, code, enhanced, COUNT(*) AS n FROM deliveries \
        WHERE day = $1 AND edition_id = $2 AND state NOT IN ('accepted', 'queued', 'claimed') \
        GROUP BY domain_group, state, code, enhanced ORDER BY n DESC, domain_group, state LIMIT 100";
    const TOTALS: &str = "SELECT domain_group, state, reason, CAST(SUM(n) AS BIGINT) AS n FROM edition_totals \
        WHERE edition_id = $1 AND state NOT IN ('accepted', 'queued', 'claimed') \
        GROUP BY domain_group, state, reason ORDER BY n DESC, domain_group, state LIMIT 100";
    let rows: Vec<RefusalsRecord> = if edition.archived_at.is_some() {
        let totals: Vec<TotalRecord> =
            on!(tx, conn => sqlx::query_as(TOTALS).bind(edition.id.0).fetch_all(conn).await?);
        totals.into_iter().map(Into::into).collect()
    } else {
        on!(tx, conn => sqlx::query_as(ROWS).bind(edition.day).bind(edition.id.0).fetch_all(conn).await?)
    };
    rows.into_iter()
        .map(|row| {
            Ok(Refusals {
                domain: row.domain_group,
                state: word("deliveries", "state", &row.state)?,
                code: row.code,
                enhanced: row.enhanced,
                n: row.n,
            })
        })
        .collect()
}

/// One delivery as `subscriber show` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryRow {
    /// The edition.
    pub edition: EditionId,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempt: i64,
    /// The last reply, if there was one.
    pub reply: Option<String>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct DeliveryRecord {
    edition_id: i64,
    state: String,
    attempt: i64,
    reply: Option<String>,
    ended_at: Option<i64>,
}

/// The latest deliveries of a subscriber, newest first.
///
/// # Errors
/// What the database says.
pub async fn of_subscriber(tx: &mut Tx, subscriber: SubscriberId, limit: i64) -> Result<Vec<DeliveryRow>> {
    const SELECT: &str = "SELECT edition_id, state, attempt, reply, ended_at FROM deliveries \
        WHERE subscriber_id = $1 ORDER BY day DESC, edition_id DESC LIMIT $2";
    let rows: Vec<DeliveryRecord> = on!(tx, conn => sqlx::query_as(SELECT).bind(subscriber.0).bind(limit)
        .fetch_all(conn).await?);
    rows.into_iter()
        .map(|row| {
            Ok(DeliveryRow {
                edition: EditionId(row.edition_id),
                state: word("deliveries", "state", &row.state)?,
                attempt: row.attempt,
                reply: row.reply,
                ended_at: row.ended_at.map(at),
            })
        })
        .collect()
}
