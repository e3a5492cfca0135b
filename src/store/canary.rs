//! The deliveries of an edition's canary: whether they are all out, and how they did. Its phase
//! stands with the edition.

use super::editions::Edition;
use super::{Result, Tx, on, word};
use crate::domain::canary::Tally;
use crate::domain::delivery::DeliveryState;

/// How many deliveries of the canary wait for their first attempt.
///
/// # Errors
/// What the database says.
pub async fn size(tx: &mut Tx, edition: &Edition) -> Result<usize> {
    const SELECT: &str = "SELECT COUNT(*) FROM deliveries WHERE day = $1 AND edition_id = $2 \
        AND state IN ('queued', 'deferred') AND lane = '*canary'";
    let n: i64 = on!(tx, conn => sqlx::query_scalar(SELECT).bind(edition.day).bind(edition.id.0)
        .fetch_one(conn).await?);
    Ok(usize::try_from(n).unwrap_or(0))
}

/// Whether every delivery of the canary has ended or waits for another attempt.
///
/// # Errors
/// What the database says.
pub async fn is_out(tx: &mut Tx, edition: &Edition) -> Result<bool> {
    const SELECT: &str = "SELECT subscriber_id FROM deliveries WHERE day = $1 AND edition_id = $2 \
        AND state IN ('queued', 'deferred') AND lane = '*canary' AND state = 'queued' \
        UNION ALL SELECT subscriber_id FROM deliveries WHERE day = $1 AND edition_id = $2 AND state = 'claimed' \
        AND lane = '*canary' LIMIT 1";
    let open: Option<i64> = on!(tx, conn => sqlx::query_scalar(SELECT).bind(edition.day).bind(edition.id.0)
        .fetch_optional(conn).await?);
    Ok(open.is_none())
}

/// How the canary did. Looks at every delivery of the edition, since those that have ended stand in
/// no index: for the few instants at which its phase may change.
///
/// # Errors
/// What the database says.
pub async fn tally(tx: &mut Tx, edition: &Edition) -> Result<Tally> {
    const SELECT: &str = "SELECT state, COUNT(*), COUNT(complained_at) FROM deliveries \
        WHERE day = $1 AND edition_id = $2 AND lane = '*canary' AND attempt > 0 GROUP BY state";
    const REPLY: &str = "SELECT code, enhanced, MAX(reply) FROM deliveries WHERE day = $1 AND edition_id = $2 \
        AND lane = '*canary' AND state IN ('bounced', 'rejected') GROUP BY code, enhanced \
        ORDER BY COUNT(*) DESC, code, enhanced LIMIT 1";
    let rows: Vec<(String, i64, i64)> = on!(&mut *tx, conn => sqlx::query_as(SELECT).bind(edition.day)
        .bind(edition.id.0).fetch_all(conn).await?);
    let mut tally = Tally::default();
    for (state, n, complained) in rows {
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        tally.attempted += count(n);
        match word("deliveries", "state", &state)? {
            DeliveryState::Bounced | DeliveryState::Rejected => tally.failed += count(n),
            DeliveryState::Accepted => {
                tally.accepted += count(n - complained);
                tally.failed += count(complained);
            }
            DeliveryState::Deferred | DeliveryState::Queued => tally.deferred += count(n),
            _ => {}
        }
    }
    if tally.failed > 0 {
        let reply: Option<(Option<i64>, Option<String>, Option<String>)> = on!(tx, conn => {
            sqlx::query_as(REPLY).bind(edition.day).bind(edition.id.0).fetch_optional(conn).await?
        });
        tally.reply = reply.and_then(|(code, enhanced, text)| {
            let code = code.filter(|code| *code != 0).map(|code| code.to_string());
            let words: Vec<_> = [code, enhanced, text].into_iter().flatten().collect();
            (!words.is_empty()).then(|| words.join(" "))
        });
    }
    Ok(tally)
}
