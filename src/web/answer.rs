//! What answers are made of: a body, its type, who may keep it, and the policy that it needs.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};

/// HTML, always in UTF-8.
pub(super) const HTML: &str = "text/html; charset=utf-8";
/// Plain text, always in UTF-8.
pub(super) const PLAIN: &str = "text/plain; charset=utf-8";

/// Who may keep an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// Nobody.
    Never,
    /// Everybody, for a minute: a letter may be corrected.
    Shortly,
    /// Everybody, for a day.
    Long,
}

/// What a page may load and do. Nothing runs scripts anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    /// The style sheet, and a form that comes back to us.
    Page,
    /// Its own inline styles, and pictures from the web: a letter as its recipients see it.
    Letter,
    /// As a letter, and cut off from our origin: a mail that anybody may have sent. Its links open
    /// as if it did not exist.
    Mail,
}

impl Policy {
    const fn value(self) -> &'static str {
        match self {
            Self::Page => {
                "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
            }
            Self::Letter => {
                "default-src 'none'; style-src 'unsafe-inline'; img-src http: https:; form-action 'none'; \
                 frame-ancestors 'none'; base-uri 'none'"
            }
            Self::Mail => {
                "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
                 style-src 'unsafe-inline'; img-src http: https: data:; form-action 'none'; \
                 frame-ancestors 'none'; base-uri 'none'"
            }
        }
    }
}

/// An answer with status 200.
pub(super) struct Answer {
    /// Media type with its charset.
    pub kind: &'static str,
    /// Who may keep it.
    pub kept: Kept,
    /// What it may load and do.
    pub policy: Policy,
    /// What it says.
    pub body: Body,
}

impl Answer {
    /// One of our pages.
    pub fn page(html: String, kept: Kept) -> Self {
        Self { kind: HTML, kept, policy: Policy::Page, body: html.into() }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let kept = match self.kept {
            Kept::Never => "no-store",
            Kept::Shortly => "public, max-age=60",
            Kept::Long => "public, max-age=86400",
        };
        let headers: [(HeaderName, HeaderValue); 3] = [
            (CONTENT_TYPE, HeaderValue::from_static(self.kind)),
            (CACHE_CONTROL, HeaderValue::from_static(kept)),
            (CONTENT_SECURITY_POLICY, HeaderValue::from_static(self.policy.value())),
        ];
        (headers, self.body).into_response()
    }
}
