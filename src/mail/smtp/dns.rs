//! Whether a mail domain exists: what stands between a relay's 5.1.2 and a hard bounce.
//!
//! Only a definite "no such name", for mail exchangers and addresses alike, counts as absence: a
//! resolver that fails, or a domain that exists without taking mail, says nothing against a reader.

use std::collections::HashMap;
use std::sync::Arc;

use hickory_resolver::net::{DnsError, NetError, NoRecords};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::Name;
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
