//! Names into addresses, and the guard that hands only admitted addresses to the connection.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::addresses::Exempt;

/// Who turns a host's name into addresses.
#[derive(Clone, Debug)]
pub enum Resolver {
    /// The system: its hosts file and its name servers.
    System,
    /// A fixed table, names in lower case; for tests. A port other than 0 is used for addresses
    /// that name none.
    Fixed(BTreeMap<String, Vec<SocketAddr>>),
}

impl Resolver {
    async fn addresses(&self, host: &str) -> std::io::Result<Vec<SocketAddr>> {
        match self {
            Self::System => Ok(tokio::net::lookup_host((host, 0)).await?.collect()),
            Self::Fixed(table) => table.get(host).cloned().ok_or_else(|| std::io::ErrorKind::NotFound.into()),
        }
    }
}

/// A name could not be turned into an address that may be fetched from.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookupError {
    #[error("the name cannot be resolved ({0})")]
    Unknown(std::io::Error),
    #[error("the name leads to {address}, {objection}")]
    Refused { address: IpAddr, objection: &'static str },
}

/// The resolver that the HTTP client connects by: what passes here is what is connected to, so a
/// name that answers differently a second time gains nothing.
pub(super) struct Guard {
    pub resolver: Resolver,
    pub exempt: Arc<Exempt>,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (resolver, exempt) = (self.resolver.clone(), Arc::clone(&self.exempt));
        Box::pin(async move {
            let host = name.as_str().to_ascii_lowercase();
            let found = resolver.addresses(&host).await.map_err(LookupError::Unknown)?;
            let admitted = admit(&host, found, &exempt)?;
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

/// The addresses that may be connected to; an error when there is none.
fn admit(host: &str, found: Vec<SocketAddr>, exempt: &Exempt) -> Result<Vec<SocketAddr>, LookupError> {
    if exempt.has_host(host) {
        return Ok(found);
    }
    let refused = found.iter().find_map(|address| {
        exempt
            .objection(address.ip())
            .map(|objection| LookupError::Refused { address: address.ip(), objection })
    });
    let admitted: Vec<SocketAddr> =
        found.into_iter().filter(|address| exempt.objection(address.ip()).is_none()).collect();
    match refused {
        Some(refused) if admitted.is_empty() => Err(refused),
        _ => Ok(admitted),
    }
}
