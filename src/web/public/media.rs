//! The pictures of letters. Their name is that of their bytes, so whoever has one keeps it for good.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::domain::picture::PictureHash;
use crate::store::media;
use crate::web::WebState;
use crate::web::error::{Result, WebError};

/// A year, the longest that is usual, and without asking again (RFC 8246).
const KEPT: &str = "public, max-age=31536000, immutable";

/// One picture. Nothing tells who asks for it, and nothing is kept of the request.
pub(super) async fn picture(
    State(state): State<WebState>,
    name: std::result::Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response> {
    let Path(name) = name?;
    let hash: PictureHash = name.parse().map_err(|_| WebError::NotFound)?;
    let tag = format!("\"{hash}\"");
    let mut tx = state.engine.db.read().await?;
    if has_it(&headers, &tag) {
        media::kind(&mut tx, &hash).await?.ok_or(WebError::NotFound)?;
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag.as_str()), (CACHE_CONTROL, KEPT)]).into_response());
    }
    let (kind, file) = media::file(&mut tx, &hash).await?.ok_or(WebError::NotFound)?;
    Ok(([(CONTENT_TYPE, kind.as_str()), (ETAG, &tag), (CACHE_CONTROL, KEPT)], file).into_response())
}

/// Whether the asker has what `tag` names already (RFC 9110 section 13.1.2).
fn has_it(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(|one| one.trim().trim_start_matches("W/"))
        .any(|one| one == tag || one == "*")
}
