//! What the DNS says: whether a mail domain exists, which stands between a relay's 5.1.2 and a hard
//! bounce, and the texts that a domain publishes.
//!
//! Only a definite "no such name", for mail exchangers and addresses alike, counts as absence: a
//! resolver that fails, or a domain that exists without taking mail, says nothing against a reader.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError, NoRecords};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData};
use hickory_resolver::{ResolverBuilder, TokioResolver};

/// What the DNS says about a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsAnswer {
    /// There is such a name.
    Exists,
    /// There is none (NXDOMAIN).
    DoesNotExist,
    /// Nobody could say: no resolver, a timeout, a server's failure.
    Unknown,
}

/// Where answers come from.
#[derive(Clone)]
pub enum Dns {
    /// The resolvers that the system is configured with.
    System(Arc<TokioResolver>),
    /// A table, for tests and for a machine without a resolver; what it lacks is unknown.
    Table(Arc<HashMap<String, DnsAnswer>>),
}

impl Dns {
    /// The system's resolvers. A machine that has none answers [`DnsAnswer::Unknown`] to
    /// everything, which defers instead of bouncing.
    pub fn system() -> Self {
        match TokioResolver::builder_tokio().and_then(ResolverBuilder::build) {
            Ok(resolver) => Self::System(Arc::new(resolver)),
            Err(error) => {
                tracing::warn!(%error, "no DNS resolver; domains said not to exist stay unconfirmed");
                Self::Table(Arc::default())
            }
        }
    }

    /// One name server, asked by UDP instead of the system's resolvers: that of a domain itself, say,
    /// which knows of a change before anybody else.
    ///
    /// # Errors
    /// What the resolver says.
    pub fn at(server: SocketAddr) -> Result<Self, NetError> {
        let mut udp = ConnectionConfig::udp();
        udp.port = server.port();
        let mut tcp = ConnectionConfig::tcp();
        tcp.port = server.port();
        let server = NameServerConfig::new(server.ip(), true, vec![udp, tcp]);
        let config = ResolverConfig::from_name_servers(vec![server]);
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        builder.options_mut().timeout = Duration::from_secs(2);
        builder.options_mut().attempts = 1;
        Ok(Self::System(Arc::new(builder.build()?)))
    }

    /// The texts at `name` (ASCII, without a final dot): each TXT record's strings as one. None when
    /// there is no such name or no such record.
    ///
    /// # Errors
    /// Why nobody could say.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        let Self::System(resolver) = self else { return Err("there is no DNS resolver".to_owned()) };
        let name = Name::from_ascii(format!("{name}.")).map_err(|error| error.to_string())?;
        match resolver.txt_lookup(name).await {
            Ok(found) => Ok(found.answers().iter().filter_map(|record| text(&record.data)).collect()),
            Err(NetError::Dns(DnsError::NoRecordsFound(NoRecords {
                response_code: ResponseCode::NXDomain | ResponseCode::NoError,
                ..
            }))) => Ok(Vec::new()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Whether `domain` (lower-case ASCII) exists, with MX or with address records.
    pub async fn domain_exists(&self, domain: &str) -> DnsAnswer {
        let resolver = match self {
            Self::System(resolver) => resolver,
            Self::Table(table) => return table.get(domain).copied().unwrap_or(DnsAnswer::Unknown),
        };
        // With its final dot, or the system's search list would be tried too.
        let Ok(name) = Name::from_ascii(format!("{domain}.")) else {
            return DnsAnswer::Unknown;
        };
        match answer(&resolver.mx_lookup(name.clone()).await) {
            DnsAnswer::DoesNotExist => answer(&resolver.lookup_ip(name).await),
            other => other,
        }
    }
}

fn text(data: &RData) -> Option<String> {
    let RData::TXT(text) = data else { return None };
    Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned())
}

fn answer<T>(result: &Result<T, NetError>) -> DnsAnswer {
    match result {
        Ok(_) => DnsAnswer::Exists,
        Err(NetError::Dns(DnsError::NoRecordsFound(NoRecords { response_code, .. }))) => {
            match response_code {
                ResponseCode::NXDomain => DnsAnswer::DoesNotExist,
                // The name is there, without records of this type.
                ResponseCode::NoError => DnsAnswer::Exists,
                _ => DnsAnswer::Unknown,
            }
        }
        Err(_) => DnsAnswer::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::op::Query;

    use super::*;

    #[test]
    fn only_nxdomain_is_absence() {
        let none = |code| {
            Err::<(), _>(NetError::Dns(DnsError::NoRecordsFound(NoRecords::new(Query::default(), code))))
        };
        assert_eq!(answer(&Ok(())), DnsAnswer::Exists);
        assert_eq!(answer(&none(ResponseCode::NoError)), DnsAnswer::Exists);
        assert_eq!(answer(&none(ResponseCode::NXDomain)), DnsAnswer::DoesNotExist);
        assert_eq!(answer(&none(ResponseCode::ServFail)), DnsAnswer::Unknown);
        assert_eq!(answer(&none(ResponseCode::Refused)), DnsAnswer::Unknown);
        assert_eq!(answer::<()>(&Err(NetError::Timeout)), DnsAnswer::Unknown);
        assert_eq!(answer::<()>(&Err(NetError::NoConnections)), DnsAnswer::Unknown);
    }

    #[tokio::test]
    async fn a_table_knows_what_it_holds() {
        let dns = Dns::Table(Arc::new(HashMap::from([("gone.example".to_owned(), DnsAnswer::DoesNotExist)])));
        assert_eq!(dns.domain_exists("gone.example").await, DnsAnswer::DoesNotExist);
        assert_eq!(dns.domain_exists("other.example").await, DnsAnswer::Unknown);
    }
}
