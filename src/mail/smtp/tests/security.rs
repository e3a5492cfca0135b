//! Who we are to the relay, and who it is to us: AUTH, STARTTLS and TLS, against certificates of our
//! own making.

use std::sync::Arc;

use futures_util::future::join_all;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::faults::FAULTS;
use super::letter::Letters;
use super::scripted_smtp::{Act, At, Rule, Script, ScriptedSmtp};
use super::*;

#[tokio::test]
async fn users_are_authenticated() {
    let script = |mechanisms: &str, password: &str| Script {
        user: Some(("ana@example.org".to_owned(), password.to_owned(), mechanisms.to_owned())),
        ..Script::table("")
    };
    for mechanisms in ["PLAIN LOGIN", "LOGIN", "CRAM-MD5 login"] {
        let server = ScriptedSmtp::start(script(mechanisms, "hunter2")).await;
        let relay = Relay::new(settings(&server, Security::Plain, Some("ana@example.org"))).unwrap();
        assert_eq!(kind(&send(&relay, "bo@example.org").await), "accepted", "{mechanisms}");
        assert_eq!(relay.probe().await, Ok(()));
    }
    for (mechanisms, password, text) in
        [("PLAIN", "other", "wrong"), ("CRAM-MD5", "hunter2", "neither AUTH PLAIN nor LOGIN")]
    {
        let server = ScriptedSmtp::start(script(mechanisms, password)).await;
        let relay = Relay::new(settings(&server, Security::Plain, Some("ana@example.org"))).unwrap();
        let outcome = send(&relay, "bo@example.org").await;
        assert!(matches!(&outcome, Outcome::RelayDown(reply) if reply.text.contains(text)), "{outcome:?}");
        assert!(!format!("{outcome:?} {relay:?}").contains("hunter2"));
    }
}

/// A token is asked for anew at each connection, since it does not last.
#[tokio::test]
async fn a_bearer_token_is_read_for_each_connection() {
    let user = ("ana@example.org".to_owned(), "second".to_owned(), "PLAIN XOAUTH2".to_owned());
    let server = ScriptedSmtp::start(Script { user: Some(user), ..Script::table("") }).await;
    let tokens =
        Arc::new(std::sync::Mutex::new(vec![Ok("second"), Err("the token's file is gone"), Ok("first")]));
    let source = TokenSource::new(move || {
        let token = tokens.lock().unwrap().pop().unwrap_or(Ok("second"));
        token.map(|token| Secret::new(token.to_owned())).map_err(str::to_owned)
    });
    let settings = RelaySettings {
        credentials: Some(Credentials { user: "ana@example.org".to_owned(), proof: Proof::Token(source) }),
        messages_per_connection: 1,
        ..plain(&server)
    };
    assert!(!format!("{settings:?}").contains("second"));
    let relay = Relay::new(settings).unwrap();
    for expected in [
        "relay down wrong",
        "relay down AUTH: the token's file is gone",
        "accepted queued",
        "accepted queued",
    ] {
        let outcome = send(&relay, "bo@example.org").await;
        assert_eq!(format!("{} {}", kind(&outcome), outcome.reply().text), expected);
    }
    relay.close().await;
    // The empty line that a refused token wants.
    let seen = server.seen();
    assert_eq!((seen.connections, seen.commands.iter().filter(|line| line.is_empty()).count()), (4, 1));
}

#[tokio::test]
async fn a_token_is_given_to_nobody_who_does_not_ask_for_it() {
    let user = ("ana".to_owned(), "hunter2".to_owned(), "PLAIN LOGIN".to_owned());
    let server = ScriptedSmtp::start(Script { user: Some(user), ..Script::table("") }).await;
    let source = TokenSource::new(|| Ok(Secret::new("hunter2".to_owned())));
    let credentials = Some(Credentials { user: "ana".to_owned(), proof: Proof::Token(source) });
    let relay = Relay::new(RelaySettings { credentials, ..plain(&server) }).unwrap();
    let outcome = send(&relay, "bo@example.org").await;
    assert!(matches!(&outcome, Outcome::RelayDown(reply) if reply.text.contains("XOAUTH2")), "{outcome:?}");
    assert_eq!(server.seen().count("AUTH"), 0);
}

/// A certificate authority's file, and a server that it vouches for as `name`.
fn certified(folder: &std::path::Path, name: &str) -> (std::path::PathBuf, Arc<rustls::ServerConfig>) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let file = folder.join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
    (file, Arc::new(config))
}

#[tokio::test]
async fn tls_trusts_whom_it_should() {
    let folder = tempfile::tempdir().unwrap();
    let (ca_file, config) = certified(folder.path(), "127.0.0.1");
    let (_, stranger) = certified(tempfile::tempdir().unwrap().path(), "127.0.0.1");
    let (other_ca, other_name) = certified(tempfile::tempdir().unwrap().keep().as_path(), "mail.example.org");
    for security in [Security::Tls, Security::StartTls] {
        let implicit = security == Security::Tls;
        for (config, ca, expected) in [
            (&config, &ca_file, "accepted"),
            (&stranger, &ca_file, "relay down"),
            (&other_name, &other_ca, "relay down"),
        ] {
            let script = Script {
                tls: Some((Arc::clone(config), implicit)),
                user: Some(("ana".to_owned(), "hunter2".to_owned(), "PLAIN".to_owned())),
                ..pipelining("")
            };
            let server = ScriptedSmtp::start(script).await;
            let settings =
                RelaySettings { ca_file: Some(ca.clone()), ..settings(&server, security, Some("ana")) };
            let relay = Relay::new(settings).unwrap();
            let outcome = send(&relay, "bo@example.org").await;
            assert_eq!(kind(&outcome), expected, "{security:?}: {outcome:?}");
            let mut letters = Letters::new();
            letters.submit(&relay, "a b c d").await;
            let ends = letters.ends(4).await;
            // Of those that wait for a connection in vain one is told, and the others come back.
            let back = |end: &String| expected == "relay down" && end.ends_with("not sent");
            assert!(ends.iter().all(|end| end.ends_with(expected) || back(end)), "{ends:?}");
            assert!(ends.iter().any(|end| end.ends_with(expected)), "{ends:?}");
        }
    }
}

#[tokio::test]
async fn starttls_is_never_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let (ca_file, config) = certified(folder.path(), "127.0.0.1");
    let with = |script: Script| {
        let ca_file = ca_file.clone();
        async move {
            let server = ScriptedSmtp::start(script).await;
            let relay = Relay::new(RelaySettings {
                ca_file: Some(ca_file),
                ..settings(&server, Security::StartTls, None)
            });
            let outcome = send(&relay.unwrap(), "bo@example.org").await;
            assert_eq!(server.seen().count("MAIL"), 0);
            let Outcome::RelayDown(reply) = outcome else { panic!("{outcome:?}") };
            reply.text
        }
    };
    assert!(with(Script::table("")).await.contains("does not offer STARTTLS"));
    let refused =
        Script { tls: Some((Arc::clone(&config), false)), ..Script::table("*\t1\tSTARTTLS\t454 4.7.0 no") };
    assert_eq!(with(refused).await, "no");
    // Words in plain text behind the reply would pass for words under TLS.
    let act = Act::Say("220 go\r\n250 injected".to_owned());
    let rule = Rule { address: "*".to_owned(), attempt: Some(1), at: At::StartTls, act };
    let injected = Script { tls: Some((config, false)), rules: vec![rule], ..Script::table("") };
    assert!(with(injected).await.contains("in plain text"));
}

/// Whatever goes wrong before a connection is ours to use is about nobody's letter, and the next
/// connection may be better.
#[tokio::test]
async fn every_fault_while_a_connection_is_set_up() {
    let folder = tempfile::tempdir().unwrap();
    let (ca_file, config) = certified(folder.path(), "127.0.0.1");
    let slow = format!("drip 250 {}", "x".repeat(100));
    let faults = FAULTS.into_iter().chain([slow.as_str()]);
    let cases = faults.flat_map(|fault| ["CONNECT", "EHLO", "STARTTLS", "AUTH"].map(|step| (step, fault)));
    join_all(cases.map(|(step, fault)| {
        let (ca_file, config) = (ca_file.clone(), Arc::clone(&config));
        async move {
            let script = Script {
                tls: Some((config, false)),
                user: Some(("ana".to_owned(), "hunter2".to_owned(), "PLAIN".to_owned())),
                ..pipelining(&format!("*\t1\t{step}\t{fault}"))
            };
            let server = ScriptedSmtp::start(script).await;
            let settings = settings(&server, Security::StartTls, Some("ana"));
            let relay = Relay::new(RelaySettings { ca_file: Some(ca_file), ..settings }).unwrap();
            let outcome = send(&relay, "bo@example.org").await;
            assert_eq!(kind(&outcome), "relay down", "{step} {fault}: {outcome:?}");
            assert_eq!(server.seen().count("MAIL"), 0, "{step} {fault}");
            assert_eq!(kind(&send(&relay, "bo@example.org").await), "accepted", "after {step} {fault}");
        }
    }))
    .await;
}
