//! The pages as a browser, a mail program or a stranger asks for them: the real router on a real
//! database, without a port.

mod archive;
mod captured;
mod confirm;
mod goodbye;
mod hostile;
mod links;
mod media;
mod metrics;
mod ops;
mod preferences;
mod reader_mail;
mod scanners;
mod served;
mod unsubscribe;
mod webhooks;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use mailparse::MailHeaderMap;
use newsletterd::mail::receiver::Capture;
use newsletterd::web::ops::Health;
use newsletterd::web::{WebState, router};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::pipeline::config_with;
use crate::support::engine::{TestEngine, capturing_relay, daily_config, stories};

/// What was answered.
#[derive(Debug)]
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answered {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The values of an attribute such as `href`, unescaped as far as addresses are escaped.
    fn attribute(&self, name: &str) -> Vec<String> {
        let start = format!(" {name}=\"");
        let values = self.body.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap());
        values.map(|value| value.replace("&amp;", "&")).collect()
    }
}

/// The pages of a test's newsroom.
struct Site {
    test: TestEngine,
    health: Health,
    router: Router,
    /// The same pages' state, to settle what they counted.
    state: WebState,
    /// Where letters go.
    mailbox: Arc<Capture>,
    _folder: TempDir,
}

impl Site {
    /// On SQLite, with the configuration of `daily_config` as `change` leaves it.
    async fn with(change: impl Fn(String) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = change(daily_config(capturing_relay(folder.path()).await));
        let test = TestEngine::sqlite(&config).await;
        Self::over(test, folder)
    }

    async fn new() -> Self {
        Self::with(|config| config).await
    }

    /// One on each database that there is.
    async fn on_each_database() -> Vec<Self> {
        Self::on_each_database_with(|config| config).await
    }

    /// As [`Self::with`], on each database that there is.
    async fn on_each_database_with(change: impl Fn(String) -> String) -> Vec<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut sites = vec![Self::with(&change).await];
        let config = change(daily_config(capturing_relay(folder.path()).await));
        sites.extend(TestEngine::postgres(&config).await.map(|test| Self::over(test, folder)));
        sites
    }

    /// One on each database that there is, whose newsletter has `keys` besides.
    async fn on_each_database_with_keys(keys: &str) -> Vec<Self> {
        Self::on_each_database_with(|usual| config_with(&usual, keys, "")).await
    }

    fn over(test: TestEngine, folder: TempDir) -> Self {
        let health = Health::new(true);
        let mailbox = Arc::new(Capture::open(folder.path()).unwrap());
        let state = WebState::new(test.engine.clone(), health.clone()).with_mailbox(Arc::clone(&mailbox));
        Self { test, health, router: router(state.clone()), state, mailbox, _folder: folder }
    }

    async fn ask(&self, request: Request<Body>) -> Answered {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().into()).unwrap();
        Answered { status: parts.status, headers: parts.headers, body }
    }

    async fn request(&self, method: &str, path: &str) -> Answered {
        self.ask(Request::builder().method(method).uri(path).body(Body::empty()).unwrap()).await
    }

    async fn get(&self, path: &str) -> Answered {
        self.request("GET", path).await
    }

    async fn post(&self, path: &str, kind: &str, body: impl Into<Body>) -> Answered {
        let request = Request::builder().method("POST").uri(path).header("content-type", kind);
        self.ask(request.body(body.into()).unwrap()).await
    }

    /// Makes today's edition for `addresses`, up to the deliveries, of which none is sent.
    async fn enqueue(&self, addresses: &[&str]) {
        self.test.tick_at("2026-11-24T00:00:00Z").await;
        self.test.import_articles(&stories(4, self.test.engine.clock.now())).await;
        self.test.add_subscribers("readers", addresses).await;
        self.test.tick_at("2026-11-24T01:00:00Z").await;
        self.test.tick_at("2026-11-24T03:00:00Z").await;
    }

    /// Sends what is due of the newest edition.
    async fn deliver(&self) {
        let edition = self.test.editions().await.remove(0);
        self.test.deliver(edition.id).await;
    }

    /// The message that `address` got, parsed by another parser than the program's.
    fn message(&self, address: &str) -> Message {
        let captured = self.mailbox.list().unwrap();
        let one = captured.iter().find(|one| one.envelope.rcpt_to == [address]).unwrap();
        let bytes = self.mailbox.message(one.number).unwrap().unwrap();
        let parsed = mailparse::parse_mail(&bytes).unwrap();
        let header = parsed.headers.get_first_value("List-Unsubscribe").unwrap();
        let one_click = header.trim().trim_start_matches('<').split('>').next().unwrap().to_owned();
        let parts: Vec<String> = parsed.subparts.iter().map(|part| part.get_body().unwrap()).collect();
        Message { number: one.number, one_click, text: parts[0].clone(), html: parts[1].clone() }
    }
}

/// A letter as one subscriber got it.
struct Message {
    number: u64,
    /// The address in List-Unsubscribe.
    one_click: String,
    text: String,
    html: String,
}

impl Message {
    /// All web addresses in either form, and in the header that one click uses.
    fn addresses(&self) -> BTreeSet<String> {
        let ends = |c: char| c.is_whitespace() || "\"<>".contains(c);
        let bodies = [&self.text, &self.html].into_iter().flat_map(|body| {
            body.match_indices("http")
                .map(|(at, _)| body[at..].split(ends).next().unwrap().replace("&amp;", "&"))
        });
        bodies.filter(|url| url.contains("://")).chain([self.one_click.clone()]).collect()
    }

    /// All addresses that the HTML part links to.
    fn links(&self) -> Vec<String> {
        let links = self.html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        links.map(|link| link.replace("&amp;", "&")).collect()
    }
}

/// The path of one of our public addresses.
fn path_of(url: &str) -> &str {
    url.strip_prefix("https://letters.example.org").unwrap_or_else(|| panic!("{url} is not ours"))
}
