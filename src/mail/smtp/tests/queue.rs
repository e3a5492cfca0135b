//! The queue and its connections: who gets which, how many there are, and what nobody has to pay for.

use std::sync::atomic::Ordering;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use tokio::time::timeout;

use super::letter::{Letter, Letters, Mood};
use super::peer::Peer;
use super::*;

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
async fn many_get_through_to_a_relay_that_takes_few_connections() {
    for script in [Script::table, pipelining] {
        let script = Script { connections: Some(2), ..script("") };
        let server = ScriptedSmtp::start(script).await;
        let relay = Relay::new(RelaySettings { connections: 8, ..plain(&server) }).unwrap();
        relay.begin_with(8);
        let mut letters = Letters::new();
        let names: Vec<_> = (0..300).map(|number| format!("r{number}")).collect();
        letters.submit(&relay, &names.join(" ")).await;
        let ends = letters.ends(300).await;
        assert!(ends.iter().all(|end| end.ends_with(" accepted")), "{ends:?}");
        assert!((2..=3).contains(&relay.concurrency()), "{}", relay.concurrency());
        relay.close().await;
        assert!(letters.is_over());
        assert_eq!(server.seen().taken.len(), 300);
    }
}

#[tokio::test]
async fn connections_grow_with_what_is_accepted() {
    let server = ScriptedSmtp::start(pipelining("")).await;
    let relay = Relay::new(RelaySettings { connections: 6, ..plain(&server) }).unwrap();
    let mut letters = Letters::new();
    assert_eq!(relay.concurrency(), 2);
    letters.submit(&relay, "a").await;
    letters.ends(1).await;
    assert_eq!((relay.concurrency(), server.seen().peak), (3, 1));
    let names: Vec<_> = (0..200).map(|number| format!("r{number}")).collect();
    letters.submit(&relay, &names.join(" ")).await;
    letters.ends(200).await;
    assert_eq!(relay.concurrency(), 6);
    relay.share(3);
    assert_eq!(relay.concurrency(), 3);
    relay.close().await;
    assert!(server.seen().peak <= 6);
}

#[tokio::test]
async fn a_smaller_share_closes_connections() {
    let server = ScriptedSmtp::start(pipelining("")).await;
    let relay = Relay::new(RelaySettings { connections: 6, ..plain(&server) }).unwrap();
    relay.begin_with(6);
    let mut letters = Letters::new();
    let names: Vec<_> = (0..100).map(|number| format!("r{number}")).collect();
    letters.submit(&relay, &names.join(" ")).await;
    letters.ends(100).await;
    let peak = server.seen().peak;
    relay.share(1);
    // Each looks when it is woken.
    let mut letters = Letters::new();
    letters.submit(&relay, &names.join(" ")).await;
    let ends = letters.ends(100).await;
    assert!(ends.iter().all(|end| end.ends_with(" accepted")));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(peak > 1 && server.seen().open < peak, "{} of {peak}", server.seen().open);
}

/// While all connections are busy with many, a single mail goes next.
#[tokio::test]
async fn a_single_mail_goes_before_many() {
    let server = ScriptedSmtp::start(pipelining("a@example.org\t1\tRCPT\tdrip 250 ok")).await;
    let relay = Relay::new(plain(&server)).unwrap();
    let mut letters = Letters::new();
    letters.submit(&relay, "a b c").await;
    assert_eq!(kind(&send(&relay, "alert@example.org").await), "accepted");
    assert_eq!(letters.ends(3).await, ["a accepted", "b accepted", "c accepted"]);
    let commands = server.seen().commands.join(" ");
    let at = |name: &str| commands.find(&format!("<{name}@")).unwrap();
    assert!(at("a") < at("alert") && at("alert") < at("c"), "{commands}");
}

#[tokio::test]
async fn a_full_queue_makes_its_filler_wait_and_costs_nobody_anything() {
    let server = ScriptedSmtp::start(Script::table("a@example.org\t1\tRCPT\tsilence")).await;
    let settings = RelaySettings { timeouts: Timeouts::default(), ..plain(&server) };
    let (relay, mut letters) = (Relay::new(settings).unwrap(), Letters::new());
    let short = Duration::from_millis(200);
    letters.submit(&relay, "a").await;
    // Until the connection has taken it, it waits too.
    while server.seen().attempts_at("a@example.org") == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    letters.submit(&relay, "b c").await;
    assert!(timeout(short, letters.submit(&relay, "d")).await.is_err(), "there was room");
    assert_eq!(letters.next().await, "d not sent", "what is taken back comes back");
    // A mail whose sender gave up is not sent either.
    assert!(timeout(short, send(&relay, "alert@example.org")).await.is_err());
    let closing = timeout(short, relay.close()).await;
    assert!(closing.is_err(), "what is on its way is not over");
    assert_eq!(letters.ends(2).await, ["b not sent", "c not sent"]);
    assert!(letters.is_over());
}

#[tokio::test]
async fn what_is_on_its_way_is_finished_at_the_close() {
    let peer = Peer::start(|mut line, number| async move {
        line.greet(&["PIPELINING"]).await;
        let names: &[&str] = if number == 0 { &["a", "b"] } else { &["e"] };
        assert_eq!(line.envelope().await, names[0]);
        line.say("250 ok\n250 ok\n354 go on").await;
        line.message().await;
        if number == 0 {
            assert_eq!(line.envelope().await, "b");
            line.quiet().await;
            line.quiet().await;
            line.quiet().await;
            line.say("250 queued\n250 ok\n250 ok\n354 go on").await;
            line.message().await;
        }
        line.quiet().await;
        line.say("250 queued").await;
        line.good_bye().await;
    })
    .await;
    let relay = Relay::new(settings_at(peer.port, Security::Plain, None)).unwrap();
    let mut letters = Letters::new();
    letters.submit(&relay, "a b c d").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    relay.close().await;
    let ends = letters.ends(4).await;
    assert_eq!(ends, ["c not sent", "d not sent", "a accepted", "b accepted"]);
    letters.submit(&relay, "e").await;
    assert_eq!(letters.next().await, "e accepted");
    relay.close().await;
    assert_eq!(peer.finish().await, 2);
}

#[tokio::test]
async fn what_is_withdrawn_or_cannot_be_made_harms_no_other() {
    let server = ScriptedSmtp::start(pipelining("")).await;
    let (relay, mut letters) = (Relay::new(plain(&server)).unwrap(), Letters::new());
    letters.submit(&relay, "a").await;
    relay.submit(letters.in_mood("withdrawn", Mood::Withdrawn), usize::MAX).await;
    relay.submit(letters.in_mood("panics", Mood::Panics), usize::MAX).await;
    letters.submit(&relay, "b").await;
    let mut ends = letters.ends(4).await;
    ends.sort();
    assert_eq!(ends, ["a accepted", "b accepted", "panics not sent", "withdrawn not sent"]);
    relay.close().await;
    assert_eq!(server.seen().connections, 1);
}

/// The server took its time, and the right to send is gone: nothing of the message goes out.
#[tokio::test]
async fn the_right_to_send_is_asked_for_again_before_the_message() {
    for offers in [&["PIPELINING"][..], &[]] {
        let peer = Peer::start(move |mut line, number| async move {
            line.greet(offers).await;
            if number > 0 {
                return line.good_bye().await;
            }
            if offers.is_empty() {
                line.lock_step().await;
            } else {
                line.envelope().await;
                line.quiet().await;
                line.quiet().await;
                line.say("250 ok\n250 ok\n354 go on").await;
            }
            line.closed().await;
        })
        .await;
        let relay = Relay::new(settings_at(peer.port, Security::Plain, None)).unwrap();
        let mut letters = Letters::new();
        letters.submit(&relay, "a").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        letters.may_go.store(false, Ordering::SeqCst);
        assert_eq!(letters.next().await, "a not sent");
        relay.close().await;
        assert_eq!(peer.finish().await, 1);
    }
}

/// Down is only a relay that gives no connection at all; then one of many hears of it, the others come
/// back, and no attempt is spent.
#[tokio::test]
async fn a_relay_without_any_connection_is_down_and_hands_back_what_waits() {
    let server =
        ScriptedSmtp::start(Script::table("*\t1\tCONNECT\t421 4.3.2 no\n*\t2\tCONNECT\tclose")).await;
    let (relay, mut letters) = (Relay::new(plain(&server)).unwrap(), Letters::new());
    letters.submit(&relay, "a b").await;
    assert_eq!(letters.ends(2).await, ["a relay down", "b not sent"]);
    letters.submit(&relay, "a b").await;
    assert_eq!(letters.ends(2).await, ["a relay down", "b not sent"]);
    letters.submit(&relay, "a b").await;
    assert_eq!(letters.ends(2).await, ["a accepted", "b accepted"]);
    relay.close().await;
    assert_eq!(server.seen().attempts_at("a@example.org"), 1);
}

/// Whatever ends the process's tasks, what waits is told once, and nothing is begun anew for it.
#[test]
fn a_runtime_that_ends_in_a_panic_ends() {
    let ended = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = ScriptedSmtp::start(Script::table("*\talways\tMAIL\tsilence")).await;
            let relay = Relay::new(RelaySettings { connections: 4, ..plain(&server) }).unwrap();
            let letters = Letters::new();
            letters.submit(&relay, "a b c d").await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            panic!("the end");
        });
    });
    assert!(ended.join().is_err());
}

/// A parcel whose end hands in another at once.
struct Chain {
    relay: Relay,
    next: Box<Letter>,
}

impl Parcel for Chain {
    fn pack(&mut self) -> Option<Packed> {
        unreachable!("it never finds a connection")
    }

    fn may_go(&self) -> bool {
        true
    }

    fn done(self: Box<Self>, _: End) {
        self.relay.submit(self.next, usize::MAX).now_or_never().unwrap();
    }
}

#[tokio::test]
async fn what_comes_while_a_connection_is_given_up_finds_another() {
    let server = ScriptedSmtp::start(Script::table("*\t1\tCONNECT\t451 4.3.0 Not now")).await;
    let (relay, mut letters) = (Relay::new(plain(&server)).unwrap(), Letters::new());
    relay.submit(Box::new(Chain { relay: relay.clone(), next: letters.to("a") }), usize::MAX).await;
    let end = timeout(Duration::from_secs(5), letters.next()).await;
    assert_eq!(end.expect("it waits for ever"), "a accepted");
}
