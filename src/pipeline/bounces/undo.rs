//! Undoing what bounces and complaints came to: for one address, or for all of an edition's run.

use chrono::{DateTime, Utc};

use crate::domain::address::EmailAddress;
use crate::domain::bounce::SuppressionReason;
use crate::domain::ids::EditionId;
use crate::domain::subscriber::{EndReason, SubscriptionState};
use crate::pipeline::{Engine, Result};
use crate::store::Tx;
use crate::store::subscribers::{self, Evidence};
use crate::store::suppressions::{self, Suppression};

/// Lifts the suppressions of an address, all but those for legal reasons; a subscription that a
/// complaint had ended goes on. How many were lifted is given back.
///
/// # Errors
/// What the database says.
pub async fn lift(engine: &Engine, address: &EmailAddress, by: &str) -> Result<u64> {
    let now = engine.clock.now();
    let hash = engine.keys.address_hash(address);
    let mut tx = engine.db.begin().await?;
    for suppression in suppressions::standing(&mut tx, &hash).await? {
        revive(&mut tx, &suppression, by, now).await?;
    }
    let lifted = suppressions::lift(&mut tx, &hash, by, now).await?;
    tx.commit().await?;
    Ok(lifted)
}

/// Lifts all suppressions that an edition's run caused; subscriptions that complaints about it had ended
/// go on. How many were lifted is given back.
///
/// # Errors
/// What the database says.
pub async fn lift_edition(engine: &Engine, edition: EditionId, by: &str) -> Result<u64> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    for suppression in suppressions::complaints_of_edition(&mut tx, edition).await? {
        revive(&mut tx, &suppression, by, now).await?;
    }
    let lifted = suppressions::lift_edition(&mut tx, edition, None, by, now).await?;
    tx.commit().await?;
    Ok(lifted)
}

/// Lets the subscriptions go on that ended together with a suppression for a complaint.
async fn revive(tx: &mut Tx, suppression: &Suppression, by: &str, now: DateTime<Utc>) -> Result<()> {
    if suppression.reason != SuppressionReason::Complaint {
        return Ok(());
    }
    let address = suppression.address.as_deref().and_then(|text| EmailAddress::parse(text).ok());
    let Some(address) = address else { return Ok(()) };
    let Some(subscriber) = subscribers::find(tx, &address).await? else { return Ok(()) };
    for subscription in subscribers::subscriptions(tx, subscriber.id).await? {
        let ended_so = subscription.end_reason == Some(EndReason::Complaint)
            && subscription.ended_at == Some(suppression.at);
        if ended_so {
            let evidence = Evidence { actor: by, source: "complaint undone", proof: [].into() };
            let state = SubscriptionState::Active;
            subscribers::set_subscription(tx, subscriber.id, subscription.list, state, None, &evidence, now)
                .await?;
        }
    }
    Ok(())
}
