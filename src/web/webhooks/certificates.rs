//! The certificates of SNS, each fetched once. Their addresses come in calls that nobody believes yet;
//! `mail::intake::webhook::ses` lets only those pass that lead to SNS itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::sources::fetch::{FetchError, Fetched, Fetcher, Validators};

/// More than this is no certificate.
const MOST_BYTES: usize = 64 * 1024;
/// So long may Amazon take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Certificates that are remembered. SNS has one for each region, and a new one about once a year.
const REMEMBERED: usize = 16;

/// The certificates that are remembered; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Certificates(Arc<Mutex<BTreeMap<String, Arc<[u8]>>>>);

impl Certificates {
    /// With certificates that are known already, each in PEM form under its address. The addresses
    /// that a call may name are the same with them as without.
    pub fn known(certificates: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let known = certificates.into_iter().map(|(address, pem)| (address, pem.into()));
        Self(Arc::new(Mutex::new(known.collect())))
    }

    /// The certificate at an address.
    pub(super) async fn get(&self, fetcher: &Fetcher, address: &str) -> Result<Arc<[u8]>, FetchError> {
        if let Some(known) = self.all().get(address) {
            return Ok(Arc::clone(known));
        }
        let pem: Arc<[u8]> = match narrow(fetcher).get(address, &Validators::default()).await? {
            Fetched::Body { bytes, .. } => bytes.into(),
            // Nothing was asked about what we have.
            Fetched::NotModified => return Err(FetchError::Status { host: address.to_owned(), status: 304 }),
        };
        let mut all = self.all();
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert(address.to_owned(), Arc::clone(&pem));
        Ok(pem)
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Arc<[u8]>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The way to SNS, which answers itself or not at all.
pub(super) fn narrow(fetcher: &Fetcher) -> Fetcher {
    fetcher.pinned(MOST_BYTES, TIMEOUT)
}
