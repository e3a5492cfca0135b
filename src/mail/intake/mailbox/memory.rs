//! What this process knows of the mails that stay in a mailbox, so that none is fetched for ever.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// After so many connections that broke while one and the same mail was fetched it is let be.
const PATIENCE: u8 = 3;

/// Mails by what the server calls them.
pub(super) struct Memory<Id> {
    /// They were looked at and stay where they are.
    left: HashSet<Id>,
    /// How often the connection broke while they were fetched.
    broke: HashMap<Id, u8>,
    /// What is being fetched.
    fetching: Option<Id>,
}

impl<Id> Default for Memory<Id> {
    fn default() -> Self {
        Self { left: HashSet::new(), broke: HashMap::new(), fetching: None }
    }
}

impl<Id: Hash + Eq + Clone> Memory<Id> {
    /// A mail stays where it is, and is not looked at again.
    pub(super) fn leave(&mut self, id: Id) {
        self.left.insert(id);
    }

    /// Whether a mail was looked at and left.
    pub(super) fn is_left(&self, id: &Id) -> bool {
        self.left.contains(id)
    }

    /// Whether a mail cannot be fetched, as far as we could find out.
    pub(super) fn cannot_be_had(&self, id: &Id) -> bool {
        self.broke.get(id).is_some_and(|times| *times >= PATIENCE)
    }

    /// A mail is about to be fetched.
    pub(super) fn begin(&mut self, id: &Id) {
        self.fetching = Some(id.clone());
    }

    /// It was.
    pub(super) fn end(&mut self) {
        if let Some(id) = self.fetching.take() {
            self.broke.remove(&id);
        }
    }

    /// The connection broke. When that was while a mail was fetched, it counts against that mail;
    /// `hopeless` says that trying again would not help.
    pub(super) fn broken(&mut self, hopeless: bool) {
        if let Some(id) = self.fetching.take() {
            let times = self.broke.entry(id).or_default();
            *times = if hopeless { PATIENCE } else { times.saturating_add(1) };
        }
    }

    /// Forgets what is not there any more.
    pub(super) fn retain(&mut self, there: impl Fn(&Id) -> bool) {
        self.left.retain(&there);
        self.broke.retain(|id, _| there(id));
    }
}

#[test]
fn a_mail_that_breaks_the_connection_again_and_again_is_let_be() {
    let mut memory = Memory::default();
    for expected in [false, false, true] {
        memory.begin(&7);
        memory.broken(false);
        assert_eq!(memory.cannot_be_had(&7), expected);
    }
    // One that was fetched in the end begins anew; one that is too large needs no second time.
    memory.begin(&8);
    memory.broken(false);
    memory.begin(&8);
    memory.end();
    memory.broken(true);
    assert!(!memory.cannot_be_had(&8));
    memory.begin(&9);
    memory.broken(true);
    memory.leave(9);
    assert!(memory.cannot_be_had(&9) && memory.is_left(&9));
    memory.retain(|id| *id != 9);
    assert!(!memory.cannot_be_had(&9) && !memory.is_left(&9) && memory.cannot_be_had(&7));
}
