//! One lane of a run: how many letters it has in hand, how many it wants at once, and what came
//! back to it unsent.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

use super::shared::Job;
use crate::domain::lane::Lane;

/// The fewest letters asked for at once.
const LEAST: usize = 16;
/// A claim is about as much as goes out in this time, so that with one in hand and one in reserve a
/// run never has more than two seconds' worth of its rate.
const WORTH: Duration = Duration::from_millis(500);

/// How letters follow each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// When the next may go out.
    pub(super) free_at: Instant,
    /// From one to the next.
    pub(super) spacing: Duration,
}

/// A lane as one run sees it.
pub(super) struct LaneState {
    pub(super) lane: Lane,
    /// Its provider's connections, where they are limited.
    pub(super) connections: Option<Arc<Semaphore>>,
    /// Letters a second to its provider, where they are limited.
    pub(super) rate: Option<f64>,
    /// Claimed, and not recorded yet.
    in_hand: AtomicUsize,
    /// How many are asked for at once.
    size: AtomicUsize,
    pace: Mutex<Pace>,
    /// What came back unsent; it is still claimed.
    returned: Mutex<Vec<Job>>,
    changed: Notify,
}

impl LaneState {
    pub(super) fn new(lane: Lane, connections: Option<Arc<Semaphore>>, rate: Option<f64>) -> Self {
        Self {
            lane,
            connections,
            rate,
            in_hand: AtomicUsize::new(0),
            size: AtomicUsize::new(LEAST),
            pace: Mutex::new(Pace { free_at: Instant::now(), spacing: Duration::ZERO }),
            returned: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// How many letters it asks for at once.
    pub(super) fn size(&self) -> usize {
        self.size.load(Ordering::Relaxed)
    }

    /// Learns from `n` letters that went out in `took`.
    pub(super) fn learn(&self, n: usize, took: Duration, most: usize) {
        self.size.store(next_size(self.size(), n, took, most), Ordering::Relaxed);
    }

    /// How many are out of hand: with a relay, or answered and not recorded yet.
    pub(super) fn out(&self) -> usize {
        let returned = self.returned.lock().unwrap_or_else(PoisonError::into_inner).len();
        self.in_hand.load(Ordering::SeqCst).saturating_sub(returned)
    }

    /// The pace of the letters before.
    pub(super) fn pace(&self) -> Pace {
        *self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Letters went out at this pace.
    pub(super) fn keep_pace(&self, pace: Pace) {
        *self.pace.lock().unwrap_or_else(PoisonError::into_inner) = pace;
    }

    pub(super) fn claimed(&self, n: usize) {
        self.in_hand.fetch_add(n, Ordering::SeqCst);
    }

    pub(super) fn recorded(&self) {
        self.in_hand.fetch_sub(1, Ordering::SeqCst);
        self.changed.notify_one();
    }

    /// Keeps what was not sent for another try under the same claim.
    pub(super) fn put_back(&self, job: Job) {
        self.returned.lock().unwrap_or_else(PoisonError::into_inner).push(job);
        self.changed.notify_one();
    }

    /// What came back, up to `most`.
    pub(super) fn take_returned(&self, most: usize) -> Vec<Job> {
        let mut returned = self.returned.lock().unwrap_or_else(PoisonError::into_inner);
        let rest = returned.len().saturating_sub(most);
        returned.split_off(rest)
    }

    /// Whether all that is in hand has come back unsent.
    pub(super) fn is_at_rest(&self) -> bool {
        self.out() == 0
    }

    /// Waits for a change.
    pub(super) async fn change(&self) {
        self.changed.notified().await;
    }
}

/// How many letters to ask for after `n` of them took so long to go out.
fn next_size(size: usize, n: usize, took: Duration, most: usize) -> usize {
    if n == 0 {
        return size;
    }
    let n = f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    let worth = n / took.as_secs_f64().max(0.001) * WORTH.as_secs_f64();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded right after")]
    let worth = worth.min(1_000_000.0) as usize;
    // By doubling at most: a first burst into empty buffers says little.
    worth.clamp(LEAST, (size * 2).max(LEAST)).min(most.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_half_a_second_of_what_went_out() {
        for (size, n, millis, next) in [
            // Fast: it doubles up to what it is worth.
            (16, 16, 1, 32),
            (256, 256, 64, 500),
            (500, 500, 150, 500),
            (100, 100, 100, 200),
            // Slow: it shrinks at once.
            (500, 500, 10_000, 25),
            (16, 16, 60_000, 16),
            // Nothing went out: nothing is learnt.
            (64, 0, 1_000, 64),
        ] {
            assert_eq!(next_size(size, n, Duration::from_millis(millis), 500), next, "{size} {n} {millis}");
        }
    }
}
