//! Editors' picks on a newsletter's next edition. The first touch makes the block's present items
//! the editors' own, so that adding one story never makes the others vanish. An edit drops an
//! approval.

use super::{Engine, PipelineError, Result, compile, newsletter_of, schedule};
use crate::domain::article_key::url_key;
use crate::domain::edition::EditionState;
use crate::domain::ids::ArticleId;
use crate::domain::selection::{Block, BlockKind, Item, Origin, Overrides, Reason, Target, source_hash};
use crate::store::editions::{self, Edition, Transition};
use crate::store::{Tx, articles, content};

/// What an editor does to the picks. Positions count from 1, as people see them.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Adds a story.
    Add {
        /// Its address, here or elsewhere, or the number of one of our articles.
        what: String,
        /// Where; `None` for the end.
        position: Option<usize>,
        /// Words in place of the source's.
        overrides: Overrides,
    },
    /// Takes a story out.
    Remove {
        /// Which.
        position: usize,
    },
    /// Moves a story.
    Move {
        /// Which.
        from: usize,
        /// Where to.
        to: usize,
    },
    /// Changes the words of a story; what is `None` stays as it is.
    Words {
        /// Which.
        position: usize,
        /// The words.
        overrides: Overrides,
    },
}

/// Makes an edit to the picks of the newsletter's next edition, and compiles the rest anew around
/// them. The edition, and its picks as they stand now, are given back.
///
/// # Errors
/// [`PipelineError::Refused`] in words for the editor.
pub async fn edit(engine: &Engine, newsletter: &str, edit: Edit, by: &str) -> Result<(Edition, Vec<Item>)> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let mut edition = schedule::next_edition(engine, &mut tx, newsletter).await?;
    if edition.state == EditionState::Approved {
        edition = drop_approval(engine, &mut tx, &edition, by).await?;
    }
    let mut draft = content::draft(&mut tx, edition.id).await?;
    if edition.compiled_at.is_none() {
        let (compiled, _) = compile::preview(engine, &mut tx, &edition, now).await?;
        draft = compiled.blocks;
    }
    let max = {
        let rules = newsletter_of(&edition)?.rules();
        rules.iter().find(|rules| rules.kind == BlockKind::Picks).map(|rules| rules.max)
    };
    let block = draft
        .iter_mut()
        .find(|block| block.kind == BlockKind::Picks)
        .ok_or_else(|| PipelineError::Refused(format!("newsletter {newsletter} has no block of picks")))?;
    adopt(block);
    apply(engine, &mut tx, block, edit).await?;
    if max.is_some_and(|max| block.items.len() > usize::try_from(max).unwrap_or(usize::MAX)) {
        let max = max.unwrap_or_default();
        return Err(PipelineError::Refused(format!("the block takes {max} stories; take one out first")));
    }
    content::save_draft(&mut tx, edition.id, &draft, now).await?;
    let (compiled, _) = compile::preview(engine, &mut tx, &edition, now).await?;
    content::save_draft(&mut tx, edition.id, &compiled.blocks, now).await?;
    tx.commit().await?;
    for warning in &compiled.warnings {
        tracing::info!(edition.id = edition.id.0, "{warning}");
    }
    let picks = compiled.blocks.into_iter().find(|block| block.kind == BlockKind::Picks);
    Ok((edition, picks.map(|block| block.items).unwrap_or_default()))
}

async fn drop_approval(engine: &Engine, tx: &mut Tx, edition: &Edition, by: &str) -> Result<Edition> {
    let change = Transition {
        from: EditionState::Approved,
        to: EditionState::Draft,
        version: Some(edition.version),
        reason: Some("edited after it was approved"),
        by,
    };
    if !editions::transition(tx, edition.id, &change, engine.clock.now()).await? {
        return Err(PipelineError::Refused(format!("edition {} was changed by somebody else", edition.id)));
    }
    super::control::edition(tx, edition.id).await
}

/// Makes the block's items the editors' own.
fn adopt(block: &mut Block) {
    for item in &mut block.items {
        item.origin = Origin::Editor;
        item.reason = Reason::Picked;
    }
}

async fn apply(engine: &Engine, tx: &mut Tx, block: &mut Block, edit: Edit) -> Result<()> {
    let count = block.items.len();
    let index = |position: usize| {
        if (1..=count).contains(&position) {
            Ok(position - 1)
        } else {
            Err(PipelineError::Refused(format!("there is no pick {position}; there are {count}")))
        }
    };
    match edit {
        Edit::Add { what, position, overrides } => {
            let item = item_for(engine, tx, &what, overrides).await?;
            if block.items.iter().any(|other| other.target == item.target) {
                return Err(PipelineError::Refused("this story is among the picks already".to_owned()));
            }
            let at = position.map_or(count, |position| position.saturating_sub(1).min(count));
            block.items.insert(at, item);
        }
        Edit::Remove { position } => {
            block.items.remove(index(position)?);
        }
        Edit::Move { from, to } => {
            let item = block.items.remove(index(from)?);
            block.items.insert(to.saturating_sub(1).min(block.items.len()), item);
        }
        Edit::Words { position, overrides } => {
            let at = index(position)?;
            let item = block
                .items
                .get_mut(at)
                .ok_or_else(|| PipelineError::Refused(format!("there is no pick {position}")))?;
            lay_over(&mut item.overrides, overrides);
            item.source_changed = false;
            item.source_hash = match item.article() {
                Some(id) => articles::get(tx, id).await?.map(|article| source_hash(&article.content)),
                None => None,
            };
        }
    }
    Ok(())
}

fn lay_over(words: &mut Overrides, new: Overrides) {
    let lay = |old: &mut Option<String>, new: Option<String>| {
        if let Some(new) = new {
            // Nothing but blanks takes the editor's words back.
            *old = (!new.trim().is_empty()).then_some(new);
        }
    };
    lay(&mut words.headline, new.headline);
    lay(&mut words.summary, new.summary);
    lay(&mut words.kicker, new.kicker);
    lay(&mut words.image_url, new.image_url);
    lay(&mut words.image_alt, new.image_alt);
}

async fn item_for(engine: &Engine, tx: &mut Tx, what: &str, overrides: Overrides) -> Result<Item> {
    let known = match what.parse::<ArticleId>() {
        Ok(id) => Some(
            articles::get(tx, id)
                .await?
                .ok_or_else(|| PipelineError::Refused(format!("there is no article {id}")))?,
        ),
        Err(_) => match url_key(what, &engine.config.site.page_keys()) {
            Some(key) => articles::find_by_url_key(tx, &key).await?,
            None => return Err(PipelineError::Refused(format!("{what} is no address of a page"))),
        },
    };
    let (target, hash) = match known {
        Some(article) => (Target::Article(article.id), Some(source_hash(&article.content))),
        None if overrides.headline.is_some() => (Target::External(what.to_owned()), None),
        None => {
            return Err(PipelineError::Refused(format!(
                "{what} is none of our articles; to link there all the same, give it a headline"
            )));
        }
    };
    let source_hash = if overrides.is_empty() { None } else { hash };
    Ok(Item {
        target,
        overrides,
        source_hash,
        source_changed: false,
        origin: Origin::Editor,
        reason: Reason::Picked,
    })
}
