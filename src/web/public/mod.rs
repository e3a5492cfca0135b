//! What readers reach: joining, choosing and leaving lists, the links of letters, past letters and
//! their pictures, the front page.

mod archive;
mod confirm;
mod form;
mod link;
mod links;
mod media;
mod preferences;
mod unsubscribe;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use newsletterd_templates::pages::index::{self, IndexView, ListedNewsletter};
use newsletterd_templates::pages::{STYLE, STYLE_PATH};

use super::WebState;
use super::answer::{Answer, Kept, PLAIN, Policy};
use super::site::{path, site_strings, site_view};
use crate::pipeline::render::strings_of;

/// What search engines are told: personal links, and links that are counted, are none of theirs.
const ROBOTS: &str = "User-agent: *\nDisallow: /unsubscribe/\nDisallow: /confirm/\nDisallow: /preferences/\n\
    Disallow: /r/\nDisallow: /o/\nDisallow: /mailbox\n";

pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/", get(front))
        .route("/archive/{newsletter}", get(archive::list))
        .route("/archive/{newsletter}/{edition}", get(archive::letter))
        .route("/r/{token}", get(links::follow))
        .route("/o/{token}", get(links::opening))
        .route("/confirm/{token}", get(confirm::ask).post(confirm::act))
        .route("/preferences/{token}", get(preferences::ask).post(preferences::act))
        .route("/media/{hash}", get(media::picture))
        .route("/unsubscribe/{token}", get(unsubscribe::ask).post(unsubscribe::act))
        .route(STYLE_PATH, get(async || text("text/css; charset=utf-8", STYLE)))
        .route("/robots.txt", get(async || text(PLAIN, ROBOTS)))
}

async fn front(State(state): State<WebState>) -> Answer {
    let newsletters = state.engine.config.newsletters.iter().map(|newsletter| ListedNewsletter {
        path: path(&state, format_args!("/archive/{}", newsletter.name.as_str())),
        title: newsletter.title.as_str().into(),
        strings: strings_of(newsletter.language),
    });
    let view = IndexView {
        strings: site_strings(&state),
        site: site_view(&state),
        newsletters: newsletters.collect(),
    };
    Answer::page(index::html(&view), Kept::Shortly)
}

fn text(kind: &'static str, text: &'static str) -> Answer {
    Answer { kind, kept: Kept::Long, policy: Policy::Page, body: text.into() }
}
