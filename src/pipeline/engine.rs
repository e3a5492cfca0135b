//! What every step is given.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use super::forecast::Forecasts;
use super::judge::Windows;
use super::providers::Providers;
use super::relays::Relays;
use super::{PipelineError, Result};
use crate::clock::Clock;
use crate::config::{Config, Newsletter};
use crate::domain::ids::{EditionId, LinkNo, ListId, SubscriberId};
use crate::domain::picture::PictureHash;
use crate::domain::token::TokenKeys;
use crate::mail::dkim::Signers;
use crate::mail::smtp::Dns;
use crate::sources::fetch::Fetcher;
use crate::store::Db;
use crate::store::editions::Edition;
use crate::store::journal::Journal;

/// The database, the configuration, the clock, and the ways out; cheap to clone.
#[derive(Clone)]
pub struct Engine {
    /// The database.
    pub db: Db,
    /// The configuration.
    pub config: Arc<Config>,
    /// What time it is.
    pub clock: Clock,
    /// What signs tokens.
    pub keys: Arc<TokenKeys>,
    /// The way to the web.
    pub fetcher: Fetcher,
    /// The ways out for mail.
    pub relays: Relays,
    /// What is kept of answers until the database has them.
    pub journal: Arc<Journal>,
    /// What mailbox providers bear.
    pub providers: Arc<Providers>,
    /// What signs mail.
    pub signers: Arc<Signers>,
    /// What answers whether a domain exists.
    pub dns: Dns,
    /// The name of this process, which no other ever bears.
    pub incarnation: Arc<str>,
    /// Rung when something was changed that a loop may wait for.
    pub wake: Arc<Notify>,
    /// How runs went lately.
    pub forecasts: Arc<Forecasts>,
    /// How the last outcomes of runs came out.
    pub windows: Arc<Windows>,
}

impl Engine {
    /// The newsletter of that name in the configuration.
    ///
    /// # Errors
    /// [`PipelineError::Refused`] with the names there are.
    pub fn newsletter(&self, name: &str) -> Result<&Newsletter> {
        self.config.newsletter(name).ok_or_else(|| {
            let names: Vec<_> =
                self.config.newsletters.iter().map(|newsletter| newsletter.name.as_str()).collect();
            PipelineError::Refused(format!("there is no newsletter {name}; there are: {}", names.join(", ")))
        })
    }

    /// The mail address by which a reader leaves a list: whatever is sent to it ends the subscription.
    pub fn leaving(&self, subscriber: SubscriberId, list: ListId, edition: EditionId) -> String {
        self.at_return_path(&self.keys.leaving(subscriber, list, Some(edition)))
    }

    /// What stands for [`Self::leaving`] in a letter to nobody.
    pub fn leaving_example(&self) -> String {
        self.at_return_path("unsubscribe+preview")
    }

    /// An address in the domain of return paths.
    pub(super) fn at_return_path(&self, local: &str) -> String {
        format!("{local}@{}", self.config.bounces.return_path.as_str())
    }

    /// The public addresses of pages.
    pub fn links(&self) -> Links<'_> {
        Links::new(self.config.web.public_url.as_str(), &self.keys)
    }
}

/// Public addresses, made in one place so that mails and pages agree.
#[derive(Clone, Copy)]
pub struct Links<'a> {
    base: &'a str,
    keys: &'a TokenKeys,
}

impl<'a> Links<'a> {
    /// Addresses below `public_url`, signed with `keys`.
    pub fn new(public_url: &'a str, keys: &'a TokenKeys) -> Self {
        Self { base: public_url.trim_end_matches('/'), keys }
    }

    /// Where a reader leaves a list: a GET shows a page, a POST acts, with or without a page
    /// (RFC 8058).
    pub fn unsubscribe(&self, subscriber: SubscriberId, list: ListId, edition: EditionId) -> String {
        format!("{}/unsubscribe/{}", self.base, self.keys.unsubscribe(subscriber, list, Some(edition)))
    }

    /// Where a reader sees what they get and changes it: a GET shows, a POST changes.
    pub fn preferences(&self, subscriber: SubscriberId, list: ListId, edition: EditionId) -> String {
        format!("{}/preferences/{}", self.base, self.keys.preferences(subscriber, list, Some(edition)))
    }

    /// Where a reader confirms a subscription, or comes back after leaving at `left_at`: a GET asks,
    /// a POST acts.
    pub fn confirm(&self, subscriber: SubscriberId, list: ListId, left_at: Option<DateTime<Utc>>) -> String {
        format!("{}/confirm/{}", self.base, self.keys.confirm(subscriber, list, left_at))
    }

    /// The letter on the web.
    pub fn letter(&self, newsletter: &str, edition: EditionId) -> String {
        format!("{}/archive/{newsletter}/{edition}", self.base)
    }

    /// Leads on to a story, wherever its link leads by then; the same for all readers.
    pub fn story(&self, edition: EditionId, no: LinkNo) -> String {
        format!("{}/r/{}", self.base, self.keys.link(edition, no))
    }

    /// The picture that counts the openings of an edition; the same for all readers.
    pub fn pixel(&self, edition: EditionId) -> String {
        format!("{}/o/{}", self.base, self.keys.opening(edition))
    }

    /// A picture that is kept.
    pub fn picture(&self, hash: &PictureHash) -> String {
        format!("{}/media/{hash}", self.base)
    }

    /// The name of the kept picture that [`Self::picture`] gave this address.
    pub fn picture_of(&self, url: &str) -> Option<PictureHash> {
        url.strip_prefix(self.base)?.strip_prefix("/media/")?.parse().ok()
    }

    /// What stands in a letter to nobody for the reader's own address of a page.
    pub fn example(&self, page: &str) -> String {
        format!("{}/{page}/preview", self.base)
    }

    /// All letters of a newsletter.
    pub fn archive(&self, newsletter: &str) -> String {
        format!("{}/archive/{newsletter}", self.base)
    }
}

/// The configuration of an edition's newsletter as it was when the edition was opened.
///
/// # Errors
/// [`PipelineError::Stored`] when it cannot be read.
pub fn newsletter_of(edition: &Edition) -> Result<Newsletter> {
    serde_json::from_value(edition.config.clone())
        .map_err(|source| PipelineError::Stored { what: "an edition's stored configuration", source })
}
