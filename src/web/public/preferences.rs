//! What a reader gets, to see and to change. A GET shows, whoever sends it; the POST of the page's
//! form changes, and only what the reader changed on the page.

use std::collections::BTreeSet;

use axum::extract::{Request, State};
use newsletterd_templates::content::Text;
use newsletterd_templates::pages::preferences::{
    self as page, ALL_FIELD, ChoiceView, ChoicesView, LIST_FIELD, PreferencesState, PreferencesView,
    SAVE_FIELD, SHOWN_FIELD, Saved,
};

use super::form::Fields;
use super::link::{self, Link};
use crate::domain::ids::ListId;
use crate::domain::token::Preferences as Says;
use crate::pipeline::lists::SpokenList;
use crate::pipeline::preferences::{self, Choice, Preferences, Wish};
use crate::pipeline::render::strings_of;
use crate::web::WebState;
use crate::web::answer::{Answer, Kept};
use crate::web::error::{Result, WebError};
use crate::web::site::{path, site_view};

/// The reader's lists.
pub(super) async fn ask(State(state): State<WebState>, link: Link<Says>) -> Result<Answer> {
    show(&state, &link, None).await
}

/// Saves what the reader changed, and shows what is so now.
pub(super) async fn act(State(state): State<WebState>, link: Link<Says>, request: Request) -> Result<Answer> {
    let wish = wish(&Fields::read(request).await?)?;
    let changed = preferences::save(&state.engine, link.says.subscriber, &wish, link.says.edition).await?;
    let saved = if changed { Saved::Changed } else { Saved::Unchanged };
    show(&state, &link, Some(saved)).await
}

fn wish(fields: &Fields) -> Result<Wish> {
    if !fields.have(SAVE_FIELD) {
        return Err(WebError::BadBody);
    }
    let lists = |name| {
        let ids = fields.values(name).map(|value| value.parse::<ListId>().map_err(|_| WebError::BadBody));
        ids.collect::<Result<BTreeSet<_>>>()
    };
    Ok(Wish { ticked: lists(LIST_FIELD)?, shown: lists(SHOWN_FIELD)?, leave_all: fields.have(ALL_FIELD) })
}

async fn show(state: &WebState, link: &Link<Says>, saved: Option<Saved>) -> Result<Answer> {
    let (strings, _) = link::list(state, link.says.list, link.says.edition).await?;
    let shown = match preferences::show(&state.engine, link.says.subscriber).await? {
        Preferences::Gone => PreferencesState::Gone,
        Preferences::Barred => PreferencesState::Barred,
        Preferences::Choices { address, lists } => PreferencesState::Choices(ChoicesView {
            action: path(state, format_args!("/preferences/{}", link.token)),
            address: Text::new(&address),
            lists: lists.iter().map(|choice| view(state, choice)).collect(),
            saved,
        }),
    };
    let view = PreferencesView { strings, site: site_view(state), state: shown };
    Ok(Answer::page(page::html(&view), Kept::Never))
}

fn view(state: &WebState, choice: &Choice) -> ChoiceView {
    let spoken = SpokenList::new(&state.engine.config, &choice.name);
    ChoiceView {
        value: choice.list.0,
        title: Text::new(spoken.title()),
        strings: strings_of(spoken.language(None)),
        state: choice.state,
    }
}
