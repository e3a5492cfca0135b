//! What surrounds every request: a line in the log, a limit of time, a page where a handler gave
//! up, and the headers that all answers have.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use newsletterd_templates::pages::notice::{self, Notice};

use super::WebState;
use super::answer::{Answer, Kept};
use super::error::WebError;
use super::site::{site_strings, site_view};

/// How long an answer may take, the reading of the request's body included.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// The middleware around all routes.
pub(super) async fn frame(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    // The pattern, never the path: that may hold a token.
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let mut response = guarded(next.run(request)).await;
    if let Some(&notice) = response.extensions().get::<Notice>() {
        response = explained(&state, notice, response);
    }
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    tracing::debug!(
        http.method = %method,
        http.route = %route,
        http.status = response.status().as_u16(),
        duration_ms = started.elapsed().as_millis(),
        "request answered"
    );
    response
}

/// An answer in time, and one also where the handler panics.
async fn guarded(answer: impl Future<Output = Response>) -> Response {
    // A handler shares nothing that a panic could leave half-done: what it changes stands in a
    // transaction, which its end rolls back.
    match tokio::time::timeout(ANSWER_LIMIT, AssertUnwindSafe(answer).catch_unwind()).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => WebError::Panicked.into_response(),
        Err(_) => WebError::TooSlow.into_response(),
    }
}

/// `given` with a page for its body that says what went wrong.
fn explained(state: &WebState, notice: Notice, given: Response) -> Response {
    let html = notice::html(site_strings(state), &site_view(state), notice);
    let (page, body) = Answer::page(html, Kept::Never).into_response().into_parts();
    let (mut parts, _) = given.into_parts();
    // The router has measured the body that was there.
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.extend(page.headers);
    Response::from_parts(parts, body)
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_fault_of_ours_like_any_other() {
        let response = guarded(async { panic!("on purpose") }).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.extensions().get(), Some(&Notice::Failed));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_never_comes_is_given_up() {
        let response = guarded(std::future::pending()).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
