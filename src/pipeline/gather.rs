//! Polls the configured sources of articles. One source's failure never costs another; a source
//! that has not answered usably for too long raises an alert.

use chrono::{DateTime, Utc};
use url::Url;

use super::alerts::{self, Alert};
use super::import::{ArticleCounts, store_articles};
use super::{Engine, PipelineError, Result};
use crate::config::{Location, Source};
use crate::domain::article::IncomingArticle;
use crate::sources::articles::{self, ArticlesFile, Format, ReadOptions};
use crate::sources::fetch::{Fetched, Validators};
use crate::store::catalog::{self, SourceState};

/// Polls every source that is due.
///
/// # Errors
/// What the database says; what a source says is logged and kept with it.
pub async fn tick(engine: &Engine) -> Result<()> {
    for source in &engine.config.sources {
        let now = engine.clock.now();
        let is_due = |state: &SourceState| state.polled_at.is_none_or(|at| now - at >= source.every.delta());
        let mut tx = engine.db.read().await?;
        let looked = catalog::find_source(&mut tx, source.name.as_str()).await?;
        if let Some(id) = looked
            && !is_due(&catalog::source_state(&mut tx, id).await?)
        {
            continue;
        }
        drop(tx);
        let mut tx = engine.db.begin().await?;
        let id = catalog::source_id(&mut tx, source.name.as_str()).await?;
        let state = catalog::source_state(&mut tx, id).await?;
        if !is_due(&state) {
            continue;
        }
        // Marked before it is asked, so that of several daemons one asks.
        let asked = SourceState { polled_at: Some(now), ..state.clone() };
        catalog::set_source_state(&mut tx, id, &asked).await?;
        tx.commit().await?;
        if let Err(error) = poll(engine, source, &state).await {
            failed(engine, source, &state, &error, now).await?;
        }
    }
    Ok(())
}

/// Polls one source now.
///
/// # Errors
/// Why it could not be read.
pub async fn poll(engine: &Engine, source: &Source, state: &SourceState) -> Result<ArticleCounts> {
    let now = engine.clock.now();
    let (bytes, found) = match read(engine, source, state).await? {
        Some((bytes, found)) => (Some(bytes), found),
        None => (None, Document { validators: validators(state), ..Document::default() }),
    };
    let mut counts = ArticleCounts::default();
    let mut tx = engine.db.begin().await?;
    let id = catalog::source_id(&mut tx, source.name.as_str()).await?;
    if let Some(bytes) = bytes {
        let file = parse(source, &bytes, &found, now)?;
        for problem in &file.problems {
            tracing::debug!(source = source.name.as_str(), place = problem.place, "{}", problem.message);
        }
        counts = store_articles(engine, &mut tx, id, &file.articles, state.ok_at.is_none()).await?;
    }
    let good = SourceState {
        etag: found.validators.etag,
        last_modified: found.validators.last_modified,
        polled_at: Some(now),
        ok_at: Some(now),
        error: None,
    };
    catalog::set_source_state(&mut tx, id, &good).await?;
    tx.commit().await?;
    if counts.new + counts.updated > 0 {
        tracing::info!(
            source = source.name.as_str(),
            articles.new = counts.new,
            articles.updated = counts.updated,
            "source read"
        );
    }
    Ok(counts)
}

/// What a source says now; nothing is stored.
///
/// # Errors
/// Why it could not be read.
pub async fn look(engine: &Engine, source: &Source) -> Result<ArticlesFile> {
    match read(engine, source, &SourceState::default()).await? {
        Some((bytes, found)) => parse(source, &bytes, &found, engine.clock.now()),
        None => Ok(ArticlesFile::default()),
    }
}

fn parse(source: &Source, bytes: &[u8], found: &Document, now: DateTime<Utc>) -> Result<ArticlesFile> {
    let format = Format::guess(bytes, found.name.as_deref(), found.content_type.as_deref())?;
    let options = ReadOptions {
        base_url: found.base_url.clone(),
        zone: source.time_zone.unwrap_or(chrono_tz::UTC),
        now,
        language: source.language.map(|language| language.as_str().to_owned()),
    };
    let mut file = articles::read(bytes, format, &options)?;
    for article in &mut file.articles {
        lay_under(article, source);
    }
    Ok(file)
}

fn validators(state: &SourceState) -> Validators {
    Validators { etag: state.etag.clone(), last_modified: state.last_modified.clone() }
}

/// What came with a document.
#[derive(Default)]
struct Document {
    validators: Validators,
    content_type: Option<String>,
    name: Option<String>,
    base_url: Option<Url>,
}

/// The source's document; `None` when it has not changed.
async fn read(engine: &Engine, source: &Source, state: &SourceState) -> Result<Option<(Vec<u8>, Document)>> {
    match &source.url {
        Location::Web(url) => match engine.fetcher.get(url.as_str(), &validators(state)).await? {
            Fetched::NotModified => Ok(None),
            Fetched::Body { bytes, validators, content_type, final_url } => Ok(Some((
                bytes,
                Document { validators, content_type, name: None, base_url: Some(final_url) },
            ))),
        },
        Location::File(path) => {
            let bytes = tokio::fs::read(path)
                .await
                .map_err(|source| PipelineError::File { path: path.clone(), source })?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            Ok(Some((bytes, Document { name, ..Document::default() })))
        }
    }
}

/// What the configuration says of a source's articles, where they do not say it themselves.
fn lay_under(article: &mut IncomingArticle, source: &Source) {
    if article.content.section.is_none() {
        article.content.section.clone_from(&source.section);
    }
    article.flagged |= source.flagged;
}

async fn failed(
    engine: &Engine,
    source: &Source,
    before: &SourceState,
    error: &PipelineError,
    now: DateTime<Utc>,
) -> Result<()> {
    let name = source.name.as_str();
    tracing::warn!(source = name, "source could not be read: {error}");
    let mut tx = engine.db.begin().await?;
    let id = catalog::source_id(&mut tx, name).await?;
    let text = error.to_string();
    let state = SourceState { polled_at: Some(now), error: Some(text.clone()), ..before.clone() };
    catalog::set_source_state(&mut tx, id, &state).await?;
    let stale_after = source.stale_after.delta();
    // One that has never answered is told at once: most likely its address is wrong.
    if before.ok_at.is_none_or(|at| now - at >= stale_after) {
        alerts::raise(engine, &mut tx, &Alert::source_stale(name, before.ok_at, Some(&text)), now).await?;
    }
    tx.commit().await?;
    Ok(())
}
