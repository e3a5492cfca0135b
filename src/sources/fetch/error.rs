//! Why there is no answer. Messages name the host and never the whole address: paths and queries
//! hold tokens.

use std::net::IpAddr;
use std::time::Duration;

use super::resolver::LookupError;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// An entry of `allow_hosts` is none.
    #[error("`{rule}` is neither a host name, an address nor a block such as 10.0.0.0/8")]
    BadRule {
        /// As configured.
        rule: String,
    },
    /// The HTTP client cannot be made.
    #[error("cannot set up the web client: {reason}")]
    Setup {
        /// What the client says.
        reason: String,
    },
    /// It cannot be read as an address.
    #[error("this is no web address ({reason}); write it as https://host/path")]
    BadAddress {
        /// What is wrong with it.
        reason: String,
    },
    /// Neither http nor https.
    #[error("refused: only http and https addresses are fetched, not `{scheme}:`")]
    Scheme {
        /// What it begins with.
        scheme: String,
    },
    /// It leads to an address that is not part of the public web.
    #[error(
        "refused: {host} leads to {address}, {objection}; only hosts that the configuration allows may be there"
    )]
    Refused {
        /// Host in the address.
        host: String,
        /// What would have been connected to.
        address: IpAddr,
        /// What kind of address that is.
        objection: &'static str,
    },
    /// The limit of redirects is reached.
    #[error("{host}: too many redirects (more than {max})")]
    TooManyRedirects {
        /// Where it began.
        host: String,
        /// The limit.
        max: u8,
    },
    /// A redirect without a usable target.
    #[error("{host}: it redirects to nowhere")]
    BadRedirect {
        /// Who redirects.
        host: String,
    },
    /// The limit of size is reached.
    #[error("{host}: the answer is too large (more than {max} bytes)")]
    TooLarge {
        /// Who answered.
        host: String,
        /// The limit in bytes.
        max: usize,
    },
    /// The limit of time is reached.
    #[error("{host}: no complete answer within {} s", limit.as_secs_f32())]
    TimedOut {
        /// Who was asked first.
        host: String,
        /// The limit.
        limit: Duration,
    },
    /// An answer that is no success.
    #[error("{host}: it answered {status}")]
    Status {
        /// Who answered.
        host: String,
        /// HTTP status code.
        status: u16,
    },
    /// The name has no address.
    #[error("{host}: the name cannot be resolved")]
    Unresolved {
        /// The name.
        host: String,
    },
    /// The connection failed, or broke.
    #[error("{host}: {reason}")]
    Connection {
        /// Who was asked.
        host: String,
        /// The innermost cause.
        reason: String,
    },
}

impl FetchError {
    /// Whether the same request may succeed later without anybody changing anything.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::TimedOut { .. } | Self::Unresolved { .. } | Self::Connection { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500..),
            Self::BadRule { .. }
            | Self::Setup { .. }
            | Self::BadAddress { .. }
            | Self::Scheme { .. }
            | Self::Refused { .. }
            | Self::TooManyRedirects { .. }
            | Self::BadRedirect { .. }
            | Self::TooLarge { .. } => false,
        }
    }

    /// What the HTTP client's error means; its own message would show the whole address.
    pub(super) fn of_client(host: &str, error: &reqwest::Error) -> Self {
        let host = host.to_owned();
        let mut cause: &(dyn std::error::Error + 'static) = error;
        loop {
            match cause.downcast_ref::<LookupError>() {
                Some(LookupError::Refused { address, objection }) => {
                    return Self::Refused { host, address: *address, objection };
                }
                Some(LookupError::Unknown(_)) => return Self::Unresolved { host },
                None => {}
            }
            match cause.source() {
                Some(inner) => cause = inner,
                None => break,
            }
        }
        let reason =
            if std::ptr::addr_eq(cause, error) { "the request failed".to_owned() } else { cause.to_string() };
        Self::Connection { host, reason }
    }
}
