//! Puts the newsroom into the database: articles, reads, readers. Stored again it changes nothing,
//! and nobody who has left since is revived.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::DemoError;
use super::feed::{self, Feed};
use super::newsroom::{DemoSubscriber, DemoSubscription, Newsroom};
use crate::domain::article::IncomingArticle;
use crate::domain::ids::SourceId;
use crate::domain::reads::{ReadsPart, Replaces};
use crate::domain::subscriber::SubscriptionState;
use crate::pipeline::{Engine, import};
use crate::store::catalog::{self, SourceState};
use crate::store::subscribers::{self, Evidence, NewSubscriber};
use crate::store::suppressions::{self, NewSuppression};
use crate::store::{Tx, reads};

/// What the sample newsroom is called among the sources.
const SAMPLE: &str = "sample";

/// When an earlier demo stored the sample newsroom, if one did.
pub async fn began(engine: &Engine) -> Result<Option<DateTime<Utc>>, DemoError> {
    let mut tx = engine.db.read().await?;
    let Some(source) = catalog::find_source(&mut tx, SAMPLE).await? else { return Ok(None) };
    Ok(catalog::source_state(&mut tx, source).await?.ok_at)
}

/// Stores the newsroom, all or nothing. A feed's stories stand in for the sample's in its language.
pub async fn store(engine: &Engine, newsroom: &Newsroom, feed: Option<&Feed>) -> Result<(), DemoError> {
    let mut tx = engine.db.begin().await?;
    let sample = catalog::source_id(&mut tx, SAMPLE).await?;
    let is_new = catalog::source_state(&mut tx, sample).await?.ok_at.is_none();
    let in_place_of = feed.map(|feed| feed.language.as_str());
    let articles =
        newsroom.articles.iter().filter(|article| article.content.language.as_deref() != in_place_of);
    let articles: Vec<IncomingArticle> = articles.cloned().collect();
    store_articles(engine, &mut tx, sample, &articles).await?;
    if let Some(feed) = feed {
        let source = catalog::source_id(&mut tx, feed::SOURCE).await?;
        store_articles(engine, &mut tx, source, &feed.articles).await?;
    }
    let part =
        ReadsPart { part: SAMPLE.to_owned(), replaces: Replaces::WholePart, counts: newsroom.reads.clone() };
    reads::store(&mut tx, sample, &part).await?;
    if is_new {
        for reader in &newsroom.subscribers {
            store_reader(engine, &mut tx, reader).await?;
        }
    }
    Ok(tx.commit().await?)
}

async fn store_articles(
    engine: &Engine,
    tx: &mut Tx,
    source: SourceId,
    articles: &[IncomingArticle],
) -> Result<(), DemoError> {
    let state = catalog::source_state(tx, source).await?;
    let is_new = state.ok_at.is_none();
    import::store_articles(engine, tx, source, articles, is_new).await?;
    if is_new {
        let now = Some(engine.clock.now());
        catalog::set_source_state(tx, source, &SourceState { polled_at: now, ok_at: now, ..state }).await?;
    }
    Ok(())
}

/// A reader as the years have left them: signed up, and then what became of it.
async fn store_reader(engine: &Engine, tx: &mut Tx, reader: &DemoSubscriber) -> Result<(), DemoError> {
    let hash = engine.keys.address_hash(&reader.address);
    let new = NewSubscriber {
        address: reader.address.clone(),
        address_hash: hash.clone(),
        language: Some(reader.language.to_string()),
        time_zone: Some(reader.time_zone.name().to_owned()),
        name: Some(reader.name.clone()),
    };
    let signed_up = reader.subscribed_at;
    let id = subscribers::upsert(tx, &new, signed_up).await?;
    let list = catalog::list_id(tx, &reader.list).await?;
    let evidence = Evidence { actor: "reader", source: "sign-up form", proof: BTreeMap::new() };
    let first = match reader.subscription {
        DemoSubscription::Pending => SubscriptionState::Pending,
        _ => SubscriptionState::Active,
    };
    subscribers::set_subscription(tx, id, list, first, None, &evidence, signed_up).await?;
    match reader.subscription {
        DemoSubscription::Active | DemoSubscription::Pending => {}
        DemoSubscription::Ended { at, reason } => {
            let evidence = Evidence { actor: "sample", source: "demo", proof: BTreeMap::new() };
            let state = SubscriptionState::Ended;
            subscribers::set_subscription(tx, id, list, state, Some(reason), &evidence, at).await?;
        }
        DemoSubscription::Suppressed { at, reason } => {
            let address = reader.address.as_string();
            let suppression = NewSuppression {
                address_hash: &hash,
                address: Some(&address),
                reason,
                edition: None,
                note: Some("demo"),
            };
            suppressions::add(tx, &suppression, at).await?;
        }
    }
    Ok(())
}
