//! Where a conversation ended, and with what.

use std::io;

use super::super::classify::Step;
use super::super::reply::no_reply;
use super::super::wire::in_words;
use crate::domain::delivery::Reply;

/// What kind of end it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mail::smtp) enum Fault {
    /// A reply that refuses, or the one that was wanted.
    Reply,
    /// The connection was closed or broke.
    Closed,
    /// Nothing came within the time for it.
    Silence,
    /// Something came that makes no sense.
    Nonsense,
}

/// Where a conversation ended, and with what.
#[derive(Clone, Debug)]
pub(in crate::mail::smtp) struct Answer {
    pub(in crate::mail::smtp) step: Step,
    pub(in crate::mail::smtp) reply: Reply,
    pub(in crate::mail::smtp) fault: Fault,
}

impl Answer {
    /// What a server said.
    pub(super) const fn replied(step: Step, reply: Reply) -> Self {
        Self { step, reply, fault: Fault::Reply }
    }

    /// An end without a reply, in words.
    pub(super) fn failed(step: Step, fault: Fault, what: &str) -> Self {
        Self { step, reply: no_reply(&format!("{step}: {what}")), fault }
    }

    /// An I/O error as an answer at `step`.
    pub(super) fn broken(step: Step) -> impl Fn(io::Error) -> Self {
        move |error| {
            let fault = match error.kind() {
                io::ErrorKind::TimedOut => Fault::Silence,
                io::ErrorKind::InvalidData => Fault::Nonsense,
                _ => Fault::Closed,
            };
            Self::failed(step, fault, &in_words(&error))
        }
    }

    /// Whether the relay ended the connection: a 421 (RFC 5321 3.8), or not even that.
    pub(in crate::mail::smtp) const fn hung_up(&self) -> bool {
        self.reply.code == 421 || matches!(self.fault, Fault::Closed)
    }
}
