//! How fast it goes, and that nothing stalls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::mail::receiver::{Handler, Limits, Received, Receiver, Verdict};

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
