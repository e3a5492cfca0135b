//! Parcels that tell a test what became of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::super::*;
use super::{MESSAGE, envelope, kind};

/// What a letter does when it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    Usual,
    Withdrawn,
    Panics,
}

/// A parcel for `NAME@example.org`.
pub(super) struct Letter {
    name: String,
    mood: Mood,
    may_go: Arc<AtomicBool>,
    ends: UnboundedSender<(String, End)>,
}

impl Parcel for Letter {
    fn pack(&mut self) -> Option<Packed> {
        assert_ne!(self.mood, Mood::Panics, "a parcel that cannot be packed");
        let to = format!("{}@example.org", self.name);
        let packed = Packed { envelope: envelope(&to), data: MailData::new(MESSAGE) };
        (self.mood == Mood::Usual).then_some(packed)
    }

    fn may_go(&self) -> bool {
        self.may_go.load(Ordering::SeqCst)
    }

    fn done(self: Box<Self>, end: End) {
        let _ = self.ends.send((self.name, end));
    }
}

/// Makes letters, and hears of their ends.
pub(super) struct Letters {
    ends: UnboundedSender<(String, End)>,
    heard: UnboundedReceiver<(String, End)>,
    /// Whether what was made may still go.
    pub(super) may_go: Arc<AtomicBool>,
}

impl Letters {
    pub(super) fn new() -> Self {
        let (ends, heard) = unbounded_channel();
        Self { ends, heard, may_go: Arc::new(AtomicBool::new(true)) }
    }

    pub(super) fn in_mood(&self, name: &str, mood: Mood) -> Box<Letter> {
        let (may_go, ends) = (Arc::clone(&self.may_go), self.ends.clone());
        Box::new(Letter { name: name.to_owned(), mood, may_go, ends })
    }

    pub(super) fn to(&self, name: &str) -> Box<Letter> {
        self.in_mood(name, Mood::Usual)
    }

    /// Submits a letter for each of these names, in order.
    pub(super) async fn submit(&self, relay: &Relay, names: &str) {
        for name in names.split(' ') {
            relay.submit(self.to(name), usize::MAX).await;
        }
    }

    /// The next that ended, and how: `a accepted`.
    pub(super) async fn next(&mut self) -> String {
        let (name, end) = self.heard.recv().await.unwrap();
        match end {
            End::Outcome(outcome) => format!("{name} {}", kind(&outcome)),
            End::NotSent => format!("{name} not sent"),
        }
    }

    /// The next `count` ends, in order.
    pub(super) async fn ends(&mut self, count: usize) -> Vec<String> {
        let mut ends = Vec::new();
        while ends.len() < count {
            ends.push(self.next().await);
        }
        ends
    }

    /// Whether nothing more was heard: nobody ends twice.
    pub(super) fn is_over(&mut self) -> bool {
        self.heard.try_recv().is_err()
    }
}
