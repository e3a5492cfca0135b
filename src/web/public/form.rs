//! The short forms that come back to us, in either encoding that a form may have.

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;

use crate::web::error::{Result, WebError};

/// The fields of a form, in their order.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads the body of a POST.
    pub async fn read(request: Request) -> Result<Self> {
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            "multipart/form-data" => parts(request).await.map(Self),
            // Some mail programs forget to name the type of what they send.
            "application/x-www-form-urlencoded" | "" => pairs(request).await.map(Self),
            _ => Err(WebError::BadBody),
        }
    }

    /// Whether the form has a field with that name and value.
    pub fn have(&self, (name, value): (&str, &str)) -> bool {
        self.values(name).any(|own| own == value)
    }

    /// The values of the fields with that name.
    pub fn values<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.trim())
    }
}

async fn pairs(request: Request) -> Result<Vec<(String, String)>> {
    let body = Bytes::from_request(request, &()).await.map_err(|rejection| refused(rejection.status()))?;
    Ok(url::form_urlencoded::parse(&body).into_owned().collect())
}

async fn parts(request: Request) -> Result<Vec<(String, String)>> {
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| WebError::BadBody)?;
    let mut fields = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|error| refused(error.status()))? {
        let name = part.name().unwrap_or_default().to_owned();
        fields.push((name, part.text().await.map_err(|error| refused(error.status()))?));
    }
    Ok(fields)
}

fn refused(status: StatusCode) -> WebError {
    if status == StatusCode::PAYLOAD_TOO_LARGE { WebError::TooLong } else { WebError::BadBody }
}
