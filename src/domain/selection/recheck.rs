//! A draft looked at again before lock: what cannot stay goes, reserves step in.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::content::{Block, BlockKind, Item, Origin, Target, lead, source_hash};
use super::input::{Exclusion, WithoutLanguage};
use super::omission::OmissionReason;
use super::pool::Pool;
use super::reason::Reason;
use super::rules::BlockRules;
use crate::domain::article::Article;
use crate::domain::ids::ArticleId;
use crate::domain::language::Language;

/// What is needed to look at a draft again.
#[derive(Clone, Copy, Debug)]
pub struct RecheckInput<'a> {
    /// The instant of the look.
    pub at: DateTime<Utc>,
    /// The edition's language.
    pub language: Language,
    /// What becomes of a story whose source names no language.
    pub without_language: WithoutLanguage,
    /// The draft.
    pub blocks: &'a [Block],
    /// The newsletter's blocks, as the draft was compiled with; a block beyond them has the usual
    /// rules of its kind.
    pub rules: &'a [BlockRules],
    /// The stories of the draft and its reserves as they are now, with their translations.
    pub articles: &'a [Article],
    /// What is to be kept out by now.
    pub exclusions: &'a [Exclusion],
}

/// Something that the look changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// An item went, and a reserve came in at the end of its block.
    #[error("article {article} went from {kind} ({reason}); {by} came in")]
    Replaced {
        /// The block.
        kind: BlockKind,
        /// What went.
        article: ArticleId,
        /// Why.
        reason: OmissionReason,
        /// What came in.
        by: Target,
    },
    /// An item went, and there was no reserve.
    #[error("article {article} went from {kind} ({reason}); there was no reserve")]
    Dropped {
        /// The block.
        kind: BlockKind,
        /// What went.
        article: ArticleId,
        /// Why.
        reason: OmissionReason,
    },
    /// The source changed a story whose words an editor overrode; the editor's stand.
    #[error("the source changed article {article} after an editor overrode it")]
    SourceChanged {
        /// The story.
        article: ArticleId,
    },
}

/// What became of the lead story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lead {
    /// It stands, or there was none.
    Stands,
    /// It went. An edition that was approved with it must be held, with an alert.
    Withdrawn {
        /// The story.
        article: ArticleId,
        /// Why it went.
        reason: OmissionReason,
    },
}

/// A draft after the look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rechecked {
    /// Its blocks.
    pub blocks: Vec<Block>,
    /// What changed, in order of the blocks; empty when all stands as it was.
    pub changes: Vec<Change>,
    /// What became of the lead.
    pub lead: Lead,
}

/// Looks at a draft again: items that are withdrawn, embargoed, vanished, excluded or in another
/// language by now go; the next ones move up, and the block's best reserve that can stay comes in at
/// its end. Overridden items whose source changed are marked.
pub fn recheck(input: &RecheckInput<'_>) -> Rechecked {
    let pool = Pool::new(input.at, input.language, input.without_language, input.articles, input.exclusions);
    let looks: Vec<Look<'_>> = input
        .blocks
        .iter()
        .enumerate()
        .map(|(index, block)| {
            let usual = || BlockRules::new(block.kind);
            Look { pool: &pool, rules: input.rules.get(index).cloned().unwrap_or_else(usual) }
        })
        .collect();

    let lead = match lead_gone(input.blocks, &looks) {
        Some((article, reason)) => Lead::Withdrawn { article, reason },
        None => Lead::Stands,
    };
    let mut blocks = input.blocks.to_vec();
    let mut changes = Vec::new();
    let mut gone = Vec::new();
    for (block, look) in blocks.iter_mut().zip(&looks) {
        gone.push(look.sort_out(block, &mut changes));
    }
    let mut placed: HashSet<ArticleId> =
        blocks.iter().flat_map(|block| &block.items).flat_map(|item| versions(&pool, item)).collect();
    for ((block, look), gone) in blocks.iter_mut().zip(&looks).zip(gone) {
        for (article, reason) in gone {
            changes.push(look.refill(block, &mut placed, article, reason));
        }
        block.reserves.retain(|item| look.gone(item).is_none() && !is_placed(item, &placed));
    }
    Rechecked { blocks, changes, lead }
}

fn lead_gone(blocks: &[Block], looks: &[Look<'_>]) -> Option<(ArticleId, OmissionReason)> {
    let lead = lead(blocks)?;
    let (_, look) = blocks
        .iter()
        .zip(looks)
        .find(|(block, _)| block.items.first().is_some_and(|first| std::ptr::eq(first, lead)))?;
    look.gone(lead)
}

fn versions(pool: &Pool<'_>, item: &Item) -> Vec<ArticleId> {
    let article = item.article().and_then(|id| pool.get(id));
    article.into_iter().flat_map(|article| pool.versions(article)).map(|version| version.id).collect()
}

fn is_placed(item: &Item, placed: &HashSet<ArticleId>) -> bool {
    item.article().is_some_and(|id| placed.contains(&id))
}

/// One block's view of the stories as they are now.
struct Look<'a> {
    pool: &'a Pool<'a>,
    rules: BlockRules,
}

impl Look<'_> {
    /// Why an item cannot stay, if so.
    fn gone(&self, item: &Item) -> Option<(ArticleId, OmissionReason)> {
        let id = item.article()?;
        let Some(article) = self.pool.get(id) else {
            return Some((id, OmissionReason::Vanished));
        };
        let by_rule = || match item.origin {
            Origin::Editor => None,
            _ => self.pool.subject_excluded(article),
        };
        let foreign = || self.pool.foreign(article, &self.rules);
        let reason = self.pool.barred(article).or_else(foreign).or_else(by_rule)?;
        Some((id, reason))
    }

    /// Takes out of the block what cannot stay, and marks what the source changed.
    fn sort_out(&self, block: &mut Block, changes: &mut Vec<Change>) -> Vec<(ArticleId, OmissionReason)> {
        let mut gone = Vec::new();
        block.items.retain(|item| match self.gone(item) {
            Some(reason) => {
                gone.push(reason);
                false
            }
            None => true,
        });
        for item in block.items.iter_mut().chain(&mut block.reserves) {
            let Some(article) = item.article().and_then(|id| self.pool.get(id)) else { continue };
            if !item.source_changed && has_changed(item, article) {
                item.source_changed = true;
                changes.push(Change::SourceChanged { article: article.id });
            }
        }
        gone
    }

    /// Puts the best reserve that can stay into the block, for an item that went.
    fn refill(
        &self,
        block: &mut Block,
        placed: &mut HashSet<ArticleId>,
        article: ArticleId,
        reason: OmissionReason,
    ) -> Change {
        let kind = block.kind;
        let can_stay = |item: &Item| self.gone(item).is_none() && !is_placed(item, placed);
        let Some(best) = block.reserves.iter().position(can_stay) else {
            return Change::Dropped { kind, article, reason };
        };
        let mut item = block.reserves.remove(best);
        placed.extend(versions(self.pool, &item));
        let change = Change::Replaced { kind, article, reason: reason.clone(), by: item.target.clone() };
        item.origin = Origin::Reserve;
        item.reason = Reason::InPlaceOf { article, gone: reason, reserve: Box::new(item.reason) };
        block.items.push(item);
        change
    }
}

/// Whether the source changed the words of a story after an editor overrode them.
pub(super) fn has_changed(item: &Item, article: &Article) -> bool {
    let now = || source_hash(&article.content);
    !item.overrides.is_empty() && item.source_hash.as_ref().is_some_and(|then| *then != now())
}
