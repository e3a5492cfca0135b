//! What became of an edition, accounted for to the last subscriber.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Engine, Result, control, links, newsletter_of};
use crate::domain::delivery::DeliveryState;
use crate::domain::edition::EditionState;
use crate::domain::ids::EditionId;
use crate::store::deliveries::{self, Accounting, Refusals};

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
    /// What was refused, by domain and code.
    pub refusals: Vec<Refusals>,
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

/// The report of an edition, as of now.
///
/// # Errors
/// [`super::PipelineError::Refused`] when there is no such edition.
pub async fn report(engine: &Engine, id: EditionId) -> Result<Report> {
    let mut tx = engine.db.read().await?;
    let edition = control::edition(&mut tx, id).await?;
    let accounting = deliveries::accounting(&mut tx, &edition).await?;
    let (clicks, openings) = links::counted(&mut tx, &edition).await?;
    Ok(Report {
        edition: id,
        newsletter: newsletter_of(&edition)?.name.as_str().to_owned(),
        state: edition.state,
        reason: edition.reason.clone(),
        send_at: edition.send_at,
        revision: edition.current_rev,
        audience: edition.audience_count.unwrap_or(edition.enqueued_count),
        accounting,
        refusals: deliveries::refusals(&mut tx, &edition).await?,
        clicks,
        openings,
    })
}
