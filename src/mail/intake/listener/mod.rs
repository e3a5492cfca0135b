//! Our own LMTP and SMTP server for reports: what it says 250 to is safe in the database.
//!
//! It takes mail from anybody, since reports come from anywhere and an automatic answer may have a
//! sender, but only for addresses that are ours, which nobody can guess: so it cannot be used to
//! reach others, and spam finds nobody here.

#[cfg(test)]
mod tests;

use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Content, Incoming, Keeper, MOST_BYTES};
use crate::config::Config;
use crate::domain::bounce::Intake;
use crate::mail::receiver::{
    Handler, Limits, PerAddress, Received, Receiver, ServerTls, ServerTlsError, Verdict,
};

/// How long messages that are under way may take to end when we stop.
const GRACE: Duration = Duration::from_secs(20);

/// Bytes of all messages that are coming in at one time.
const HELD: usize = 16 * MOST_BYTES;

/// How we listen.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The host name in our greeting.
    pub name: String,
    /// What a peer may use up.
    pub limits: Limits,
    /// With what STARTTLS is offered.
    pub tls: Option<ServerTls>,
}

impl Settings {
    /// The settings of a configuration; its certificate is read now.
    ///
    /// # Errors
    /// [`ServerTlsError`] when certificate or key cannot be used.
    pub fn new(config: &Config) -> Result<Self, ServerTlsError> {
        let listener = &config.bounces.listener;
        let tls = match (&listener.certificate, &listener.key_file) {
            (Some(certificate), Some(key)) => {
                Some(ServerTls::from_files(&config.secret_path(certificate), &config.secret_path(key))?)
            }
            _ => None,
        };
        let limits = Limits {
            connections: listener.connections.get().into(),
            per_address: Some(PerAddress {
                connections: listener.connections_per_address.get().into(),
                messages: listener.messages_per_minute.get(),
                spares_loopback: true,
            }),
            message_size: MOST_BYTES,
            held: HELD,
            ..Limits::default()
        };
        Ok(Self { name: config.bounces.return_path.as_str().to_owned(), limits, tls })
    }
}

/// Takes reports on `listener` until `stop`; then those that are coming in may end, for a while.
pub async fn serve(listener: TcpListener, settings: Settings, keeper: impl Keeper, stop: CancellationToken) {
    let receiver = Receiver::with_tls(&settings.name, settings.limits, Inbound(keeper), settings.tls);
    let patience = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        () = receiver.serve(listener, stop.clone()) => {}
        () = patience => tracing::warn!("a report that was coming in is given up; its server sends it again"),
    }
}

/// Hands what the receiver takes to a keeper.
struct Inbound<K>(K);

impl<K: Keeper> Handler for Inbound<K> {
    async fn receive(&self, message: Received) -> Verdict {
        let Received { rcpt_to, mut bytes, .. } = message;
        let last = rcpt_to.len().saturating_sub(1);
        for (index, recipient) in rcpt_to.into_iter().enumerate() {
            let bytes = if index == last { std::mem::take(&mut bytes) } else { bytes.clone() };
            let incoming = Incoming {
                intake: Intake::Listener,
                came_to: Some(recipient),
                content: Content::Mail(bytes),
            };
            // Those that were kept before this one are sent again with it, and are kept once.
            if let Err(not_now) = self.0.keep(incoming).await {
                tracing::warn!("a mail is left with the server that brought it: {not_now}");
                return Verdict::TryLater("it cannot be kept now".to_owned());
            }
        }
        Verdict::Accept
    }

    fn recipient(&self, recipient: &str) -> Verdict {
        if self.0.is_ours(recipient) {
            Verdict::Accept
        } else {
            Verdict::Reject("no such address here".to_owned())
        }
    }
}
