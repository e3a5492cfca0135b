//! Double opt-in: an address is asked whether it wants a list, and a link that only that mailbox
//! got makes the subscription active. Links are never used up; what they can still do depends on
//! where the subscription stands.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::lists::SpokenList;
use super::{Engine, PipelineError, Result, reader_mails, readers};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{ListId, SubscriberId};
use crate::domain::language::Language;
use crate::domain::subscriber::{EndReason, SubscriptionState};
use crate::domain::token::Confirm;
use crate::store::Tx;
use crate::store::subscribers::{self, Evidence, NewSubscriber, Subscription};
use crate::store::suppressions;

/// What asking for a confirmation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A mail that asks is on its way.
    Now,
    /// One went out within the hour.
    Before,
    /// The reader gets the list already.
    NotNeeded,
}

/// Puts a subscription that waits for confirmation on a list, and the mail that asks for it into
/// the outbox, in one transaction. Who has left, bounced or complained is asked as well: only they
/// can undo it.
///
/// # Errors
/// [`PipelineError::Refused`] when the address may not be written to, and when no newsletter goes
/// to the list.
pub async fn ask(
    engine: &Engine,
    address: &EmailAddress,
    name: Option<String>,
    language: Option<Language>,
    list: &str,
    by: &str,
) -> Result<Asked> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let id = readers::known_list(engine, &mut tx, list).await?;
    if SpokenList::new(&engine.config, list).newsletter.is_none() {
        return Err(PipelineError::Refused(format!(
            "no newsletter goes to {list}: the mail that asks for confirmation would have no sender"
        )));
    }
    let address_hash = engine.keys.address_hash(address);
    let suppressed = suppressions::standing(&mut tx, &address_hash).await?;
    if suppressions::is_barred(&suppressed) {
        return Err(PipelineError::Refused("this address may not be written to (legal)".to_owned()));
    }
    let language = language.map(|language| language.as_str().to_owned());
    let new = NewSubscriber { address: address.clone(), address_hash, language, time_zone: None, name };
    let subscriber = subscribers::upsert(&mut tx, &new, now).await?;
    subscribers::hold(&mut tx, subscriber).await?;
    let state = subscribers::subscription(&mut tx, subscriber, id).await?.map(|one| one.state);
    match state {
        Some(SubscriptionState::Active) if suppressed.is_empty() => return Ok(Asked::NotNeeded),
        Some(SubscriptionState::Active | SubscriptionState::Pending) => {}
        Some(SubscriptionState::Ended) | None => {
            let evidence = Evidence { actor: by, source: "command line", proof: BTreeMap::new() };
            let pending = SubscriptionState::Pending;
            subscribers::set_subscription(&mut tx, subscriber, id, pending, None, &evidence, now).await?;
        }
    }
    let asked = reader_mails::ask(&mut tx, subscriber, id, now).await?;
    tx.commit().await?;
    Ok(if asked { Asked::Now } else { Asked::Before })
}

/// What a confirmation link can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Make the subscription active.
    Open,
    /// Nothing: it is active.
    Active,
    /// Nothing any more: it has ended, the reader was erased, or has left again since.
    Over,
    /// Nothing: the address may not be written to.
    Barred,
}

/// What a link can do now; nothing is changed.
///
/// # Errors
/// What the database says.
pub async fn standing(engine: &Engine, link: Confirm) -> Result<Standing> {
    let mut tx = engine.db.read().await?;
    Ok(look(&mut tx, link).await?.0)
}

/// What confirming came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// The subscription is active now.
    Now,
    /// Nothing was changed: this is what the link can do.
    Unchanged(Standing),
}

/// Makes the subscription of a link active, if it can: with evidence, and with the suppressions of
/// the address lifted, all but legal ones.
///
/// # Errors
/// What the database says.
pub async fn confirm(engine: &Engine, link: Confirm) -> Result<Confirmed> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    subscribers::hold(&mut tx, link.subscriber).await?;
    let (standing, hash) = look(&mut tx, link).await?;
    let Some(hash) = hash.filter(|_| standing == Standing::Open) else {
        return Ok(Confirmed::Unchanged(standing));
    };
    let mail = if link.left_at.is_some() { "goodbye" } else { "confirmation" };
    let proof = BTreeMap::from([("mail".to_owned(), mail.to_owned())]);
    let evidence = Evidence { actor: "reader", source: "confirm page", proof };
    join(&mut tx, link.subscriber, &hash, link.list, &evidence, now).await?;
    tx.commit().await?;
    Ok(Confirmed::Now)
}

/// Where a link leads, and the hash of its reader's address.
async fn look(tx: &mut Tx, link: Confirm) -> Result<(Standing, Option<String>)> {
    let subscriber = subscribers::get(tx, link.subscriber).await?;
    let Some(hash) = subscriber.and_then(|subscriber| subscriber.address_hash) else {
        return Ok((Standing::Over, None));
    };
    let subscription = subscribers::subscription(tx, link.subscriber, link.list).await?;
    let suppressed = suppressions::standing(tx, &hash).await?;
    let standing = match subscription {
        _ if suppressions::is_barred(&suppressed) => Standing::Barred,
        Some(subscription) => leads_to(link, &subscription, !suppressed.is_empty()),
        None => Standing::Over,
    };
    Ok((standing, Some(hash)))
}

fn leads_to(link: Confirm, subscription: &Subscription, suppressed: bool) -> Standing {
    match subscription.state {
        SubscriptionState::Pending => Standing::Open,
        SubscriptionState::Active if suppressed => Standing::Open,
        SubscriptionState::Active => Standing::Active,
        // A way back leads back from its own leaving alone, and nobody comes back by the link that
        // they once joined with: it may be years old, and what ended it since may be a complaint.
        SubscriptionState::Ended => {
            let own = link.left_at.is_some() && link.left_at == subscription.ended_at;
            let left = subscription.end_reason == Some(EndReason::Unsubscribed);
            if own && left { Standing::Open } else { Standing::Over }
        }
    }
}

/// Makes a subscription active on its reader's own word, given from that mailbox.
///
/// # Errors
/// What the database says.
pub(super) async fn join(
    tx: &mut Tx,
    subscriber: SubscriberId,
    address_hash: &str,
    list: ListId,
    evidence: &Evidence<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let active = SubscriptionState::Active;
    subscribers::set_subscription(tx, subscriber, list, active, None, evidence, now).await?;
    suppressions::lift(tx, address_hash, "reader", now).await?;
    Ok(())
}
