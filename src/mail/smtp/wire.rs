//! The line to a relay: a socket without Nagle's delay, TLS where it is wanted, commands out and
//! replies in.
//!
//! It bounds what a server may send us and knows nothing of the order of the conversation. Time
//! limits are the session's.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::settings::{RelaySettings, SettingsError};

/// The longest reply line: RFC 5321 4.5.3.1.5 says 512, servers say more.
const LINE_MAX: u64 = 2_048;
/// The longest reply with all its lines.
const REPLY_MAX: usize = 65_536;

/// This machine's name for EHLO, or its address where it has none.
pub(super) fn machine_name() -> String {
    ClientId::default().to_string()
}

/// How TLS to a relay is set up: whom we trust, and whom we expect.
#[derive(Clone)]
pub(super) struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Tls {
    /// Trusts the certificate authorities of `settings.ca_file`, or else the system's, and expects
    /// the relay's host name.
    pub(super) fn new(settings: &RelaySettings) -> Result<Self, SettingsError> {
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

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// One open line.
pub(super) struct Wire(BufReader<Box<dyn Stream>>);

impl Wire {
    /// Opens the connection; the greeting is not read yet.
    pub(super) async fn open(host: &str, port: u16) -> io::Result<Self> {
        let socket = TcpStream::connect((host, port)).await?;
        // With Nagle's algorithm the end of each message would wait some 40 ms for the relay's
        // delayed acknowledgement.
        socket.set_nodelay(true)?;
        Ok(Self(BufReader::new(Box::new(socket))))
    }

    /// Goes on under TLS. What the server said in plain text beyond its reply to STARTTLS would be
    /// taken for words under TLS (CVE-2011-0411), so such a connection is given up.
    pub(super) async fn encrypt(self, tls: &Tls) -> io::Result<Self> {
        if !self.0.buffer().is_empty() {
            return Err(invalid("the relay went on in plain text after STARTTLS"));
        }
        let encrypted = tls.connector.connect(tls.name.clone(), self.0.into_inner()).await?;
        Ok(Self(BufReader::new(Box::new(encrypted))))
    }

    /// Writes `bytes` and sees them off.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await?;
        self.0.flush().await
    }

    /// Reads one reply with all its lines (RFC 5321 4.2.1). Bytes that are no UTF-8 are replaced; a
    /// bare code and a bare LF are taken.
    pub(super) async fn read_reply(&mut self) -> io::Result<Response> {
        let mut reply = String::new();
        let mut line = Vec::new();
        loop {
            line.clear();
            (&mut self.0).take(LINE_MAX).read_until(b'\n', &mut line).await?;
            let Some(text) = line.strip_suffix(b"\n") else {
                return Err(match line.len() {
                    0 => io::Error::new(io::ErrorKind::UnexpectedEof, "the relay closed the connection"),
                    _ => invalid("the relay's reply breaks off, or is no reply"),
                });
            };
            let text = String::from_utf8_lossy(text.strip_suffix(b"\r").unwrap_or(text));
            if reply.len() + text.len() > REPLY_MAX {
                return Err(invalid("the relay's reply does not end"));
            }
            reply.push_str(&text);
            if text.len() == 3 {
                reply.push(' ');
            }
            reply.push_str("\r\n");
            if text.as_bytes().get(3) != Some(&b'-') {
                break;
            }
        }
        reply.parse().map_err(|_| invalid("the relay's reply is no SMTP reply"))
    }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// What an I/O error says to a person.
pub(super) fn in_words(error: &io::Error) -> Cow<'static, str> {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "nobody listens there (connection refused)".into(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            "the relay broke the connection off".into()
        }
        _ => error.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    async fn read(bytes: &[u8]) -> io::Result<Response> {
        Wire(BufReader::new(Box::new(io_of(bytes)))).read_reply().await
    }

    fn io_of(bytes: &[u8]) -> impl Stream + use<> {
        tokio::io::join(io::Cursor::new(bytes.to_vec()), tokio::io::sink())
    }

    #[tokio::test]
    async fn replies_are_read_as_servers_write_them() {
        for (bytes, code, text) in [
            (&b"250 2.0.0 Ok\r\n"[..], 250, "2.0.0 Ok"),
            (b"250\r\n", 250, ""),
            (b"250-a\r\n250-\r\n250 b\r\nmore", 250, "a||b"),
            (b"250-a\r\n250\r\n", 250, "a|"),
            (b"550 Postf\xe4cher unbekannt\r\n", 550, "Postf\u{fffd}cher unbekannt"),
            (b"220 lone LF\n", 220, "lone LF"),
        ] {
            let reply = read(bytes).await.unwrap();
            let lines = reply.message().collect::<Vec<_>>().join("|");
            assert_eq!((u16::from(reply.code()), lines.as_str()), (code, text));
        }
    }

    #[tokio::test]
    async fn what_is_no_reply_is_an_error() {
        let long = [b"250 ".as_slice(), &[b'x'; 5_000], b"\r\n"].concat();
        let endless = b"250-x\r\n".repeat(20_000);
        for bytes in [
            &b""[..],
            b"250",
            b"250 Ok",
            b"\r\n",
            b"HTTP/1.1 400 Bad Request\r\n",
            b"999 x\r\n",
            b"250-a\r\n550 b\r\n",
            b"250-a\r\n",
            b"250_a\r\n",
            &long,
            &endless,
        ] {
            assert!(
                read(bytes).await.is_err(),
                "{:?}",
                String::from_utf8_lossy(&bytes[..bytes.len().min(40)])
            );
        }
    }

    proptest! {
        #[test]
        fn reading_replies_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let _ = runtime.block_on(read(&bytes));
        }

        #[test]
        fn what_looks_like_a_reply_is_read_or_refused(text in "([2-6][0-6][0-9][- ]?[a-z .]{0,6}\r?\n){0,4}") {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let result = runtime.block_on(read(text.as_bytes()));
            if let Ok(reply) = result {
                prop_assert!(text.starts_with(&u16::from(reply.code()).to_string()));
            }
        }
    }
}
