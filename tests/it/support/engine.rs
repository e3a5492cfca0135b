//! A pipeline on a database of the test's own, with a clock that stands still until the test
//! moves it. Nothing runs by itself: the test calls each step.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use newsletterd::clock::Clock;
use newsletterd::config::{self, Config};
use newsletterd::daemon::signers;
use newsletterd::domain::address::EmailAddress;
use newsletterd::domain::article::{Access, ArticleContent, ArticleStatus, IncomingArticle};
use newsletterd::domain::ids::{EditionId, ListId, SubscriberId};
use newsletterd::domain::token::TokenKeys;
use newsletterd::mail::receiver::{Capture, Limits, Receiver};
use newsletterd::mail::smtp::{Dns, Relay, RelaySettings};
use newsletterd::pipeline::providers::Providers;
use newsletterd::pipeline::relays::{Relays, WayOut};
use newsletterd::pipeline::{Engine, advance, deliver, import, readers};
use newsletterd::sources::fetch::{FetchRules, Fetcher};
use newsletterd::store::editions::Edition;
use newsletterd::store::journal::Journal;
use newsletterd::store::{Db, catalog, editions, subscribers};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::postgres::{Database, fresh_database};

/// A configuration with one newsletter, `daily` of the list `readers`, at seven o'clock in Tbilisi
/// (03:00 UTC), that sends through `relay`.
pub fn daily_config(relay: SocketAddr) -> String {
    format!(
        r#"
[site]
name = "The Example Post"
url = "https://example.org"
postal_address = "1 Example Street, Tbilisi"

[web]
public_url = "https://letters.example.org"

[[relays]]
name = "main"
url = "smtp://{relay}"

[bounces]
return_path = "bounces.example.org"

[[lists]]
name = "readers"
title = "Readers & friends"

[[newsletters]]
name = "daily"
list = "readers"
title = "Today in Example"
language = "en"
schedule = "0 7 * * *"
time_zone = "Asia/Tbilisi"
from = "The Example Post <news@example.org>"

[[newsletters.blocks]]
kind = "latest"
max = 10
"#
    )
}

/// A loopback address at which nothing listens, for tests that send nothing.
pub const NO_RELAY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9);

/// A receiver on a free loopback port that keeps every message in `folder`, until the test ends.
pub async fn capturing_relay(folder: &Path) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let capture = Arc::new(Capture::open(folder).unwrap());
    let receiver = Receiver::new("receiver.test", Limits::default(), capture);
    tokio::spawn(receiver.serve(listener, CancellationToken::new()));
    address
}

/// An engine, and what lives as long as it.
pub struct TestEngine {
    /// The engine, for the functions of the pipeline.
    pub engine: Engine,
    _folder: TempDir,
    _database: Option<Database>,
}

impl TestEngine {
    /// When the clock of a new engine stands: midnight UTC, four o'clock in Tbilisi.
    pub fn start() -> DateTime<Utc> {
        "2026-11-24T00:00:00Z".parse().unwrap()
    }

    /// On a new SQLite file; `config` is TOML, in which `database.url` is replaced.
    pub async fn sqlite(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self::new(config, &url, folder, None).await
    }

    /// On a new PostgreSQL database; `None`, and the test is declared skipped, where there is no
    /// server.
    pub async fn postgres(config: &str) -> Option<Self> {
        let database = fresh_database().await?;
        let url = database.url();
        Some(Self::new(config, &url, tempfile::tempdir().unwrap(), Some(database)).await)
    }

    async fn new(config: &str, url: &str, folder: TempDir, database: Option<Database>) -> Self {
        let override_url = ("NEWSLETTERD__DATABASE__URL".to_owned(), url.to_owned());
        let config = config::parse(config, Path::new("newsletter.toml"), [override_url].into_iter())
            .unwrap_or_else(|problems| panic!("{problems}"));
        let db = Db::open(url).await.unwrap();
        db.migrate().await.unwrap();
        let engine = Engine {
            db,
            clock: Clock::manual(Self::start()),
            keys: Arc::new(TokenKeys::new(1, BTreeMap::from([(1, [7; 32])])).unwrap()),
            fetcher: Fetcher::new(FetchRules::default()).unwrap(),
            relays: relays(&config),
            journal: Arc::new(Journal::new(&folder.path().join("journal"), "test")),
            providers: Arc::new(Providers::new(&config.providers)),
            signers: Arc::new(signers::load(&config).unwrap()),
            dns: Dns::Table(Arc::default()),
            incarnation: Arc::from("test"),
            wake: Arc::default(),
            forecasts: Arc::default(),
            windows: Arc::default(),
            config: Arc::new(config),
        };
        Self { engine, _folder: folder, _database: database }
    }

    /// Puts subscribers on a list; the newsletter's tick need not have run.
    pub async fn add_subscribers(&self, list: &str, addresses: &[&str]) -> Vec<SubscriberId> {
        let mut ids = Vec::new();
        for address in addresses {
            let address = EmailAddress::parse(address).unwrap();
            readers::add(&self.engine, &address, None, list, "test").await.unwrap();
            let mut tx = self.engine.db.read().await.unwrap();
            ids.push(subscribers::find(&mut tx, &address).await.unwrap().unwrap().id);
        }
        ids
    }

    /// Imports `articles` under the source `site`, as of now.
    pub async fn import_articles(&self, articles: &[IncomingArticle]) {
        import::articles(&self.engine, "site", articles, import::Mode::Real).await.unwrap();
    }

    /// The row of a list that has one.
    pub async fn list(&self, name: &str) -> ListId {
        let mut tx = self.engine.db.read().await.unwrap();
        catalog::find_list(&mut tx, name).await.unwrap().unwrap()
    }

    /// Moves the clock to `instant`, and lets everything be done that its time asks for, but sends
    /// nothing.
    pub async fn tick_at(&self, instant: &str) {
        self.engine.clock.set(instant.parse().unwrap());
        advance::tick(&self.engine).await.unwrap();
    }

    /// Sends what is due of an edition, and ends it when nothing is left.
    pub async fn deliver(&self, edition: EditionId) {
        deliver::run(&self.engine, edition, &CancellationToken::new()).await.unwrap();
        deliver::settle(&self.engine, edition).await.unwrap();
    }

    /// All editions, newest first.
    pub async fn editions(&self) -> Vec<Edition> {
        let mut tx = self.engine.db.read().await.unwrap();
        editions::latest(&mut tx, None, 1000).await.unwrap()
    }
}

/// The relays of the configuration, none of which asks who we are.
pub fn relays(config: &Config) -> Relays {
    let way = |settings: &config::Relay| WayOut {
        settings: settings.clone(),
        relay: Relay::new(RelaySettings::new(settings, None)).unwrap(),
    };
    Relays::new(config.relays.iter().map(way).collect()).unwrap()
}

/// The first relay of the configuration.
pub fn relay(config: &Config) -> Relay {
    relays(config).first().relay.clone()
}

/// `count` stories, published one minute after the other, the last of them a minute before `now`;
/// the first is number 1.
pub fn stories(count: u32, now: DateTime<Utc>) -> Vec<IncomingArticle> {
    (1..=count).map(|n| story(n, now - TimeDelta::minutes(i64::from(count - n) + 1))).collect()
}

/// A story with all that a letter shows but a picture.
pub fn story(number: u32, published_at: DateTime<Utc>) -> IncomingArticle {
    IncomingArticle {
        external_id: Some(format!("story-{number}")),
        url: Some(format!("https://example.org/news/story-{number}")),
        flagged: false,
        content: ArticleContent {
            title: format!("Story number {number}"),
            summary: format!("What happened in story {number}, in a sentence or two."),
            section: Some("News".to_owned()),
            authors: vec!["Ana Beridze".to_owned()],
            tags: Vec::new(),
            language: Some("en".to_owned()),
            translation_group: None,
            image: None,
            published_at: Some(published_at),
            updated_at: None,
            embargo_until: None,
            status: ArticleStatus::Published,
            access: Access::Public,
            related: Vec::new(),
            reading_minutes: None,
        },
    }
}

#[tokio::test]
async fn an_edition_goes_its_whole_way_on_the_test_engine() {
    let mailbox = tempfile::tempdir().unwrap();
    let config = daily_config(capturing_relay(mailbox.path()).await);
    let mut engines = vec![TestEngine::sqlite(&config).await];
    engines.extend(TestEngine::postgres(&config).await);
    for test in &engines {
        test.tick_at("2026-11-24T00:00:00Z").await;
        test.import_articles(&stories(4, test.engine.clock.now())).await;
        test.add_subscribers("readers", &["ana@example.org", "gio@example.org"]).await;
        test.tick_at("2026-11-24T01:00:00Z").await;
        test.tick_at("2026-11-24T03:00:00Z").await;
        let edition = test.editions().await.remove(0);
        test.deliver(edition.id).await;
        let sent = test.editions().await.remove(0);
        assert_eq!(sent.state, newsletterd::domain::edition::EditionState::Sent, "{:?}", sent.reason);
    }
    assert_eq!(Capture::open(mailbox.path()).unwrap().list().unwrap().len(), 2 * engines.len());
}
