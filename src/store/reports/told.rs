//! What reports were found to say, and what they came to.

use chrono::{DateTime, Utc};

use crate::domain::bounce::{Attribution, BounceReason, Effect, EnhancedStatus, Intake, ReportKind};
use crate::domain::ids::{EditionId, ReportId, SubscriberId};
use crate::store::{Result, Tx, ms, on};

/// What a report was found to say, and what it came to.
#[derive(Clone, Copy, Debug)]
pub struct Settled<'a> {
    /// Its kind.
    pub kind: ReportKind,
    /// Why.
    pub reason: Option<BounceReason>,
    /// The enhanced status that decided.
    pub status: Option<EnhancedStatus>,
    /// The rule by which it was understood.
    pub rule: &'a str,
    /// What the server said.
    pub diagnostic: Option<&'a str>,
    /// Who reports.
    pub reporting_mta: Option<&'a str>,
    /// How it was laid to a delivery.
    pub attribution: Attribution,
    /// To which: day of its edition, edition, subscriber.
    pub delivery: Option<(i64, EditionId, SubscriberId)>,
    /// The domain of the subscriber's address.
    pub domain: Option<&'a str>,
    /// The relay that took the letter.
    pub relay: Option<&'a str>,
    /// What it came to.
    pub effect: Effect,
}

impl Settled<'_> {
    /// Whether it is one that counts for its delivery: the first of its kind and status.
    fn counts(&self) -> bool {
        self.delivery.is_some()
            && matches!(
                self.effect,
                Effect::SuppressedHard
                    | Effect::Doubtful
                    | Effect::CountedSoft
                    | Effect::SameDay
                    | Effect::SuppressedSoft
                    | Effect::Ours
                    | Effect::SuppressedComplaint
                    | Effect::Left
            )
    }

    fn status_text(&self) -> String {
        // Not NULL: two without a status are the same, and NULLs never are.
        self.status.map(|status| status.to_string()).unwrap_or_default()
    }
}

/// Whether a report of that kind and status has counted for that delivery.
///
/// # Errors
/// What the database says.
pub async fn is_counted(
    tx: &mut Tx,
    edition: EditionId,
    subscriber: SubscriberId,
    kind: ReportKind,
    status: Option<EnhancedStatus>,
) -> Result<bool> {
    const SELECT: &str = "SELECT 1 FROM reports WHERE edition_id = $1 AND subscriber_id = $2 AND kind = $3 \
        AND status = $4 AND counted = 1";
    let status = status.map(|status| status.to_string()).unwrap_or_default();
    let found: Option<i32> = on!(tx, conn => sqlx::query_scalar(SELECT).bind(edition.0).bind(subscriber.0)
        .bind(kind.as_str()).bind(status).fetch_optional(conn).await?);
    Ok(found.is_some())
}

/// Writes down what a report came to; it waits no longer.
///
/// # Errors
/// What the database says.
pub async fn settle(tx: &mut Tx, id: ReportId, what: &Settled<'_>, now: DateTime<Utc>) -> Result<()> {
    const UPDATE: &str = "UPDATE reports SET kind = $2, reason = $3, status = $4, rule = $5, diagnostic = $6, \
        reporting_mta = $7, attribution = $8, day = $9, edition_id = $10, subscriber_id = $11, domain = $12, \
        relay = $13, effect = $14, counted = $15, processed_at = $16 WHERE id = $1";
    let (day, edition, subscriber) = split(what);
    on!(tx, conn => sqlx::query(UPDATE).bind(id.0).bind(what.kind.as_str())
        .bind(what.reason.map(BounceReason::as_str)).bind(what.status_text()).bind(what.rule)
        .bind(what.diagnostic).bind(what.reporting_mta).bind(what.attribution.as_str()).bind(day).bind(edition)
        .bind(subscriber).bind(what.domain).bind(what.relay).bind(what.effect.as_str())
        .bind(i64::from(what.counts())).bind(ms(now)).execute(conn).await?.rows_affected());
    Ok(())
}

fn split(what: &Settled<'_>) -> (Option<i64>, Option<i64>, Option<i64>) {
    let delivery = what.delivery;
    (
        delivery.map(|(day, ..)| day),
        delivery.map(|(_, edition, _)| edition.0),
        delivery.map(|(.., subscriber)| subscriber.0),
    )
}

/// A refusal in the session itself: reported, understood and settled at once.
#[derive(Clone, Copy, Debug)]
pub struct SessionReport<'a> {
    /// Which attempt it was.
    pub attempt: i64,
    /// What it says and came to. It names a delivery.
    pub settled: Settled<'a>,
}

/// Writes down a refusal in the session itself. The same one, recorded again, is one.
///
/// # Errors
/// What the database says.
pub async fn record_session(tx: &mut Tx, report: &SessionReport<'_>, now: DateTime<Utc>) -> Result<()> {
    const INSERT: &str = "INSERT INTO reports (intake, intake_key, received_at, kind, reason, status, rule, \
        diagnostic, attribution, day, edition_id, subscriber_id, domain, relay, effect, counted, processed_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $3) ON CONFLICT DO NOTHING";
    let what = &report.settled;
    let (day, edition, subscriber) = split(what);
    let key = format!(
        "session:{}:{}:{}",
        edition.unwrap_or_default(),
        subscriber.unwrap_or_default(),
        report.attempt
    );
    on!(tx, conn => sqlx::query(INSERT).bind(Intake::Session.as_str()).bind(key).bind(ms(now))
        .bind(what.kind.as_str()).bind(what.reason.map(BounceReason::as_str)).bind(what.status_text())
        .bind(what.rule).bind(what.diagnostic).bind(what.attribution.as_str()).bind(day).bind(edition)
        .bind(subscriber).bind(what.domain).bind(what.relay).bind(what.effect.as_str())
        .bind(i64::from(what.counts())).execute(conn).await?.rows_affected());
    Ok(())
}

/// How many reports of a kind have counted for an edition.
///
/// # Errors
/// What the database says.
pub async fn count_of_edition(tx: &mut Tx, edition: EditionId, kind: ReportKind) -> Result<i64> {
    const SELECT: &str = "SELECT COUNT(*) FROM reports WHERE edition_id = $1 AND kind = $2 AND counted = 1";
    Ok(on!(tx, conn => sqlx::query_scalar(SELECT).bind(edition.0).bind(kind.as_str()).fetch_one(conn).await?))
}

/// How many reports since `since` say that letters which a relay had taken were refused for reasons of
/// ours.
///
/// # Errors
/// What the database says.
pub async fn ours_of_relay(tx: &mut Tx, relay: &str, since: DateTime<Utc>) -> Result<i64> {
    const SELECT: &str = "SELECT COUNT(*) FROM reports WHERE relay = $1 AND received_at >= $2 \
        AND effect = 'ours' AND intake <> 'session'";
    Ok(on!(tx, conn => sqlx::query_scalar(SELECT).bind(relay).bind(ms(since)).fetch_one(conn).await?))
}

/// Deletes the bytes of up to `limit` reports whose time is over; what they came to stays. How many were
/// is given back.
///
/// # Errors
/// What the database says.
pub async fn forget_raw(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    const UPDATE: &str = "UPDATE reports SET raw = NULL WHERE id IN (SELECT id FROM reports \
        WHERE raw IS NOT NULL AND raw_until <= $1 AND processed_at IS NOT NULL ORDER BY raw_until LIMIT $2)";
    Ok(on!(tx, conn => sqlx::query(UPDATE).bind(ms(now)).bind(limit).execute(conn).await?.rows_affected()))
}

/// Deletes up to `limit` reports that were settled before `before`. How many were is given back.
///
/// # Errors
/// What the database says.
pub async fn delete_before(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    const DELETE: &str = "DELETE FROM reports WHERE id IN (SELECT id FROM reports \
        WHERE received_at < $1 AND processed_at IS NOT NULL ORDER BY received_at LIMIT $2)";
    Ok(on!(tx, conn => sqlx::query(DELETE).bind(ms(before)).bind(limit).execute(conn).await?.rows_affected()))
}
