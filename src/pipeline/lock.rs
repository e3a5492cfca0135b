//! At its send time: the newsletter's policies, a last look at every story, and then content and
//! audience fixed as a revision with its stored letter. One transaction: killed before its commit,
//! nothing has happened.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::compile::{self, Material};
use super::{
    Engine, PipelineError, Result, alerts, alerts::Alert, links, newsletter_of, pictures, render, vet,
};
use crate::config::Newsletter;
use crate::domain::edition::{EditionState, WhenNotApproved, WhenTooLittle};
use crate::domain::revision::{Content, sections};
use crate::domain::selection::{Block, Content as Enough, Lead, subject_for, weigh};
use crate::domain::setback::Setback;
use crate::mail::letter::EncodedLetter;
use crate::store::Tx;
use crate::store::content::{self, Revision};
use crate::store::editions::{self, Edition, Transition};
use crate::store::events::{self, About};

/// What became of an edition whose time had come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locked {
    /// It has a revision; deliveries can be written.
    Revision(i64),
    /// It waits for a person.
    Held(String),
    /// It is not sent.
    Skipped(String),
    /// It was no longer open: somebody else was first.
    Gone,
}

/// Who decides that an open edition goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// Its time has come; the newsletter's policy speaks for the editors.
    Schedule,
    /// A person sends it now: no policy asks for approval, or for more stories.
    Person(&'a str),
    /// A person sends it now, and knows what the check of its letter found.
    Insists(&'a str),
}

/// Locks an open edition, or holds or skips it as its newsletter's policies say.
///
/// # Errors
/// What the database says. When the letter itself cannot be made, the edition becomes `failed`,
/// with an alert, and the error is in its reason.
pub async fn lock(engine: &Engine, tx: &mut Tx, edition: &Edition, decision: Decision<'_>) -> Result<Locked> {
    let newsletter = newsletter_of(edition)?;
    let now = engine.clock.now();
    let approved = edition.state == EditionState::Approved;
    if decision == Decision::Schedule && !approved {
        match newsletter.when_not_approved {
            WhenNotApproved::Send => {}
            WhenNotApproved::Hold => {
                return hold(engine, tx, &newsletter, edition, Setback::NotApproved, now).await;
            }
            WhenNotApproved::Skip => return skip(tx, edition, &Setback::NotApproved, now).await,
        }
    }
    let (blocks, material) = match last_look(engine, tx, edition, approved, now).await? {
        LastLook::Good(blocks, material) => (blocks, material),
        LastLook::LeadWithdrawn => {
            return hold(engine, tx, &newsletter, edition, Setback::LeadWithdrawn, now).await;
        }
    };
    content::save_draft(tx, edition.id, &blocks, now).await?;
    match weigh(&blocks, newsletter.min_items.get().into()) {
        Enough::NothingNew => return skip(tx, edition, &Setback::NothingNew, now).await,
        Enough::TooLittle { have, need } if decision == Decision::Schedule => {
            let why = Setback::TooLittle { have, need };
            return match newsletter.when_too_little {
                WhenTooLittle::Hold => hold(engine, tx, &newsletter, edition, why, now).await,
                WhenTooLittle::Skip => skip(tx, edition, &why, now).await,
            };
        }
        Enough::Enough | Enough::TooLittle { .. } => {}
    }
    let mut content = fix(engine, tx, edition, &newsletter, &blocks, &material, now).await?;
    let new_links = links::number(tx, edition.id, &newsletter, &mut content).await?;
    let made = render::letter(engine, &newsletter, &content, edition.id).and_then(|letter| {
        let found = vet::findings(engine, &newsletter, edition, &letter)?;
        Ok((letter, found))
    });
    let (letter, found) = match made {
        Ok(made) => made,
        Err(error) => {
            fail(engine, tx, &newsletter, edition, &error.to_string(), now).await?;
            return Ok(Locked::Held(error.to_string()));
        }
    };
    if let Some(reason) = vet::judge(tx, &newsletter, edition, &found, now).await?
        && !matches!(decision, Decision::Insists(_))
    {
        return hold(engine, tx, &newsletter, edition, &reason, now).await;
    }
    let locked = fix_revision(tx, edition, decision, &content, &letter, now).await?;
    if let Locked::Revision(_) = locked {
        links::fix(tx, edition.id, newsletter.links, &new_links).await?;
    }
    Ok(locked)
}

enum LastLook {
    Good(Vec<Block>, Material),
    LeadWithdrawn,
}

/// What the edition will hold: a draft is compiled once more; an approved one keeps its frozen
/// blocks, less what may no longer be shown.
async fn last_look(
    engine: &Engine,
    tx: &mut Tx,
    edition: &Edition,
    approved: bool,
    now: DateTime<Utc>,
) -> Result<LastLook> {
    if !approved {
        let (compiled, material) = compile::preview(engine, tx, edition, now).await?;
        return Ok(LastLook::Good(compiled.blocks, material));
    }
    let newsletter = newsletter_of(edition)?;
    let draft = content::draft(tx, edition.id).await?;
    let mut material = Material::load(engine, tx, edition, &newsletter, now).await?;
    material.add_articles_of(tx, &draft).await?;
    let rechecked = material.recheck(&newsletter, &draft, now);
    for change in &rechecked.changes {
        let detail = json!({"change": change.to_string()});
        events::record(tx, now, "edition.rechecked", About::edition(edition.id), &detail).await?;
        tracing::warn!(edition.id = edition.id.0, "before lock: {change}");
    }
    match rechecked.lead {
        Lead::Stands => Ok(LastLook::Good(rechecked.blocks, material)),
        Lead::Withdrawn { .. } => Ok(LastLook::LeadWithdrawn),
    }
}

/// The content as it is fixed, with the pictures that are there by now.
///
/// # Errors
/// What the database says.
pub async fn fix(
    engine: &Engine,
    tx: &mut Tx,
    edition: &Edition,
    newsletter: &Newsletter,
    blocks: &[Block],
    material: &Material,
    now: DateTime<Utc>,
) -> Result<Content> {
    let by_id = material.by_id();
    let (subject, preheader) = subject_for(blocks, &material.articles)
        .map_or_else(|| (newsletter.title.clone(), String::new()), |usual| (usual.subject, usual.preheader));
    let list = newsletter.list.as_str();
    let list_title = engine.config.list(list).and_then(|list| list.title.clone());
    let preset = |own: &Option<String>, configured: &Option<String>, usual: String| {
        own.clone().or_else(|| configured.clone()).unwrap_or(usual)
    };
    let mut content = Content {
        newsletter: newsletter.name.as_str().to_owned(),
        title: newsletter.title.clone(),
        list_title: list_title.unwrap_or_else(|| newsletter.title.clone()),
        language: newsletter.language,
        number: edition.number,
        date: edition.send_at.max(now).with_timezone(&newsletter.zone()).date_naive(),
        subject: preset(&edition.subject, &newsletter.subject, subject),
        preheader: preset(&edition.preheader, &newsletter.preheader, preheader),
        note: edition.note.clone(),
        logo: None,
        blocks: sections(blocks, |id| by_id.get(&id).copied()),
    };
    pictures::attach(tx, newsletter, &mut content).await?;
    Ok(content)
}

async fn fix_revision(
    tx: &mut Tx,
    edition: &Edition,
    decision: Decision<'_>,
    content: &Content,
    letter: &EncodedLetter,
    now: DateTime<Utc>,
) -> Result<Locked> {
    let by = match decision {
        Decision::Schedule => "schedule",
        Decision::Person(name) | Decision::Insists(name) => name,
    };
    let change = Transition {
        from: edition.state,
        to: EditionState::Locked,
        version: Some(edition.version),
        reason: None,
        by,
    };
    if !editions::transition(tx, edition.id, &change, now).await? {
        return Ok(Locked::Gone);
    }
    let revision = Revision {
        no: 0,
        content: serde_json::Value::Null,
        content_hash: content.hash(),
        by: by.to_owned(),
        approved_by: edition.approved_by.clone(),
        locked_at: now,
        letter: serde_json::to_vec(letter)
            .map_err(|source| PipelineError::Stored { what: "a letter", source })?,
        template_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let no = content::add_revision(tx, edition.id, content, &revision).await?;
    editions::set_locked(tx, edition.id, no, now).await?;
    tracing::info!(
        edition.id = edition.id.0,
        edition.revision = no,
        edition.stories = content.story_count(),
        letter.html_bytes = letter.html_size,
        "edition locked"
    );
    Ok(Locked::Revision(no))
}

async fn hold(
    engine: &Engine,
    tx: &mut Tx,
    newsletter: &Newsletter,
    edition: &Edition,
    why: impl Into<Setback>,
    now: DateTime<Utc>,
) -> Result<Locked> {
    let why = why.into();
    let reason = why.to_string();
    if edition.state == EditionState::Held {
        return Ok(Locked::Held(reason));
    }
    if !policy(tx, edition, EditionState::Held, &reason, now).await? {
        return Ok(Locked::Gone);
    }
    alerts::raise(engine, tx, &Alert::held(newsletter, edition, why), now).await?;
    Ok(Locked::Held(reason))
}

async fn skip(tx: &mut Tx, edition: &Edition, why: &Setback, now: DateTime<Utc>) -> Result<Locked> {
    let reason = why.to_string();
    if !policy(tx, edition, EditionState::Skipped, &reason, now).await? {
        return Ok(Locked::Gone);
    }
    tracing::info!(edition.id = edition.id.0, "edition skipped: {reason}");
    Ok(Locked::Skipped(reason))
}

async fn fail(
    engine: &Engine,
    tx: &mut Tx,
    newsletter: &Newsletter,
    edition: &Edition,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    if policy(tx, edition, EditionState::Failed, reason, now).await? {
        alerts::raise(engine, tx, &Alert::failed(newsletter, edition, reason), now).await?;
    }
    Ok(())
}

/// A transition that nobody asked for but the newsletter's rules.
async fn policy(
    tx: &mut Tx,
    edition: &Edition,
    to: EditionState,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let change = Transition {
        from: edition.state,
        to,
        version: Some(edition.version),
        reason: Some(reason),
        by: "policy",
    };
    Ok(editions::transition(tx, edition.id, &change, now).await?)
}
