//! Mails to one reader about a subscription: whether it is wanted, and that it has ended. The
//! outbox holds neither address nor link, only whom and what they are about: they are made when
//! they are sent, and only if what they say is still so.

use chrono::{DateTime, Utc};
use newsletterd_templates::content::{Text, WebLink};
use newsletterd_templates::mails::reader::SubscriptionView;
use newsletterd_templates::mails::{confirmation, goodbye};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::composed::{Composed, unreadable};
use super::lists::SpokenList;
use super::render::strings_of;
use super::{Engine, PipelineError, Result};
use crate::domain::ids::{ListId, SubscriberId};
use crate::domain::mail::MailKind;
use crate::domain::subscriber::SubscriptionState;
use crate::store::mails::{self, ClaimedMail, NewMail};
use crate::store::subscribers::{self, Subscription};
use crate::store::suppressions::{self, Suppression};
use crate::store::{Tx, catalog};

/// Whom and what a mail is about. Its JSON form is stable.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Params {
    subscriber: SubscriberId,
    list: ListId,
    /// When the reader left, in milliseconds.
    left_at: Option<i64>,
}

/// Nobody is asked more than once within this time, in milliseconds: an hour.
const ASKED_ONCE_IN: i64 = 3_600_000;

/// Asks a reader to confirm; `false` when that was done within the same hour.
///
/// # Errors
/// What the database says.
pub(super) async fn ask(
    tx: &mut Tx,
    subscriber: SubscriberId,
    list: ListId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let hour = now.timestamp_millis().div_euclid(ASKED_ONCE_IN);
    let key = format!("confirmation:{subscriber}:{list}:{hour}");
    add(tx, MailKind::Confirmation, Params { subscriber, list, left_at: None }, &key, now).await
}

/// Says goodbye to a reader who has left now: once for each leaving.
///
/// # Errors
/// What the database says.
pub(super) async fn say_goodbye(
    tx: &mut Tx,
    subscriber: SubscriberId,
    list: ListId,
    now: DateTime<Utc>,
) -> Result<()> {
    let left_at = now.timestamp_millis();
    let key = format!("goodbye:{subscriber}:{list}:{left_at}");
    let params = Params { subscriber, list, left_at: Some(left_at) };
    add(tx, MailKind::Goodbye, params, &key, now).await.map(|_| ())
}

async fn add(tx: &mut Tx, kind: MailKind, params: Params, key: &str, now: DateTime<Utc>) -> Result<bool> {
    let (recipient, params) = (format!("subscriber {}", params.subscriber), json!(params));
    let mail = NewMail { kind, recipient: &recipient, params: &params, dedupe_key: key };
    Ok(mails::add(tx, &mail, now).await?)
}

/// The mail as it can be sent now.
///
/// # Errors
/// [`PipelineError::GivenUp`] when what it would say is no longer so.
pub(super) async fn compose(engine: &Engine, mail: &ClaimedMail) -> Result<Composed> {
    let given_up = |why: &str| PipelineError::GivenUp(why.to_owned());
    let params: Params = serde_json::from_value(mail.params.clone()).map_err(unreadable)?;
    let mut tx = engine.db.read().await?;
    let subscriber = subscribers::get(&mut tx, params.subscriber).await?;
    let subscription = subscribers::subscription(&mut tx, params.subscriber, params.list).await?;
    let name = catalog::list_name(&mut tx, params.list).await?.unwrap_or_default();
    let subscriber = subscriber.ok_or_else(|| given_up("the reader is not known"))?;
    let (to, hash) = subscriber
        .address
        .zip(subscriber.address_hash)
        .ok_or_else(|| given_up("the reader has been erased"))?;
    let suppressed = suppressions::standing(&mut tx, &hash).await?;
    drop(tx);
    if !subscription.is_some_and(|subscription| is_so(params, &subscription, &suppressed)) {
        return Err(given_up("what it says is no longer so"));
    }
    let list = SpokenList::new(&engine.config, &name);
    let newsletter =
        list.newsletter.ok_or_else(|| given_up("no newsletter goes to its list, so it has no sender"))?;
    let strings = strings_of(list.language(subscriber.language.as_deref()));
    let left_at = params.left_at.and_then(DateTime::from_timestamp_millis);
    let url = engine.links().confirm(params.subscriber, params.list, left_at);
    let url = WebLink::parse(&url).ok_or_else(|| given_up("web.public_url makes no link"))?;
    let view = SubscriptionView {
        strings,
        list_title: Text::new(list.title()),
        url,
        site_name: Text::new(&engine.config.site.name),
        postal_address: Text::new(&engine.config.site.postal_address),
    };
    let (subject, html, text) = if params.left_at.is_none() {
        (confirmation::subject(&view), confirmation::html(&view), confirmation::text(&view))
    } else {
        (goodbye::subject(&view), goodbye::html(&view), goodbye::text(&view))
    };
    let (from, reply_to) = (newsletter.from.clone(), newsletter.reply_to.clone());
    Ok(Composed { from, reply_to, to, subject, html, text })
}

/// Whether the mail still says what is so: that the reader may confirm, or that they have left and
/// nothing stands against writing to them.
fn is_so(params: Params, subscription: &Subscription, suppressed: &[Suppression]) -> bool {
    match (params.left_at, subscription.state) {
        (None, _) if suppressions::is_barred(suppressed) => false,
        (None, SubscriptionState::Pending) => true,
        (None, SubscriptionState::Active) => !suppressed.is_empty(),
        (Some(left_at), SubscriptionState::Ended) => {
            suppressed.is_empty() && subscription.ended_at.is_some_and(|at| at.timestamp_millis() == left_at)
        }
        (None, SubscriptionState::Ended) | (Some(_), _) => false,
    }
}
