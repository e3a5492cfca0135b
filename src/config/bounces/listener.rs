//! Our own server for the domain of return paths.

use std::num::{NonZeroU16, NonZeroU32};
use std::path::PathBuf;

use crate::config::problem::Problem;
use crate::config::section::section;
use crate::config::tree::Node;

section! {
    /// More about the server that `listen` starts.
    pub struct Listener {
        /// A PEM file with the certificate chain; with it STARTTLS is offered. It is looked for like a
        /// secret, and read at the start and at each reload.
        certificate: Option<PathBuf>,
        /// A PEM file with the certificate's private key. See *Secrets* above.
        key_file: Option<PathBuf>,
        /// Connections at once.
        connections: NonZeroU16 = "100",
        /// Connections at once from one address; the machine's own are not counted.
        connections_per_address: NonZeroU16 = "10",
        /// Messages within a minute from one address; the machine's own are not counted. What is beyond
        /// stays with the peer, which comes again.
        messages_per_minute: NonZeroU32 = "600",
    }
}

/// Finds a certificate without its key, or a key without its certificate.
pub(in crate::config) fn find_halves(root: &Node, problems: &mut Vec<Problem>) {
    let Some(listener) = root.get("bounces").and_then(|bounces| bounces.get("listener")) else { return };
    for (one, other) in [("certificate", "key_file"), ("key_file", "certificate")] {
        if let (Some(node), None) = (listener.get(one), listener.get(other)) {
            problems.push(Problem {
                place: node.place.clone(),
                key: format!("bounces.listener.{one}"),
                message: format!("is of no use without {other}"),
            });
        }
    }
}
