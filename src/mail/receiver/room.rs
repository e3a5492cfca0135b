//! Memory for messages that are coming in: all connections together may hold only so much.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What one message holds of the memory that all share; given back when this is dropped.
#[derive(Debug)]
pub(super) struct Room<'a> {
    all: &'a AtomicUsize,
    most: usize,
    own: usize,
}

impl<'a> Room<'a> {
    /// None yet, of at most `most` bytes that are counted in `all`.
    pub(super) const fn new(all: &'a AtomicUsize, most: usize) -> Self {
        Self { all, most, own: 0 }
    }

    /// Asks for room for `bytes` in all. False when there is none; then what was held is held on.
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.own);
        let sum = self.all.fetch_add(more, Ordering::Relaxed).saturating_add(more);
        if sum > self.most {
            self.all.fetch_sub(more, Ordering::Relaxed);
            return false;
        }
        self.own += more;
        true
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.all.fetch_sub(self.own, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_shared_and_given_back() {
        let all = AtomicUsize::new(0);
        let (mut one, mut other) = (Room::new(&all, 10), Room::new(&all, 10));
        assert!(one.grow(6) && one.grow(6) && other.grow(4) && !other.grow(5) && !one.grow(7));
        drop(one);
        assert!(other.grow(10));
        drop(other);
        assert_eq!(all.into_inner(), 0);
    }
}
