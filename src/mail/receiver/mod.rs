//! Our own receiver of mail by SMTP (RFC 5321) and LMTP (RFC 2033): it takes mail from the network and
//! hands each message to a [`Handler`] before it says 250. A peer that says LHLO is answered by LMTP,
//! one that says EHLO or HELO by SMTP, at the same port.
//!
//! Everything that a peer can send is bounded by [`Limits`]. Only CR LF . CR LF ends a message: a
//! lone LF or CR never does (SMTP smuggling). Replies to pipelined commands (RFC 2920) go out
//! together. It relays nothing and stores nothing; whom it takes mail for is the handler's word.
//!
//! Parameters of delivery reports (RFC 3461) are taken, but not offered: who offers them must write
//! reports of success for those that ask, and we write no mail here. A server that knows this, as
//! Postfix does, then writes them itself.
//!
//! The demo's captured mailbox is the [`Capture`] handler.

mod capture;
mod command;
mod conversation;
mod guests;
mod lines;
mod message;
mod room;
mod tls;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use capture::{Capture, Captured, CapturedEnvelope};
pub use guests::PerAddress;
pub use tls::{ServerTls, ServerTlsError};

use guests::Guests;

/// A message as it came, before anybody has answered for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Who is at the other end.
    pub peer: SocketAddr,
    /// The return path; `None` is `<>`, which reports have.
    pub mail_from: Option<String>,
    /// The recipients as written but for a source route: at least one, by LMTP just one.
    pub rcpt_to: Vec<String>,
    /// The message with its line ends as they came, without the doubled dots.
    pub bytes: Vec<u8>,
}

/// What becomes of a message, or of a recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is taken: the handler answers for it from here on.
    Accept,
    /// It is refused for good (554, at RCPT 550), with this one line of text.
    Reject(String),
    /// It is refused for now (451), with this one line of text; the peer keeps it.
    TryLater(String),
}

/// Who takes the mail.
pub trait Handler: Send + Sync + 'static {
    /// Takes or refuses a message; one that comes by LMTP is handed over once for each recipient, each
    /// with an answer of its own. The peer waits for the answer, and repeats what it gets no answer
    /// for.
    fn receive(&self, message: Received) -> impl Future<Output = Verdict> + Send;

    /// Whether mail for `recipient` is taken at all.
    fn recipient(&self, _recipient: &str) -> Verdict {
        Verdict::Accept
    }
}

/// What a peer may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once; further ones get a 421.
    pub connections: usize,
    /// Connections at once and messages a minute of one address, where that is limited.
    pub per_address: Option<PerAddress>,
    /// Bytes of one message, as told by SIZE (RFC 1870). One of more than four times as many ends the
    /// connection.
    pub message_size: usize,
    /// Bytes of all messages that are coming in at one time; what would go beyond gets a 452.
    pub held: usize,
    /// Recipients of one message (RFC 5321 4.5.3.1.8 asks for 100).
    pub recipients: usize,
    /// Bytes of one command line with its CR LF. RFC 5321 4.5.3.1.4 asks for 512, and the extensions
    /// add to it.
    pub command_line: usize,
    /// Senseless or refused commands before the connection is closed.
    pub bad_commands: usize,
    /// Silence before the connection is closed (RFC 5321 4.5.3.2.7 asks for five minutes).
    pub idle: Duration,
    /// A connection's whole life.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 100,
            per_address: None,
            message_size: 25 << 20,
            held: 256 << 20,
            recipients: 100,
            command_line: 2_048,
            bad_commands: 20,
            idle: Duration::from_secs(300),
            total: Duration::from_secs(3_600),
        }
    }
}

/// A receiver: its name, its limits and its handler.
#[derive(Debug)]
pub struct Receiver<H> {
    name: String,
    limits: Limits,
    handler: H,
    tls: Option<ServerTls>,
    guests: Guests,
    held: AtomicUsize,
}

impl<H: Handler> Receiver<H> {
    /// A receiver that calls itself `name` (a host name) in its greeting.
    pub fn new(name: &str, limits: Limits, handler: H) -> Arc<Self> {
        Self::with_tls(name, limits, handler, None)
    }

    /// A receiver that offers STARTTLS (RFC 3207), where it has a certificate.
    pub fn with_tls(name: &str, limits: Limits, handler: H, tls: Option<ServerTls>) -> Arc<Self> {
        Arc::new(Self {
            name: name.to_owned(),
            limits,
            handler,
            tls,
            guests: Guests::new(limits.per_address),
            held: AtomicUsize::new(0),
        })
    }

    /// The handler.
    pub const fn handler(&self) -> &H {
        &self.handler
    }

    /// Serves connections on `listener` until `shutdown`, then takes no more, lets messages that
    /// are under way end, says 421 to the others, and returns when all are gone. Dropping the future
    /// cuts everything off.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, shutdown: CancellationToken) {
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                Some(_) = connections.join_next() => continue,
                () = shutdown.cancelled() => break,
            };
            match accepted {
                Ok((socket, peer)) => {
                    let full = connections.len() >= self.limits.connections;
                    let (receiver, shutdown) = (Arc::clone(&self), shutdown.clone());
                    connections.spawn(async move {
                        let stay = if full { None } else { receiver.guests.enter(peer.ip()) };
                        let ended = if stay.is_none() {
                            conversation::turn_away(socket, &receiver.name).await
                        } else {
                            conversation::hold(&receiver, socket, peer, &shutdown).await
                        };
                        if let Err(error) = ended {
                            tracing::debug!(%error, "an SMTP connection ended early");
                        }
                    });
                }
                Err(error) => {
                    // Out of descriptors, most often: some come back when connections end.
                    tracing::warn!(%error, "no further SMTP connection can be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(listener);
        while connections.join_next().await.is_some() {}
    }
}

/// How long to wait when the system gives us no further connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
