//! What the answers of a run look like together: whether so many hard bounces, or so many refusals in a
//! row, say more about us than about the readers.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::config::Config;
use crate::domain::delivery::{DeliveryState, Guard, Outcome};
use crate::domain::ids::EditionId;
use crate::domain::setback::Setback;
use crate::domain::streak::Streak;
use crate::mail::smtp::blame;

/// What the answers of a run look like together.
#[derive(Clone, Debug)]
pub struct Judge {
    /// The last outcomes: whether each was a hard bounce.
    window: VecDeque<bool>,
    /// Refusals in a row that are ours.
    streak: Streak,
}

impl Judge {
    /// Begins with the outcomes that the database knows, oldest first: `true` for a hard bounce.
    pub fn new(outcomes: Vec<bool>, config: &Config) -> Self {
        Self { window: outcomes.into(), streak: Streak::new(config.delivery.pause_after) }
    }

    /// Adds an outcome to the window and gives what the guard sees.
    fn add(&mut self, hard: bool) -> Guard {
        self.window.push_back(hard);
        while i64::try_from(self.window.len()).unwrap_or(i64::MAX) > Guard::WINDOW {
            self.window.pop_front();
        }
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        Guard {
            attempts: count(self.window.len()),
            hard: count(self.window.iter().filter(|hard| **hard).count()),
        }
    }

    /// Whether an answer is one for which a run is to stop at once: recording it will pause the edition.
    /// `guarded` says whether the guard may still trip.
    pub fn alarms(&mut self, outcome: &Outcome, guarded: bool) -> bool {
        let hard = matches!(outcome, Outcome::Bounced(_));
        let trips = self.add(hard).trips() && hard && guarded;
        self.too_many_in_a_row(outcome).is_some() || trips
    }

    /// Why the run is to pause, when with an outcome too many in a row were refused for reasons of ours.
    pub fn too_many_in_a_row(&mut self, outcome: &Outcome) -> Option<Setback> {
        self.streak.add(outcome, blame(outcome))
    }

    /// Whether with an outcome so many were hard bounces that the fault looks like ours.
    pub fn guard_trips(&mut self, state: DeliveryState) -> bool {
        let hard = state == DeliveryState::Bounced;
        self.add(hard).trips() && hard
    }
}

/// How the last outcomes of the editions that this process sends came out: asked of the database for
/// the first run of each, because that goes through all its deliveries, and kept for the next.
#[derive(Debug, Default)]
pub struct Windows(Mutex<HashMap<EditionId, VecDeque<bool>>>);

impl Windows {
    /// What is known of an edition, oldest first.
    pub fn of(&self, id: EditionId) -> Option<Vec<bool>> {
        self.all().get(&id).map(|window| window.iter().copied().collect())
    }

    /// Keeps what a run saw last.
    pub fn keep(&self, id: EditionId, judge: &Judge) {
        self.all().insert(id, judge.window.clone());
    }

    /// The edition is not sent any more.
    pub fn forget(&self, id: EditionId) {
        self.all().remove(&id);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<EditionId, VecDeque<bool>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU16;

    use super::*;

    #[test]
    fn the_next_run_knows_what_the_last_one_saw() {
        let (windows, id) = (Windows::default(), EditionId(7));
        let mut judge = Judge { window: vec![true].into(), streak: Streak::new(NonZeroU16::MAX) };
        judge.add(false);
        assert_eq!(windows.of(id), None);
        windows.keep(id, &judge);
        assert_eq!(windows.of(id), Some(vec![true, false]));
        windows.forget(id);
        assert_eq!(windows.of(id), None);
    }

    #[test]
    fn the_window_forgets_what_is_old() {
        let mut judge = Judge { window: vec![true; 30].into(), streak: Streak::new(NonZeroU16::MAX) };
        for _ in 0..200 {
            judge.add(false);
        }
        assert_eq!(judge.add(false), Guard { attempts: 200, hard: 0 });
    }
}
