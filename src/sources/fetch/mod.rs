//! The one fetcher for everything that leaves for the web: feeds, pictures, alert webhooks,
//! heartbeats.
//!
//! Promises: only http and https; no address outside the public web unless allowed, checked for
//! every redirect and on the address that is really connected to; limits on size (after
//! decompression), time (for the whole request) and redirects; memory does not grow with the answer;
//! no proxy from the environment. Leaves to others: when to fetch, and what the answer means.

mod addresses;
mod error;
mod resolver;

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{
    ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION,
};
use reqwest::{Client, ClientBuilder, Method, Response, StatusCode};
use url::{Host, Url};

use addresses::Exempt;
pub use error::FetchError;
pub use resolver::Resolver;

/// More redirects than this are never followed, whatever is configured.
const MAX_REDIRECTS: u8 = 10;
/// What we like to get, best first.
const ACCEPTED: &str = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, application/json;q=0.8, text/csv;q=0.8, */*;q=0.5";

/// What we like to get of a picture: a site that has it in several formats sends one that we read.
const ACCEPTED_PICTURES: &str = "image/jpeg, image/png, image/webp;q=0.9, image/gif;q=0.9, */*;q=0.1";

/// What the fetcher may do.
#[derive(Clone, Debug)]
pub struct FetchRules {
    /// Host names, addresses or CIDR blocks that are exempt from the private-address rule.
    pub allow_hosts: Vec<String>,
    /// Most bytes of a body, after decompression.
    pub max_bytes: usize,
    /// For one request with all its redirects and the whole body.
    pub timeout: Duration,
    /// At most 10; more count as 10.
    pub max_redirects: u8,
    /// Who we say we are.
    pub user_agent: String,
}

impl Default for FetchRules {
    fn default() -> Self {
        Self {
            allow_hosts: Vec::new(),
            max_bytes: 10 * 1024 * 1024,
            timeout: Duration::from_secs(30),
            max_redirects: 5,
            user_agent: concat!("newsletterd/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
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
        /// Where it came from in the end.
        final_url: Url,
    },
}

/// The fetcher. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Fetcher {
    client: Client,
    exempt: Arc<Exempt>,
    rules: Arc<FetchRules>,
}

/// One request, before its redirects.
struct Request {
    method: Method,
    headers: HeaderMap,
    body: Option<String>,
}

impl Fetcher {
    /// A fetcher that resolves names as the system does.
    ///
    /// # Errors
    /// [`FetchError::BadRule`] for an entry of `allow_hosts` that is none.
    pub fn new(rules: FetchRules) -> Result<Self, FetchError> {
        Self::with_resolver(rules, Resolver::System)
    }

    /// A fetcher that resolves names by `resolver`.
    ///
    /// # Errors
    /// As [`Fetcher::new`].
    pub fn with_resolver(rules: FetchRules, resolver: Resolver) -> Result<Self, FetchError> {
        Self::build(rules, resolver, |builder| builder)
    }

    fn build(
        rules: FetchRules,
        resolver: Resolver,
        adapt: fn(ClientBuilder) -> ClientBuilder,
    ) -> Result<Self, FetchError> {
        let setup = |error: &dyn std::fmt::Display| FetchError::Setup { reason: error.to_string() };
        // The client takes the process's TLS provider; whoever comes first chooses, and all choose the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let exempt = Arc::new(Exempt::parse(&rules.allow_hosts)?);
        let builder = Client::builder()
            .user_agent(HeaderValue::from_str(&rules.user_agent).map_err(|error| setup(&error))?)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(rules.timeout)
            .dns_resolver(Arc::new(resolver::Guard { resolver, exempt: Arc::clone(&exempt) }));
        let client = adapt(builder).build().map_err(|error| setup(&error))?;
        Ok(Self { client, exempt, rules: Arc::new(rules) })
    }

    /// The same fetcher for what must come from just where it is asked for: it follows no redirect and
    /// takes less.
    #[must_use]
    pub fn pinned(&self, max_bytes: usize, timeout: Duration) -> Self {
        let rules = FetchRules {
            max_redirects: 0,
            max_bytes: self.rules.max_bytes.min(max_bytes),
            timeout: self.rules.timeout.min(timeout),
            ..(*self.rules).clone()
        };
        Self { rules: Arc::new(rules), ..self.clone() }
    }

    /// Gets `url`, following redirects under the rules.
    ///
    /// # Errors
    /// Any [`FetchError`]; every status but 2xx and 304 is one.
    pub async fn get(&self, url: &str, validators: &Validators) -> Result<Fetched, FetchError> {
        self.get_accepting(ACCEPTED, url, validators).await
    }

    /// Gets the file of a picture, following redirects under the rules.
    ///
    /// # Errors
    /// Any [`FetchError`]; every status but 2xx is one.
    pub async fn get_picture(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        match self.get_accepting(ACCEPTED_PICTURES, url, &Validators::default()).await? {
            Fetched::Body { bytes, .. } => Ok(bytes),
            // Nothing was asked about what we have.
            Fetched::NotModified => Err(FetchError::Status { host: host(&parse(url)?), status: 304 }),
        }
    }

    async fn get_accepting(
        &self,
        accepted: &'static str,
        url: &str,
        validators: &Validators,
    ) -> Result<Fetched, FetchError> {
        let url = parse(url)?;
        let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accepted))]);
        let conditions = [(IF_NONE_MATCH, &validators.etag), (IF_MODIFIED_SINCE, &validators.last_modified)];
        for (name, value) in conditions {
            // A validator that is no header value is one that we cannot use.
            if let Some(value) = value.as_ref().and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
        let request = Request { method: Method::GET, headers, body: None };
        self.in_time(&url, async {
            let (final_url, response) = self.send(url.clone(), request).await?;
            if response.status() == StatusCode::NOT_MODIFIED {
                return Ok(Fetched::NotModified);
            }
            let header = |name: HeaderName| {
                response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
            };
            let validators = Validators { etag: header(ETAG), last_modified: header(LAST_MODIFIED) };
            let content_type = header(CONTENT_TYPE);
            let bytes = self.body(&final_url, response).await?;
            Ok(Fetched::Body { bytes, validators, content_type, final_url })
        })
        .await
    }

    /// Posts `body` as JSON (alert webhooks). Any 2xx is success.
    ///
    /// # Errors
    /// Any [`FetchError`].
    pub async fn post_json(&self, url: &str, body: &serde_json::Value) -> Result<(), FetchError> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        self.call(url, Request { method: Method::POST, headers, body: Some(body.to_string()) }).await
    }

    /// Calls a heartbeat address. Any 2xx is success.
    ///
    /// # Errors
    /// Any [`FetchError`].
    pub async fn ping(&self, url: &str) -> Result<(), FetchError> {
        self.call(url, Request { method: Method::GET, headers: HeaderMap::new(), body: None }).await
    }

    /// A request whose answer's body does not matter.
    async fn call(&self, url: &str, request: Request) -> Result<(), FetchError> {
        let url = parse(url)?;
        self.in_time(&url, async { self.send(url.clone(), request).await.map(|_| ()) }).await
    }

    async fn in_time<T>(
        &self,
        url: &Url,
        work: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        let limit = self.rules.timeout;
        tokio::time::timeout(limit, work)
            .await
            .unwrap_or_else(|_| Err(FetchError::TimedOut { host: host(url), limit }))
    }

    /// Sends `request`, hop by hop, each under the rules. The answer is a success or 304.
    async fn send(&self, first: Url, request: Request) -> Result<(Url, Response), FetchError> {
        let max = self.rules.max_redirects.min(MAX_REDIRECTS);
        let mut url = first.clone();
        for _ in 0..=max {
            self.admit(&url)?;
            let mut hop =
                self.client.request(request.method.clone(), url.clone()).headers(request.headers.clone());
            if let Some(body) = &request.body {
                hop = hop.body(body.clone());
            }
            let response = hop.send().await.map_err(|error| FetchError::of_client(&host(&url), &error))?;
            let status = response.status();
            match next_hop(&request.method, &url, &response)? {
                Some(next) => url = next,
                None if status.is_success() || status == StatusCode::NOT_MODIFIED => {
                    return Ok((url, response));
                }
                None => return Err(FetchError::Status { host: host(&url), status: status.as_u16() }),
            }
        }
        Err(FetchError::TooManyRedirects { host: host(&first), max })
    }

    /// The rules that need no name resolution; the resolver's guard sees to names.
    fn admit(&self, url: &Url) -> Result<(), FetchError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchError::Scheme { scheme: url.scheme().to_owned() });
        }
        let address = match url.host() {
            Some(Host::Ipv4(ip)) => ip.into(),
            Some(Host::Ipv6(ip)) => ip.into(),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(FetchError::BadAddress { reason: "it has no host".to_owned() }),
        };
        match self.exempt.objection(address) {
            Some(objection) => Err(FetchError::Refused { host: host(url), address, objection }),
            None => Ok(()),
        }
    }

    async fn body(&self, url: &Url, mut response: Response) -> Result<Vec<u8>, FetchError> {
        let max = self.rules.max_bytes;
        let too_large = || FetchError::TooLarge { host: host(url), max };
        if response
            .content_length()
            .is_some_and(|length| usize::try_from(length).map_or(true, |length| length > max))
        {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) =
            response.chunk().await.map_err(|error| FetchError::of_client(&host(url), &error))?
        {
            if bytes.len() + chunk.len() > max {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

/// Where a redirect leads. A POST is repeated only where the answer says so (RFC 9110 section 15.4);
/// to anything else it would become a GET, and a webhook that was never delivered a success.
fn next_hop(method: &Method, url: &Url, response: &Response) -> Result<Option<Url>, FetchError> {
    let is_redirect = match response.status().as_u16() {
        307 | 308 => true,
        301..=303 => method == Method::GET,
        _ => false,
    };
    if !is_redirect {
        return Ok(None);
    }
    let location =
        response.headers().get(LOCATION).and_then(|location| std::str::from_utf8(location.as_bytes()).ok());
    let next = location.and_then(|location| url.join(location).ok());
    next.map(Some).ok_or_else(|| FetchError::BadRedirect { host: host(url) })
}

fn parse(url: &str) -> Result<Url, FetchError> {
    Url::parse(url.trim()).map_err(|error| FetchError::BadAddress { reason: error.to_string() })
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
