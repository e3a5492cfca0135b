//! The client against a scripted server: what each fault at each step comes to, and what becomes of
//! the connections.

#[path = "../../../../tests/it/support/scripted_smtp/mod.rs"]
mod scripted_smtp;
mod security;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use scripted_smtp::{Script, ScriptedSmtp};

use super::*;
use crate::config::{Extension, Secret, Security};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::Outcome;
use crate::domain::shared_data::shared;
use crate::mail::receiver::{Handler, Limits, Received, Receiver, Verdict};

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

/// Every fault at every step, alone on its server: the first message meets it, the second must get
/// through.
#[tokio::test]
async fn every_fault_at_every_step() {
    let faults = [
        "close",
        "silence",
        "garbage",
        "421 4.3.2 later",
        "451 4.3.0 later",
        "550 5.7.1 no",
        "close: 550 5.7.1 no",
    ];
    // Outcomes in the order of the faults.
    let down = ["relay down"; 7];
    let table = [
        ("CONNECT", down),
        ("EHLO", down),
        ("MAIL", down),
        ("RCPT", ["deferred", "deferred", "deferred", "deferred", "deferred", "rejected", "rejected"]),
        ("DATA", ["deferred", "deferred", "deferred", "deferred", "deferred", "rejected", "rejected"]),
        ("DOT", ["uncertain", "uncertain", "uncertain", "deferred", "deferred", "rejected", "rejected"]),
    ];
    let cases =
        table.iter().flat_map(|(step, outcomes)| faults.iter().zip(outcomes).map(move |pair| (*step, pair)));
    join_all(cases.map(|(step, (fault, expected))| async move {
        let server = ScriptedSmtp::start(Script::table(&format!("*\t1\t{step}\t{fault}"))).await;
        let relay = Relay::new(plain(&server)).unwrap();
        let outcome = send(&relay, "ana@example.org").await;
        assert_eq!(kind(&outcome), *expected, "{step} {fault}: {outcome:?}");
        let next = send(&relay, "bo@example.org").await;
        // The rules at RCPT and later count per recipient.
        let second = if matches!(step, "RCPT" | "DATA" | "DOT") { expected } else { &"accepted" };
        assert_eq!(kind(&next), *second, "after {step} {fault}: {next:?}");
        assert_eq!(kind(&send(&relay, "ana@example.org").await), "accepted", "again after {step} {fault}");
    }))
    .await;
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
async fn a_slow_reply_is_still_a_reply() {
    let server = ScriptedSmtp::start(Script::table("*\t1\tRCPT\tdrip 550 5.1.1 No")).await;
    let mut settings = plain(&server);
    settings.timeouts.command = Duration::from_secs(5);
    assert_eq!(kind(&send(&Relay::new(settings).unwrap(), "ana@example.org").await), "bounced");
    // One that is too slow is none.
    let server =
        ScriptedSmtp::start(Script::table(&format!("*\t1\tRCPT\tdrip 550 5.1.1 {}", "x".repeat(100)))).await;
    assert_eq!(kind(&send(&Relay::new(plain(&server)).unwrap(), "ana@example.org").await), "deferred");
}

#[tokio::test]
async fn a_relay_that_breaks_off_in_the_body_has_not_taken_it() {
    for (act, expected) in
        [("close", "deferred"), ("silence", "deferred"), ("close: 552 5.3.4 too big", "rejected")]
    {
        let script = Script { offers: Vec::new(), ..Script::table(&format!("*\t1\tBODY\t{act}")) };
        let server = ScriptedSmtp::start(script).await;
        let relay = Relay::new(plain(&server)).unwrap();
        // More than the buffers of both ends hold.
        let message = b"Twenty bytes a line.\r\n".repeat(2_000_000);
        let outcome = relay.send(&envelope("ana@example.org"), &message).await;
        // A reset may overtake the reply; then the relay's reason is lost, but not the message.
        let lost = expected == "rejected" && kind(&outcome) == "deferred";
        assert!(kind(&outcome) == expected || lost, "{act}: {outcome:?}");
        assert_eq!(server.seen().taken_by("ana@example.org"), 0);
    }
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
async fn a_stale_connection_costs_nobody_an_attempt() {
    for act in ["close", "421 4.4.2 idle for too long"] {
        let server = ScriptedSmtp::start(Script::table(&format!("a@example.org\t1\tAFTER\t{act}"))).await;
        let relay = Relay::new(plain(&server)).unwrap();
        assert_eq!(kind(&send(&relay, "a@example.org").await), "accepted");
        assert_eq!(kind(&send(&relay, "b@example.org").await), "accepted");
        let seen = server.seen();
        assert_eq!((seen.connections, seen.attempts_at("b@example.org")), (2, 1), "{act}");
    }
}

#[tokio::test]
async fn nobody_gets_it_twice_when_the_reply_is_lost() {
    let server = ScriptedSmtp::start(Script::table("ana@example.org\t1\tDOT\ttake and close")).await;
    let relay = Relay::new(plain(&server)).unwrap();
    // Warm, so that the connection counts as used: the repeat for stale ones must not bite here.
    assert_eq!(kind(&send(&relay, "bo@example.org").await), "accepted");
    assert_eq!(kind(&send(&relay, "ana@example.org").await), "uncertain");
    let seen = server.seen();
    assert_eq!(seen.taken_by("ana@example.org"), 1);
    assert!(seen.taken["bo@example.org"][0].at <= seen.taken["ana@example.org"][0].at);
}

#[tokio::test]
async fn connections_stay_within_their_number_and_are_renewed() {
    let server = ScriptedSmtp::start(Script::table("")).await;
    let relay =
        Relay::new(RelaySettings { connections: 3, messages_per_connection: 10, ..plain(&server) }).unwrap();
    let outcomes = join_all((0..120).map(|n| {
        let relay = relay.clone();
        async move { send(&relay, &format!("r{n}@example.org")).await }
    }))
    .await;
    assert!(outcomes.iter().all(|outcome| kind(outcome) == "accepted"));
    let seen = server.seen();
    assert_eq!((seen.peak, seen.taken.len()), (3, 120));
    assert!(seen.connections >= 12, "{}", seen.connections);
}

#[tokio::test]
async fn a_relay_that_takes_fewer_connections_is_not_down() {
    let server = ScriptedSmtp::start(Script { connections: Some(2), ..Script::table("") }).await;
    let relay = Relay::new(RelaySettings { connections: 8, ..plain(&server) }).unwrap();
    // One connection is open before the others are asked for.
    assert_eq!(kind(&send(&relay, "first@example.org").await), "accepted");
    let outcomes = join_all((0..90).map(|n| {
        let relay = relay.clone();
        async move { send(&relay, &format!("r{n}@example.org")).await }
    }))
    .await;
    let down = outcomes.iter().filter(|outcome| kind(outcome) != "accepted").count();
    assert_eq!(down, 0, "{outcomes:?}");
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
    assert!(matches!(missing, SettingsError::CaFile { .. }), "{missing}");
    let file = tempfile::NamedTempFile::new().unwrap();
    let empty = new(&|s| s.ca_file = Some(file.path().to_owned()));
    assert!(empty.to_string().contains("no certificate"), "{empty}");
}

#[test]
fn passwords_are_not_shown() {
    let settings = settings_at(465, Security::Tls, Some("ana@example.org"));
    assert!(!format!("{settings:?}").contains("hunter2"));
}

/// Case c31 with the table that tells its story; the pauses between attempts are the pipeline's.
#[tokio::test]
async fn temporary_failures() {
    let Some(table) = shared("cases/c31-temporary-failures/replies.tsv") else { return };
    let server = ScriptedSmtp::start(Script::table(&String::from_utf8(table).unwrap())).await;
    let relay = Relay::new(plain(&server)).unwrap();
    // The refused connection is met by whoever comes first; it spends nobody's attempt.
    assert_eq!(kind(&send(&relay, "b@example.org").await), "relay down");
    for (name, outcomes) in [
        ("b", &["accepted"][..]),
        ("a", &["deferred", "accepted"]),
        ("c", &["deferred", "deferred", "accepted"]),
        ("d", &["bounced"]),
        ("e", &["deferred", "deferred", "deferred"]),
        ("f", &["accepted"]),
    ] {
        let address = format!("{name}@example.org");
        for expected in outcomes {
            assert_eq!(kind(&send(&relay, &address).await), *expected, "{name}");
        }
        assert_eq!(
            server.seen().taken_by(&address),
            usize::from(outcomes.ends_with(&["accepted"])),
            "{name}"
        );
    }
    let attempts = |name: &str| server.seen().attempts_at(&format!("{name}@example.org"));
    assert_eq!(["a", "b", "c", "d", "f"].map(attempts), [2, 2, 3, 1, 1]);
}

/// Counts, and keeps nothing.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Handler for Counter {
    async fn receive(&self, message: Received) -> Verdict {
        assert_eq!(message.bytes.len(), LETTER);
        self.0.fetch_add(1, Ordering::Relaxed);
        Verdict::Accept
    }
}

const LETTER: usize = 4_000;

/// Client and receiver against each other: nothing stalls, nothing is lost. The figure is printed
/// for the record; the bound only catches a stall such as Nagle's, which costs 40 ms a message.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_letters() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let receiver = Receiver::new("mail.example", Limits::default(), Counter::default());
    let shutdown = tokio_util::sync::CancellationToken::new();
    let task = tokio::spawn(Arc::clone(&receiver).serve(listener, shutdown.clone()));
    // Other tests keep the machine busy: this one waits as long as it takes.
    let relay = Relay::new(RelaySettings {
        connections: 4,
        timeouts: Timeouts::default(),
        ..settings_at(port, Security::Plain, None)
    })
    .unwrap();
    let letter = Arc::new(b"A line of the letter, of 40 characters\r\n".repeat(LETTER / 40));
    let started = std::time::Instant::now();
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..16 {
        let (relay, letter) = (relay.clone(), Arc::clone(&letter));
        senders.spawn(async move {
            for number in (sender..10_000).step_by(16) {
                let outcome = relay.send(&envelope(&format!("r{number}@example.org")), &letter).await;
                assert_eq!(kind(&outcome), "accepted", "{outcome:?}");
            }
        });
    }
    senders.join_all().await;
    let seconds = started.elapsed().as_secs_f64();
    relay.close().await;
    shutdown.cancel();
    task.await.unwrap();
    println!("10,000 letters of 4 KB over 4 connections: {:.0} a second", 10_000.0 / seconds);
    assert_eq!(receiver.handler().0.load(Ordering::Relaxed), 10_000);
    assert!(seconds < 60.0, "{seconds:.1} s");
}
