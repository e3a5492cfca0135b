//! Whose pages these are, and where they lie.

use newsletterd_templates::content::{Text, WebLink};
use newsletterd_templates::pages::SiteView;
use newsletterd_templates::strings::{self, Strings};

use super::WebState;
use crate::pipeline::render::strings_of;

/// The newsroom, as its pages show it.
pub(super) fn site_view(state: &WebState) -> SiteView {
    let site = &state.engine.config.site;
    SiteView {
        name: Text::new(&site.name),
        url: WebLink::parse(site.url.as_str()),
        base_path: base_path(state),
    }
}

/// The language of pages that belong to no newsletter: that of the first one.
pub(super) fn site_strings(state: &WebState) -> &'static Strings {
    let first = state.engine.config.newsletters.first();
    first.map_or(&strings::EN, |newsletter| strings_of(newsletter.language))
}

/// The path of a page, as a browser must ask for it.
pub(super) fn path(state: &WebState, page: impl std::fmt::Display) -> String {
    format!("{}{page}", base_path(state))
}

fn base_path(state: &WebState) -> String {
    state.engine.config.web.public_url.path().trim_end_matches('/').to_owned()
}
