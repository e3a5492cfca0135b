//! Leaving a list. A GET asks, whoever sends it and however often: scanners of mail open every
//! link. A POST acts at once, from the page's button or as the one-click POST of a mail program
//! (RFC 8058), without cookie, login or redirect, and says 200 the second time as well.

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest as _, FromRequestParts, Multipart, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use newsletterd_templates::content::Text;
use newsletterd_templates::pages::unsubscribe::{
    self as page, LEAVE_FIELD, UnsubscribeState, UnsubscribeView,
};
use newsletterd_templates::strings::Strings;

use crate::domain::token::Unsubscribe;
use crate::pipeline::newsletter_of;
use crate::pipeline::readers::{self, Left};
use crate::pipeline::render::strings_of;
use crate::store::{catalog, editions};
use crate::web::WebState;
use crate::web::answer::{Answer, Kept};
use crate::web::error::{Result, WebError};
use crate::web::site::{path, site_strings, site_view};

/// The field of a one-click POST, and its only value (RFC 8058 section 3.1).
const ONE_CLICK_FIELD: (&str, &str) = ("List-Unsubscribe", "One-Click");

/// Where both are told in the evidence of a subscription's end.
const PAGE: &str = "unsubscribe page";
const ONE_CLICK: &str = "one-click";

/// A genuine token in the path, and what it says. Everything else gets one and the same answer.
pub(super) struct Link {
    token: String,
    says: Unsubscribe,
}

impl FromRequestParts<WebState> for Link {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self> {
        let token: std::result::Result<Path<String>, PathRejection> =
            Path::from_request_parts(parts, state).await;
        let Path(token) = token.map_err(|_| WebError::BadLink)?;
        let says = state.engine.keys.read_unsubscribe(&token).map_err(|_| WebError::BadLink)?;
        Ok(Self { token, says })
    }
}

/// The page with its button, or that there is nothing to leave.
pub(super) async fn ask(State(state): State<WebState>, link: Link) -> Result<Answer> {
    let asked = readers::is_on(&state.engine, link.says.subscriber, link.says.list).await?;
    let standing = if asked {
        UnsubscribeState::Asked { action: path(&state, format_args!("/unsubscribe/{}", link.token)) }
    } else {
        UnsubscribeState::NotOnList
    };
    show(&state, &link.says, standing).await
}

/// Ends the subscription, and says whether there was one.
pub(super) async fn act(State(state): State<WebState>, link: Link, request: Request) -> Result<Answer> {
    let source = wish(request).await?;
    let standing = match readers::leave(&state.engine, link.says.subscriber, link.says.list, source).await? {
        Left::Now => UnsubscribeState::Left,
        Left::Before => UnsubscribeState::NotOnList,
    };
    show(&state, &link.says, standing).await
}

/// Who wishes it, by the body of the POST.
async fn wish(request: Request) -> Result<&'static str> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let fields = match kind.as_str() {
        "multipart/form-data" => parts(request).await?,
        // Some mail programs forget to name the type of what they send.
        "application/x-www-form-urlencoded" | "" => pairs(request).await?,
        _ => return Err(WebError::BadBody),
    };
    let has = |(name, value): (&str, &str)| {
        fields.iter().any(|(its_name, its_value)| its_name == name && its_value.trim() == value)
    };
    match (has(ONE_CLICK_FIELD), has(LEAVE_FIELD)) {
        (true, _) => Ok(ONE_CLICK),
        (false, true) => Ok(PAGE),
        (false, false) => Err(WebError::BadBody),
    }
}

type Fields = Vec<(String, String)>;

async fn pairs(request: Request) -> Result<Fields> {
    let body = Bytes::from_request(request, &()).await.map_err(|rejection| refused(rejection.status()))?;
    Ok(url::form_urlencoded::parse(&body).into_owned().collect())
}

async fn parts(request: Request) -> Result<Fields> {
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

async fn show(state: &WebState, says: &Unsubscribe, standing: UnsubscribeState) -> Result<Answer> {
    let (strings, list_title) = list(state, says).await?;
    let view = UnsubscribeView { strings, site: site_view(state), list_title, state: standing };
    Ok(Answer::page(page::html(&view), Kept::Never))
}

/// The language of the letter that carried the link, and the title of the list, as the letter
/// named it.
async fn list(state: &WebState, says: &Unsubscribe) -> Result<(&'static Strings, Text)> {
    let config = &state.engine.config;
    let mut tx = state.engine.db.read().await?;
    let name = catalog::list_name(&mut tx, says.list).await?.unwrap_or_default();
    let edition = match says.edition {
        Some(id) => editions::get(&mut tx, id).await?,
        None => None,
    };
    let newsletter = match edition {
        Some(edition) => Some(newsletter_of(&edition)?),
        None => config.newsletters.iter().find(|newsletter| newsletter.list.as_str() == name).cloned(),
    };
    let strings =
        newsletter.as_ref().map_or_else(|| site_strings(state), |newsletter| strings_of(newsletter.language));
    let title = config.list(&name).and_then(|list| list.title.clone());
    let title = title.or_else(|| newsletter.map(|newsletter| newsletter.title)).unwrap_or(name);
    Ok((strings, Text::new(&title)))
}
