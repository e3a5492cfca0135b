//! Whether runs keep the time that is set for them: looked at from time to time while an edition
//! is sent, and told once when it will be too late. Letters go on all the same.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

use super::alerts::{self, Alert};
use super::{Engine, Result};
use crate::config::Newsletter;
use crate::domain::edition::CanaryPhase;
use crate::domain::forecast::{Forecast, Keeps, Recent, Standing};
use crate::domain::ids::EditionId;
use crate::domain::setback::Setback;
use crate::store::editions::Edition;
use crate::store::{mails, progress};

/// A run is looked at no more often than this.
const EVERY: TimeDelta = TimeDelta::seconds(30);
/// A look takes at most one part in so many of the time.
const SHARE: i32 = 50;
/// What counts as lately.
const LATELY: TimeDelta = TimeDelta::minutes(5);
/// After the time that was set, how long it is worth telling that it was not kept.
const STALE: TimeDelta = TimeDelta::hours(1);

/// How the runs of this process's editions went lately. Another process has its own; it is made
/// anew within a minute after a start.
#[derive(Debug, Default)]
pub struct Forecasts(Mutex<BTreeMap<EditionId, Watched>>);

#[derive(Debug)]
struct Watched {
    recent: Recent,
    next: DateTime<Utc>,
}

impl Forecasts {
    /// Whether a look is due. A clock that went back is no reason to wait.
    fn is_due(&self, id: EditionId, now: DateTime<Utc>) -> bool {
        self.all().get(&id).is_none_or(|known| now >= known.next || known.next - now > LATELY)
    }

    /// Adds a look, and gives the forecast after it; the next look is due after `pause`.
    fn add(&self, id: EditionId, standing: Standing, now: DateTime<Utc>, pause: TimeDelta) -> Forecast {
        let mut all = self.all();
        all.retain(|_, known| now - known.next < STALE);
        let known = all.entry(id).or_insert_with(|| Watched { recent: Recent::new(LATELY), next: now });
        known.recent.add(now, standing);
        known.next = now + pause;
        known.recent.forecast()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<EditionId, Watched>> {
        // What a thread that panicked left is still a list of looks.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// By when an edition is to be done, if a time is set.
pub fn due(edition: &Edition, newsletter: &Newsletter) -> Option<DateTime<Utc>> {
    newsletter.finish_within.map(|within| edition.send_at + within.delta())
}

/// Looks whether a run keeps its time, when a look is due, and tells ops once when it does not.
///
/// # Errors
/// What the database says.
pub async fn watch(
    engine: &Engine,
    edition: &Edition,
    newsletter: &Newsletter,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(due) = due(edition, newsletter) else { return Ok(()) };
    if now - due > STALE || !engine.forecasts.is_due(edition.id, now) {
        return Ok(());
    }
    // While a canary holds back the rest, no pace tells anything.
    if edition.canary.is_some_and(|phase| phase != CanaryPhase::Passed) {
        return Ok(());
    }
    let mut tx = engine.db.read().await?;
    let started = Instant::now();
    let standing = progress::standing(&mut tx, edition).await?;
    let took = TimeDelta::from_std(started.elapsed()).unwrap_or(EVERY);
    let forecast = engine.forecasts.add(edition.id, standing, now, EVERY.max(took * SHARE));
    let Keeps::No(forecast) = forecast.keeps(due, now) else { return Ok(()) };
    let alert = Alert::delayed(newsletter, edition, Setback::TooSlow { forecast, due });
    if mails::is_known(&mut tx, &alert.log_key()).await? {
        return Ok(());
    }
    drop(tx);
    let mut tx = engine.db.begin().await?;
    alerts::raise(engine, &mut tx, &alert, now).await?;
    tx.commit().await?;
    Ok(())
}
