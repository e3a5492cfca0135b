//! The canary: a few letters go out first, and only when they did well does the rest follow. Its
//! phase stands in the database, so that all daemons hold back the rest, also after a restart.
//!
//! `sending` until each of its letters has ended or waits for another attempt; `waiting` until the
//! time that the newsletter gives reports to come in; then `passed`, or the run pauses. Of two
//! daemons that look at once, one moves the phase.

use chrono::{DateTime, Utc};

use super::pause::pause;
use super::{Engine, Result};
use crate::config::{Canary, Newsletter};
use crate::domain::canary::{Tally, Verdict, next_look};
use crate::domain::edition::{CanaryPhase, EditionState};
use crate::domain::lane::{self, Lane};
use crate::domain::setback::Setback;
use crate::store::editions::{self, Edition};
use crate::store::{Tx, canary, deliveries};

/// Whom a newsletter's canary takes.
pub fn choice(canary: &Canary) -> lane::Canary {
    match canary.first {
        Some(first) => lane::Canary::First(first.get()),
        None => lane::Canary::Seeds(canary.seeds.clone()),
    }
}

/// Begins the canary of an edition whose deliveries have just been written, in the transaction that
/// lets it be sent. A canary of the first readers that has nobody needs none. One of seed
/// addresses of which none is subscribed could say nothing about the letter, and somebody relies on
/// it: the run pauses before anything has gone out.
///
/// # Errors
/// What the database says.
pub async fn begin(
    engine: &Engine,
    tx: &mut Tx,
    edition: &Edition,
    newsletter: &Newsletter,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(chosen) = &newsletter.canary else { return Ok(()) };
    let (size, seeds) = (canary::size(tx, edition).await?, chosen.seeds.len());
    if size > 0 {
        editions::move_canary(tx, edition.id, None, CanaryPhase::Sending, None, now).await?;
    } else if seeds > 0 {
        pause(engine, tx, newsletter, edition, Setback::NoSeeds, "canary", now).await?;
    }
    if size < seeds {
        tracing::warn!(
            edition.id = edition.id.0,
            canary.seeds = seeds,
            canary.subscribed = size,
            "not all seed addresses of the canary are subscribed to the list"
        );
    }
    Ok(())
}

/// Moves the canary of an edition that is being sent as far as it has come.
///
/// # Errors
/// What the database says.
pub async fn advance(
    engine: &Engine,
    edition: &Edition,
    newsletter: &Newsletter,
    now: DateTime<Utc>,
) -> Result<()> {
    let look = Look { engine, edition, newsletter, now };
    match edition.canary {
        Some(CanaryPhase::Sending) => look.sending().await,
        // Without an instant it has failed, and a person let it go on in the meantime.
        Some(CanaryPhase::Waiting) if edition.canary_until.is_none_or(|until| until <= now) => {
            look.waiting().await
        }
        Some(CanaryPhase::Waiting | CanaryPhase::Passed) | None => Ok(()),
    }
}

/// Whether the canary of an edition failed, so that a person who lets it go on means the rest. One
/// who paused it in the midst of its canary means that it goes on with that.
pub fn has_failed(edition: &Edition) -> bool {
    edition.canary == Some(CanaryPhase::Waiting) && edition.canary_until.is_none()
}

/// One look at one edition.
struct Look<'a> {
    engine: &'a Engine,
    edition: &'a Edition,
    newsletter: &'a Newsletter,
    now: DateTime<Utc>,
}

impl Look<'_> {
    async fn sending(&self) -> Result<()> {
        let mut tx = self.engine.db.read().await?;
        if !canary::is_out(&mut tx, self.edition).await? {
            return Ok(());
        }
        let tally = canary::tally(&mut tx, self.edition).await?;
        drop(tx);
        match self.judged(&tally) {
            // More than may fail have failed: no report makes it better.
            Verdict::Fail(why) => self.fail(CanaryPhase::Sending, why).await,
            _ if tally.attempted == 0 => self.pass(CanaryPhase::Sending).await,
            Verdict::Pass | Verdict::Wait => {
                let wait = self.newsletter.canary.as_ref().map(|canary| canary.wait.delta());
                let until = self.now + wait.unwrap_or_default();
                self.go(CanaryPhase::Sending, CanaryPhase::Waiting, Some(until)).await.map(|_| ())
            }
        }
    }

    async fn waiting(&self) -> Result<()> {
        let mut tx = self.engine.db.read().await?;
        let tally = canary::tally(&mut tx, self.edition).await?;
        let next_retry = deliveries::next_due_in(&mut tx, self.edition, &Lane::Canary).await?;
        drop(tx);
        match self.judged(&tally) {
            Verdict::Pass => self.pass(CanaryPhase::Waiting).await,
            Verdict::Fail(why) => self.fail(CanaryPhase::Waiting, why).await,
            Verdict::Wait => {
                let until = next_look(next_retry, self.now);
                self.go(CanaryPhase::Waiting, CanaryPhase::Waiting, Some(until)).await.map(|_| ())
            }
        }
    }

    fn judged(&self, tally: &Tally) -> Verdict {
        let Some(canary) = &self.newsletter.canary else { return Verdict::Pass };
        let too_many = |failed, of| canary.max_errors.is_exceeded(failed, of);
        tally.verdict(too_many, !canary.seeds.is_empty())
    }

    async fn pass(&self, from: CanaryPhase) -> Result<()> {
        if self.go(from, CanaryPhase::Passed, None).await? {
            tracing::info!(edition.id = self.edition.id.0, "canary passed: the rest follows");
        }
        Ok(())
    }

    /// Whether it was this look that moved it.
    async fn go(&self, from: CanaryPhase, to: CanaryPhase, until: Option<DateTime<Utc>>) -> Result<bool> {
        let mut tx = self.engine.db.begin().await?;
        let moved = self.is_sending(&mut tx).await?
            && editions::move_canary(&mut tx, self.edition.id, Some(from), to, until, self.now).await?;
        if moved {
            tx.ring().await?;
            tx.commit().await?;
            self.engine.wake.notify_waiters();
        }
        Ok(moved)
    }

    /// The run pauses. That it failed, and was not paused by somebody, is told by its phase.
    async fn fail(&self, from: CanaryPhase, why: Setback) -> Result<()> {
        let Self { engine, edition, newsletter, now } = *self;
        let mut tx = engine.db.begin().await?;
        if self.is_sending(&mut tx).await?
            && editions::move_canary(&mut tx, edition.id, Some(from), CanaryPhase::Waiting, None, now).await?
        {
            pause(engine, &mut tx, newsletter, edition, why, "canary", now).await?;
            tx.ring().await?;
            tx.commit().await?;
            engine.wake.notify_waiters();
        }
        Ok(())
    }

    /// Whether nobody has stopped it since it was looked at.
    async fn is_sending(&self, tx: &mut Tx) -> Result<bool> {
        editions::hold_row(tx, self.edition.id).await?;
        let current = editions::get(tx, self.edition.id).await?;
        let same = |now: &Edition| {
            now.state == EditionState::Sending && now.canary_until == self.edition.canary_until
        };
        Ok(current.as_ref().is_some_and(same))
    }
}
