//! The client against a scripted server: what each fault at each step comes to, and what becomes of
//! the connections.

#[path = "../../../../tests/it/support/scripted_smtp/mod.rs"]
mod scripted_smtp;

mod faults;
mod letter;
mod order;
mod peer;
mod queue;
mod security;
mod speed;

use std::time::Duration;

use scripted_smtp::{Script, ScriptedSmtp};

use super::*;
use crate::config::{Extension, Secret, Security};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::Outcome;
use crate::mail::tls::TlsError;

const MESSAGE: &[u8] = b"Subject: Today\r\n\r\nHello\r\n.hidden\r\n";

fn settings(server: &ScriptedSmtp, security: Security, user: Option<&str>) -> RelaySettings {
    settings_at(server.address.port(), security, user)
}

fn settings_at(port: u16, security: Security, user: Option<&str>) -> RelaySettings {
    let short = Duration::from_secs(1);
    RelaySettings {
        name: "main".to_owned(),
        host: "127.0.0.1".to_owned(),
        port,
        security,
        credentials: user.map(|user| Credentials {
            user: user.to_owned(),
            proof: Proof::Password(Secret::new("hunter2".to_owned())),
        }),
        ca_file: None,
        hello: "news.example".to_owned(),
        connections: 1,
        timeouts: Timeouts { connect: short, command: short, body: short, after_dot: short },
        messages_per_connection: 1000,
        pipelining: Extension::Use,
        dsn: Extension::Use,
    }
}

fn plain(server: &ScriptedSmtp) -> RelaySettings {
    settings(server, Security::Plain, None)
}

/// The rules of `table` on a server that offers PIPELINING.
fn pipelining(table: &str) -> Script {
    let mut script = Script::table(table);
    script.offers.push("PIPELINING".to_owned());
    script
}

fn envelope(to: &str) -> Envelope {
    Envelope {
        from: Some(EmailAddress::parse("return.abc@bounces.example.org").unwrap()),
        to: EmailAddress::parse(to).unwrap(),
        id: None,
    }
}

async fn send(relay: &Relay, to: &str) -> Outcome {
    relay.send(&envelope(to), MESSAGE).await
}

/// The kind of an outcome, without its reply.
fn kind(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted(_) => "accepted",
        Outcome::Deferred(_) => "deferred",
        Outcome::Bounced(_) => "bounced",
        Outcome::UnknownHost(_) => "unknown host",
        Outcome::Rejected(_) => "rejected",
        Outcome::Uncertain(_) => "uncertain",
        Outcome::RelayDown(_) => "relay down",
    }
}

#[tokio::test]
async fn a_message_arrives_as_it_was_written() {
    let server = ScriptedSmtp::start(Script::table("")).await;
    let relay = Relay::new(plain(&server)).unwrap();
    let outcome = send(&relay, "ana@example.org").await;
    let Outcome::Accepted(reply) = outcome else { panic!("{outcome:?}") };
    assert_eq!((reply.code, reply.enhanced.as_deref(), reply.text.as_str()), (250, Some("2.0.0"), "queued"));
    let null = Envelope { from: None, ..envelope("bo@example.org") };
    assert_eq!(kind(&relay.send(&null, MESSAGE).await), "accepted");
    relay.close().await;
    let seen = server.seen();
    let taken = &seen.taken["ana@example.org"][0];
    assert_eq!(taken.message, b"Subject: Today\r\n\r\nHello\r\n..hidden\r\n");
    assert_eq!(taken.mail, format!("MAIL FROM:<return.abc@bounces.example.org> SIZE={}", MESSAGE.len()));
    assert_eq!(seen.taken["bo@example.org"][0].mail, format!("MAIL FROM:<> SIZE={}", MESSAGE.len()));
    assert_eq!((seen.connections, seen.count("EHLO news.example"), seen.count("QUIT")), (1, 1, 1));
}

#[tokio::test]
async fn a_relay_that_nobody_runs_is_down() {
    let server = ScriptedSmtp::start(Script::table("")).await;
    let settings = plain(&server);
    drop(server);
    let relay = Relay::new(settings).unwrap();
    tokio::task::yield_now().await;
    let outcome = send(&relay, "ana@example.org").await;
    let Outcome::RelayDown(reply) = outcome else { panic!("{outcome:?}") };
    assert_eq!(reply.text, "connecting: nobody listens there (connection refused)");
    assert_eq!(relay.probe().await.unwrap_err(), reply);
}

#[tokio::test]
async fn a_refusal_keeps_the_connection() {
    let script = Script::table(
        "a@example.org\t1\tRCPT\t550 5.1.1 No such user\nb@example.org\t1\tDATA\t451 4.3.0 later",
    );
    let server = ScriptedSmtp::start(script).await;
    let relay = Relay::new(plain(&server)).unwrap();
    assert_eq!(kind(&send(&relay, "a@example.org").await), "bounced");
    assert_eq!(kind(&send(&relay, "b@example.org").await), "deferred");
    assert_eq!(kind(&send(&relay, "c@example.org").await), "accepted");
    assert_eq!(kind(&send(&relay, "b@example.org").await), "accepted");
    let seen = server.seen();
    assert_eq!((seen.connections, seen.count("RSET")), (1, 2));
}

#[tokio::test]
async fn what_the_relay_cannot_carry_harms_no_other() {
    let script = Script { offers: vec!["SIZE 100".to_owned()], ..Script::table("") };
    let server = ScriptedSmtp::start(script).await;
    let relay = Relay::new(plain(&server)).unwrap();
    for (envelope, message, word) in [
        (envelope("დავითი@example.org"), MESSAGE, "SMTPUTF8"),
        (envelope("a@example.org"), "é\r\n".as_bytes(), "8BITMIME"),
        (envelope("a@example.org"), &[b'x'; 200], "200 bytes"),
    ] {
        let outcome = relay.send(&envelope, message).await;
        assert!(matches!(&outcome, Outcome::Rejected(reply) if reply.text.contains(word)), "{outcome:?}");
    }
    assert_eq!(kind(&send(&relay, "a@example.org").await), "accepted");
    assert_eq!(server.seen().connections, 1);

    let server = ScriptedSmtp::start(Script::table("")).await;
    let relay = Relay::new(plain(&server)).unwrap();
    assert_eq!(kind(&relay.send(&envelope("დავითი@example.org"), "é\r\n".as_bytes()).await), "accepted");
    let mail = server.seen().taken["დავითი@example.org"][0].mail.clone();
    assert!(mail.ends_with("> SIZE=4 BODY=8BITMIME SMTPUTF8"), "{mail}");
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let new = |change: &dyn Fn(&mut RelaySettings)| {
        let mut settings = settings_at(465, Security::Tls, None);
        change(&mut settings);
        Relay::new(settings).map(|_| ()).unwrap_err()
    };
    assert_eq!(new(&|s| s.connections = 0), SettingsError::Zero);
    assert_eq!(new(&|s| s.hello = "a\r\nb".to_owned()), SettingsError::Hello("a\r\nb".to_owned()));
    let missing = new(&|s| s.ca_file = Some("missing.pem".into()));
    assert!(matches!(missing, SettingsError::Tls(TlsError::CaFile { .. })), "{missing}");
    let file = tempfile::NamedTempFile::new().unwrap();
    let empty = new(&|s| s.ca_file = Some(file.path().to_owned()));
    assert!(empty.to_string().contains("no certificate"), "{empty}");
}

#[test]
fn passwords_are_not_shown() {
    let settings = settings_at(465, Security::Tls, Some("ana@example.org"));
    assert!(!format!("{settings:?}").contains("hunter2"));
}
