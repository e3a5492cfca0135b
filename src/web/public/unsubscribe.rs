//! Leaving a list. A GET asks, whoever sends it and however often: scanners of mail open every
//! link. A POST acts at once, from the page's button or as the one-click POST of a mail program
//! (RFC 8058), without cookie, login or redirect, and says 200 the second time as well.

use axum::extract::{Request, State};
use newsletterd_templates::pages::unsubscribe::{
    self as page, LEAVE_FIELD, UnsubscribeState, UnsubscribeView,
};

use super::form::Fields;
use super::link::{self, Link};
use crate::domain::token::Unsubscribe;
use crate::pipeline::readers::{self, Left};
use crate::web::WebState;
use crate::web::answer::{Answer, Kept};
use crate::web::error::{Result, WebError};
use crate::web::site::{path, site_view};

/// The field of a one-click POST, and its only value (RFC 8058 section 3.1).
const ONE_CLICK_FIELD: (&str, &str) = ("List-Unsubscribe", "One-Click");

/// Where both are told in the evidence of a subscription's end.
const PAGE: &str = "unsubscribe page";
const ONE_CLICK: &str = "one-click";

/// The page with its button, or that there is nothing to leave.
pub(super) async fn ask(State(state): State<WebState>, link: Link<Unsubscribe>) -> Result<Answer> {
    let asked = readers::is_on(&state.engine, link.says.subscriber, link.says.list).await?;
    let standing = if asked {
        UnsubscribeState::Asked { action: path(&state, format_args!("/unsubscribe/{}", link.token)) }
    } else {
        UnsubscribeState::NotOnList
    };
    show(&state, &link.says, standing).await
}

/// Ends the subscription, and says whether there was one.
pub(super) async fn act(
    State(state): State<WebState>,
    link: Link<Unsubscribe>,
    request: Request,
) -> Result<Answer> {
    let source = wish(request).await?;
    let standing = match readers::leave(&state.engine, link.says.subscriber, link.says.list, source).await? {
        Left::Now => UnsubscribeState::Left,
        Left::Before => UnsubscribeState::NotOnList,
    };
    show(&state, &link.says, standing).await
}

/// Who wishes it, by the body of the POST.
async fn wish(request: Request) -> Result<&'static str> {
    let fields = Fields::read(request).await?;
    match (fields.have(ONE_CLICK_FIELD), fields.have(LEAVE_FIELD)) {
        (true, _) => Ok(ONE_CLICK),
        (false, true) => Ok(PAGE),
        (false, false) => Err(WebError::BadBody),
    }
}

async fn show(state: &WebState, says: &Unsubscribe, standing: UnsubscribeState) -> Result<Answer> {
    let (strings, list_title) = link::list(state, says.list, says.edition).await?;
    let view = UnsubscribeView { strings, site: site_view(state), list_title, state: standing };
    Ok(Answer::page(page::html(&view), Kept::Never))
}
