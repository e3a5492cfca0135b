//! What each fault at each step comes to.

use futures_util::future::join_all;

use super::letter::Letters;
use super::*;
use crate::domain::shared_data::shared;

pub(super) const FAULTS: [&str; 7] = [
    "close",
    "silence",
    "garbage",
    "421 4.3.2 later",
    "451 4.3.0 later",
    "550 5.7.1 no",
    "close: 550 5.7.1 no",
];

/// Every fault at every step, alone on its server: the first message meets it, the second must get
/// through.
#[tokio::test]
async fn every_fault_at_every_step() {
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
        table.iter().flat_map(|(step, outcomes)| FAULTS.iter().zip(outcomes).map(move |pair| (*step, pair)));
    let modes = cases.flat_map(|case| [Script::table, pipelining].map(move |script| (script, case)));
    join_all(modes.map(|(script, (step, (fault, expected)))| async move {
        let script = script(&format!("*\t1\t{step}\t{fault}"));
        // It may have been the recipient after MAIL, whose reply was not sent yet: in lock-step it
        // shows that it was not.
        let pipelined = script.offers.iter().any(|offer| offer == "PIPELINING");
        let expected = if pipelined && (step, *fault) == ("MAIL", "close") { &"accepted" } else { expected };
        let server = ScriptedSmtp::start(script).await;
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

/// Every fault at every step of an envelope that goes out behind a message: the message before it and
/// the one after it get through, and a connection that ends costs it nothing.
#[tokio::test]
async fn every_fault_behind_a_message() {
    let before = ["accepted", "deferred", "deferred", "accepted", "deferred", "rejected", "rejected"];
    let table = [
        // A relay that ends a connection, or is short of something, at MAIL says nothing about it.
        (
            "*\t2\tMAIL",
            ["accepted", "accepted", "accepted", "accepted", "accepted", "relay down", "relay down"],
        ),
        ("b@example.org\t1\tRCPT", before),
        ("b@example.org\t1\tDATA", before),
        (
            "b@example.org\t1\tDOT",
            ["uncertain", "uncertain", "uncertain", "deferred", "deferred", "rejected", "rejected"],
        ),
    ];
    let cases =
        table.iter().flat_map(|(rule, outcomes)| FAULTS.iter().zip(outcomes).map(move |pair| (*rule, pair)));
    join_all(cases.map(|(rule, (fault, expected))| async move {
        let server = ScriptedSmtp::start(pipelining(&format!("{rule}\t{fault}"))).await;
        let (relay, mut letters) = (Relay::new(plain(&server)).unwrap(), Letters::new());
        letters.submit(&relay, "a b c").await;
        let mut ends = letters.ends(3).await;
        ends.sort();
        assert_eq!(
            ends,
            ["a accepted".to_owned(), format!("b {expected}"), "c accepted".to_owned()],
            "{rule} {fault}"
        );
        relay.close().await;
        assert!(letters.is_over());
        let seen = server.seen();
        for name in ["a", "b", "c"] {
            let taken = usize::from(name != "b" || *expected == "accepted");
            assert_eq!(seen.taken_by(&format!("{name}@example.org")), taken, "{name} {rule} {fault}");
        }
    }))
    .await;
}

/// For whom the relay hangs up each time, it is about him: he is deferred, and nobody beside him.
#[tokio::test]
async fn a_poisonous_recipient_suffers_alone() {
    for (step, expected) in
        [("RCPT", "poison deferred"), ("DATA", "poison deferred"), ("DOT", "poison uncertain")]
    {
        for script in [Script::table, pipelining] {
            let server =
                ScriptedSmtp::start(script(&format!("poison@example.org\talways\t{step}\tclose"))).await;
            let (relay, mut letters) = (Relay::new(plain(&server)).unwrap(), Letters::new());
            letters.submit(&relay, "a b poison c d").await;
            let mut ends = letters.ends(5).await;
            ends.sort();
            assert_eq!(ends, ["a accepted", "b accepted", "c accepted", "d accepted", expected], "{step}");
            relay.close().await;
            assert!(letters.is_over());
            assert!(server.seen().attempts_at("poison@example.org") <= 2);
        }
    }
}

/// Slow, but within the time for each reply.
#[tokio::test]
async fn dripping_replies_are_replies() {
    let steps = [("MAIL", "250 ok"), ("RCPT", "250 ok"), ("DATA", "354 go on"), ("DOT", "250 queued")];
    let cases = steps.iter().flat_map(|step| [Script::table, pipelining].map(move |script| (script, *step)));
    join_all(cases.map(|(script, (step, reply))| async move {
        let server = ScriptedSmtp::start(script(&format!("*\talways\t{step}\tdrip {reply}"))).await;
        let (relay, mut letters) = (Relay::new(plain(&server)).unwrap(), Letters::new());
        letters.submit(&relay, "a b").await;
        assert_eq!(letters.ends(2).await, ["a accepted", "b accepted"], "{step}");
        assert_eq!(server.seen().connections, 1, "{step}");
    }))
    .await;
}

/// Too slow is the same as silent: the time is for the whole reply.
#[tokio::test]
async fn replies_that_drip_too_slowly_are_none() {
    let long = "x".repeat(100);
    let table = [("MAIL", "relay down"), ("RCPT", "deferred"), ("DATA", "deferred"), ("DOT", "uncertain")];
    let cases = table.iter().flat_map(|case| [Script::table, pipelining].map(move |script| (script, *case)));
    join_all(cases.map(|(script, (step, expected))| {
        let drip = format!("*\t1\t{step}\tdrip 250 {long}");
        async move {
            let server = ScriptedSmtp::start(script(&drip)).await;
            let relay = Relay::new(plain(&server)).unwrap();
            assert_eq!(kind(&send(&relay, "a@example.org").await), expected, "{step}");
        }
    }))
    .await;
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

/// Case c31 with the table that tells its story; the pauses between attempts are the pipeline's.
#[tokio::test]
async fn temporary_failures() {
    let Some(table) = shared("cases/c31-temporary-failures/replies.tsv") else { return };
    let table = String::from_utf8(table).unwrap();
    for script in [Script::table, pipelining] {
        temporary_failures_on(ScriptedSmtp::start(script(&table)).await).await;
    }
}

async fn temporary_failures_on(server: ScriptedSmtp) {
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
