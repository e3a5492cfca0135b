//! How a relay is reached: where, as whom, within which limits.
//!
//! A password never stands in what `Debug` or an error shows. Reading the configuration and the
//! secret's file is left to `config`.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::wire::machine_name;
use crate::config::{self, Extension, Secret, Security};
use crate::mail::tls::TlsError;

/// Who we are to the relay (RFC 4954).
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user's name.
    pub user: String,
    /// What shows that we are that user.
    pub proof: Proof,
}

/// What shows to a relay who we are.
#[derive(Clone, Debug)]
pub enum Proof {
    /// A password (AUTH PLAIN or LOGIN).
    Password(Secret),
    /// A bearer token (AUTH XOAUTH2).
    Token(TokenSource),
}

/// Where bearer tokens come from. They last for an hour or so: each new connection asks anew.
#[derive(Clone)]
pub struct TokenSource(Arc<dyn Fn() -> Result<Secret, String> + Send + Sync>);

impl TokenSource {
    /// `read` gives the token as it is now, or says in words why there is none. It should answer at
    /// once, as a small file does.
    pub fn new(read: impl Fn() -> Result<Secret, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// The token as it is now.
    pub(super) fn read(&self) -> Result<Secret, String> {
        (self.0)()
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSource(…)")
    }
}

/// How long each step may take. The defaults are those of RFC 5321 4.5.3.2, except that a
/// connection which cannot be opened at all is given up after 30 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Opening the TCP connection, and the TLS handshake.
    pub connect: Duration,
    /// From a command to its reply; the greeting counts as one.
    pub command: Duration,
    /// Writing the whole message.
    pub body: Duration,
    /// From the final dot to the reply. Long, because a relay that is cut off here may have taken
    /// the message already.
    pub after_dot: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            command: Duration::from_secs(300),
            body: Duration::from_secs(180),
            after_dot: Duration::from_secs(600),
        }
    }
}

/// Why a relay's settings cannot be used, in words for the person who wrote them.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The name for EHLO is not usable.
    #[error("`{0}` is no host name to greet the relay with")]
    Hello(String),
    /// A limit of zero.
    #[error("a relay needs at least one connection and one message per connection")]
    Zero,
    /// Encryption.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Everything about one relay.
#[derive(Clone, Debug)]
pub struct RelaySettings {
    /// The name by which the configuration and the messages call it.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who we are to it, where it asks.
    pub credentials: Option<Credentials>,
    /// A PEM file of the certificate authorities to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// The name for EHLO: a host name, or an address literal such as `[192.0.2.1]`.
    pub hello: String,
    /// Connections at most.
    pub connections: usize,
    /// How long each step may take.
    pub timeouts: Timeouts,
    /// After so many messages a connection is closed and a new one opened.
    pub messages_per_connection: usize,
    /// Whether commands go out in groups where the relay offers PIPELINING (RFC 2920): one round
    /// trip a message instead of four.
    pub pipelining: Extension,
    /// Whether the relay is told what to report, and under which name, where it offers DSN
    /// (RFC 3461).
    pub dsn: Extension,
}

impl RelaySettings {
    /// The settings of a relay of the configuration. What that does not say: this machine's name for
    /// EHLO, the system's certificate authorities. `proof` is that of the user in its URL; the
    /// configuration saw to it that there are both or neither, and that it does not cross a network
    /// unencrypted.
    pub fn new(relay: &config::Relay, proof: Option<Proof>) -> Self {
        let credentials = relay.url.user.clone().zip(proof);
        Self {
            name: relay.name.as_str().to_owned(),
            host: relay.url.host.as_str().to_owned(),
            port: relay.url.port,
            security: relay.url.security,
            credentials: credentials.map(|(user, proof)| Credentials { user, proof }),
            ca_file: relay.ca_file.clone(),
            hello: relay.hello.as_ref().map_or_else(machine_name, |hello| hello.as_str().to_owned()),
            connections: relay.connections.get().into(),
            timeouts: Timeouts {
                connect: relay.connect_timeout.duration(),
                command: relay.timeout.duration(),
                body: relay.body_timeout.duration(),
                after_dot: relay.accept_timeout.duration(),
            },
            messages_per_connection: usize::try_from(relay.messages_per_connection.get())
                .unwrap_or(usize::MAX),
            pipelining: relay.pipelining,
            dsn: relay.dsn,
        }
    }

    /// What [`Relay::new`](super::Relay::new) wants to be true of fields that anyone may set.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        if self.connections == 0 || self.messages_per_connection == 0 {
            return Err(SettingsError::Zero);
        }
        let usable = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
        if self.hello.is_empty() || self.hello.len() > 255 || !self.hello.chars().all(usable) {
            return Err(SettingsError::Hello(self.hello.clone()));
        }
        Ok(())
    }
}
