//! What ops ask for: whether the daemon does its work.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, extract::State};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::WebState;
use crate::pipeline::{Engine, schedule};
use crate::store::{StoreError, editions};

/// A scheduler that has not ticked for longer than this is stuck.
const TICK_LIMIT: TimeDelta = TimeDelta::seconds(60);
/// A database that does not answer within this is unreachable.
const DATABASE_LIMIT: Duration = Duration::from_secs(5);

/// When the scheduler of this process last did its round.
#[derive(Debug)]
pub struct Health {
    last_tick: AtomicI64,
}

impl Health {
    /// Of a scheduler that starts at `now`; its first round is expected within the same time as
    /// each further one.
    pub const fn new(now: DateTime<Utc>) -> Self {
        Self { last_tick: AtomicI64::new(now.timestamp_millis()) }
    }

    /// Notes that a round was done at `now`.
    pub fn ticked(&self, now: DateTime<Utc>) {
        self.last_tick.store(now.timestamp_millis(), Ordering::Relaxed);
    }

    /// How long ago the last round was.
    pub fn age(&self, now: DateTime<Utc>) -> TimeDelta {
        TimeDelta::milliseconds(now.timestamp_millis() - self.last_tick.load(Ordering::Relaxed))
    }
}

/// How something fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Condition {
    /// As it should.
    Ok,
    /// Not so.
    Failing,
}

impl Condition {
    const fn of(good: bool) -> Self {
        if good { Self::Ok } else { Self::Failing }
    }
}

/// The answer of `/healthz`.
#[derive(Serialize)]
struct Report {
    status: Condition,
    version: &'static str,
    database: Condition,
    /// Absent where this process has no scheduler.
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduler: Option<SchedulerReport>,
    /// By newsletter; `null` where the schedule has no further slot.
    next_slots: BTreeMap<String, Option<DateTime<Utc>>>,
}

#[derive(Serialize)]
struct SchedulerReport {
    status: Condition,
    last_tick_age_seconds: i64,
}

pub(super) fn routes() -> Router<WebState> {
    Router::new().route("/healthz", get(health))
}

async fn health(State(state): State<WebState>) -> Response {
    let now = state.engine.clock.now();
    let database = Condition::of(database_answers(&state.engine).await);
    let scheduler = state.health.as_ref().map(|health| {
        let age = health.age(now);
        SchedulerReport { status: Condition::of(age <= TICK_LIMIT), last_tick_age_seconds: age.num_seconds() }
    });
    let ticking = scheduler.as_ref().is_none_or(|scheduler| scheduler.status == Condition::Ok);
    let next_slots = state.engine.config.newsletters.iter().map(|newsletter| {
        let next = schedule::upcoming(newsletter, now, 1).first().copied();
        (newsletter.name.as_str().to_owned(), next)
    });
    let report = Report {
        status: Condition::of(ticking && database == Condition::Ok),
        version: env!("CARGO_PKG_VERSION"),
        database,
        scheduler,
        next_slots: next_slots.collect(),
    };
    let status = match report.status {
        Condition::Ok => StatusCode::OK,
        Condition::Failing => StatusCode::SERVICE_UNAVAILABLE,
    };
    // Serializing plain fields to memory cannot fail; were it to, the status alone still tells.
    let body = serde_json::to_string(&report).unwrap_or_default();
    (status, [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], body).into_response()
}

async fn database_answers(engine: &Engine) -> bool {
    // A transaction alone does not touch a SQLite file; a row does.
    let look = async {
        let mut tx = engine.db.read().await?;
        editions::latest(&mut tx, None, 1).await.map(drop)
    };
    let answer: Result<Result<(), StoreError>, _> = tokio::time::timeout(DATABASE_LIMIT, look).await;
    match answer {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => tracing::error!("the database does not answer a health check: {error}"),
        Err(_) => tracing::error!("the database does not answer a health check in time"),
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_is_that_of_the_last_round() {
        let start = DateTime::UNIX_EPOCH;
        let health = Health::new(start);
        let later = start + TimeDelta::seconds(61);
        assert_eq!(health.age(later), TimeDelta::seconds(61));
        health.ticked(later);
        assert_eq!(health.age(later), TimeDelta::zero());
    }
}
