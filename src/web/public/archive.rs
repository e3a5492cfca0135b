//! Past letters, for everybody: only of editions that have gone out, and without anything that
//! belongs to one reader.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use newsletterd_templates::content::Text;
use newsletterd_templates::pages::archive::{self as page, ArchiveView, ArchivedLetter};
use newsletterd_templates::strings::Strings;

use crate::domain::ids::EditionId;
use crate::domain::revision::Content;
use crate::mail::letter::EncodedLetter;
use crate::pipeline::PipelineError;
use crate::pipeline::render::{local_date, strings_of};
use crate::store::{archive, catalog};
use crate::web::WebState;
use crate::web::answer::{Answer, HTML, Kept, Policy};
use crate::web::error::{Result, WebError};
use crate::web::site::{path, site_view};

/// Letters on the page at most.
const LISTED: i64 = 200;

/// The latest letters of a newsletter, also of one that is no longer configured.
pub(super) async fn list(
    State(state): State<WebState>,
    name: std::result::Result<Path<String>, PathRejection>,
) -> Result<Answer> {
    let Path(name) = name?;
    let mut tx = state.engine.db.read().await?;
    let (total, letters) = match catalog::find_newsletter(&mut tx, &name).await? {
        Some(row) => {
            (archive::count(&mut tx, row.id).await?, archive::latest(&mut tx, row.id, LISTED).await?)
        }
        None => (0, Vec::new()),
    };
    drop(tx);
    let letters = letters
        .into_iter()
        .map(|letter| Ok((letter.edition, content(letter.content)?)))
        .collect::<Result<Vec<(EditionId, Content)>>>()?;
    let (title, strings) =
        heading(&state, &name, letters.first().map(|(_, content)| content)).ok_or(WebError::NotFound)?;
    let letters = letters.iter().map(|(edition, content)| ArchivedLetter {
        path: path(&state, format_args!("/archive/{name}/{edition}")),
        subject: Text::new(&content.subject),
        date: local_date(content.date),
        stories: content.story_count() as u64,
    });
    let view = ArchiveView {
        strings,
        site: site_view(&state),
        newsletter: title,
        total,
        letters: letters.collect(),
    };
    Ok(Answer::page(page::html(&view), Kept::Shortly))
}

/// The title and language of a newsletter: as configured, else as in its newest letter.
fn heading(state: &WebState, name: &str, newest: Option<&Content>) -> Option<(Text, &'static Strings)> {
    let (title, language) = match (state.engine.config.newsletter(name), newest) {
        (Some(newsletter), _) => (&newsletter.title, newsletter.language),
        (None, Some(content)) => (&content.title, content.language),
        (None, None) => return None,
    };
    Some((Text::new(title), strings_of(language)))
}

/// A letter as its public form was stored.
pub(super) async fn letter(
    State(state): State<WebState>,
    address: std::result::Result<Path<(String, EditionId)>, PathRejection>,
) -> Result<Answer> {
    let Path((newsletter, edition)) = address?;
    let mut tx = state.engine.db.read().await?;
    let letter = archive::letter(&mut tx, &newsletter, edition).await?.ok_or(WebError::NotFound)?;
    let letter: EncodedLetter = serde_json::from_slice(&letter)
        .map_err(|source| PipelineError::Stored { what: "a letter", source })?;
    Ok(Answer { kind: HTML, kept: Kept::Shortly, policy: Policy::Letter, body: letter.web_html.into() })
}

fn content(stored: serde_json::Value) -> Result<Content> {
    Ok(serde_json::from_value(stored)
        .map_err(|source| PipelineError::Stored { what: "a letter's content", source })?)
}
