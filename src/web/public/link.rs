//! What the pages behind the links of letters share: the token in the path, and the list and language
//! that a page speaks of.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use newsletterd_templates::content::Text;
use newsletterd_templates::strings::Strings;

use crate::domain::ids::{EditionId, LinkNo, ListId};
use crate::domain::token::{Confirm, Preferences, TokenError, TokenKeys, Unsubscribe};
use crate::pipeline::lists::SpokenList;
use crate::pipeline::newsletter_of;
use crate::pipeline::render::strings_of;
use crate::store::{catalog, editions};
use crate::web::WebState;
use crate::web::error::{Result, WebError};
use crate::web::site::site_strings;

/// A genuine token in the path, and what it says. Everything else gets one and the same answer.
pub(super) struct Link<S> {
    pub token: String,
    pub says: S,
}

/// What a token can say.
pub(super) trait Says: Sized {
    /// Reads a token of its purpose.
    fn read(keys: &TokenKeys, token: &str) -> std::result::Result<Self, TokenError>;
}

impl<S: Says> FromRequestParts<WebState> for Link<S> {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self> {
        let token: std::result::Result<Path<String>, PathRejection> =
            Path::from_request_parts(parts, state).await;
        let Path(token) = token.map_err(|_| WebError::BadLink)?;
        let says = S::read(&state.engine.keys, &token).map_err(|_| WebError::BadLink)?;
        Ok(Self { token, says })
    }
}

impl Says for Unsubscribe {
    fn read(keys: &TokenKeys, token: &str) -> std::result::Result<Self, TokenError> {
        keys.read_unsubscribe(token)
    }
}

impl Says for Preferences {
    fn read(keys: &TokenKeys, token: &str) -> std::result::Result<Self, TokenError> {
        keys.read_preferences(token)
    }
}

impl Says for Confirm {
    fn read(keys: &TokenKeys, token: &str) -> std::result::Result<Self, TokenError> {
        keys.read_confirm(token)
    }
}

/// A story's link in a letter.
impl Says for (EditionId, LinkNo) {
    fn read(keys: &TokenKeys, token: &str) -> std::result::Result<Self, TokenError> {
        keys.read_link(token)
    }
}

/// The picture that counts the openings of an edition.
impl Says for EditionId {
    fn read(keys: &TokenKeys, token: &str) -> std::result::Result<Self, TokenError> {
        keys.read_opening(token)
    }
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
    let newsletter = edition.as_ref().map(newsletter_of).transpose()?;
    let mut spoken = SpokenList::new(&state.engine.config, &name);
    spoken.newsletter = newsletter.as_ref().or(spoken.newsletter);
    let strings =
        spoken.newsletter.map_or_else(|| site_strings(state), |newsletter| strings_of(newsletter.language));
    Ok((strings, Text::new(spoken.title())))
}
