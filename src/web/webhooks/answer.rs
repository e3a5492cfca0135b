//! What a call is answered: programs read the status, people the sentence.

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};

use crate::config::SecretError;
use crate::mail::intake::NotNow;
use crate::mail::intake::webhook::Refusal;
use crate::sources::fetch::FetchError;
use crate::web::answer::PLAIN;

/// Why a call was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// No webhook of that name.
    #[error("there is no webhook of this name")]
    NoSuchHook,
    /// Too many at once, or within a second.
    #[error("too many calls; try again shortly")]
    TooMuch,
    /// The body did not come in time.
    #[error("the body did not come in time")]
    TooSlow,
    /// The body is too long, or broke off.
    #[error("the body is longer than 1 MiB, or broke off")]
    TooLong,
    /// What it says is not believed, or not understood.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// Its certificate, or the address that confirms a subscription, cannot be had at the moment.
    #[error("what proves this call cannot be had at the moment; try again shortly")]
    OutOfReach(#[from] FetchError),
    /// Our secret cannot be read.
    #[error("this webhook is not ready; try again shortly")]
    NoSecret(#[from] SecretError),
    /// The database does not take it.
    #[error("it cannot be kept at the moment; try again shortly")]
    NotNow(#[from] NotNow),
}

impl Fault {
    /// A word or two for the log.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::NoSuchHook => "no such webhook",
            Self::TooMuch => "too many calls",
            Self::TooSlow => "too slow",
            Self::TooLong => "too long",
            Self::Refused(refusal) => refusal.word(),
            Self::OutOfReach(_) => "certificate out of reach",
            Self::NoSecret(_) => "no secret",
            Self::NotNow(_) => "not kept",
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchHook => StatusCode::NOT_FOUND,
            Self::TooMuch => StatusCode::TOO_MANY_REQUESTS,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLong | Self::Refused(Refusal::TooMany) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Refused(Refusal::Unproved(_)) => StatusCode::UNAUTHORIZED,
            Self::Refused(
                Refusal::Forged(_) | Refusal::Untimely(_) | Refusal::Foreign(_) | Refusal::Replayed,
            ) => StatusCode::FORBIDDEN,
            Self::Refused(Refusal::NotJson) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Refused(Refusal::Malformed { .. }) => StatusCode::BAD_REQUEST,
            Self::OutOfReach(_) | Self::NoSecret(_) | Self::NotNow(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// The answer to a call.
#[derive(Debug)]
pub(super) enum Answer {
    /// All of it is kept.
    Taken,
    /// None of it is believed, or not all of it could be kept.
    Refused(Fault),
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let plain = [(CONTENT_TYPE, PLAIN), (CACHE_CONTROL, "no-store")];
        let Self::Refused(fault) = self else {
            return (StatusCode::OK, plain, "taken\n").into_response();
        };
        // Faults of ours are for the log in full; what they name is a file or a host.
        match &fault {
            Fault::OutOfReach(error) => tracing::error!("a call's certificate cannot be had: {error}"),
            Fault::NoSecret(error) => tracing::error!("a webhook's secret cannot be had: {error}"),
            Fault::NotNow(error) => tracing::error!("{error}"),
            _ => {}
        }
        let mut response = (fault.status(), plain, format!("{fault}\n")).into_response();
        let extra = match fault.status() {
            StatusCode::UNAUTHORIZED => Some((WWW_AUTHENTICATE, "Basic realm=\"webhooks\"")),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Some((RETRY_AFTER, "30")),
            _ => None,
        };
        response
            .headers_mut()
            .extend(extra.map(|(name, value)| (name, axum::http::HeaderValue::from_static(value))));
        response
    }
}
