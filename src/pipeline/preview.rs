//! What a letter would be, without sending it: of an edition, of the next one, or of sample
//! content, filled in for a reader whom nobody is. Nothing is changed.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use mail_parser::MessageParser;
use newsletterd_templates::gallery::{self, Variant};
use newsletterd_templates::view::LetterView;

use super::{
    Engine, Result, compile, control, lock, newsletter_of, nobody, pictures, render, revision, schedule,
};
use crate::domain::ids::EditionId;
use crate::domain::picture::PictureKind;
use crate::domain::revision::Content;
use crate::mail::letter::{EncodedLetter, Judgement, PREFERENCES_MARK, PlaceValues, UNSUBSCRIBE_MARK, judge};
use crate::sources::fetch::{Fetched, Validators};
use crate::store::editions::Edition;
use crate::store::{Tx, media};

/// Pictures put into one page, at most.
const PICTURES: usize = 100;
/// Octets of pictures in one page, at most.
const PICTURES_BYTES: usize = 32 * 1024 * 1024;
/// For fetching all of them.
const PICTURES_TIME: Duration = Duration::from_secs(30);

/// A letter as its reader would get it.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The subject.
    pub subject: String,
    /// Size of the HTML part as it travels, in octets.
    pub html_size: usize,
    /// The whole message, before it is signed.
    pub message: Vec<u8>,
    /// Its HTML form.
    pub html: String,
    /// Its text form.
    pub text: String,
    /// The form of archive and browser.
    pub web_html: String,
    /// What the checklist says of it.
    pub judgement: Judgement,
}

/// The letter of an edition: its revision's, else what its draft would give now.
///
/// # Errors
/// [`PipelineError::Refused`] when there is no such edition.
pub async fn of_edition(engine: &Engine, id: EditionId) -> Result<Preview> {
    let edition = with_pictures(engine, id).await?;
    let newsletter = newsletter_of(&edition)?;
    let mut tx = engine.db.read().await?;
    if let Some(letter) = revision::letter(&mut tx, &edition).await? {
        return filled(&letter, &nobody::places(engine, &newsletter, id, edition.opened_at)?);
    }
    of_draft(engine, &mut tx, &edition).await
}

/// The letter of a newsletter's next edition, compiled now.
///
/// # Errors
/// [`PipelineError::Refused`] when there is no such newsletter.
pub async fn of_next(engine: &Engine, newsletter: &str) -> Result<Preview> {
    // The edition is opened in a transaction that is never committed.
    let mut tx = engine.db.begin().await?;
    let edition = schedule::next_edition(engine, &mut tx, newsletter).await?;
    of_draft(engine, &mut tx, &edition).await
}

/// A letter of sample content in a newsletter's language and from its sender.
///
/// # Errors
/// [`PipelineError::Refused`] when there is no such newsletter.
pub fn of_sample(engine: &Engine, newsletter: &str, variant: Variant) -> Result<Preview> {
    let newsletter = engine.newsletter(newsletter)?;
    let theme = newsletter.theme.of(&engine.config.site.name);
    let view = LetterView {
        preferences_url: Some(PREFERENCES_MARK.to_owned()),
        unsubscribe_url: Some(UNSUBSCRIBE_MARK.to_owned()),
        ..gallery::sample(&theme, render::strings_of(newsletter.language), variant)
    };
    let id = EditionId(0);
    let (subject, list_title) = (view.subject.as_str(), view.list_title.as_str());
    let encoded = render::encoded(&view, subject, list_title, newsletter, id)?;
    filled(&encoded, &nobody::places(engine, newsletter, id, engine.clock.now())?)
}

/// The content that an edition has now: its revision's, else its draft's.
///
/// # Errors
/// What the database says.
pub async fn content_of(engine: &Engine, tx: &mut Tx, edition: &Edition) -> Result<Content> {
    if let Some(content) = revision::content(tx, edition).await? {
        return Ok(content);
    }
    let now = engine.clock.now();
    let (compiled, material) = compile::preview(engine, tx, edition, now).await?;
    lock::fix(engine, tx, edition, &newsletter_of(edition)?, &compiled.blocks, &material, now).await
}

/// An edition whose pictures are there, if they can be had in good time.
///
/// # Errors
/// [`PipelineError::Refused`] when there is no such edition.
pub async fn with_pictures(engine: &Engine, id: EditionId) -> Result<Edition> {
    let mut tx = engine.db.read().await?;
    let edition = control::edition(&mut tx, id).await?;
    drop(tx);
    if edition.current_rev.is_none() {
        pictures::before_lock(engine, &edition, pictures::PATIENCE).await?;
    }
    Ok(edition)
}

async fn of_draft(engine: &Engine, tx: &mut Tx, edition: &Edition) -> Result<Preview> {
    let newsletter = newsletter_of(edition)?;
    let content = content_of(engine, tx, edition).await?;
    let letter = render::letter(engine, &newsletter, &content, edition.id)?;
    filled(&letter, &nobody::places(engine, &newsletter, edition.id, edition.opened_at)?)
}

fn filled(letter: &EncodedLetter, values: &PlaceValues) -> Result<Preview> {
    let message = letter.fill(values)?;
    let read = MessageParser::default().parse(&message);
    let form = |body: Option<std::borrow::Cow<'_, str>>| body.unwrap_or_default().replace("\r\n", "\n");
    let (subject, html, text) = read.as_ref().map_or_else(Default::default, |read| {
        let subject = read.subject().unwrap_or_default().to_owned();
        (subject, form(read.body_html(0)), form(read.body_text(0)))
    });
    Ok(Preview {
        subject,
        html_size: letter.html_size,
        html,
        text,
        web_html: letter.web_html.clone(),
        judgement: judge(&message),
        message,
    })
}

/// `html` with its pictures in it, so that a browser without a network draws it whole. Those that
/// cannot be had keep their address; how many, is returned.
pub async fn self_contained(engine: &Engine, html: &str) -> (String, usize) {
    let began = Instant::now();
    let mut known: HashMap<&str, Option<String>> = HashMap::new();
    let (mut bytes, mut missing) = (0, 0);
    let mut pieces = html.split("src=\"");
    let mut page = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        page.push_str("src=\"");
        let (source, rest) = piece.split_once('"').unwrap_or((piece, ""));
        if !known.contains_key(source) {
            let left = PICTURES_TIME.saturating_sub(began.elapsed());
            let picture = if known.len() < PICTURES && bytes < PICTURES_BYTES {
                tokio::time::timeout(left, picture(engine, source)).await.ok().flatten()
            } else {
                None
            };
            bytes += picture.as_ref().map_or(0, String::len);
            missing += usize::from(picture.is_none());
            known.insert(source, picture);
        }
        page.push_str(known.get(source).and_then(Option::as_deref).unwrap_or(source));
        page.push('"');
        page.push_str(rest);
    }
    (page, missing)
}

/// A picture that this installation keeps, by its public address.
async fn own_picture(engine: &Engine, url: &str) -> Option<(PictureKind, Vec<u8>)> {
    let hash = engine.links().picture_of(url)?;
    let mut tx = engine.db.read().await.ok()?;
    media::file(&mut tx, &hash).await.ok()?
}

/// The picture at an address, as an address that holds it (RFC 2397).
async fn picture(engine: &Engine, source: &str) -> Option<String> {
    let url = html_escape::decode_html_entities(source);
    if let Some((kind, bytes)) = own_picture(engine, &url).await {
        return Some(format!("data:{kind};base64,{}", data_encoding::BASE64.encode(&bytes)));
    }
    match engine.fetcher.get(&url, &Validators::default()).await {
        Ok(Fetched::Body { bytes, .. }) => {
            // By what it is: a site may call its pictures anything.
            let kind = image::guess_format(&bytes).ok()?.to_mime_type();
            Some(format!("data:{kind};base64,{}", data_encoding::BASE64.encode(&bytes)))
        }
        Ok(Fetched::NotModified) => None,
        Err(error) => {
            tracing::debug!("a picture cannot be put into the page: {error}");
            None
        }
    }
}
