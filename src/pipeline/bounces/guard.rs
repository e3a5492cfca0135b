//! Promise 8 for bounces that are told after the letter was accepted: in the order in which an
//! edition's letters go out, more than a tenth of 200 in a row.

use chrono::{DateTime, Utc};

use super::Case;
use crate::config::Newsletter;
use crate::domain::bounce::SuppressionReason;
use crate::domain::delivery::Guard;
use crate::domain::setback::Setback;
use crate::pipeline::alerts::{self, Alert};
use crate::pipeline::pause::pause;
use crate::pipeline::{Engine, Result};
use crate::store::editions::{self, Edition};
use crate::store::{Tx, reports, suppressions};

impl Case<'_> {
    /// Trips the guard when the letters around this one bounced too often.
    pub(super) async fn guard(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
        let around = reports::neighbours(tx, self.edition, self.subscriber, Guard::WINDOW).await?;
        if Guard::any_window_trips(&around) {
            trip(self.engine, tx, self.newsletter, self.edition, now).await?;
        }
        Ok(())
    }
}

/// The run pauses, an alert goes out, and nobody stays suppressed from it until a person confirms. It
/// does so once; whether this was the time is given back.
///
/// # Errors
/// What the database says; then nothing must be committed.
pub async fn trip(
    engine: &Engine,
    tx: &mut Tx,
    newsletter: &Newsletter,
    edition: &Edition,
    now: DateTime<Utc>,
) -> Result<bool> {
    if !editions::trip_guard(tx, edition.id, now).await? {
        return Ok(false);
    }
    let lifted =
        suppressions::lift_edition(tx, edition.id, Some(SuppressionReason::Hard), "guard", now).await?;
    let why = Setback::HardBounces { lifted };
    if !pause(engine, tx, newsletter, edition, why.clone(), "guard", now).await? {
        // It had gone out by then, or was paused for something else.
        alerts::raise(engine, tx, &Alert::reported(newsletter, edition, why), now).await?;
    }
    Ok(true)
}
