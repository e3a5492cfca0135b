//! One relay: a queue, and the connections that serve it.
//!
//! Connections are opened when something waits, as many as the relay's answers allow
//! (`feedback`), and closed when they have lain idle. A full queue, a slow relay and a relay that
//! takes fewer connections than we would like cost nobody anything, nor does a connection that went
//! stale while it lay idle or was lost before the relay knew the message: another carries it. Only a
//! relay that gives us no connection at all is down. When to try that again is the pipeline's.

mod connection;
mod feedback;
mod job;
mod queue;

use std::sync::Arc;

use tokio::sync::oneshot;

use super::data::MailData;
use super::parcel::{End, Envelope, Packed, Parcel};
use super::reply::no_reply;
use super::session::Session;
use super::settings::{RelaySettings, SettingsError};
use crate::config::Security;
use crate::domain::delivery::{Outcome, Reply};
use crate::mail::tls::Tls;
use job::Job;
use queue::Shared;

/// One relay. Clones share its queue and its connections.
#[derive(Clone)]
pub struct Relay(Arc<Shared>);

impl Relay {
    /// Prepares the queue; connections are opened when they are needed.
    ///
    /// # Errors
    /// [`SettingsError`] when the settings contradict themselves or TLS cannot be set up.
    pub fn new(settings: RelaySettings) -> Result<Self, SettingsError> {
        settings.check()?;
        let tls = match settings.security {
            Security::Plain => None,
            Security::StartTls | Security::Tls => {
                Some(Tls::new(&settings.host, settings.ca_file.as_deref())?)
            }
        };
        Ok(Self(Arc::new(Shared::new(settings, tls))))
    }

    /// The relay's name in the configuration.
    pub fn name(&self) -> &str {
        &self.0.settings.name
    }

    /// Hands over one parcel of many; waits for room in the queue, which holds two for each
    /// connection that there may be, and until at most `ahead` of those that were submitted wait before
    /// it: what has its time must not gather while connections are opened, to go out all at once.
    /// [`Parcel::done`] says what came of it.
    ///
    /// Dropping the future before it is ready takes the parcel back: it is not sent, and `done` says
    /// so. Once the future is ready, the parcel is the relay's.
    pub async fn submit(&self, parcel: Box<dyn Parcel>, ahead: usize) {
        self.0.push_bulk(Job::new(parcel), ahead).await;
    }

    /// Sends `message` (whole, with its headers) to the envelope's one recipient and says what came
    /// of it. It goes before all that was submitted, and waits for a connection as long as it takes.
    /// Lines should end in CR LF; a lone CR or LF is sent as one.
    ///
    /// Dropping the future before it is ready takes the mail back when no connection has begun with
    /// it; else the outcome stays unknown, as after a crash.
    pub async fn send(&self, envelope: &Envelope, message: &[u8]) -> Outcome {
        let (done, end) = oneshot::channel();
        let packed = Packed { envelope: envelope.clone(), data: MailData::new(message) };
        self.0.push_urgent(Job::new(Box::new(Single { packed: Some(packed), done })));
        match end.await {
            Ok(End::Outcome(outcome)) => outcome,
            Ok(End::NotSent) | Err(_) => {
                Outcome::RelayDown(no_reply("the connections to the relay were closed before its turn"))
            }
        }
    }

    /// So many of the relay's connections are this process's share, where others use it too; at
    /// least one.
    pub fn share(&self, connections: usize) {
        self.0.feedback(|feedback| feedback.share(connections));
    }

    /// How many connections may be open now: as many as the relay's answers, the settings and the
    /// share allow.
    pub fn concurrency(&self) -> usize {
        self.0.feedback(|feedback| feedback.limit())
    }

    /// Where [`Relay::concurrency`] stood when the last process ended, so that it need not be found
    /// out again.
    pub fn begin_with(&self, concurrency: usize) {
        self.0.feedback(|feedback| feedback.begin_with(concurrency));
    }

    /// Opens a connection of its own as for a message, up to and with authentication, and closes it.
    ///
    /// # Errors
    /// What the relay said, or what happened instead.
    pub async fn probe(&self) -> Result<(), Reply> {
        let session = Session::open(&self.0.settings, self.0.tls.as_ref()).await;
        session.map_err(|answer| answer.reply)?.quit().await;
        Ok(())
    }

    /// Finishes what is on its way, hands back what waits ([`End::NotSent`]), and closes all
    /// connections with QUIT. What is handed in later opens new ones.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Relay").field(&self.0.settings.name).finish()
    }
}

/// A mail whose sender waits for its outcome.
struct Single {
    packed: Option<Packed>,
    done: oneshot::Sender<End>,
}

impl Parcel for Single {
    fn pack(&mut self) -> Option<Packed> {
        self.packed.take().filter(|_| self.may_go())
    }

    fn may_go(&self) -> bool {
        !self.done.is_closed()
    }

    fn done(self: Box<Self>, end: End) {
        let _ = self.done.send(end);
    }
}
