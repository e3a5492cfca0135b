//! `/metrics`: what a monitoring system reads, in Prometheus' text form. Reports of failed delivery are
//! counted since this process began, over the whole database, so that one daemon's figures tell all.
//! Each look reads only what was settled since the look before.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, TimeDelta, Utc};

use super::WebState;
use super::error::Result;
use crate::domain::bounce::{Effect, Intake, ReportKind};
use crate::pipeline::Engine;
use crate::store::reports::{self, Tally};

/// What was settled later than this may still be in a transaction that has not ended.
const SETTLING: TimeDelta = TimeDelta::seconds(5);
/// What the body is (Prometheus, exposition formats).
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What was counted since this process began.
#[derive(Debug)]
pub(super) struct Metrics(tokio::sync::Mutex<Counted>);

#[derive(Debug)]
struct Counted {
    until: DateTime<Utc>,
    came: BTreeMap<(ReportKind, Intake), i64>,
    effects: BTreeMap<Effect, i64>,
}

impl Metrics {
    pub(super) fn new(since: DateTime<Utc>) -> Self {
        Self(tokio::sync::Mutex::new(Counted {
            until: since,
            came: BTreeMap::new(),
            effects: BTreeMap::new(),
        }))
    }

    /// Counts what came since the last look, and says it all.
    async fn look(&self, engine: &Engine) -> Result<String> {
        let mut counted = self.0.lock().await;
        let mut tx = engine.db.read().await?;
        let until = (engine.clock.now() - SETTLING).max(counted.until);
        for tally in reports::settled_between(&mut tx, counted.until, until).await? {
            counted.add(&tally);
        }
        counted.until = until;
        Ok(counted.text(reports::waiting(&mut tx).await?))
    }
}

impl Counted {
    fn add(&mut self, tally: &Tally) {
        *self.came.entry((tally.kind, tally.intake)).or_default() += tally.n;
        *self.effects.entry(tally.effect).or_default() += tally.n;
    }

    fn text(&self, waiting: i64) -> String {
        let mut text = String::new();
        let mut family =
            |name: &str, kind: &str, help: &str, rows: &mut dyn Iterator<Item = (String, i64)>| {
                // Writing to memory does not fail.
                let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
                for (labels, n) in rows {
                    let _ = writeln!(text, "{name}{labels} {n}");
                }
            };
        family(
            "newsletterd_reports_total",
            "counter",
            "Reports of failed delivery that were looked at, by kind and way in.",
            &mut self
                .came
                .iter()
                .map(|((kind, intake), n)| (format!("{{kind=\"{kind}\",intake=\"{intake}\"}}"), *n)),
        );
        family(
            "newsletterd_report_effects_total",
            "counter",
            "Reports of failed delivery that were looked at, by what they came to.",
            &mut self.effects.iter().map(|(effect, n)| (format!("{{effect=\"{effect}\"}}"), *n)),
        );
        family(
            "newsletterd_reports_waiting",
            "gauge",
            "Reports of failed delivery that wait to be looked at.",
            &mut std::iter::once((String::new(), waiting)),
        );
        text
    }
}

pub(super) fn routes() -> Router<WebState> {
    Router::new().route("/metrics", get(metrics))
}

async fn metrics(State(state): State<WebState>) -> Result<Response> {
    let text = state.metrics.look(&state.engine).await?;
    Ok(([(CONTENT_TYPE, TEXT), (CACHE_CONTROL, "no-store")], text).into_response())
}
