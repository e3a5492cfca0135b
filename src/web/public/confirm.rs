//! Confirming a subscription, or coming back after leaving. A GET asks, whoever sends it and
//! however often: scanners of mail open every link, and must not confirm in a stranger's name. The
//! POST of the page's button acts, and says 200 the second time as well.

use axum::extract::{Request, State};
use newsletterd_templates::pages::confirm::{self as page, CONFIRM_FIELD, ConfirmState, ConfirmView};

use super::form::Fields;
use super::link::{self, Link};
use crate::domain::token::Confirm;
use crate::pipeline::consent::{self, Confirmed, Standing};
use crate::pipeline::readers;
use crate::pipeline::render::strings_of;
use crate::web::WebState;
use crate::web::answer::{Answer, Kept};
use crate::web::error::{Result, WebError};
use crate::web::site::{path, site_view};

/// The page with its button, or why there is none.
pub(super) async fn ask(State(state): State<WebState>, link: Link<Confirm>) -> Result<Answer> {
    let standing = consent::standing(&state.engine, link.says).await?;
    show(&state, &link, told(&state, &link, standing)).await
}

/// Makes the subscription active, and says whether it was before.
pub(super) async fn act(
    State(state): State<WebState>,
    link: Link<Confirm>,
    request: Request,
) -> Result<Answer> {
    if !Fields::read(request).await?.have(CONFIRM_FIELD) {
        return Err(WebError::BadBody);
    }
    let standing = match consent::confirm(&state.engine, link.says).await? {
        Confirmed::Now => ConfirmState::Confirmed,
        Confirmed::Unchanged(standing) => told(&state, &link, standing),
    };
    show(&state, &link, standing).await
}

fn told(state: &WebState, link: &Link<Confirm>, standing: Standing) -> ConfirmState {
    match standing {
        Standing::Open => {
            ConfirmState::Asked { action: path(state, format_args!("/confirm/{}", link.token)) }
        }
        Standing::Active => ConfirmState::Already,
        Standing::Over => ConfirmState::Over,
        Standing::Barred => ConfirmState::Barred,
    }
}

async fn show(state: &WebState, link: &Link<Confirm>, standing: ConfirmState) -> Result<Answer> {
    let (strings, list_title) = link::list(state, link.says.list, None).await?;
    let own = readers::language(&state.engine, link.says.subscriber).await?;
    let strings = own.map_or(strings, strings_of);
    let view = ConfirmView { strings, site: site_view(state), list_title, state: standing };
    Ok(Answer::page(page::html(&view), Kept::Never))
}
