//! The links of a letter: where its stories are read, what is added to their addresses, and the
//! numbers by which a letter that has gone out can still be led elsewhere.
//!
//! Only the links of stories are touched. The newsroom's own appeal, its home page, the web view,
//! and whatever a reader uses to leave stay as they are.

mod numbers;
mod utm;

#[cfg(test)]
mod tests;

use newsletterd_templates::content::WebLink;
use url::{Host, Url};

pub use numbers::{NumberedLink, number};
pub use utm::{Facts, Parameter, Pattern, PatternError, with_parameters};

use super::words::words;

words! {
    /// Where the links of a letter's stories lead.
    pub enum LinkMode {
        /// Straight to the article. Nothing is known of a click, and nothing can be repaired.
        Direct = "direct",
        /// Over an address of ours, so that a wrong link can be repaired after sending. Nothing is
        /// counted.
        Redirect = "redirect",
        /// As `redirect`, and it is counted how often each link was followed, by day, and never by
        /// whom.
        Counted = "counted",
    }
}

words! {
    /// Whether a picture counts how often a letter was opened.
    pub enum OpenPixel {
        /// There is none.
        Off = "off",
        /// Every letter carries the same one; openings are counted by day, and never whose.
        On = "on",
    }
}

/// Where a story is read, as its letter says it: `raw` as a link ([`WebLink::parse`]) with
/// `parameters`. `None` when it leads nowhere on the web.
pub fn target(raw: &str, parameters: &[Parameter]) -> Option<String> {
    Some(with_parameters(WebLink::parse(raw)?.as_str(), parameters))
}

/// Whether an address leads to nobody but the machine itself, as in a demo.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// A web address that a person wrote to put it in the place of a wrong one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination(String);

/// Why an address cannot be led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// Another scheme, or none, or no host.
    #[error("this is no web address: one that begins with https:// or http:// is wanted")]
    NotOfTheWeb,
    /// A user name before the host: a way to make an address look like another one.
    #[error("the address has a user name in it, before an @: leave that out")]
    WithUser,
    /// More than [`Destination::MAX`].
    #[error("the address is longer than {} bytes", Destination::MAX)]
    TooLong,
}

impl Destination {
    /// The longest address, in bytes. Some browsers take no longer ones.
    pub const MAX: usize = 2000;

    /// The address, as written save for what no address may hold.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Destination {
    type Err = DestinationError;

    fn from_str(text: &str) -> Result<Self, DestinationError> {
        let link = WebLink::parse(text).ok_or(DestinationError::NotOfTheWeb)?;
        let url = Url::parse(link.as_str()).map_err(|_| DestinationError::NotOfTheWeb)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(DestinationError::WithUser);
        }
        if link.as_str().len() > Self::MAX {
            return Err(DestinationError::TooLong);
        }
        Ok(Self(link.as_str().to_owned()))
    }
}

/// `target` as a `Location` header may hold it (RFC 9110 10.2.2): as it is, or with its host in
/// punycode.
pub fn in_ascii(target: &str) -> Option<String> {
    if target.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some(target.to_owned());
    }
    Url::parse(target).ok().map(String::from)
}
