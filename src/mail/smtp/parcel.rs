//! What is handed to a relay, and how it comes back: an envelope, the message's bytes, and what is
//! done when it is over.

use super::data::MailData;
use crate::domain::address::EmailAddress;
use crate::domain::delivery::Outcome;

/// The envelope of one transaction (RFC 5321 2.3.1): one recipient, so that each has its own
/// return path and its own outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The return path, where reports go; `None` is the null path `<>`, for mail that must never
    /// cause one.
    pub from: Option<EmailAddress>,
    /// The recipient.
    pub to: EmailAddress,
    /// The name by which a delivery report calls this delivery (ENVID, RFC 3461 4.4), at most 100
    /// characters. With `None` no report is asked for beyond what the relay sends anyway.
    pub id: Option<String>,
}

/// A message ready to go, with its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// From whom to whom.
    pub envelope: Envelope,
    /// The message.
    pub data: MailData,
}

/// How it ended for a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It was tried, and this came of it.
    Outcome(Outcome),
    /// Nothing was attempted: it goes back to whoever gave it.
    NotSent,
}

/// A message that waits for a connection, and is made when it gets one.
pub trait Parcel: Send + 'static {
    /// Fills in and signs, just before the envelope goes out; called once at most. `None`: it is not
    /// to be sent any more (its lease is over, its run is paused); then `done(End::NotSent)` follows.
    fn pack(&mut self) -> Option<Packed>;

    /// Asked again just before the body goes out, for the server may have taken its time: `false`
    /// closes the connection without sending it, and `done(End::NotSent)` follows.
    fn may_go(&self) -> bool;

    /// Called exactly once, from a task of the connection: it should not block.
    fn done(self: Box<Self>, end: End);
}
