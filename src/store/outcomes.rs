//! Writing what became of attempts: many in one statement, and only where nobody else has had the
//! delivery since.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::claims::id_json;
use super::dialect::{id_list, json_rows, worked_out};
use super::editions::Edition;
use super::{Result, Tx, ms, on_dialect, opt_ms, word};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::{DeliveryState, Reply};
use crate::domain::ids::SubscriberId;

/// What became of one attempt.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    /// To whom.
    pub subscriber: SubscriberId,
    /// Which attempt it was.
    pub attempt: i64,
    /// The lease under which it was made.
    pub lease: &'a str,
    /// Where the delivery stands now: ended, or deferred.
    pub state: DeliveryState,
    /// When a deferred one is due again.
    pub due_at: Option<DateTime<Utc>>,
    /// The relay that was asked.
    pub relay: &'a str,
    /// What it said.
    pub reply: &'a Reply,
}

macro_rules! update {
    ($dialect:ident) => {
        concat!(
            "UPDATE deliveries SET state = r.state, due_at = COALESCE(r.due_at, deliveries.due_at), relay = r.relay, \
             code = r.code, enhanced = r.enhanced, reply = r.reply, \
             accepted_at = CASE WHEN r.state = 'accepted' THEN CAST($4 AS BIGINT) END, \
             ended_at = CASE WHEN r.state = 'deferred' THEN NULL ELSE CAST($4 AS BIGINT) END, \
             lease_by = NULL, lease_until = NULL FROM (SELECT CAST($2 AS BIGINT) AS day, \
             CAST($3 AS BIGINT) AS edition, CAST(value ->> 0 AS BIGINT) AS subscriber, \
             CAST(value ->> 1 AS BIGINT) AS attempt, value ->> 2 AS lease, value ->> 3 AS state, \
             CAST(value ->> 4 AS BIGINT) AS due_at, value ->> 5 AS relay, CAST(value ->> 6 AS BIGINT) AS code, \
             value ->> 7 AS enhanced, value ->> 8 AS reply FROM ",
            json_rows!($dialect, "$1"),
            worked_out!($dialect),
            // Day and edition come with each row: where they are constants, SQLite reads the edition through.
            ") AS r WHERE deliveries.day = r.day AND deliveries.edition_id = r.edition \
             AND deliveries.subscriber_id = r.subscriber AND deliveries.attempt = r.attempt \
             AND (deliveries.state = 'claimed' AND deliveries.lease_by = r.lease OR deliveries.state = 'queued') \
             RETURNING deliveries.subscriber_id"
        )
    };
}

/// For the test of its plan.
#[cfg(test)]
pub(super) const UPDATE: &str = update!(sqlite);

/// Records outcomes of an edition, and gives whose were. Left out are those that another worker has,
/// or has had, since; what came back to the queue without an outcome and was not claimed again is
/// recorded all the same, however late: a letter that is out must not go out once more.
///
/// # Errors
/// What the database says.
pub async fn record(
    tx: &mut Tx,
    edition: &Edition,
    outcomes: &[Recorded<'_>],
    now: DateTime<Utc>,
) -> Result<HashSet<SubscriberId>> {
    let rows: Vec<_> = outcomes.iter().map(row).collect();
    let rows = serde_json::Value::from(rows).to_string();
    let recorded: Vec<i64> = on_dialect!(&mut *tx, sqlite: update!(sqlite), postgres: update!(postgres), |sql, conn| {
        sqlx::query_scalar(sql).bind(&rows).bind(edition.day).bind(edition.id.0).bind(ms(now)).fetch_all(conn).await?
    });
    let recorded: HashSet<_> = recorded.into_iter().map(SubscriberId).collect();
    let remarkable: Vec<_> = outcomes
        .iter()
        .filter(|one| one.state != DeliveryState::Accepted && recorded.contains(&one.subscriber))
        .collect();
    if !remarkable.is_empty() {
        keep_attempts(tx, edition, &remarkable, now).await?;
    }
    Ok(recorded)
}

fn row(one: &Recorded<'_>) -> serde_json::Value {
    let text = (!one.reply.text.is_empty()).then_some(&one.reply.text);
    json!([
        one.subscriber.0,
        one.attempt,
        one.lease,
        one.state.as_str(),
        opt_ms(one.due_at),
        one.relay,
        one.reply.code,
        one.reply.enhanced,
        text
    ])
}

/// Keeps the attempts that came to anything but acceptance.
async fn keep_attempts(
    tx: &mut Tx,
    edition: &Edition,
    outcomes: &[&Recorded<'_>],
    now: DateTime<Utc>,
) -> Result<()> {
    macro_rules! insert {
        ($dialect:ident) => {
            concat!(
                "INSERT INTO delivery_attempts (day, edition_id, subscriber_id, attempt, at, outcome, relay, code, \
                 enhanced, reply) SELECT CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST(value ->> 0 AS BIGINT), \
                 CAST(value ->> 1 AS BIGINT), CAST($4 AS BIGINT), value ->> 3, value ->> 5, \
                 CAST(value ->> 6 AS BIGINT), value ->> 7, value ->> 8 FROM ",
                json_rows!($dialect, "$1"),
                " WHERE TRUE ON CONFLICT DO NOTHING"
            )
        };
    }
    let rows: Vec<_> = outcomes.iter().map(|one| row(one)).collect();
    let rows = serde_json::Value::from(rows).to_string();
    on_dialect!(tx, sqlite: insert!(sqlite), postgres: insert!(postgres), |sql, conn| {
        sqlx::query(sql).bind(rows).bind(edition.day).bind(edition.id.0).bind(ms(now)).execute(conn).await?;
    });
    Ok(())
}

/// The addresses of subscribers, where they still have one.
///
/// # Errors
/// What the database says.
pub async fn addresses(
    tx: &mut Tx,
    subscribers: impl Iterator<Item = SubscriberId>,
) -> Result<Vec<(SubscriberId, EmailAddress)>> {
    macro_rules! select {
        ($dialect:ident) => {
            concat!(
                "SELECT id, address FROM subscribers WHERE address IS NOT NULL AND id IN (",
                id_list!($dialect, "$1"),
                ") ORDER BY id"
            )
        };
    }
    let ids = id_json(subscribers.map(|id| id.0));
    let rows: Vec<(i64, String)> = on_dialect!(tx, sqlite: select!(sqlite), postgres: select!(postgres), |sql, conn| {
        sqlx::query_as(sql).bind(ids).fetch_all(conn).await?
    });
    rows.into_iter()
        .map(|(id, address)| Ok((SubscriberId(id), word("subscribers", "address", &address)?)))
        .collect()
}
