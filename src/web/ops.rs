//! What ops ask for: whether the daemon does its work.

use std::collections::BTreeMap;
use std::sync::Arc;
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

/// When the scheduler of this process last did its round; clones share it.
#[derive(Clone, Debug)]
pub struct Health {
    has_scheduler: bool,
    /// Unix milliseconds; [`NEVER`] before the first round.
    last_tick: Arc<AtomicI64>,
}

/// Stands for a round that was not yet done.
const NEVER: i64 = i64::MIN;

impl Health {
    /// Of a process that has just started. One without a scheduler does no rounds, and none are
    /// missed.
    pub fn new(has_scheduler: bool) -> Self {
        Self { has_scheduler, last_tick: Arc::new(AtomicI64::new(NEVER)) }
    }

    /// Notes that a round was done at `now`.
    pub fn ticked(&self, now: DateTime<Utc>) {
        self.last_tick.store(now.timestamp_millis(), Ordering::Relaxed);
    }

    fn scheduler(&self, now: DateTime<Utc>) -> Option<SchedulerReport> {
        let last = Some(self.last_tick.load(Ordering::Relaxed)).filter(|&last| last != NEVER);
        let age = last.map(|last| TimeDelta::milliseconds(now.timestamp_millis() - last));
        self.has_scheduler.then(|| SchedulerReport {
            status: Condition::of(age.is_some_and(|age| age <= TICK_LIMIT)),
            last_tick_age_seconds: age.map(|age| age.num_seconds()),
        })
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
    /// `null` before the first round.
    last_tick_age_seconds: Option<i64>,
}

pub(super) fn routes() -> Router<WebState> {
    Router::new().route("/healthz", get(health))
}

async fn health(State(state): State<WebState>) -> Response {
    let now = state.engine.clock.now();
    let database = Condition::of(database_answers(&state.engine).await);
    let scheduler = state.health.scheduler(now);
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
