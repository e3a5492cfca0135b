//! What became of an edition, accounted for to the last subscriber.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::{Engine, Result, control, forecast, links, newsletter_of};
use crate::config::Newsletter;
use crate::domain::delivery::DeliveryState;
use crate::domain::edition::{CanaryPhase, EditionState};
use crate::domain::forecast::{Forecast, Recent, Standing};
use crate::domain::ids::EditionId;
use crate::store::deliveries::{self, Accounting, Refusals};
use crate::store::progress::{self, Taken};
use crate::store::reports::{self, Reported};
use crate::store::{Tx, editions::Edition};

/// What a report calls lately: from so much its forecast is made.
const LATELY: TimeDelta = TimeDelta::seconds(60);

/// An edition's report.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The edition.
    pub edition: EditionId,
    /// Its newsletter's name.
    pub newsletter: String,
    /// Where it stands.
    pub state: EditionState,
    /// Why it stands there.
    pub reason: Option<String>,
    /// When it went out, or is to go out.
    pub send_at: DateTime<Utc>,
    /// The revision that goes out, if it has one.
    pub revision: Option<i64>,
    /// How many subscribers it was for.
    pub audience: i64,
    /// Deliveries by state; their sum is the audience.
    pub accounting: Accounting,
    /// How its run went, once it has begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
    /// What was refused, by domain and code.
    pub refusals: Vec<Refusals>,
    /// What reports that count said, by domain, kind and reason; those of refusals in the session, too.
    pub reported: Vec<Reported>,
    /// How often its links were followed, where that is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clicks: Option<i64>,
    /// How often it was opened, where that is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub openings: Option<i64>,
}

impl Report {
    /// How many deliveries stand in a state.
    pub fn count(&self, state: DeliveryState) -> i64 {
        self.accounting.get(&state).copied().unwrap_or(0)
    }

    /// Whether the deliveries add up to the audience: promise 6.
    pub fn adds_up(&self) -> bool {
        self.accounting.values().sum::<i64>() == self.audience
    }

    /// How many deliveries have ended.
    pub fn ended(&self) -> i64 {
        self.accounting.iter().filter(|(state, _)| state.is_ended()).map(|(_, n)| n).sum()
    }
}

/// How a run went, or goes.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// The time zone of its newsletter, for times that people read.
    #[serde(skip)]
    pub zone: Tz,
    /// When the first letter was accepted.
    pub first_accepted_at: Option<DateTime<Utc>>,
    /// When the last one was.
    pub last_accepted_at: Option<DateTime<Utc>>,
    /// Letters accepted in a second: of late while it is sending, else on average from the first to
    /// the last; `None` where that took less than a second.
    pub per_second: Option<f64>,
    /// What each relay took.
    pub relays: Vec<ByRelay>,
    /// Letters that wait for their next attempt.
    pub retries: u64,
    /// When the next of them is due.
    pub next_retry_at: Option<DateTime<Utc>>,
    /// When it will be done, while it is sending.
    #[serde(flatten)]
    pub forecast: Option<Forecast>,
    /// By when it is to be done, if a time is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted_by: Option<DateTime<Utc>>,
    /// How far its canary is, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canary: Option<CanaryPhase>,
    /// Until when the canary's outcome is waited for; `None` with a waiting one that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canary_until: Option<DateTime<Utc>>,
}

/// What one relay took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ByRelay {
    /// Its name.
    pub relay: String,
    /// How many letters it accepted.
    pub accepted: i64,
}

/// Where an edition's run stands, at much less cost than its report.
#[derive(Clone, Debug)]
pub struct Position {
    /// The edition as it is.
    pub edition: Edition,
    /// What is open of it, and what has ended.
    pub standing: Standing,
}

/// Where an edition's run stands, as of now.
///
/// # Errors
/// [`super::PipelineError::Refused`] when there is no such edition.
pub async fn position(engine: &Engine, id: EditionId) -> Result<Position> {
    let mut tx = engine.db.read().await?;
    let edition = control::edition(&mut tx, id).await?;
    let standing = progress::standing(&mut tx, &edition).await?;
    Ok(Position { edition, standing })
}

/// The report of an edition, as of now.
///
/// # Errors
/// [`super::PipelineError::Refused`] when there is no such edition.
pub async fn report(engine: &Engine, id: EditionId) -> Result<Report> {
    let mut tx = engine.db.read().await?;
    let edition = control::edition(&mut tx, id).await?;
    let accounting = deliveries::accounting(&mut tx, &edition).await?;
    let (clicks, openings) = links::counted(&mut tx, &edition).await?;
    let newsletter = newsletter_of(&edition)?;
    let run = match edition.audience_count {
        Some(_) => Some(run(&mut tx, &edition, &newsletter, engine.clock.now()).await?),
        None => None,
    };
    Ok(Report {
        edition: id,
        newsletter: newsletter.name.as_str().to_owned(),
        state: edition.state,
        reason: edition.reason.clone(),
        send_at: edition.send_at,
        revision: edition.current_rev,
        audience: edition.audience_count.unwrap_or(edition.enqueued_count),
        accounting,
        run,
        refusals: deliveries::refusals(&mut tx, &edition).await?,
        reported: reports::of_edition(&mut tx, id).await?,
        clicks,
        openings,
    })
}

async fn run(tx: &mut Tx, edition: &Edition, newsletter: &Newsletter, now: DateTime<Utc>) -> Result<Run> {
    let taken = progress::by_relay(tx, edition, now - LATELY).await?;
    let standing = progress::standing(tx, edition).await?;
    let sending = edition.state == EditionState::Sending;
    let first = taken.iter().map(Taken::first).min();
    let last = taken.iter().map(Taken::last).max();
    let recent = lately(&taken, standing, first, now);
    let accepted: i64 = taken.iter().map(|one| one.n).sum();
    Ok(Run {
        zone: newsletter.zone(),
        first_accepted_at: first,
        last_accepted_at: last,
        per_second: if sending { recent.rate() } else { average(accepted, first, last) },
        relays: taken.into_iter().map(|one| ByRelay { relay: one.relay, accepted: one.n }).collect(),
        retries: standing.deferred,
        next_retry_at: standing.next_retry,
        forecast: sending.then(|| recent.forecast()),
        wanted_by: forecast::due(edition, newsletter),
        canary: edition.canary,
        canary_until: edition.canary_until,
    })
}

/// How the last minute went, or less where it began later, as far as acceptances tell.
fn lately(taken: &[Taken], now_stands: Standing, first: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Recent {
    let mut recent = Recent::new(LATELY);
    let accepted = taken.iter().map(|one| u64::try_from(one.lately).unwrap_or(0)).sum::<u64>();
    let from = first.map_or(now - LATELY, |first| first.max(now - LATELY)).min(now);
    let before = Standing {
        waiting: now_stands.waiting + accepted,
        ended: now_stands.ended.saturating_sub(accepted),
        ..now_stands
    };
    recent.add(from, before);
    recent.add(now, now_stands);
    recent
}

fn average(n: i64, first: Option<DateTime<Utc>>, last: Option<DateTime<Utc>>) -> Option<f64> {
    let milliseconds = (last? - first?).num_milliseconds();
    #[expect(clippy::cast_precision_loss, reason = "letters and milliseconds are far below 2^52")]
    (milliseconds >= 1_000).then(|| n as f64 * 1_000.0 / milliseconds as f64)
}
