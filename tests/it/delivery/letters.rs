//! A receiver that counts: the program's own one, so that it speaks SMTP as servers do, in the
//! process of the test. Whatever it holds has arrived, whether its answer was heard or not.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use newsletterd::mail::receiver::{Handler, Limits, Received, Receiver, Verdict};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::support::wait;

/// A letter that has arrived.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its recipient.
    pub to: String,
    /// Its Message-ID.
    pub message_id: String,
    /// When it was whole.
    pub at: Instant,
}

#[derive(Default)]
struct Seen {
    /// Whole letters, in the order of their arrival.
    arrived: Vec<Letter>,
    /// How many of them were answered for.
    answered: usize,
}

/// The receiver.
pub struct Letters {
    /// Where it listens.
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    stop: CancellationToken,
}

struct Counter {
    seen: Arc<Mutex<Seen>>,
    delay: Duration,
}

impl Handler for Counter {
    async fn receive(&self, message: Received) -> Verdict {
        let letter = Letter {
            to: message.rcpt_to[0].clone(),
            message_id: header(&message.bytes, "Message-ID"),
            at: Instant::now(),
        };
        self.seen.lock().unwrap().arrived.push(letter);
        tokio::time::sleep(self.delay).await;
        self.seen.lock().unwrap().answered += 1;
        Verdict::Accept
    }
}

impl Letters {
    /// Starts one that takes `delay` over each letter, between its last byte and the answer.
    pub async fn start(delay: Duration) -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), delay).await
    }

    /// The same, at an address that was made known before.
    pub async fn start_at(address: SocketAddr, delay: Duration) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let stop = CancellationToken::new();
        let counter = Counter { seen: Arc::clone(&seen), delay };
        let receiver = Receiver::new("receiver.test", Limits::default(), counter);
        tokio::spawn(receiver.serve(listener, stop.clone()));
        Self { address, seen, stop }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// How many letters have arrived whole.
    pub fn arrived(&self) -> usize {
        self.seen().arrived.len()
    }

    /// How many of them were answered for.
    pub fn answered(&self) -> usize {
        self.seen().answered
    }

    /// All letters, in the order of their arrival.
    pub fn all(&self) -> Vec<Letter> {
        self.seen().arrived.clone()
    }

    /// How many different readers have one.
    pub fn readers(&self) -> usize {
        self.seen().arrived.iter().map(|letter| letter.to.as_str()).collect::<BTreeSet<_>>().len()
    }

    /// Forgets what has arrived: another edition begins.
    pub fn forget(&self) {
        *self.seen() = Seen::default();
    }

    /// Forgets the letters to somebody who is no reader; there must have been `n`.
    pub fn forget_all_to(&self, address: &str, n: usize) {
        let mut seen = self.seen();
        let before = seen.arrived.len();
        seen.arrived.retain(|letter| letter.to != address);
        assert_eq!(before - seen.arrived.len(), n, "letters to {address}");
    }

    /// Forgets the mails that tell ops of alerts, which are no letters.
    pub fn forget_alerts(&self) {
        self.seen().arrived.retain(|letter| letter.to != super::newsroom::OPS);
    }

    /// Waits until at least `n` letters have arrived.
    pub fn wait_arrived(&self, n: usize, limit: Duration) {
        wait::until(&format!("{n} letters"), limit, || (self.arrived() >= n).then_some(()));
    }

    /// Checks that each of `readers` has a letter and nobody else has, that repeats bear the
    /// Message-ID of the first and no two readers share one; gives how many letters were repeats.
    pub fn repeats(&self, readers: &[String]) -> usize {
        let letters = self.all();
        let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for letter in &letters {
            assert!(!letter.message_id.is_empty());
            ids.entry(letter.to.clone()).or_default().insert(letter.message_id.clone());
        }
        let expected: BTreeSet<_> = readers.iter().cloned().collect();
        assert_eq!(ids.keys().cloned().collect::<BTreeSet<_>>(), expected, "who has a letter");
        for (reader, ids) in &ids {
            assert_eq!(ids.len(), 1, "{reader} has letters with several Message-IDs: {ids:?}");
        }
        let different: BTreeSet<_> = ids.values().flatten().collect();
        assert_eq!(different.len(), readers.len(), "readers share a Message-ID");
        letters.len() - readers.len()
    }
}

impl Drop for Letters {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A header field of a message, unfolded.
pub fn header(message: &[u8], name: &str) -> String {
    use mailparse::MailHeaderMap as _;
    let (headers, _) = mailparse::parse_headers(message).unwrap();
    headers.get_first_value(name).unwrap_or_default()
}
