//! How TLS to a relay is set up: whom we trust, and whom we expect.

use std::io;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::super::settings::{RelaySettings, SettingsError};

/// Trust in a relay, and its name.
#[derive(Clone)]
pub(in crate::mail::smtp) struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Tls {
    /// Trusts the certificate authorities of `settings.ca_file`, or else the system's, and expects
    /// the relay's host name.
    pub(in crate::mail::smtp) fn new(settings: &RelaySettings) -> Result<Self, SettingsError> {
        let setup = |error: &dyn std::fmt::Display| SettingsError::Tls(error.to_string());
        let name = ServerName::try_from(settings.host.clone()).map_err(|error| setup(&error))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| setup(&error))?
            .with_root_certificates(trusted(settings)?)
            .with_no_client_auth();
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }

    /// The handshake.
    pub(super) async fn connect(&self, socket: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.connector.connect(self.name.clone(), socket).await
    }
}

fn trusted(settings: &RelaySettings) -> Result<RootCertStore, SettingsError> {
    let mut roots = RootCertStore::empty();
    let Some(file) = &settings.ca_file else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(SettingsError::Tls(
                "the system has no certificate authorities: install ca-certificates, or set ca_file"
                    .to_owned(),
            ));
        }
        return Ok(roots);
    };
    let unusable = |why: String| SettingsError::CaFile { file: file.clone(), why };
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unusable(error.to_string()))? {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unusable("it holds no certificate".to_owned()));
    }
    Ok(roots)
}
