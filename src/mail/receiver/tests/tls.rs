//! STARTTLS (RFC 3207): offered with a certificate; what was said before it is forgotten.

use std::path::Path;

use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;

/// A certificate for mail.example in `folder`, made for this test.
fn certificate(folder: &Path) -> ServerTls {
    let made = rcgen::generate_simple_self_signed(["mail.example".to_owned()]).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    ServerTls::from_files(&folder.join("cert.pem"), &folder.join("key.pem")).unwrap()
}

async fn shake_hands(folder: &Path, socket: TcpStream) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(folder.join("cert.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("mail.example").unwrap();
    timeout(Duration::from_secs(10), TlsConnector::from(Arc::new(config)).connect(name, socket))
        .await
        .unwrap()
        .unwrap()
}

/// Says `said` in plain text, reads up to the answer to STARTTLS, and goes on under TLS with `then`.
async fn talk(running: &Running, folder: &Path, said: &[u8], then: &[u8]) -> (String, String) {
    let mut socket = running.connect().await;
    socket.write_all(said).await.unwrap();
    let mut plain = String::new();
    while !plain.contains("220 2.0.0 ") {
        plain.push(char::from(socket.read_u8().await.unwrap()));
    }
    while !plain.ends_with("\r\n") {
        plain.push(char::from(socket.read_u8().await.unwrap()));
    }
    let mut socket = shake_hands(folder, socket).await;
    socket.write_all(then).await.unwrap();
    let mut heard = Vec::new();
    let _ = timeout(Duration::from_secs(10), socket.read_to_end(&mut heard)).await.unwrap();
    (plain, String::from_utf8(heard).unwrap())
}

#[tokio::test]
async fn a_message_comes_under_tls() {
    let folder = tempfile::tempdir().unwrap();
    let running = start_with(Limits::default(), Some(certificate(folder.path()))).await;
    for (hello, number) in [("EHLO", 1), ("LHLO", 2)] {
        let begun = format!("{hello} x\r\nSTARTTLS\r\n");
        let then = format!(
            "{hello} x\r\nSTARTTLS\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nunder TLS\r\n.\r\nQUIT\r\n"
        );
        let (plain, heard) = talk(&running, folder.path(), begun.as_bytes(), then.as_bytes()).await;
        assert!(plain.contains("250-STARTTLS\r\n"), "{plain}");
        assert!(!heard.contains("STARTTLS"), "{heard}");
        assert_eq!(codes_of(&heard), ["250", "503", "250", "250", "354", "250", "221"]);
        assert_eq!(running.messages().len(), number);
        assert_eq!(running.messages()[number - 1].bytes, b"under TLS\r\n");
    }
}

/// What an attacker puts behind STARTTLS in the same packet is not obeyed (CVE-2011-0411), and what was
/// said before it is forgotten.
#[tokio::test]
async fn nothing_of_the_plain_text_lives_on() {
    let folder = tempfile::tempdir().unwrap();
    let running = start_with(Limits::default(), Some(certificate(folder.path()))).await;
    let injected = b"EHLO x\r\nMAIL FROM:<old@b>\r\nRCPT TO:<old@b>\r\nSTARTTLS\r\n\
        EHLO y\r\nMAIL FROM:<evil@b>\r\nRCPT TO:<evil@b>\r\n";
    let then = b"RCPT TO:<good@b>\r\nDATA\r\nMAIL FROM:<good@b>\r\nEHLO x\r\nRCPT TO:<good@b>\r\nDATA\r\n\
        MAIL FROM:<good@b>\r\nRCPT TO:<good@b>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n";
    let (plain, heard) = talk(&running, folder.path(), injected, then).await;
    assert_eq!(codes_of(&plain), ["220", "250", "250", "250", "220"]);
    let expected = ["503", "503", "503", "250", "503", "503", "250", "250", "354", "250", "221"];
    assert_eq!(codes_of(&heard), expected);
    let [message] = &running.messages()[..] else { panic!("{:?}", running.messages()) };
    assert_eq!(
        (message.mail_from.as_deref(), &message.rcpt_to[..]),
        (Some("good@b"), &["good@b".to_owned()][..])
    );
}

/// LMTP before it does not bind what comes after it.
#[tokio::test]
async fn the_kind_of_conversation_is_forgotten_too() {
    let folder = tempfile::tempdir().unwrap();
    let running = start_with(Limits::default(), Some(certificate(folder.path()))).await;
    let (_, heard) =
        talk(&running, folder.path(), b"LHLO x\r\nSTARTTLS\r\n", b"EHLO x\r\nLHLO x\r\nQUIT\r\n").await;
    assert_eq!(codes_of(&heard), ["250", "500", "221"]);
}

/// One that says STARTTLS and then something else than TLS, or nothing.
#[tokio::test]
async fn a_handshake_that_fails_harms_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { idle: Duration::from_millis(300), ..Limits::default() };
    let running = start_with(limits, Some(certificate(folder.path()))).await;
    for then in [b"".as_slice(), b"MAIL FROM:<evil@b>\r\n"] {
        let mut socket = running.connect().await;
        socket.write_all(b"EHLO x\r\nSTARTTLS\r\n").await.unwrap();
        let mut heard = String::new();
        while !heard.contains("220 2.0.0 ") {
            heard.push(char::from(socket.read_u8().await.unwrap()));
        }
        socket.write_all(then).await.unwrap();
        let mut rest = Vec::new();
        let _ = timeout(Duration::from_secs(10), socket.read_to_end(&mut rest)).await.unwrap();
    }
    assert_eq!(running.codes(b"EHLO x\r\nQUIT\r\n").await, ["220", "250", "221"]);
    assert!(running.messages().is_empty());
}

#[test]
fn a_file_that_cannot_serve_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name| folder.path().join(name);
    certificate(folder.path());
    std::fs::write(path("empty.pem"), "").unwrap();
    let error =
        |certificate, key| ServerTls::from_files(&path(certificate), &path(key)).unwrap_err().to_string();
    assert!(
        error("none.pem", "key.pem").contains("certificate")
            && error("none.pem", "key.pem").contains("none.pem")
    );
    assert!(error("empty.pem", "key.pem").contains("holds no certificate"));
    assert!(error("cert.pem", "empty.pem").contains("private key"));
    let other = rcgen::KeyPair::generate().unwrap();
    std::fs::write(path("other.pem"), other.serialize_pem()).unwrap();
    assert!(
        error("cert.pem", "other.pem").contains("and the private key"),
        "{}",
        error("cert.pem", "other.pem")
    );
}
