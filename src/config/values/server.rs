//! What stands behind the `://` of a mail server: `[USER@]HOST[:PORT]`. The password never does.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{HostName, Word as _};

/// A server, and who signs in there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::config) struct Server {
    pub(in crate::config) user: Option<String>,
    pub(in crate::config) host: HostName,
    pub(in crate::config) port: u16,
}

/// What may stand without being percent-encoded, beside letters and digits.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'+');

impl Server {
    /// Reads one. A password may have been written into it, so no message repeats any of it.
    pub(in crate::config) fn parse(text: &str, default_port: u16) -> Result<Self, String> {
        // The last @ counts: people write a mail address as user name without encoding its @.
        let (user, server) = match text.rsplit_once('@') {
            Some((user, server)) => (Some(user), server),
            None => (None, text),
        };
        if user.is_some_and(|user| user.contains(':')) {
            return Err(
                "has a password in it; put it into a file and name that file in password_file".to_owned()
            );
        }
        let user = user.map(|user| decoded(user, "user name")).transpose()?;
        if user.as_deref().is_some_and(|user| user.is_empty() || user.chars().any(char::is_control)) {
            return Err("has an @ without a usable user name before it".to_owned());
        }
        let (host, port) = host_and_port(server);
        let port = match port {
            None => default_port,
            Some(port) => port
                .parse()
                .ok()
                .filter(|port| *port != 0)
                .ok_or("has a port that is no number from 1 to 65535")?,
        };
        let host = HostName::parse(host).map_err(|_| "has no usable host name in it".to_owned())?;
        Ok(Self { user, host, port })
    }
}

/// Writes `[USER@]HOST:PORT`.
pub(in crate::config) fn show(
    f: &mut fmt::Formatter<'_>,
    user: Option<&str>,
    host: &HostName,
    port: u16,
) -> fmt::Result {
    if let Some(user) = user {
        write!(f, "{}@", encoded(user))?;
    }
    let host = host.as_str();
    if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
}

/// A part of an address, percent-encoded.
pub(in crate::config) fn encoded(part: &str) -> impl fmt::Display + '_ {
    utf8_percent_encode(part, PLAIN)
}

/// A part of an address without its percent-encoding.
pub(in crate::config) fn decoded(part: &str, what: &str) -> Result<String, String> {
    let text = percent_decode_str(part).decode_utf8().map(String::from);
    text.map_err(|_| format!("has a {what} that is not UTF-8"))
}

/// Whether what is said to a host stays on this machine.
pub(in crate::config) fn is_loopback(host: &HostName) -> bool {
    let host = host.as_str();
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Splits `host:port`, where the host may be an IPv6 address in brackets.
fn host_and_port(server: &str) -> (&str, Option<&str>) {
    let bracketed = server.strip_prefix('[').and_then(|inner| inner.split_once(']'));
    if let Some((host, after)) = bracketed.filter(|(_, after)| after.is_empty() || after.starts_with(':')) {
        return (host, after.strip_prefix(':'));
    }
    server.split_once(':').map_or((server, None), |(host, port)| (host, Some(port)))
}
