//! Pausing a run, with an alert.

use chrono::{DateTime, Utc};

use super::alerts::{self, Alert};
use super::{Engine, Result};
use crate::config::Newsletter;
use crate::domain::edition::EditionState;
use crate::domain::setback::Setback;
use crate::store::Tx;
use crate::store::editions::{self, Edition, Transition};

/// Pauses an edition if it is sending, with an alert; whether it was.
///
/// # Errors
/// What the database says.
pub async fn pause(
    engine: &Engine,
    tx: &mut Tx,
    newsletter: &Newsletter,
    edition: &Edition,
    why: impl Into<Setback>,
    by: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let why = why.into();
    let reason = why.to_string();
    let change = Transition {
        from: EditionState::Sending,
        to: EditionState::Paused,
        version: None,
        reason: Some(&reason),
        by,
    };
    let paused = editions::transition(tx, edition.id, &change, now).await?;
    if paused {
        alerts::raise(engine, tx, &Alert::paused(newsletter, edition, why), now).await?;
    }
    Ok(paused)
}
