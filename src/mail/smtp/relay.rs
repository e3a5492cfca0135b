//! A pool of connections to one relay.
//!
//! A sender waits for a free connection for as long as it takes. A connection that went stale while
//! it lay idle is replaced before anybody's attempt is spent. When the relay refuses a further
//! connection while others are open, the pool becomes smaller and grows back by and by; only a relay
//! that gives us no connection at all is down. When to try a relay again that is down is the
//! pipeline's.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::classify::{Step, classify};
use super::data::MailData;
use super::parcel::{End, Envelope, Packed, Parcel};
use super::session::{Answer, Session};
use super::settings::{RelaySettings, SettingsError};
use super::wire::Tls;
use crate::config::Security;
use crate::domain::delivery::{Outcome, Reply};

/// An idle connection older than this is not trusted: a firewall may have forgotten it without a
/// word, and then MAIL would wait for its whole timeout.
const IDLE_MAX: Duration = Duration::from_secs(30);

/// After so many accepted messages a pool that had become smaller grows by one connection.
const GROW_AFTER: usize = 100;

/// One relay. Clones share its connections.
#[derive(Clone)]
pub struct Relay(Arc<Inner>);

struct Inner {
    settings: RelaySettings,
    tls: Option<Tls>,
    places: Arc<Semaphore>,
    pool: Mutex<Pool>,
    /// Held once by each open connection, so that its count is theirs.
    open: Arc<()>,
}

struct Pool {
    idle: Vec<Connection>,
    /// How many places there are now: at least one, at most `settings.connections`.
    places: usize,
    accepted_since_change: usize,
}

struct Connection {
    session: Session,
    _open: Arc<()>,
}

impl Relay {
    /// Prepares the pool; connections are opened when they are needed.
    ///
    /// # Errors
    /// [`SettingsError`] when the settings contradict themselves or TLS cannot be set up.
    pub fn new(settings: RelaySettings) -> Result<Self, SettingsError> {
        settings.check()?;
        let tls = match settings.security {
            Security::Plain => None,
            Security::StartTls | Security::Tls => Some(Tls::new(&settings)?),
        };
        let places = settings.connections;
        Ok(Self(Arc::new(Inner {
            settings,
            tls,
            places: Arc::new(Semaphore::new(places)),
            pool: Mutex::new(Pool { idle: Vec::new(), places, accepted_since_change: 0 }),
            open: Arc::new(()),
        })))
    }

    /// The relay's name in the configuration.
    pub fn name(&self) -> &str {
        &self.0.settings.name
    }

    /// Sends `message` (whole, with its headers) to the envelope's one recipient and says what came
    /// of it. Waits while all connections are busy. Lines should end in CR LF; a lone CR or LF is
    /// sent as one.
    ///
    /// Dropping the future before it is ready leaves the outcome unknown, as a crash would.
    pub async fn send(&self, envelope: &Envelope, message: &[u8]) -> Outcome {
        self.transact(envelope, &MailData::new(message)).await
    }

    /// Hands over one parcel of many; waits for room in the queue. [`Parcel::done`] says what came
    /// of it.
    ///
    /// Dropping the future before it is ready drops the parcel unsent.
    pub async fn submit(&self, mut parcel: Box<dyn Parcel>) {
        let place = self.place().await;
        let relay = self.clone();
        tokio::spawn(async move {
            drop(place);
            let end = match parcel.pack() {
                Some(Packed { envelope, data }) if parcel.may_go() => {
                    End::Outcome(relay.transact(&envelope, &data).await)
                }
                _ => End::NotSent,
            };
            parcel.done(end);
        });
    }

    /// How many of the relay's connections are this process's share, at least one.
    pub fn share(&self, _connections: usize) {}

    /// How many connections are used at most now, as the relay's answers have it.
    pub fn concurrency(&self) -> usize {
        self.pool().places
    }

    /// Where [`Relay::concurrency`] stood when the last process ended.
    pub fn begin_with(&self, _concurrency: usize) {}

    async fn transact(&self, envelope: &Envelope, message: &MailData) -> Outcome {
        let mut place = self.place().await;
        let mut idle = self.idle_connection();
        loop {
            let mut connection = match idle.take() {
                Some(connection) => connection,
                None => match self.connect().await {
                    Ok(connection) => connection,
                    Err(answer) => match self.give_up(place) {
                        // Others go on; this message waits for one of their connections.
                        Ok(()) => {
                            place = self.place().await;
                            idle = self.idle_connection();
                            continue;
                        }
                        Err(_place) => return classify(answer.step, &answer.reply),
                    },
                },
            };
            if let Some(reply) = connection.session.obstacle(envelope, message) {
                self.put_back(connection).await;
                return Outcome::Rejected(reply);
            }
            let was_used = connection.session.transactions() > 0;
            let answer = connection.session.transact(envelope, message).await;
            if was_used && answer.is_stale() {
                continue;
            }
            let outcome = classify(answer.step, &answer.reply);
            if answer.step == Step::Mail {
                // What it says at MAIL is about us; the next try begins afresh.
                connection.session.quit().await;
            } else {
                self.put_back(connection).await;
            }
            if matches!(outcome, Outcome::Accepted(_)) {
                self.count_accepted();
            }
            return outcome;
        }
    }

    /// Opens a connection as for a message, up to and with authentication, and closes it.
    ///
    /// # Errors
    /// What the relay said, or what happened instead.
    pub async fn probe(&self) -> Result<(), Reply> {
        let _place = self.place().await;
        let connection = self.connect().await.map_err(|answer| answer.reply)?;
        connection.session.quit().await;
        Ok(())
    }

    /// Closes the connections that lie idle, with QUIT. Those in use are left alone.
    pub async fn close(&self) {
        let idle = std::mem::take(&mut self.pool().idle);
        join_all(idle.into_iter().map(|connection| connection.session.quit())).await;
    }

    #[expect(clippy::expect_used, reason = "the semaphore is never closed")]
    async fn place(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.0.places).acquire_owned().await.expect("the semaphore is open")
    }

    async fn connect(&self) -> Result<Connection, Answer> {
        let session = Session::open(&self.0.settings, self.0.tls.as_ref()).await?;
        Ok(Connection { session, _open: Arc::clone(&self.0.open) })
    }

    fn idle_connection(&self) -> Option<Connection> {
        let mut pool = self.pool();
        pool.idle.retain(|connection| connection.session.idle() < IDLE_MAX);
        pool.idle.pop()
    }

    async fn put_back(&self, connection: Connection) {
        let worn = connection.session.transactions() >= self.0.settings.messages_per_connection;
        if worn || !connection.session.is_usable() {
            connection.session.quit().await;
        } else {
            self.pool().idle.push(connection);
        }
    }

    /// Gives a place up for good when the relay lets us open no further connection but has others
    /// open with us; hands it back when this one is all we have.
    fn give_up(&self, place: OwnedSemaphorePermit) -> Result<(), OwnedSemaphorePermit> {
        let mut pool = self.pool();
        let open = Arc::strong_count(&self.0.open) - 1;
        if open == 0 || pool.places <= 1 {
            return Err(place);
        }
        pool.places -= 1;
        pool.accepted_since_change = 0;
        place.forget();
        tracing::info!(relay = self.name(), connections = pool.places, "the relay takes fewer connections");
        Ok(())
    }

    fn count_accepted(&self) {
        let mut pool = self.pool();
        pool.accepted_since_change += 1;
        if pool.accepted_since_change >= GROW_AFTER && pool.places < self.0.settings.connections {
            pool.places += 1;
            pool.accepted_since_change = 0;
            self.0.places.add_permits(1);
        }
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.0.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Relay").field(&self.0.settings.name).finish()
    }
}
