//! The one fetcher for everything that leaves for the web.

use std::sync::Arc;
use std::time::Duration;

/// What the fetcher may do.
#[derive(Clone, Debug)]
pub struct FetchRules {
    /// Host names, addresses or CIDR blocks that are exempt from the private-address rule.
    pub allow_hosts: Vec<String>,
    /// Most bytes of a body, after decompression.
    pub max_bytes: usize,
    /// For one request with all its redirects.
    pub timeout: Duration,
    /// At most 10.
    pub max_redirects: u8,
    /// Who we say we are.
    pub user_agent: String,
}

/// What we kept of an earlier answer, for a conditional request (RFC 9110 section 13).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`, as it came.
    pub etag: Option<String>,
    /// `Last-Modified`, as it came.
    pub last_modified: Option<String>,
}

/// An answer.
#[derive(Clone, Debug)]
pub enum Fetched {
    /// Nothing new since the validators.
    NotModified,
    /// A body.
    Body {
        /// Decompressed, at most `max_bytes`.
        bytes: Vec<u8>,
        /// For the next conditional request.
        validators: Validators,
        /// `Content-Type`, as it came.
        content_type: Option<String>,
        /// After redirects.
        final_url: url::Url,
    },
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// To come.
    #[error("to come")]
    Other,
}

impl FetchError {
    /// Whether trying later may help.
    pub fn is_temporary(&self) -> bool {
        false
    }
}

/// Finds the addresses of a host name.
pub trait Resolver: Send + Sync + 'static {}

/// The fetcher.
#[derive(Clone)]
pub struct Fetcher {
    rules: Arc<FetchRules>,
}

impl Fetcher {
    /// A fetcher that resolves names as the system does.
    pub fn new(rules: FetchRules) -> Result<Self, FetchError> {
        Ok(Self { rules: Arc::new(rules) })
    }

    /// Gets `url`, following redirects under the rules.
    #[expect(clippy::unused_async, reason = "interface first")]
    pub async fn get(&self, url: &str, validators: &Validators) -> Result<Fetched, FetchError> {
        let _ = (url, validators, &self.rules);
        Err(FetchError::Other)
    }

    /// Posts `body` as JSON (alert webhooks). Any 2xx is success.
    #[expect(clippy::unused_async, reason = "interface first")]
    pub async fn post_json(&self, url: &str, body: &serde_json::Value) -> Result<(), FetchError> {
        let _ = (url, body);
        Err(FetchError::Other)
    }

    /// Calls a heartbeat address. Any 2xx is success.
    #[expect(clippy::unused_async, reason = "interface first")]
    pub async fn ping(&self, url: &str) -> Result<(), FetchError> {
        let _ = url;
        Err(FetchError::Other)
    }
}
