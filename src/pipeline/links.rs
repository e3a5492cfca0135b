//! The links of an edition: fixed when it is locked, followed by readers, repaired by editors,
//! counted where the newsletter says so.

use std::collections::BTreeMap;

use newsletterd_templates::view::Tracking;
use serde_json::json;

use super::{Engine, Links, PipelineError, Result, control, newsletter_of, revision};
use crate::config::Newsletter;
use crate::domain::ids::{EditionId, LinkNo};
use crate::domain::link::{self, Destination, LinkMode, NumberedLink, OpenPixel, Parameter};
use crate::domain::revision::{Content, Story};
use crate::store::Tx;
use crate::store::editions::Edition;
use crate::store::events::{self, About};
use crate::store::links::{self as store, Counting, Link};

/// Gives the stories of an edition that is being locked the numbers of their links, where those
/// lead over us. What is new is given back, to be stored with the revision.
///
/// # Errors
/// What the database says.
pub async fn number(
    tx: &mut Tx,
    edition: EditionId,
    newsletter: &Newsletter,
    content: &mut Content,
) -> Result<Vec<NumberedLink>> {
    if newsletter.links == LinkMode::Direct {
        return Ok(Vec::new());
    }
    let known: Vec<_> = store::of_edition(tx, edition).await?.iter().map(Link::numbered).collect();
    let parameters = newsletter.link_parameters(content);
    Ok(link::number(content, &parameters, &known))
}

/// Stores the links that [`number`] gave.
///
/// # Errors
/// What the database says.
pub async fn fix(tx: &mut Tx, edition: EditionId, mode: LinkMode, new: &[NumberedLink]) -> Result<()> {
    let counting = match mode {
        LinkMode::Counted => Counting::Counted,
        LinkMode::Direct | LinkMode::Redirect => Counting::NotCounted,
    };
    Ok(store::add(tx, edition, new, counting).await?)
}

/// The address that a letter shows for a story: ours when its link is numbered, else the article's own
/// with what the newsletter adds; `None` when it leads nowhere. An edition that is not locked has no
/// numbers yet, so that previews and tests link straight to the articles.
pub fn address(
    story: &Story,
    links: Links<'_>,
    edition: EditionId,
    parameters: &[Parameter],
) -> Option<String> {
    match story.link {
        Some(no) => Some(links.story(edition, no)),
        None => link::target(&story.url, parameters),
    }
}

/// What a newsletter counts about its readers, as its letters say.
pub const fn tracking(newsletter: &Newsletter) -> Tracking {
    match (newsletter.links, newsletter.open_pixel) {
        (LinkMode::Counted, OpenPixel::On) => Tracking::LinksAndOpenings,
        (LinkMode::Counted, OpenPixel::Off) => Tracking::Links,
        (LinkMode::Direct | LinkMode::Redirect, OpenPixel::On) => Tracking::Openings,
        (LinkMode::Direct | LinkMode::Redirect, OpenPixel::Off) => Tracking::None,
    }
}

/// Where a link leads that somebody follows, and whether that is to be counted: as the letter said,
/// and as the newsletter is configured now, so that switching it off holds for letters that are out.
///
/// # Errors
/// What the database says.
pub async fn follow(engine: &Engine, edition: EditionId, no: LinkNo) -> Result<Option<(String, Counting)>> {
    let mut tx = engine.db.read().await?;
    let Some(found) = store::find(&mut tx, edition, no).await? else { return Ok(None) };
    let still = engine
        .config
        .newsletter(&found.newsletter)
        .is_some_and(|newsletter| newsletter.links == LinkMode::Counted);
    let counting = if still { found.counting } else { Counting::NotCounted };
    Ok(Some((found.target, counting)))
}

/// Whether an opening of an edition is to be counted: as its newsletter is configured now.
///
/// # Errors
/// What the database says.
pub async fn counts_openings(engine: &Engine, edition: EditionId) -> Result<bool> {
    let mut tx = engine.db.read().await?;
    let name = store::newsletter_name(&mut tx, edition).await?;
    let newsletter = name.and_then(|name| engine.config.newsletter(&name));
    Ok(newsletter.is_some_and(|newsletter| newsletter.open_pixel == OpenPixel::On))
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A link was followed.
    Click(EditionId, LinkNo),
    /// A letter was opened.
    Opening(EditionId),
}

/// Counts by event and day (days since 1970, UTC).
pub type Counts = BTreeMap<(Event, i64), i64>;

/// Adds `counts` to what the database has, in one transaction. Rows are taken in one order, so that
/// daemons that count at once wait for each other and never both.
///
/// # Errors
/// What the database says; then nothing was added.
pub async fn count(engine: &Engine, counts: &Counts) -> Result<()> {
    let mut tx = engine.db.begin().await?;
    for (&(event, day), &n) in counts {
        match event {
            Event::Click(edition, no) => store::add_clicks(&mut tx, edition, no, day, n).await?,
            Event::Opening(edition) => store::add_openings(&mut tx, edition, day, n).await?,
        }
    }
    Ok(tx.commit().await?)
}

/// The links of an edition that went out over addresses of ours.
///
/// # Errors
/// [`PipelineError::Refused`] with the reason when it has none.
pub async fn list(engine: &Engine, id: EditionId) -> Result<Vec<Link>> {
    let mut tx = engine.db.read().await?;
    let edition = control::edition(&mut tx, id).await?;
    let links = store::of_edition(&mut tx, id).await?;
    if links.is_empty() {
        return Err(PipelineError::Refused(why_none(&edition)?));
    }
    Ok(links)
}

fn why_none(edition: &Edition) -> Result<String> {
    let id = edition.id;
    Ok(if newsletter_of(edition)?.links == LinkMode::Direct {
        format!(
            "edition {id} was opened with links = \"direct\": its letters lead straight to the articles, and what has \
             gone out cannot be changed. Let the site redirect the wrong address. For the editions to come, \
             links = \"redirect\" makes repairs possible"
        )
    } else if edition.current_rev.is_none() {
        format!("edition {id} is {} and has no links yet: they are fixed when it is locked", edition.state)
    } else {
        format!("edition {id} has no stories with a page, and so no links")
    })
}

/// Leads a link of an edition elsewhere, in all letters that are out and in the archive. What the
/// newsletter adds to its links is added here, too. Gives where the link leads now.
///
/// # Errors
/// [`PipelineError::Refused`] when there is no such link.
pub async fn relink(
    engine: &Engine,
    id: EditionId,
    no: LinkNo,
    to: &Destination,
    by: &str,
) -> Result<String> {
    let mut tx = engine.db.begin().await?;
    let edition = control::edition(&mut tx, id).await?;
    let links = store::of_edition(&mut tx, id).await?;
    let Some(link) = links.iter().find(|link| link.no == no) else {
        let why = match links.last() {
            Some(last) => format!("edition {id} has links 1 to {}, but no link {no}", last.no),
            None => why_none(&edition)?,
        };
        return Err(PipelineError::Refused(why));
    };
    let parameters = match revision::content(&mut tx, &edition).await? {
        Some(content) => newsletter_of(&edition)?.link_parameters(&content),
        None => Vec::new(),
    };
    let target = link::with_parameters(to.as_str(), &parameters);
    store::retarget(&mut tx, id, no, &target).await?;
    let detail = json!({"no": no, "from": link.target, "to": target, "by": by});
    events::record(&mut tx, engine.clock.now(), "link.repaired", About::edition(id), &detail).await?;
    tx.commit().await?;
    tracing::info!(edition.id = id.0, link.no = no.0, "link repaired");
    Ok(target)
}

/// How often an edition's links were followed and its letters opened; `None` where that was not
/// counted.
///
/// # Errors
/// What the database says.
pub async fn counted(tx: &mut Tx, edition: &Edition) -> Result<(Option<i64>, Option<i64>)> {
    let newsletter = newsletter_of(edition)?;
    let clicks = match newsletter.links {
        LinkMode::Counted => Some(store::clicks(tx, edition.id).await?),
        LinkMode::Direct | LinkMode::Redirect => None,
    };
    let openings = match newsletter.open_pixel {
        OpenPixel::On => Some(store::openings(tx, edition.id).await?),
        OpenPixel::Off => None,
    };
    Ok((clicks, openings))
}
