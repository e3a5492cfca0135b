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
mod data;
mod dns;
mod parcel;
mod relay;
mod reply;
mod session;
mod settings;
mod wire;

#[cfg(test)]
mod tests;

pub use classify::{Step, blame, classify};
pub use data::MailData;
pub use dns::{Dns, DnsAnswer};
pub use parcel::{End, Envelope, Packed, Parcel};
pub use relay::Relay;
pub use settings::{Credentials, Proof, RelaySettings, SettingsError, Timeouts, TokenSource};
