//! Opens an edition for each slot, and keeps a row with the reason for each slot that was missed.
//! The database's unique key on newsletter and slot makes it one edition, however many daemons
//! look at the clock.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Engine, PipelineError, Result, alerts};
use crate::config::Newsletter;
use crate::domain::edition::{EditionKind, EditionState};
use crate::domain::schedule::due::{MissedReason, SlotDecision, due};
use crate::domain::setback::Setback;
use crate::store::catalog::{self, NewsletterRow};
use crate::store::editions::{self, Edition, NewEdition};
use crate::store::{Tx, deliveries};

/// Looks at the clock for every newsletter; gives the editions that this call opened.
///
/// # Errors
/// What the database says.
pub async fn tick(engine: &Engine) -> Result<Vec<Edition>> {
    let now = engine.clock.now();
    let mut opened = Vec::new();
    for newsletter in &engine.config.newsletters {
        let row = registered(engine, newsletter, now).await?;
        let mut tx = engine.db.read().await?;
        let is_due = !decisions(&mut tx, newsletter, &row, now).await?.is_empty();
        drop(tx);
        if is_due {
            let mut tx = engine.db.begin().await?;
            opened.extend(open_due(engine, &mut tx, newsletter, &row, now).await?);
            tx.commit().await?;
        }
    }
    Ok(opened)
}

async fn decisions(
    tx: &mut Tx,
    newsletter: &Newsletter,
    row: &NewsletterRow,
    now: DateTime<Utc>,
) -> Result<Vec<SlotDecision>> {
    let last = editions::last_slot(tx, row.id).await?;
    // A newsletter's past begins when its schedule was first configured. The instant itself counts.
    let since = row.scheduled_since - TimeDelta::milliseconds(1);
    Ok(due(newsletter.plan(), last.unwrap_or(since).max(since), now))
}

/// Gives every slot of a newsletter that is due its row; gives the editions opened.
async fn open_due(
    engine: &Engine,
    tx: &mut Tx,
    newsletter: &Newsletter,
    row: &NewsletterRow,
    now: DateTime<Utc>,
) -> Result<Vec<Edition>> {
    let mut opened = Vec::new();
    for decision in decisions(tx, newsletter, row, now).await? {
        opened.extend(decide(engine, tx, newsletter, row, decision, now).await?);
    }
    Ok(opened)
}

/// The newsletter's row, brought up to date only when the configuration says something new: the
/// clock is looked at often.
async fn registered(engine: &Engine, newsletter: &Newsletter, now: DateTime<Utc>) -> Result<NewsletterRow> {
    let mut tx = engine.db.read().await?;
    let found = catalog::find_newsletter(&mut tx, newsletter.name.as_str()).await?;
    drop(tx);
    if let Some(row) = found.filter(|row| row.config_hash == newsletter.hash()) {
        return Ok(row);
    }
    let mut tx = engine.db.begin().await?;
    let row = register(&mut tx, newsletter, now).await?;
    tx.commit().await?;
    Ok(row)
}

/// The newsletter's row, made or brought up to date.
///
/// # Errors
/// What the database says.
pub async fn register(tx: &mut Tx, newsletter: &Newsletter, now: DateTime<Utc>) -> Result<NewsletterRow> {
    let list = catalog::list_id(tx, newsletter.list.as_str()).await?;
    let schedule = format!("{} {}", newsletter.schedule, newsletter.zone());
    Ok(catalog::upsert_newsletter(tx, newsletter.name.as_str(), list, &schedule, &newsletter.hash(), now)
        .await?)
}

async fn decide(
    engine: &Engine,
    tx: &mut Tx,
    newsletter: &Newsletter,
    row: &NewsletterRow,
    decision: SlotDecision,
    now: DateTime<Utc>,
) -> Result<Option<Edition>> {
    let (slot, state, missed) = match decision {
        SlotDecision::Open { slot } => (slot, EditionState::Draft, None),
        SlotDecision::Missed { slot, reason, .. } => {
            (slot, EditionState::Skipped, Some(setback(reason, slot, newsletter.grace.delta(), now)))
        }
    };
    let reason = missed.as_ref().map(ToString::to_string);
    let new = new_edition(newsletter, row, EditionKind::Scheduled, slot, state, reason)?;
    deliveries::ensure_partitions(tx, editions::day_of(new.send_at)).await?;
    let Some(edition) = editions::open(tx, &new, now).await? else { return Ok(None) };
    let local = slot.with_timezone(&newsletter.zone());
    if let Some(why) = missed {
        tracing::warn!(newsletter = newsletter.name.as_str(), edition.id = edition.id.0, slot = %local, "slot missed: {why}");
        let what = alerts::Alert::missed(newsletter, &edition, why);
        alerts::raise(engine, tx, &what, now).await?;
        return Ok(None);
    }
    tracing::info!(newsletter = newsletter.name.as_str(), edition.id = edition.id.0, slot = %local, "edition opened");
    Ok(Some(edition))
}

/// Why a slot was missed.
fn setback(reason: MissedReason, slot: DateTime<Utc>, grace: TimeDelta, now: DateTime<Utc>) -> Setback {
    match reason {
        MissedReason::TooLate => {
            Setback::TooLate { late: (now - slot).num_minutes(), grace: grace.num_minutes() }
        }
        MissedReason::Superseded => Setback::NewerSlot,
    }
}

/// An edition as its newsletter's configuration wants it; `slot` is also its send time.
///
/// # Errors
/// When the configuration cannot be stored.
pub fn new_edition(
    newsletter: &Newsletter,
    row: &NewsletterRow,
    kind: EditionKind,
    slot: DateTime<Utc>,
    state: EditionState,
    reason: Option<String>,
) -> Result<NewEdition> {
    let config = serde_json::to_value(newsletter)
        .map_err(|source| PipelineError::Stored { what: "a newsletter's configuration", source })?;
    Ok(NewEdition {
        newsletter: row.id,
        kind,
        slot_at: (kind == EditionKind::Scheduled).then_some(slot),
        request_key: None,
        send_at: slot,
        expires_at: slot + newsletter.expires_after.delta(),
        state,
        reason,
        config,
    })
}

/// Opens the edition of the newsletter's next slot, or finds the one that is open: where editors'
/// picks go before the drafting lead has begun.
///
/// # Errors
/// [`PipelineError::Refused`] when the schedule has no further slot.
pub async fn next_edition(engine: &Engine, tx: &mut Tx, name: &str) -> Result<Edition> {
    let newsletter = engine.newsletter(name)?;
    let now = engine.clock.now();
    let row = register(tx, newsletter, now).await?;
    // A slot that passed unseen gets its row first: behind a later one it would be lost.
    open_due(engine, tx, newsletter, &row, now).await?;
    let open = editions::unfinished(tx)
        .await?
        .into_iter()
        .find(|edition| edition.newsletter == row.id && edition.state.is_open());
    if let Some(edition) = open {
        return Ok(edition);
    }
    let after = editions::last_slot(tx, row.id).await?.unwrap_or(now).max(now);
    let slot = newsletter.schedule.slots_after(after, newsletter.zone()).next();
    let slot = slot.ok_or_else(|| PipelineError::Refused(format!("{name} has no slot any more")))?;
    let new = new_edition(newsletter, &row, EditionKind::Scheduled, slot, EditionState::Draft, None)?;
    deliveries::ensure_partitions(tx, editions::day_of(new.send_at)).await?;
    editions::open(tx, &new, now).await?.ok_or_else(|| {
        PipelineError::Refused(format!("the edition of {name} was opened elsewhere; try again"))
    })
}

/// Opens an edition by hand, to go out at `send_at`; the same `request_key` gives the same edition.
///
/// # Errors
/// What the database says.
pub async fn open_manual(
    engine: &Engine,
    tx: &mut Tx,
    name: &str,
    request_key: &str,
    send_at: DateTime<Utc>,
) -> Result<Option<Edition>> {
    let newsletter = engine.newsletter(name)?;
    let now = engine.clock.now();
    let row = register(tx, newsletter, now).await?;
    let mut new = new_edition(newsletter, &row, EditionKind::Manual, send_at, EditionState::Draft, None)?;
    new.request_key = Some(request_key.to_owned());
    deliveries::ensure_partitions(tx, editions::day_of(new.send_at)).await?;
    Ok(editions::open(tx, &new, now).await?)
}

/// The next `n` slots of a newsletter, for `check`.
pub fn upcoming(newsletter: &Newsletter, now: DateTime<Utc>, n: usize) -> Vec<DateTime<Utc>> {
    newsletter.schedule.slots_after(now, newsletter.zone()).take(n).collect()
}

/// What is logged once at start for every newsletter, so that a wrong zone is seen before it sends.
pub fn announce(engine: &Engine) {
    let now = engine.clock.now();
    for newsletter in &engine.config.newsletters {
        match upcoming(newsletter, now, 1).first() {
            Some(next) => tracing::info!(
                newsletter = newsletter.name.as_str(),
                zone = newsletter.zone().name(),
                next.local = %next.with_timezone(&newsletter.zone()),
                next.utc = %next,
                "next slot"
            ),
            None => tracing::warn!(newsletter = newsletter.name.as_str(), "the schedule has no further slot"),
        }
    }
}
