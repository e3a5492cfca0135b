//! The links of letters that lead over us, and the picture that counts openings. Both are the same
//! for all readers of an edition; neither sets a cookie, and nobody keeps their answers, so that a
//! repaired link holds at once. Only where an edition's own links lead can anybody be led: the
//! address is looked up, never taken from the request.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::link::Link;
use crate::domain::ids::{EditionId, LinkNo};
use crate::domain::link;
use crate::pipeline::links::{self, Event};
use crate::store::links::Counting;
use crate::web::WebState;
use crate::web::error::{Result, WebError};

/// A picture of one transparent pixel.
const PIXEL: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

/// Leads on to a story (302, as the target may change). Also when nothing can be counted.
pub(super) async fn follow(
    State(state): State<WebState>,
    method: Method,
    headers: HeaderMap,
    Link { says: (edition, no), .. }: Link<(EditionId, LinkNo)>,
) -> Result<Response> {
    let (target, counting) = links::follow(&state.engine, edition, no).await?.ok_or(WebError::BadLink)?;
    let target = link::in_ascii(&target).ok_or(WebError::BadLink)?;
    if counting == Counting::Counted && state.counting.is_click(&method, &headers) {
        state.counting.add(&state.engine, Event::Click(edition, no));
    }
    Ok((StatusCode::FOUND, [(LOCATION, target.as_str()), (CACHE_CONTROL, "no-store")]).into_response())
}

/// The picture. Also when nothing can be counted.
pub(super) async fn opening(
    State(state): State<WebState>,
    method: Method,
    headers: HeaderMap,
    Link { says: edition, .. }: Link<EditionId>,
) -> Result<Response> {
    if state.counting.is_opening(&method, &headers) {
        match links::counts_openings(&state.engine, edition).await {
            Ok(true) => state.counting.add(&state.engine, Event::Opening(edition)),
            Ok(false) => {}
            Err(error) => tracing::warn!("an opening could not be counted: {error}"),
        }
    }
    Ok(([(CONTENT_TYPE, "image/gif"), (CACHE_CONTROL, "no-store")], PIXEL).into_response())
}
