//! Makes an edition's draft from articles, reads and picks, again and again until it is approved
//! or locked, so that the ranking stays fresh.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Engine, Result, newsletter_of};
use crate::config::Newsletter;
use crate::domain::article::Article;
use crate::domain::article_key::UrlKeyRules;
use crate::domain::edition::EditionState;
use crate::domain::ids::ArticleId;
use crate::domain::reads::ReadCount;
use crate::domain::selection::{
    Block, CompileInput, Compiled, EditorPick, Exclusion, Item, Origin, RecheckInput, Rechecked, SentBefore,
    WithoutLanguage, compile, recheck,
};
use crate::store::editions::{self, Edition};
use crate::store::{Tx, articles, content, exclusions, reads};

/// How far back articles are candidates, and editions count as recent.
const CANDIDATES: TimeDelta = TimeDelta::days(31);
const RECENT: TimeDelta = TimeDelta::days(10);
/// Candidates at most; a newsroom of a thousand stories a day has a month of them.
const CANDIDATES_MAX: i64 = 30_000;
/// A source that names no language has the newsletter's: most newsrooms have one feed for each.
const WITHOUT_LANGUAGE: WithoutLanguage = WithoutLanguage::Take;

/// All that the compilation of one edition looks at.
pub struct Material {
    /// Candidates, and the articles that the draft has.
    pub articles: Vec<Article>,
    reads: Vec<ReadCount>,
    reads_fetched_at: Option<DateTime<Utc>>,
    sent: Vec<SentBefore>,
    exclusions: Vec<Exclusion>,
    last_edition_at: Option<DateTime<Utc>>,
    page_keys: UrlKeyRules,
}

impl Material {
    /// Reads it for an edition at the instant `now`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load(
        engine: &Engine,
        tx: &mut Tx,
        edition: &Edition,
        newsletter: &Newsletter,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let zone = newsletter.zone();
        let carried = content::carried(tx, edition.newsletter, now - RECENT, edition.id).await?;
        let sent = carried.into_iter().map(|carried| SentBefore {
            article: carried.article,
            edition_day: carried.at.with_timezone(&zone).date_naive(),
            block: carried.block,
            score: None,
        });
        Ok(Self {
            articles: articles::candidates(tx, now - CANDIDATES, CANDIDATES_MAX).await?,
            reads: reads::between(tx, now - RECENT, now).await?,
            reads_fetched_at: reads::newest(tx).await?.map(|end| end.min(now)),
            sent: sent.collect(),
            exclusions: exclusions::standing(tx, edition.newsletter, now).await?,
            last_edition_at: editions::last_locked_at(tx, edition.newsletter, edition.id).await?,
            page_keys: engine.config.site.page_keys(),
        })
    }

    /// Looks at an approved draft again.
    pub fn recheck(&self, newsletter: &Newsletter, draft: &[Block], now: DateTime<Utc>) -> Rechecked {
        recheck(&RecheckInput {
            at: now,
            language: newsletter.language,
            without_language: WITHOUT_LANGUAGE,
            blocks: draft,
            rules: &newsletter.rules(),
            articles: &self.articles,
            exclusions: &self.exclusions,
        })
    }

    /// The articles by their identity.
    pub fn by_id(&self) -> HashMap<ArticleId, &Article> {
        self.articles.iter().map(|article| (article.id, article)).collect()
    }

    /// Adds the articles that `blocks` have and that are too old to be candidates.
    ///
    /// # Errors
    /// What the database says.
    pub async fn add_articles_of(&mut self, tx: &mut Tx, blocks: &[Block]) -> Result<()> {
        let items = blocks.iter().flat_map(|block| block.items.iter().chain(&block.reserves));
        let ids: Vec<ArticleId> = items.filter_map(Item::article).collect();
        for id in ids {
            if !self.articles.iter().any(|article| article.id == id)
                && let Some(article) = articles::get(tx, id).await?
            {
                self.articles.push(article);
            }
        }
        Ok(())
    }
}

/// What an edition would hold if it were compiled at `now`, and why; changes nothing.
///
/// # Errors
/// What the database says.
pub async fn preview(
    engine: &Engine,
    tx: &mut Tx,
    edition: &Edition,
    now: DateTime<Utc>,
) -> Result<(Compiled, Material)> {
    let newsletter = newsletter_of(edition)?;
    let draft = content::draft(tx, edition.id).await?;
    let mut material = Material::load(engine, tx, edition, &newsletter, now).await?;
    material.add_articles_of(tx, &draft).await?;
    let rules = newsletter.rules();
    let picks = picks_of(&draft);
    let compiled = compile(&CompileInput {
        at: now,
        language: newsletter.language,
        without_language: WITHOUT_LANGUAGE,
        blocks: &rules,
        picks: &picks,
        articles: &material.articles,
        reads: &material.reads,
        reads_fetched_at: material.reads_fetched_at,
        sent: &material.sent,
        exclusions: &material.exclusions,
        last_edition_at: material.last_edition_at,
        page_keys: &material.page_keys,
    });
    Ok((compiled, material))
}

/// Compiles a draft and saves it. An edition that is no longer a draft is left as it is.
///
/// # Errors
/// What the database says.
pub async fn refresh(engine: &Engine, tx: &mut Tx, edition: &Edition) -> Result<Option<Compiled>> {
    if edition.state != EditionState::Draft {
        return Ok(None);
    }
    let now = engine.clock.now();
    let (compiled, _) = preview(engine, tx, edition, now).await?;
    content::save_draft(tx, edition.id, &compiled.blocks, now).await?;
    for warning in &compiled.warnings {
        tracing::info!(edition.id = edition.id.0, "edition compiled: {warning}");
    }
    Ok(Some(compiled))
}

/// What editors chose, as the draft has it.
pub fn picks_of(draft: &[Block]) -> Vec<EditorPick> {
    let mut picks = Vec::new();
    for (position, block) in draft.iter().enumerate() {
        picks.extend(block.items.iter().filter(|item| item.origin == Origin::Editor).map(|item| {
            EditorPick {
                target: item.target.clone(),
                block: Some(position),
                overrides: item.overrides.clone(),
                source_hash: item.source_hash.clone(),
            }
        }));
    }
    picks
}
