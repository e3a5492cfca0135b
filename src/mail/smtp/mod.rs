//! The SMTP client: a message handed to a relay, and a typed outcome handed back.
//!
//! [`Relay`] is a queue and the connections that serve it: [`Relay::submit`] for many messages,
//! [`Relay::send`] for a single one. Each message has one recipient and comes to one
//! [`Outcome`](crate::domain::delivery::Outcome); what a reply means is decided in [`classify`]
//! alone.
//!
//! Retries, limits and records are the pipeline's; the message's bytes are `mail::letter`'s.
//! The conversation itself is `session`'s, on a socket of our own (`wire`): lettre's connection
//! leaves Nagle's algorithm on, ends itself at every refusal and knows no pipelining. lettre's are
//! the SASL mechanisms and the machine's name. Nothing outside this folder sees them.

mod classify;
mod data;
mod dns;
mod lmtp;
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
pub use lmtp::{HandOverError, hand_over};
pub use parcel::{End, Envelope, Packed, Parcel};
pub use relay::Relay;
pub use settings::{Credentials, Proof, RelaySettings, SettingsError, Timeouts, TokenSource};
