//! The deliveries of an edition's canary: whether they are all out, and how they did. Its phase
//! stands with the edition.

use super::editions::Edition;
use super::{Result, Tx, on, on_dialect, word};
use crate::domain::canary::Tally;
use crate::domain::delivery::DeliveryState;

/// How many deliveries of the canary wait for their first attempt.
///
/// # Errors
/// What the database says.
pub async fn size(tx: &mut Tx, edition: &Edition) -> Result<usize> {
    macro_rules! select {
        ($lane:literal) => {
            concat!(
                "SELECT COUNT(*) FROM deliveries",
                $lane,
                " WHERE day = $1 AND edition_id = $2 AND state IN ('queued', 'deferred') AND lane = '*canary'"
            )
        };
    }
    let n: i64 = on_dialect!(tx, sqlite: select!(" INDEXED BY deliveries_lane"), postgres: select!(""), |sql, conn| {
        sqlx::query_scalar(sql).bind(edition.day).bind(edition.id.0).fetch_one(conn).await?
    });
    Ok(usize::try_from(n).unwrap_or(0))
}

/// Whether every delivery of the canary has ended or waits for another attempt.
///
/// # Errors
/// What the database says.
pub async fn is_out(tx: &mut Tx, edition: &Edition) -> Result<bool> {
    // Asked at every look at the clock, so by the indexes of what is open; left to itself, SQLite
    // takes the primary key, and reads all. What was never attempted is due since 1970.
    macro_rules! select {
        ($lane:literal, $claimed:literal) => {
            concat!(
                "SELECT subscriber_id FROM deliveries",
                $lane,
                " WHERE day = $1 AND edition_id = $2 AND state IN ('queued', 'deferred') AND lane = '*canary' \
                 AND due_at = 0 UNION ALL SELECT subscriber_id FROM deliveries",
                $claimed,
                " WHERE day = $1 AND edition_id = $2 AND state = 'claimed' AND lane = '*canary' LIMIT 1"
            )
        };
    }
    let open: Option<i64> = on_dialect!(tx,
        sqlite: select!(" INDEXED BY deliveries_lane", " INDEXED BY deliveries_lease_by"),
        postgres: select!("", ""), |sql, conn| {
        sqlx::query_scalar(sql).bind(edition.day).bind(edition.id.0).fetch_optional(conn).await?
    });
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
