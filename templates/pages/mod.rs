//! Pages for the public: joining, choosing and leaving lists, the archive and its index, notices, and the
//! demo's: its captured mailbox and its newspaper.
//!
//! They work without scripts, carry no inline styles (so the strictest content security policy
//! holds), and load nothing but [`STYLE`], which is served as [`STYLE_PATH`]. A letter on the web
//! is no page of these: it is the letter's own HTML form.

pub mod archive;
pub mod confirm;
pub mod index;
mod layout;
pub mod mailbox;
pub mod news;
pub mod notice;
pub mod preferences;
#[cfg(test)]
mod tests;
pub mod unsubscribe;

use crate::content::{Text, WebLink};

/// The style sheet of all pages.
pub const STYLE: &str = include_str!("style.css");

/// Where the style sheet is served, below [`SiteView::base_path`].
pub const STYLE_PATH: &str = "/style.css";

/// Whose pages these are.
#[derive(Clone, Debug)]
pub struct SiteView {
    /// The newsroom's name.
    pub name: Text,
    /// Its home page.
    pub url: Option<WebLink>,
    /// The path that all pages lie below, without a final slash; empty for none.
    pub base_path: String,
}
