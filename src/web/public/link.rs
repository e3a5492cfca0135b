//! What the pages behind a reader's links share: the token in the path, and the list and language
//! that a page speaks of.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts as _, Path};
use axum::http::request::Parts;
use newsletterd_templates::content::Text;
use newsletterd_templates::strings::Strings;

use crate::domain::ids::{EditionId, ListId};
use crate::pipeline::lists::SpokenList;
use crate::pipeline::newsletter_of;
use crate::pipeline::render::strings_of;
use crate::store::{catalog, editions};
use crate::web::WebState;
use crate::web::error::{Result, WebError};
use crate::web::site::site_strings;

/// The token in the path, genuine or not.
pub(super) async fn token(parts: &mut Parts, state: &WebState) -> Result<String> {
    let token: std::result::Result<Path<String>, PathRejection> =
        Path::from_request_parts(parts, state).await;
    token.map(|Path(token)| token).map_err(|_| WebError::BadLink)
}

/// The language of the letter that carried a link, and the title of the list, as the letter named
/// it.
pub(super) async fn list(
    state: &WebState,
    list: ListId,
    edition: Option<EditionId>,
) -> Result<(&'static Strings, Text)> {
    let mut tx = state.engine.db.read().await?;
    let name = catalog::list_name(&mut tx, list).await?.unwrap_or_default();
    let edition = match edition {
        Some(id) => editions::get(&mut tx, id).await?,
        None => None,
    };
    drop(tx);
    let spoken = SpokenList::new(&state.engine.config, &name);
    let own = spoken.list.and_then(|list| list.title.as_deref());
    let newsletter = edition.as_ref().map(newsletter_of).transpose()?;
    let newsletter = newsletter.as_ref().or(spoken.newsletter);
    let strings =
        newsletter.map_or_else(|| site_strings(state), |newsletter| strings_of(newsletter.language));
    let title = own.or_else(|| newsletter.map(|newsletter| newsletter.title.as_str())).unwrap_or(&name);
    Ok((strings, Text::new(title)))
}
