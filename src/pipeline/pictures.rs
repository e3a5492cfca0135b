//! The pictures of a draft: fetched from where its stories say, made fit for mail, and kept, so that
//! the letter shows them from our own address, small and in a format that each mail program knows.
//!
//! Promises: nothing is fetched within a transaction, each picture is stored in one of its own, and
//! all of it may be killed and goes on; a picture that is not there at lock is shown from its
//! source, and that is logged; what cannot be had is asked for again after a growing pause.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt as _, stream};
use newsletterd_templates::letter::theme::Theme;
use tokio::sync::Semaphore;

use super::{Engine, PipelineError, Result, compile, newsletter_of};
use crate::config::Newsletter;
use crate::domain::edition::EditionState;
use crate::domain::picture::StoredPicture;
use crate::domain::revision::{Content, Section, sections};
use crate::domain::selection::{Block, BlockKind, Item};
use crate::sources::pictures::fit;
use crate::store::editions::{self, Edition};
use crate::store::media::{self, PictureSource, Wanted};
use crate::store::{Tx, articles, content};

/// How long the lock of an edition whose time has come waits for pictures that nobody has asked for
/// yet. Drafts have theirs long before.
pub const ON_TIME: Duration = Duration::from_secs(5);
/// How long a command waits for them.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Sites that are asked at once.
const AT_ONCE: usize = 4;
/// One large picture is decoded at a time: it may take some hundred megabytes.
static DECODING: Semaphore = Semaphore::const_new(1);
/// A picture is looked at again when it is this old: newsrooms replace them.
const FRESH: TimeDelta = TimeDelta::hours(24);
/// The pause after a first failure; each further one takes four times as long.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);
/// The longest pause.
const LAST_PAUSE: TimeDelta = TimeDelta::hours(6);
/// No mark is shown wider, in CSS pixels.
const WIDEST_LOGO: u32 = 240;
/// Longer addresses cannot be a key in each database.
const LONGEST_URL: usize = 2_000;

/// Where in a letter a picture stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Over the whole width of the text, above the story that leads.
    Lead,
    /// Beside a story.
    Thumbnail,
    /// In the newsroom's own appeal.
    House,
}

/// How wide a picture is shown at its place, in CSS pixels; `None` where the look shows none.
pub fn shown_width(theme: &Theme, place: Place) -> Option<u32> {
    match place {
        Place::Lead => theme.shows_pictures().then(|| theme.lead_width()),
        Place::Thumbnail => theme.shows_pictures().then(|| theme.thumbnail_width()),
        Place::House => Some(theme.house_width()),
    }
}

/// The newsroom's mark; its height is bounded by the place, its width by what was configured.
fn logo(theme: &Theme) -> Option<Wanted> {
    let logo = theme.logo.as_ref()?;
    let (width, _) = logo.size?;
    wanted(logo.url.as_str(), width.min(WIDEST_LOGO))
}

/// Where the picture of a section's story stands, counted from 0; a ranked list has none.
pub const fn place(kind: BlockKind, number: usize) -> Option<Place> {
    match (kind, number) {
        (BlockKind::MostRead | BlockKind::House, _) => None,
        (BlockKind::Picks, 0) => Some(Place::Lead),
        (BlockKind::Picks | BlockKind::Latest | BlockKind::Related, _) => Some(Place::Thumbnail),
    }
}

/// The pictures of a section, each with where it is kept.
fn pictures_of<'a>(section: &'a mut Section, theme: &Theme) -> Vec<(Wanted, &'a mut Option<StoredPicture>)> {
    let kind = section.kind;
    let stories = section.stories.iter_mut().enumerate();
    let mut found: Vec<_> = stories
        .filter_map(|(number, story)| {
            let url = &story.image.as_ref()?.url;
            let width = shown_width(theme, place(kind, number)?)?;
            Some((wanted(url, width)?, &mut story.picture))
        })
        .collect();
    let house = section.house.as_ref().and_then(|house| house.image.as_deref());
    let house = house.zip(shown_width(theme, Place::House)).and_then(|(url, width)| wanted(url, width));
    found.extend(house.map(|wanted| (wanted, &mut section.house_picture)));
    found
}

fn wanted(url: &str, width: u32) -> Option<Wanted> {
    let fits = url.len() <= LONGEST_URL;
    fits.then(|| Wanted { source_url: url.to_owned(), width })
}

/// Fixes in `content` the pictures that are there; of each other one it is logged why it is shown
/// from its source.
///
/// # Errors
/// What the database says.
pub async fn attach(tx: &mut Tx, newsletter: &Newsletter, content: &mut Content) -> Result<()> {
    let theme = newsletter.theme.of("");
    let Content { number, logo: mark, blocks, .. } = content;
    let sections = blocks.iter_mut().flat_map(|section| pictures_of(section, &theme));
    for (wanted, kept) in logo(&theme).map(|wanted| (wanted, mark)).into_iter().chain(sections) {
        let source = media::source(tx, &wanted).await?;
        if let Some(PictureSource { picture: Some(picture), .. }) = source {
            *kept = Some(picture);
            continue;
        }
        let error = source.and_then(|source| source.error);
        let why = error.as_deref().unwrap_or("nobody has fetched it yet");
        tracing::warn!(
            newsletter = newsletter.name.as_str(),
            edition.number = *number,
            picture.host = host(&wanted.source_url),
            "a picture is shown from its source: {why}"
        );
    }
    Ok(())
}

/// Fetches what the open editions want and nobody has, or has for long.
///
/// # Errors
/// What the database says; what a site says is kept with the picture.
pub async fn tick(engine: &Engine) -> Result<()> {
    let mut tx = engine.db.read().await?;
    let mut all = Vec::new();
    for edition in editions::unfinished(&mut tx).await?.iter().filter(|edition| edition.state.is_open()) {
        let draft = content::draft(&mut tx, edition.id).await?;
        all.extend(of_draft(&mut tx, &newsletter_of(edition)?, &draft).await?);
    }
    let due = due(&mut tx, all, engine.clock.now()).await?;
    drop(tx);
    fetch(engine, due).await
}

/// Fetches what an open edition would show if it were locked now, for at most so long. What was
/// not there in time counts as failed.
///
/// # Errors
/// What the database says.
pub async fn before_lock(engine: &Engine, edition: &Edition, limit: Duration) -> Result<()> {
    if !edition.state.is_open() {
        return Ok(());
    }
    let now = engine.clock.now();
    let mut tx = engine.db.read().await?;
    let blocks = match edition.state {
        EditionState::Draft => compile::preview(engine, &mut tx, edition, now).await?.0.blocks,
        _ => content::draft(&mut tx, edition.id).await?,
    };
    let all = of_draft(&mut tx, &newsletter_of(edition)?, &blocks).await?;
    let due = due(&mut tx, all, now).await?;
    drop(tx);
    if let Ok(fetched) = tokio::time::timeout(limit, fetch(engine, due.clone())).await {
        return fetched;
    }
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    for wanted in due {
        let before = media::source(&mut tx, &wanted).await?;
        if before.as_ref().is_none_or(|source| source.due_at <= now) {
            let error = format!("it did not come within {} s", limit.as_secs());
            media::failed(&mut tx, &wanted, &error, now, now + pause(before.as_ref())).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// The pictures that a draft shows.
async fn of_draft(tx: &mut Tx, newsletter: &Newsletter, draft: &[Block]) -> Result<Vec<Wanted>> {
    let theme = newsletter.theme.of("");
    let mut stories = BTreeMap::new();
    for id in draft.iter().flat_map(|block| &block.items).filter_map(Item::article) {
        if let Some(article) = articles::get(tx, id).await? {
            stories.insert(id, article);
        }
    }
    let mut sections = sections(draft, |id| stories.get(&id));
    let shown = sections.iter_mut().flat_map(|section| pictures_of(section, &theme));
    Ok(logo(&theme).into_iter().chain(shown.map(|(wanted, _)| wanted)).collect())
}

/// Those that are to be asked for now, each once.
async fn due(tx: &mut Tx, all: Vec<Wanted>, now: DateTime<Utc>) -> Result<Vec<Wanted>> {
    let mut due = Vec::new();
    for wanted in all {
        if !due.contains(&wanted)
            && media::source(tx, &wanted).await?.is_none_or(|source| source.due_at <= now)
        {
            due.push(wanted);
        }
    }
    Ok(due)
}

/// Fetches pictures, an address once for all widths.
async fn fetch(engine: &Engine, due: Vec<Wanted>) -> Result<()> {
    let mut by_url: Vec<(String, Vec<Wanted>)> = Vec::new();
    for wanted in due {
        match by_url.iter_mut().find(|(url, _)| *url == wanted.source_url) {
            Some((_, all)) => all.push(wanted),
            None => by_url.push((wanted.source_url.clone(), vec![wanted])),
        }
    }
    let fetched = stream::iter(by_url).map(|(url, all)| async move { fetch_one(engine, &url, all).await });
    let results: Vec<Result<()>> = fetched.buffer_unordered(AT_ONCE).collect().await;
    results.into_iter().collect()
}

async fn fetch_one(engine: &Engine, url: &str, all: Vec<Wanted>) -> Result<()> {
    let file = engine.fetcher.get_picture(url).await.map(Arc::new);
    for wanted in all {
        let made = match &file {
            Ok(file) => made(Arc::clone(file), wanted.width).await?,
            Err(error) => Err(error.to_string()),
        };
        let now = engine.clock.now();
        let mut tx = engine.db.begin().await?;
        match made {
            Ok(picture) => media::keep(&mut tx, &wanted, &picture, now, now + FRESH).await?,
            Err(error) => {
                tracing::debug!(picture.host = host(url), "no picture: {error}");
                let before = media::source(&mut tx, &wanted).await?;
                media::failed(&mut tx, &wanted, &error, now, now + pause(before.as_ref())).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(())
}

/// The picture for a place, made on a thread of its own; else why there is none.
async fn made(
    file: Arc<Vec<u8>>,
    width: u32,
) -> Result<std::result::Result<crate::domain::picture::Picture, String>> {
    let stopped = |_| PipelineError::Refused("the program is being stopped".to_owned());
    let turn = DECODING.acquire().await.map_err(stopped)?;
    let work = move || {
        let made = fit(&file, width);
        // Held until the memory is free, also when nobody waits for the picture any longer.
        drop(turn);
        made
    };
    Ok(match tokio::task::spawn_blocking(work).await {
        Ok(made) => made.map_err(|error| error.to_string()),
        Err(_) => Err("the decoder gave up".to_owned()),
    })
}

/// How long to leave a site alone that has just failed once more.
fn pause(before: Option<&PictureSource>) -> TimeDelta {
    let failures = before.map_or(0, |source| source.failures).min(8);
    (FIRST_PAUSE * 4_i32.pow(failures)).min(LAST_PAUSE)
}

/// Whom an address asks; paths may hold tokens.
fn host(url: &str) -> String {
    let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_that_fails_is_left_alone_for_longer_each_time() {
        let after = |failures| {
            let source = PictureSource { picture: None, failures, due_at: DateTime::UNIX_EPOCH, error: None };
            pause(Some(&source)).num_seconds()
        };
        assert_eq!(pause(None), FIRST_PAUSE);
        assert_eq!(
            [0, 1, 2, 3, 4, 5, 100, u32::MAX].map(after),
            [30, 120, 480, 1920, 7680, 21600, 21600, 21600]
        );
    }
}
