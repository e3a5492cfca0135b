//! The SMTP client: a message handed to a relay, and a typed outcome handed back.
//!
//! [`Relay`] is a pool of connections to one relay; [`Relay::send`] runs one transaction for one
//! recipient and answers with an [`Outcome`](crate::domain::delivery::Outcome). What a reply means
//! is decided in [`classify`] alone. Neither a busy pool nor a connection that went stale costs a
//! recipient anything.
//!
//! Retries, limits and records are the pipeline's; the message's bytes are `mail::letter`'s.
//! The conversation itself is `session`'s, in lettre's vocabulary (commands, replies, SASL) on a
//! socket of our own (`wire`): lettre's own connection leaves Nagle's algorithm on and ends itself at
//! every refusal. Nothing outside this folder sees either.

mod classify;
mod dns;
mod relay;
mod reply;
mod session;
mod settings;
mod wire;

#[cfg(test)]
mod tests;

pub use classify::{Step, blame, classify};
pub use dns::{Dns, DnsAnswer};
pub use relay::Relay;
pub use settings::{Credentials, RelaySettings, SettingsError, Timeouts};

use crate::domain::address::EmailAddress;

/// The envelope of one transaction (RFC 5321 2.3.1): one recipient, so that each has its own
/// return path and its own outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The return path, where reports go; `None` is the null path `<>`, for mail that must never
    /// cause one.
    pub from: Option<EmailAddress>,
    /// The recipient.
    pub to: EmailAddress,
}
