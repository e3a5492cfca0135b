//! A mailbox as it is to be read, and how patient we are with its server.

use std::time::Duration;

use super::super::MOST_BYTES;
use crate::config;

/// A mailbox of the configuration, and the limits that hold for its server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The mailbox.
    pub mailbox: config::Mailbox,
    /// The limits.
    pub limits: Limits,
}

impl Settings {
    /// With the usual limits.
    pub fn new(mailbox: config::Mailbox) -> Self {
        Self { mailbox, limits: Limits::default() }
    }
}

/// How much a server may send, and how long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Opening the connection; the TLS handshake.
    pub connect: Duration,
    /// From a command to the end of its answer.
    pub command: Duration,
    /// From asking for a mail to its last byte.
    pub message: Duration,
    /// The largest mail that is read, in bytes.
    pub most: usize,
    /// The first pause after something went wrong; each further one is twice as long.
    pub pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// After the password was refused: how long until the same one is tried again. A new one is tried
    /// soon.
    pub refused_pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            command: Duration::from_secs(60),
            message: Duration::from_secs(300),
            most: MOST_BYTES,
            pause: Duration::from_secs(5),
            longest_pause: Duration::from_secs(300),
            refused_pause: Duration::from_secs(3600),
        }
    }
}
