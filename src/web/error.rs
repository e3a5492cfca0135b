//! Why a request was not answered as asked, and what is told of it: to the asker a page in words,
//! to the log the cause.

use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use newsletterd_templates::pages::notice::Notice;

use crate::pipeline::PipelineError;
use crate::store::StoreError;

/// What handlers return.
pub(super) type Result<T> = std::result::Result<T, WebError>;

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum WebError {
    /// Nothing is there, or nothing that the public may see: nobody can tell which.
    #[error("there is nothing at this address")]
    NotFound,
    /// The token is damaged, forged, or for another purpose: nobody can tell which.
    #[error("this is no link of ours")]
    BadLink,
    /// The body is neither the page's own form nor that of a one-click POST (RFC 8058 section 3.2).
    #[error("the body of the request is not understood")]
    BadBody,
    /// The body is too long.
    #[error("the body of the request is too long")]
    TooLong,
    /// The address knows another method.
    #[error("this method is not for this address")]
    Method,
    /// It took too long, here or at the asker's.
    #[error("the request was not answered in time")]
    TooSlow,
    /// A handler panicked; the panic hook has told where.
    #[error("a request ended in a panic")]
    Panicked,
    /// A step or the database failed.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// The captured mailbox cannot be read.
    #[error("the captured mailbox cannot be read: {0}")]
    Mailbox(#[from] std::io::Error),
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        Self::Pipeline(error.into())
    }
}

impl From<PathRejection> for WebError {
    /// An address that cannot be read leads nowhere.
    fn from(_: PathRejection) -> Self {
        Self::NotFound
    }
}

impl WebError {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::BadLink => StatusCode::NOT_FOUND,
            Self::BadBody => StatusCode::BAD_REQUEST,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooSlow | Self::Pipeline(PipelineError::Store(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Panicked | Self::Pipeline(_) | Self::Mailbox(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    const fn notice(&self) -> Notice {
        match self {
            Self::NotFound | Self::Method => Notice::NotFound,
            Self::BadLink | Self::BadBody | Self::TooLong => Notice::BadLink,
            Self::TooSlow | Self::Panicked | Self::Pipeline(_) | Self::Mailbox(_) => Notice::Failed,
        }
    }
}

impl IntoResponse for WebError {
    /// The status and, as an extension, the [`Notice`] of which the frame makes a page.
    fn into_response(self) -> Response {
        if self.notice() == Notice::Failed {
            tracing::error!("request failed: {self}");
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self.notice());
        response
    }
}
