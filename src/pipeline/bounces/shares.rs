//! The shares of an edition's audience that bounced or complained, of which ops are told once.

use chrono::{DateTime, Utc};

use super::Case;
use crate::domain::bounce::ReportKind;
use crate::domain::setback::Setback;
use crate::pipeline::Result;
use crate::pipeline::alerts::{self, Alert};
use crate::pipeline::pause::pause;
use crate::store::editions::{self, Told};
use crate::store::{Tx, reports};

impl Case<'_> {
    /// Tells ops, and pauses the edition, where the share of this kind is larger than is set.
    pub(super) async fn shares(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
        let bounces = &self.engine.config.bounces;
        let n = reports::count_of_edition(tx, self.edition.id, self.kind).await?;
        let n = u64::try_from(n).unwrap_or(0);
        let of = u64::try_from(self.edition.audience_count.unwrap_or(0)).unwrap_or(0);
        if n < u64::from(bounces.at_least.get()) {
            return Ok(());
        }
        if self.kind != ReportKind::Complaint {
            if bounces.warn_hard.is_exceeded(n, of) {
                self.tell(tx, Told::Hard, Setback::ManyHard { n, of }, now).await?;
            }
            return Ok(());
        }
        let why = Setback::Complaints { n, of };
        let mut paused = false;
        if bounces.pause_complaints.is_exceeded(n, of)
            && editions::tell(tx, self.edition.id, Told::ComplaintsPaused, now).await?
        {
            paused =
                pause(self.engine, tx, self.newsletter, self.edition, why.clone(), "complaints", now).await?;
        }
        if paused {
            // Its alert says the same.
            editions::tell(tx, self.edition.id, Told::Complaints, now).await?;
        } else if bounces.warn_complaints.is_exceeded(n, of) {
            self.tell(tx, Told::Complaints, why, now).await?;
        }
        Ok(())
    }

    async fn tell(&self, tx: &mut Tx, what: Told, why: Setback, now: DateTime<Utc>) -> Result<()> {
        if editions::tell(tx, self.edition.id, what, now).await? {
            let alert = Alert::reported(self.newsletter, self.edition, why);
            alerts::raise(self.engine, tx, &alert, now).await?;
        }
        Ok(())
    }
}
