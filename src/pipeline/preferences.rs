//! What one reader gets, shown and changed by the link in their letters. The link came to their
//! mailbox, so a tick is consent as good as a confirmation.

use std::collections::{BTreeMap, BTreeSet};

use newsletterd_templates::pages::preferences::ChoiceState;

use super::consent::join;
use super::readers::{self, Left};
use super::{Engine, Result};
use crate::config::Config;
use crate::domain::ids::{EditionId, ListId, SubscriberId};
use crate::domain::subscriber::{EndReason, SubscriptionState};
use crate::store::subscribers::{self, Evidence, Subscription};
use crate::store::{Tx, catalog, suppressions};

/// What a reader sees.
#[derive(Clone, Debug)]
pub enum Preferences {
    /// Their lists.
    Choices {
        /// The address as far as it is shown.
        address: String,
        /// In the order of the configuration.
        lists: Vec<Choice>,
    },
    /// Nothing: the address may not be written to.
    Barred,
    /// Nothing: the reader was erased, or never was.
    Gone,
}

/// One list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Row identity.
    pub list: ListId,
    /// Its name in the configuration.
    pub name: String,
    /// Where the reader stands.
    pub state: ChoiceState,
}

/// What a reader wishes.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// The lists that are ticked.
    pub ticked: BTreeSet<ListId>,
    /// The lists that were ticked when the page was shown: only what differs is a wish.
    pub shown: BTreeSet<ListId>,
    /// To leave everything, whatever is ticked.
    pub leave_all: bool,
}

/// Where the changes of this page stand in the evidence.
const SOURCE: &str = "preferences page";

/// What a reader sees now; nothing is changed.
///
/// # Errors
/// What the database says.
pub async fn show(engine: &Engine, subscriber: SubscriberId) -> Result<Preferences> {
    let mut tx = engine.db.read().await?;
    Ok(look(&engine.config, &mut tx, subscriber).await?.0)
}

/// Starts and ends the reader's subscriptions as they wish, all in one transaction; whether
/// anything was changed is given back. `edition` is the one whose letter carried the link.
///
/// # Errors
/// What the database says.
pub async fn save(
    engine: &Engine,
    subscriber: SubscriberId,
    wish: &Wish,
    edition: Option<EditionId>,
) -> Result<bool> {
    let now = engine.clock.now();
    let proof: BTreeMap<_, _> =
        edition.map(|id| ("edition".to_owned(), id.to_string())).into_iter().collect();
    let evidence = Evidence { actor: "reader", source: SOURCE, proof };
    let mut tx = engine.db.begin().await?;
    subscribers::hold(&mut tx, subscriber).await?;
    let (Preferences::Choices { lists, .. }, Some(hash)) = look(&engine.config, &mut tx, subscriber).await?
    else {
        return Ok(false);
    };
    let mut changed = false;
    if wish.leave_all {
        for subscription in subscribers::subscriptions(&mut tx, subscriber).await? {
            let left = readers::end(engine, &mut tx, subscriber, subscription.list, &evidence, now).await?;
            changed |= left == Left::Now;
        }
    } else {
        for Choice { list, state, .. } in lists {
            match (wish.shown.contains(&list), wish.ticked.contains(&list)) {
                (false, true) if state != ChoiceState::Active => {
                    join(&mut tx, subscriber, &hash, list, &evidence, now).await?;
                    changed = true;
                }
                (true, false) => {
                    let left = readers::end(engine, &mut tx, subscriber, list, &evidence, now).await?;
                    changed |= left == Left::Now;
                }
                _ => {}
            }
        }
    }
    tx.commit().await?;
    engine.wake.notify_waiters();
    Ok(changed)
}

/// What a reader sees, and the hash of their address.
async fn look(
    config: &Config,
    tx: &mut Tx,
    subscriber: SubscriberId,
) -> Result<(Preferences, Option<String>)> {
    let known = subscribers::get(tx, subscriber).await?;
    let Some((address, hash)) = known.and_then(|known| known.address.zip(known.address_hash)) else {
        return Ok((Preferences::Gone, None));
    };
    let suppressed = suppressions::standing(tx, &hash).await?;
    if suppressions::is_barred(&suppressed) {
        return Ok((Preferences::Barred, None));
    }
    let mut known: BTreeMap<ListId, Subscription> = subscribers::subscriptions(tx, subscriber)
        .await?
        .into_iter()
        .map(|subscription| (subscription.list, subscription))
        .collect();
    let mut lists = Vec::new();
    for configured in &config.lists {
        let name = configured.name.as_str();
        let Some(list) = catalog::find_list(tx, name).await? else { continue };
        let subscription = known.remove(&list);
        if let Some(state) = choice(subscription.as_ref(), configured.offered, !suppressed.is_empty()) {
            lists.push(Choice { list, name: name.to_owned(), state });
        }
    }
    // A list that is no longer configured can still be left.
    for (list, subscription) in known {
        let Some(state) = choice(Some(&subscription), false, !suppressed.is_empty()) else { continue };
        if state != ChoiceState::Ended {
            let name = catalog::list_name(tx, list).await?.unwrap_or_default();
            lists.push(Choice { list, name, state });
        }
    }
    Ok((Preferences::Choices { address: address.masked(), lists }, Some(hash)))
}

/// Where a reader stands with a list, when it is theirs to choose: not the lists that nobody
/// offers, and not those that somebody else took them off.
fn choice(subscription: Option<&Subscription>, offered: bool, suppressed: bool) -> Option<ChoiceState> {
    match subscription.map(|subscription| (subscription.state, subscription.end_reason)) {
        Some((SubscriptionState::Active, _)) if suppressed => Some(ChoiceState::Stopped),
        Some((SubscriptionState::Active, _)) => Some(ChoiceState::Active),
        Some((SubscriptionState::Pending, _)) => Some(ChoiceState::Waiting),
        Some((SubscriptionState::Ended, Some(EndReason::Unsubscribed))) => Some(ChoiceState::Ended),
        Some((SubscriptionState::Ended, _)) | None => offered.then_some(ChoiceState::Ended),
    }
}
