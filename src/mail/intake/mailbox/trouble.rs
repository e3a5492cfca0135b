//! What can go wrong between us and a mailbox.

use std::io;

use super::super::NotNow;
use crate::mail::tls::TlsError;

/// Why a mailbox cannot be read now, in words for the person who set it up. No password stands in it,
/// and no address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The connection, or what the server said on it.
    #[error("{0}")]
    Line(String),
    /// It said more than is borne.
    #[error("the server sends more than {0} bytes at once")]
    TooMuch(usize),
    /// The server refused a command.
    #[error("the server refuses {command}: {said}")]
    Refused {
        /// Which, without its arguments.
        command: &'static str,
        /// What it said.
        said: String,
    },
    /// The server does not take our user and password.
    #[error("the server refuses the user or the password: {0}")]
    SignIn(String),
    /// The password cannot be had.
    #[error("{0}")]
    Password(String),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Who keeps the reports cannot at the moment.
    #[error(transparent)]
    NotNow(#[from] NotNow),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Line(match error.kind() {
            io::ErrorKind::ConnectionRefused => "nobody listens there (connection refused)".to_owned(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => {
                "the server broke the connection off".to_owned()
            }
            _ => error.to_string(),
        })
    }
}

/// What a server said, fit for a log: on one line, not at full length, without the user's name.
pub(super) fn said(text: &str, user: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    text.trim().replace(user, "USER")
}

#[test]
fn what_a_server_says_is_cut_and_names_nobody() {
    assert_eq!(said("no\r\nbounces@example.org here ", "bounces@example.org"), "no  USER here");
    assert_eq!(said(&"x".repeat(5000), "b").len(), 200);
}
