//! Files from outside into the database: articles, reads, subscribers. All or nothing per file; a
//! dry run does the same work and commits nothing.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Engine, PipelineError, Result, readers};
use crate::domain::article::IncomingArticle;
use crate::domain::article_key::{external_key, url_key};
use crate::domain::ids::{ListId, SourceId};
use crate::domain::subscriber::{
    EndReason, Existing, ImportEffect, Refusal, Standing, SubscriptionState, import_effect,
};
use crate::sources::reads::ReadsFile;
use crate::sources::subscribers::{SubscriberRow, SubscribersFile};
use crate::store::articles::{self, ArticleKeys, Stored};
use crate::store::subscribers::{self, Evidence, NewSubscriber};
use crate::store::suppressions::{self, NewSuppression};
use crate::store::{Tx, catalog, reads};

/// Whether an import changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It does.
    Real,
    /// It only tells what it would change.
    DryRun,
}

/// What an import of articles came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ArticleCounts {
    /// First seen now.
    pub new: usize,
    /// Known, and say something else now.
    pub updated: usize,
    /// Known, and say the same.
    pub unchanged: usize,
}

impl ArticleCounts {
    const fn add(&mut self, stored: Stored) {
        match stored {
            Stored::New(_) => self.new += 1,
            Stored::Updated(_) => self.updated += 1,
            Stored::Unchanged(_) => self.unchanged += 1,
        }
    }
}

/// Stores articles under the source `name`. In the first import of a source, undated articles are
/// never eligible.
///
/// # Errors
/// What the database says; then nothing was stored.
pub async fn articles(
    engine: &Engine,
    name: &str,
    incoming: &[IncomingArticle],
    mode: Mode,
) -> Result<ArticleCounts> {
    let mut tx = engine.db.begin().await?;
    let source = catalog::source_id(&mut tx, name).await?;
    let mut state = catalog::source_state(&mut tx, source).await?;
    let counts = store_articles(engine, &mut tx, source, incoming, state.ok_at.is_none()).await?;
    state.ok_at = Some(engine.clock.now());
    catalog::set_source_state(&mut tx, source, &state).await?;
    finish(tx, mode).await?;
    Ok(counts)
}

/// Stores articles in an open transaction.
///
/// # Errors
/// What the database says.
pub async fn store_articles(
    engine: &Engine,
    tx: &mut Tx,
    source: SourceId,
    incoming: &[IncomingArticle],
    first_poll: bool,
) -> Result<ArticleCounts> {
    let rules = engine.config.site.page_keys();
    let now = engine.clock.now();
    let mut counts = ArticleCounts::default();
    for article in incoming {
        let keys = ArticleKeys {
            url: article.url.as_deref().and_then(|url| url_key(url, &rules)),
            external: article.external_id.as_deref().map(external_key).filter(|key| !key.is_empty()),
        };
        if keys.url.is_none() && keys.external.is_none() {
            // Without an identity it would be new on every poll.
            continue;
        }
        counts.add(articles::store(tx, source, &keys, article, first_poll, now).await?);
    }
    Ok(counts)
}

/// What an import of reads came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReadsSummary {
    /// Counts stored: pages by spans.
    pub counts: usize,
    /// Views in them.
    pub views: i64,
    /// Pages that belong to no article known so far; their counts are kept.
    pub unmatched: Vec<String>,
}

/// Stores read counts under the source `name`; the same part again replaces what it said before.
///
/// # Errors
/// What the database says; then nothing was stored.
pub async fn reads(engine: &Engine, name: &str, file: &ReadsFile, mode: Mode) -> Result<ReadsSummary> {
    let mut tx = engine.db.begin().await?;
    let source = catalog::source_id(&mut tx, name).await?;
    reads::store(&mut tx, source, &file.part).await?;
    let mut pages: Vec<String> = file.part.counts.iter().map(|count| count.url_key.clone()).collect();
    pages.sort_unstable();
    pages.dedup();
    let unmatched = reads::unmatched(&mut tx, &pages).await?;
    finish(tx, mode).await?;
    Ok(ReadsSummary {
        counts: file.part.counts.len(),
        views: file.part.counts.iter().map(|count| count.views).sum(),
        unmatched,
    })
}

/// What an import of subscribers came to, in rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SubscriberCounts {
    /// Became active.
    pub activated: usize,
    /// Wait for confirmation; get no letter.
    pub pending: usize,
    /// Known, without a subscription; get no letter.
    pub known: usize,
    /// Ended, or kept as ended.
    pub ended: usize,
    /// Suppressed.
    pub suppressed: usize,
    /// Were so already.
    pub unchanged: usize,
    /// Said active, and stay as they are: they left, bounced or complained. By reason.
    pub refused: BTreeMap<String, usize>,
}

/// Puts the subscribers of a file on a list. An import never revives who left, bounced or
/// complained.
///
/// # Errors
/// [`PipelineError::Refused`] when the file has errors: then nothing of it is taken.
pub async fn subscribers(
    engine: &Engine,
    list: &str,
    file: &SubscribersFile,
    source: &str,
    mode: Mode,
) -> Result<SubscriberCounts> {
    if !file.is_importable() {
        return Err(PipelineError::Refused(format!(
            "{source} has {} errors; nothing of it was imported",
            file.findings.errors
        )));
    }
    let mut tx = engine.db.begin().await?;
    let list = readers::known_list(engine, &mut tx, list).await?;
    let mut counts = SubscriberCounts::default();
    for row in &file.rows {
        subscriber(engine, &mut tx, list, row, source, &mut counts).await?;
    }
    finish(tx, mode).await?;
    Ok(counts)
}

async fn subscriber(
    engine: &Engine,
    tx: &mut Tx,
    list: ListId,
    row: &SubscriberRow,
    source: &str,
    counts: &mut SubscriberCounts,
) -> Result<()> {
    let now = engine.clock.now();
    let hash = engine.keys.address_hash(&row.address);
    let existing = existing(tx, list, row, &hash).await?;
    let effect = import_effect(existing, row.standing);
    let state = match effect {
        ImportEffect::Keep => {
            counts.unchanged += 1;
            return Ok(());
        }
        ImportEffect::Refuse(refusal) => {
            *counts.refused.entry(refusal_name(refusal)).or_default() += 1;
            return Ok(());
        }
        ImportEffect::Activate => Some((SubscriptionState::Active, None)),
        ImportEffect::AwaitConfirmation => Some((SubscriptionState::Pending, None)),
        ImportEffect::End(reason) => Some((SubscriptionState::Ended, Some(reason))),
        ImportEffect::Suppress(_) => Some((SubscriptionState::Ended, Some(EndReason::Imported))),
        ImportEffect::Know => None,
    };
    let new = NewSubscriber {
        address: row.address.clone(),
        address_hash: hash.clone(),
        language: row.language.map(|language| language.as_str().to_owned()),
        time_zone: row.time_zone.map(|zone| zone.name().to_owned()),
        name: row.name.clone(),
    };
    let id = subscribers::upsert(tx, &new, now).await?;
    if let Some((state, end_reason)) = state {
        let mut proof = row.evidence.clone();
        proof.insert("line".to_owned(), row.line.to_string());
        let evidence = Evidence { actor: "import", source, proof };
        subscribers::set_subscription(tx, id, list, state, end_reason, &evidence, now).await?;
    }
    match effect {
        ImportEffect::Activate => counts.activated += 1,
        ImportEffect::AwaitConfirmation => counts.pending += 1,
        ImportEffect::End(_) => counts.ended += 1,
        ImportEffect::Suppress(reason) => {
            let address = row.address.as_string();
            let suppression = NewSuppression {
                address_hash: &hash,
                address: Some(&address),
                reason,
                edition: None,
                note: Some(source),
            };
            suppressions::add(tx, &suppression, now).await?;
            counts.suppressed += 1;
        }
        ImportEffect::Know | ImportEffect::Keep | ImportEffect::Refuse(_) => counts.known += 1,
    }
    Ok(())
}

async fn existing(tx: &mut Tx, list: ListId, row: &SubscriberRow, hash: &str) -> Result<Option<Existing>> {
    let suppressed = !suppressions::standing(tx, hash).await?.is_empty();
    let subscription = match subscribers::find(tx, &row.address).await? {
        Some(subscriber) => Some(subscribers::subscription(tx, subscriber.id, list).await?),
        None => None,
    };
    // An erased subscriber is unknown but for a suppression of the address.
    Ok((subscription.is_some() || suppressed).then(|| {
        let subscription = subscription.flatten();
        Existing {
            state: subscription.as_ref().map(|subscription| subscription.state),
            end_reason: subscription.and_then(|subscription| subscription.end_reason),
            suppressed,
        }
    }))
}

fn refusal_name(refusal: Refusal) -> String {
    match refusal {
        Refusal::Ended(reason) => reason.map_or("ended", EndReason::as_str).to_owned(),
        Refusal::Suppressed => "suppressed".to_owned(),
    }
}

/// Commits, or drops what was done.
async fn finish(tx: Tx, mode: Mode) -> Result<()> {
    match mode {
        Mode::Real => Ok(tx.commit().await?),
        Mode::DryRun => Ok(()),
    }
}

/// What the standing of a row is called in a report.
pub const fn standing_name(standing: Standing) -> &'static str {
    match standing {
        Standing::Active => "active",
        Standing::Pending => "pending",
        Standing::Ended(_) => "ended",
        Standing::Suppressed(_) => "suppressed",
        Standing::Silent => "silent",
    }
}
