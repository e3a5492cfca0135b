//! Our own server for the domain of return paths.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::config::section::section;

section! {
    /// Our own LMTP and SMTP server: a mail server hands on to it (Postfix: `transport_maps` with
    /// `lmtp:`), or the MX of the return path's domain leads straight to it. A peer that says LHLO is
    /// answered by LMTP, one that says EHLO by SMTP.
    pub struct Listener {
        /// The address and port to listen at.
        listen: SocketAddr = "\"127.0.0.1:2525\"",
        /// A PEM file with the certificate chain; with it STARTTLS is offered.
        certificate: Option<PathBuf>,
        /// A PEM file with the certificate's private key. See *Secrets* above.
        key_file: Option<PathBuf>,
    }
}
