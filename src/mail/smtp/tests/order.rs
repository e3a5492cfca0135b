//! Who hears what when: the order of commands, messages and replies on one connection.

use std::sync::Arc;

use tokio::sync::Notify;

use super::letter::Letters;
use super::peer::{Line, Peer};
use super::*;

const PIPELINING: &[&str] = &["PIPELINING"];

fn relay_to(peer: &Peer) -> Relay {
    Relay::new(settings_at(peer.port, Security::Plain, None)).unwrap()
}

/// The rest of a connection that ends well.
async fn go_on(line: &mut Line, queued: usize) {
    for _ in 0..queued {
        line.say("250 ok\n250 ok\n354 go on").await;
        line.message().await;
        line.say("250 queued").await;
    }
    line.good_bye().await;
}

#[tokio::test]
async fn the_next_envelope_goes_out_with_the_message() {
    let peer = Peer::start(|mut line, _| async move {
        line.greet(PIPELINING).await;
        assert_eq!(line.envelope().await, "a");
        line.say("250 ok\n250 ok\n354 go on").await;
        assert_eq!(line.message().await, "Subject: Today\r\n\r\nHello\r\n..hidden\r\n");
        assert_eq!(line.envelope().await, "b");
        line.quiet().await;
        line.say("250 queued").await;
        line.quiet().await;
        line.say("250 ok\n250 ok\n354 go on").await;
        line.message().await;
        // Nothing more is at hand: nothing was waited for.
        line.quiet().await;
        line.say("250 queued").await;
        line.good_bye().await;
    })
    .await;
    let (relay, mut letters) = (relay_to(&peer), Letters::new());
    letters.submit(&relay, "a b").await;
    assert_eq!(letters.ends(2).await, ["a accepted", "b accepted"]);
    relay.close().await;
    assert_eq!(peer.finish().await, 1);
}

#[tokio::test]
async fn in_steady_state_a_message_costs_one_round_trip() {
    const LETTERS: usize = 20;
    let peer = Peer::start(|mut line, _| async move {
        line.greet(PIPELINING).await;
        let mut rounds = 0;
        loop {
            let group = line.round().await;
            if group.starts_with("QUIT") {
                break;
            }
            rounds += 1;
            let dot = if group.contains("\r\n.\r\n") { "250 queued\n" } else { "" };
            let envelope = if group.contains("DATA\r\n") { "250 ok\n250 ok\n354 go on" } else { "" };
            line.say(&format!("{dot}{envelope}")).await;
        }
        assert_eq!(rounds, LETTERS + 1);
    })
    .await;
    let (relay, mut letters) = (relay_to(&peer), Letters::new());
    let names: Vec<_> = (0..LETTERS).map(|number| format!("r{number}")).collect();
    letters.submit(&relay, &names.join(" ")).await;
    for name in names {
        assert_eq!(letters.next().await, format!("{name} accepted"));
    }
    relay.close().await;
    assert_eq!(peer.finish().await, 1);
}

#[tokio::test]
async fn without_pipelining_each_command_waits_for_its_reply() {
    for (offers, extension) in [(&[][..], Extension::Use), (PIPELINING, Extension::Ignore)] {
        let peer = Peer::start(move |mut line, _| async move {
            line.greet(offers).await;
            for name in ["a", "b"] {
                assert_eq!(line.lock_step().await, name);
                line.message().await;
                line.quiet().await;
                line.say("250 queued").await;
            }
            line.good_bye().await;
        })
        .await;
        let settings =
            RelaySettings { pipelining: extension, ..settings_at(peer.port, Security::Plain, None) };
        let (relay, mut letters) = (Relay::new(settings).unwrap(), Letters::new());
        letters.submit(&relay, "a b").await;
        assert_eq!(letters.ends(2).await, ["a accepted", "b accepted"]);
        relay.close().await;
        assert_eq!(peer.finish().await, 1);
    }
}

/// RFC 2920 3.1: a server may take DATA though it refused the recipient. It must not get the message,
/// and what it says to the empty one is no outcome.
#[tokio::test]
async fn a_refused_recipient_gets_nothing_though_data_was_taken() {
    for end in ["554 5.5.1 no valid recipients", "250 2.0.0 queued all the same"] {
        let peer = Peer::start(move |mut line, _| async move {
            line.greet(PIPELINING).await;
            assert_eq!(line.envelope().await, "a");
            line.say("250 ok\n550 5.1.1 no such user\n354 go on").await;
            assert_eq!(line.message().await, "");
            assert_eq!(line.envelope().await, "b");
            line.say(end).await;
            go_on(&mut line, 1).await;
        })
        .await;
        let (relay, mut letters) = (relay_to(&peer), Letters::new());
        letters.submit(&relay, "a b").await;
        assert_eq!(letters.ends(2).await, ["a bounced", "b accepted"]);
        relay.close().await;
        assert_eq!(peer.finish().await, 1);
    }
}

#[tokio::test]
async fn a_refused_envelope_is_forgotten_and_the_connection_goes_on() {
    for (replies, outcome) in [
        ("250 ok\n550 5.1.1 no such user\n503 5.5.1 no recipients", "a bounced"),
        ("250 ok\n450 4.7.1 greylisted\n554 5.5.1 no valid recipients", "a deferred"),
        ("250 ok\n250 ok\n554 5.7.1 not today", "a rejected"),
        ("550 5.7.1 not you\n503 5.5.1 MAIL first\n503 5.5.1 RCPT first", "a relay down"),
        ("451 4.3.0 later\n503 5.5.1 MAIL first\n503 5.5.1 RCPT first", "a relay down"),
    ] {
        let peer = Peer::start(move |mut line, _| async move {
            line.greet(PIPELINING).await;
            assert_eq!(line.envelope().await, "a");
            line.say(replies).await;
            assert_eq!(line.command().await, "RSET");
            assert_eq!(line.envelope().await, "b");
            line.say("250 reset").await;
            go_on(&mut line, 1).await;
        })
        .await;
        let (relay, mut letters) = (relay_to(&peer), Letters::new());
        letters.submit(&relay, "a b").await;
        assert_eq!(letters.ends(2).await, [outcome, "b accepted"]);
        relay.close().await;
        assert_eq!(peer.finish().await, 1);
    }
}

#[tokio::test]
async fn a_message_refused_at_its_end_leaves_the_next_alone() {
    let peer = Peer::start(|mut line, _| async move {
        line.greet(PIPELINING).await;
        assert_eq!(line.envelope().await, "a");
        line.say("250 ok\n250 ok\n354 go on").await;
        line.message().await;
        assert_eq!(line.envelope().await, "b");
        line.say("554 5.7.1 spam").await;
        go_on(&mut line, 1).await;
    })
    .await;
    let (relay, mut letters) = (relay_to(&peer), Letters::new());
    letters.submit(&relay, "a b").await;
    assert_eq!(letters.ends(2).await, ["a rejected", "b accepted"]);
    relay.close().await;
    assert_eq!(peer.finish().await, 1);
}

/// Whatever ends the connection while the next envelope is on its way: that one is not attempted, and
/// another connection carries it, by itself.
#[tokio::test]
async fn a_connection_that_ends_at_the_dot_costs_the_next_nothing() {
    for (last, outcome) in [
        ("250 queued", "a accepted"),
        ("421 4.3.2 closing", "a deferred"),
        ("554 5.7.1 spam", "a rejected"),
        ("", "a uncertain"),
        ("what?", "a uncertain"),
        ("354 go on", "a uncertain"),
        ("250 queued\n421 4.3.2 enough", "a accepted"),
        ("250 queued\n451 4.3.0 enough\n503 no\n503 no", "a accepted"),
        ("250 queued\nwhat?", "a accepted"),
    ] {
        let peer = Peer::start(move |mut line, number| async move {
            line.greet(PIPELINING).await;
            if number == 0 {
                assert_eq!(line.envelope().await, "a");
                line.say("250 ok\n250 ok\n354 go on").await;
                line.message().await;
                assert_eq!(line.envelope().await, "b");
                line.say(last).await;
                if last.contains("451") {
                    line.good_bye().await;
                }
                return;
            }
            assert_eq!(line.lock_step().await, "b");
            line.message().await;
            line.say("250 queued").await;
            line.good_bye().await;
        })
        .await;
        let (relay, mut letters) = (relay_to(&peer), Letters::new());
        letters.submit(&relay, "a b").await;
        assert_eq!(letters.ends(2).await, [outcome, "b accepted"], "{last:?}");
        relay.close().await;
        assert!(letters.is_over());
        assert_eq!(peer.finish().await, 2, "{last:?}");
    }
}

/// As long as the relay has not answered one message, no second one goes out on its connection; and
/// its answer is told at once, not with those to the next envelope.
#[tokio::test]
async fn at_most_one_message_on_a_connection_is_in_doubt() {
    let told = Arc::new(Notify::new());
    let script = Arc::clone(&told);
    let peer = Peer::start(move |mut line, _| {
        let told = Arc::clone(&script);
        async move {
            line.greet(PIPELINING).await;
            assert_eq!(line.envelope().await, "a");
            line.say("250 ok\n250 ok\n354 go on").await;
            line.message().await;
            assert_eq!(line.envelope().await, "b");
            line.quiet().await;
            line.say("250 queued").await;
            told.notified().await;
            line.quiet().await;
            go_on(&mut line, 1).await;
        }
    })
    .await;
    let (relay, mut letters) = (relay_to(&peer), Letters::new());
    letters.submit(&relay, "a b").await;
    assert_eq!(letters.next().await, "a accepted");
    told.notify_one();
    assert_eq!(letters.next().await, "b accepted");
    relay.close().await;
    assert_eq!(peer.finish().await, 1);
}

/// A reply that comes before it is asked for would pass for the one to the message.
#[tokio::test]
async fn replies_ahead_of_the_message_are_not_believed() {
    let peer = Peer::start(|mut line, _| async move {
        line.greet(PIPELINING).await;
        line.envelope().await;
        line.say("250 ok\n250 ok\n354 go on\n250 queued").await;
        line.closed().await;
    })
    .await;
    let relay = relay_to(&peer);
    assert_eq!(kind(&send(&relay, "a@example.org").await), "deferred");
    assert_eq!(peer.finish().await, 1);
}

#[tokio::test]
async fn a_relay_that_counts_messages_gets_new_connections() {
    let peer = Peer::start(|mut line, _| async move {
        line.greet(PIPELINING).await;
        let mut taken = 0;
        loop {
            let command = line.command().await;
            match command.split([' ', ':']).next().unwrap_or_default() {
                "MAIL" if taken == 5 => return line.say("421 4.7.0 too many messages in this session").await,
                "MAIL" | "RCPT" => line.say("250 ok").await,
                "DATA" => {
                    line.say("354 go on").await;
                    line.message().await;
                    taken += 1;
                    line.say("250 queued").await;
                }
                "QUIT" => return line.say("221 bye").await,
                _ => panic!("{command}"),
            }
        }
    })
    .await;
    let (relay, mut letters) = (relay_to(&peer), Letters::new());
    let names: Vec<_> = (0..23).map(|number| format!("r{number}")).collect();
    letters.submit(&relay, &names.join(" ")).await;
    let mut ends = letters.ends(23).await;
    ends.sort();
    let mut expected: Vec<_> = names.iter().map(|name| format!("{name} accepted")).collect();
    expected.sort();
    assert_eq!(ends, expected);
    relay.close().await;
    assert!(letters.is_over());
    assert_eq!(peer.finish().await, 5);
}
