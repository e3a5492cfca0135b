//! Reports that come in from a real mail server, up to the database.

mod listener;
mod pipe;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use newsletterd::domain::address::EmailAddress;
use newsletterd::domain::delivery::Outcome;
use newsletterd::domain::ids::{EditionId, SubscriberId};
use newsletterd::mail::intake::listener::{Settings, serve};
use newsletterd::mail::intake::{Incoming, Keeper, Kept, NotNow};
use newsletterd::mail::receiver::ServerTls;
use newsletterd::mail::smtp::Envelope;
use newsletterd::pipeline::intake::Inbox;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::support::engine::{TestEngine, daily_config, relay};
use crate::support::postfix::MailServer;

/// Longer than the mail server takes for a second try.
const LIMIT: Duration = Duration::from_secs(60);

const REPORT: &[u8] =
    b"From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\n\r\nIt did not arrive.\r\n.dot\r\n";

/// Keeps in a database, remembers what, and is away for the first few times.
#[derive(Clone)]
struct Recorded {
    inbox: Inbox,
    kept: Arc<Mutex<Vec<Incoming>>>,
    away: Arc<AtomicU32>,
}

impl Keeper for Recorded {
    async fn keep(&self, incoming: Incoming) -> Result<Kept, NotNow> {
        if self.away.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
            return Err(NotNow("away".to_owned()));
        }
        let kept = self.inbox.keep(incoming.clone()).await?;
        self.kept.lock().unwrap().push(incoming);
        Ok(kept)
    }

    fn is_ours(&self, address: &str) -> bool {
        self.inbox.is_ours(address)
    }
}

/// A port that the mail server hands on to, and that no other test has.
pub async fn handed_on_to() -> TcpListener {
    for port in 32101..=32132 {
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await {
            return listener;
        }
    }
    panic!("all ports are taken");
}

/// A listener in front of a database of its own, and the address of it.
struct Listening {
    test: TestEngine,
    keeper: Recorded,
    address: SocketAddr,
}

impl Listening {
    /// One that is reached through `server` by `transport`, and is away for the first `away` reports.
    async fn new(server: &MailServer, transport: &str, tls: Option<ServerTls>, away: u32) -> Self {
        let listener = handed_on_to().await;
        let address = listener.local_addr().unwrap();
        let domain = format!("p{}.{transport}.test", address.port());
        let config = daily_config(server.smtp.parse().unwrap()).replace("bounces.example.org", &domain);
        let test = TestEngine::sqlite(&config).await;
        let keeper = Recorded {
            inbox: Inbox::new(&test.engine),
            kept: Arc::default(),
            away: Arc::new(AtomicU32::new(away)),
        };
        let settings = Settings { tls, ..Settings::new(&test.engine.config).unwrap() };
        tokio::spawn(serve(listener, settings, keeper.clone(), CancellationToken::new()));
        Self { test, keeper, address }
    }

    /// A return path of ours.
    fn return_path(&self) -> String {
        let engine = &self.test.engine;
        let local = engine.keys.return_path(EditionId(7), SubscriberId(42));
        format!("{local}@{}", engine.config.bounces.return_path.as_str())
    }

    /// Sends a mail through the mail server, which takes it.
    async fn send(&self, from: Option<&str>, to: &str) {
        let outcome = self.try_to_send(from, to).await;
        assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    }

    /// Brings a mail to the mail server.
    async fn try_to_send(&self, from: Option<&str>, to: &str) -> Outcome {
        let from = from.map(|from| EmailAddress::parse(from).unwrap());
        let envelope = Envelope { from, to: EmailAddress::parse(to).unwrap(), id: None };
        relay(&self.test.engine.config).send(&envelope, REPORT).await
    }

    async fn wait_for(&self, count: usize) -> Vec<Incoming> {
        let came = async {
            while self.keeper.kept.lock().unwrap().len() < count {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(LIMIT, came).await.expect("the reports come in");
        self.keeper.kept.lock().unwrap().clone()
    }

    /// How many reports the database has.
    async fn rows(&self) -> i64 {
        let file = self.test.engine.config.database.url.sqlite_file().unwrap();
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        let rows = sqlx::query_scalar("SELECT COUNT(*) FROM reports").fetch_one(&pool).await.unwrap();
        pool.close().await;
        rows
    }
}
