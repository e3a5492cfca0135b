//! Reports as people see them, and how many there are.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::FromRow;

use crate::domain::bounce::{Attribution, BounceReason, Effect, Form, Intake, ReportKind};
use crate::domain::ids::{EditionId, ReportId, SubscriberId};
use crate::store::{Result, StoreError, Tx, at, ms, on, word};

/// A report as it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// Row identity.
    pub id: ReportId,
    /// How it came.
    pub intake: Intake,
    /// When.
    pub received_at: DateTime<Utc>,
    /// Its kind; `None` while it waits to be looked at.
    pub kind: Option<ReportKind>,
    /// Why.
    pub reason: Option<BounceReason>,
    /// The enhanced status that decided.
    pub status: Option<String>,
    /// The rule by which it was understood.
    pub rule: Option<String>,
    /// What the server said.
    pub diagnostic: Option<String>,
    /// Who reports.
    pub reporting_mta: Option<String>,
    /// How it was laid to a letter.
    pub attribution: Option<Attribution>,
    /// The edition that it is about.
    pub edition: Option<EditionId>,
    /// The subscriber that it is about.
    pub subscriber: Option<SubscriberId>,
    /// The domain of the subscriber's address.
    pub domain: Option<String>,
    /// The relay that took the letter.
    pub relay: Option<String>,
    /// What it came to.
    pub effect: Option<Effect>,
    /// Whether it counts: the first of its kind and status for its letter does.
    pub counted: bool,
}

#[derive(FromRow)]
struct Record {
    id: i64,
    intake: String,
    received_at: i64,
    kind: Option<String>,
    reason: Option<String>,
    status: Option<String>,
    rule: Option<String>,
    diagnostic: Option<String>,
    reporting_mta: Option<String>,
    attribution: Option<String>,
    edition_id: Option<i64>,
    subscriber_id: Option<i64>,
    domain: Option<String>,
    relay: Option<String>,
    effect: Option<String>,
    counted: i64,
}

/// Columns of [`Record`].
macro_rules! columns {
    () => {
        "id, intake, received_at, kind, reason, status, rule, diagnostic, reporting_mta, attribution, edition_id, \
         subscriber_id, domain, relay, effect, CAST(counted AS BIGINT) AS counted"
    };
}

fn maybe<T: std::str::FromStr>(column: &'static str, text: Option<&str>) -> Result<Option<T>>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.map(|text| word("reports", column, text)).transpose()
}

impl TryFrom<Record> for Shown {
    type Error = StoreError;

    fn try_from(row: Record) -> Result<Self> {
        Ok(Self {
            id: ReportId(row.id),
            intake: word("reports", "intake", &row.intake)?,
            received_at: at(row.received_at),
            kind: maybe("kind", row.kind.as_deref())?,
            reason: maybe("reason", row.reason.as_deref())?,
            status: row.status.filter(|status| !status.is_empty()),
            rule: row.rule,
            diagnostic: row.diagnostic,
            reporting_mta: row.reporting_mta,
            attribution: maybe("attribution", row.attribution.as_deref())?,
            edition: row.edition_id.map(EditionId),
            subscriber: row.subscriber_id.map(SubscriberId),
            domain: row.domain.filter(|domain| !domain.is_empty()),
            relay: row.relay,
            effect: maybe("effect", row.effect.as_deref())?,
            counted: row.counted == 1,
        })
    }
}

/// Which reports are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Only those of a kind.
    pub kind: Option<ReportKind>,
    /// Only those that lead to no letter.
    pub unattributed: bool,
    /// At most so many.
    pub limit: i64,
}

/// Reports, newest first.
///
/// # Errors
/// What the database says.
pub async fn list(tx: &mut Tx, asked: &Asked) -> Result<Vec<Shown>> {
    const SELECT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM reports WHERE ($1 = '' OR kind = $1) AND ($2 = 0 OR attribution = 'none' OR effect = 'unattributed') \
         ORDER BY id DESC LIMIT $3"
    );
    let kind = asked.kind.map_or("", ReportKind::as_str);
    let rows: Vec<Record> = on!(tx, conn => sqlx::query_as(SELECT).bind(kind)
        .bind(i64::from(asked.unattributed)).bind(asked.limit).fetch_all(conn).await?);
    rows.into_iter().map(TryInto::try_into).collect()
}

/// One report.
///
/// # Errors
/// What the database says.
pub async fn get(tx: &mut Tx, id: ReportId) -> Result<Option<Shown>> {
    const SELECT: &str = concat!("SELECT ", columns!(), " FROM reports WHERE id = $1");
    let row: Option<Record> = on!(tx, conn => sqlx::query_as(SELECT).bind(id.0).fetch_optional(conn).await?);
    row.map(TryInto::try_into).transpose()
}

/// What came, while it is kept, and in which form; `None` once it is not.
///
/// # Errors
/// What the database says.
pub async fn raw(tx: &mut Tx, id: ReportId) -> Result<Option<(Form, Vec<u8>)>> {
    const SELECT: &str = "SELECT form, raw FROM reports WHERE id = $1 AND raw IS NOT NULL";
    let row: Option<(String, Vec<u8>)> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(id.0).fetch_optional(conn).await?);
    row.map(|(form, raw)| Ok((word("reports", "form", &form)?, raw))).transpose()
}

/// The latest reports about a subscriber, newest first.
///
/// # Errors
/// What the database says.
pub async fn of_subscriber(tx: &mut Tx, subscriber: SubscriberId, limit: i64) -> Result<Vec<Shown>> {
    const SELECT: &str =
        concat!("SELECT ", columns!(), " FROM reports WHERE subscriber_id = $1 ORDER BY id DESC LIMIT $2");
    let rows: Vec<Record> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(subscriber.0).bind(limit).fetch_all(conn).await?);
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Forgets what reports say of a subscriber in words; that they came, and what they came to, stays, so
/// that an edition's counts do.
///
/// # Errors
/// What the database says.
pub async fn forget_subscriber(tx: &mut Tx, subscriber: SubscriberId) -> Result<()> {
    const UPDATE: &str = "UPDATE reports SET raw = NULL, envelope_to = NULL, diagnostic = NULL, domain = '' \
        WHERE subscriber_id = $1";
    on!(tx, conn => sqlx::query(UPDATE).bind(subscriber.0).execute(conn).await?.rows_affected());
    Ok(())
}

/// How many reports that count about an edition are of a domain, a kind and a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reported {
    /// The readers' domain; empty for readers who were erased.
    pub domain: String,
    /// What kind.
    pub kind: ReportKind,
    /// Why.
    pub reason: Option<BounceReason>,
    /// How many.
    pub n: i64,
}

/// What was reported about an edition: the hundred most frequent of domain, kind and reason.
///
/// # Errors
/// What the database says.
pub async fn of_edition(tx: &mut Tx, edition: EditionId) -> Result<Vec<Reported>> {
    const SELECT: &str = "SELECT COALESCE(domain, '') AS d, kind, reason, COUNT(*) AS n FROM reports \
        WHERE edition_id = $1 AND counted = 1 GROUP BY COALESCE(domain, ''), kind, reason \
        ORDER BY COUNT(*) DESC, COALESCE(domain, ''), kind, COALESCE(reason, '') LIMIT 100";
    let rows: Vec<(String, String, Option<String>, i64)> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(edition.0).fetch_all(conn).await?);
    rows.into_iter()
        .map(|(domain, kind, reason, n)| {
            let kind = word("reports", "kind", &kind)?;
            Ok(Reported { domain, kind, reason: maybe("reason", reason.as_deref())?, n })
        })
        .collect()
}

/// How many reports of a kind came one way and came to the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tally {
    /// What kind.
    pub kind: ReportKind,
    /// The way in.
    pub intake: Intake,
    /// What they came to.
    pub effect: Effect,
    /// How many.
    pub n: i64,
}

/// The reports that were settled after `after`, up to and with `until`. It reads those alone.
///
/// # Errors
/// What the database says.
pub async fn settled_between(tx: &mut Tx, after: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<Tally>> {
    const SELECT: &str = "SELECT kind, intake, effect, COUNT(*) FROM reports \
        WHERE processed_at > $1 AND processed_at <= $2 AND kind IS NOT NULL AND effect IS NOT NULL \
        GROUP BY kind, intake, effect ORDER BY kind, intake, effect";
    let rows: Vec<(String, String, String, i64)> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(ms(after)).bind(ms(until)).fetch_all(conn).await?);
    rows.into_iter()
        .map(|(kind, intake, effect, n)| {
            Ok(Tally {
                kind: word("reports", "kind", &kind)?,
                intake: word("reports", "intake", &intake)?,
                effect: word("reports", "effect", &effect)?,
                n,
            })
        })
        .collect()
}

/// How many reports wait to be looked at.
///
/// # Errors
/// What the database says.
pub async fn waiting(tx: &mut Tx) -> Result<i64> {
    const SELECT: &str = "SELECT COUNT(*) FROM reports WHERE processed_at IS NULL";
    Ok(on!(tx, conn => sqlx::query_scalar(SELECT).fetch_one(conn).await?))
}
