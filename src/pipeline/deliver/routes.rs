//! The relays that a run may use: which of them works now, and which one takes the next batch.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::config;
use crate::mail::smtp::Relay;
use crate::store::relays::RelayState;

/// A relay that failed is left alone for so long, until the database says for how long.
const REST: Duration = Duration::from_secs(1);

/// One relay, as a run sees it.
pub(super) struct Route {
    pub(super) relay: Relay,
    pub(super) config: config::Relay,
    /// The database has it as down.
    down: AtomicBool,
    /// It failed in this run, before the database heard of it.
    failed_at: Mutex<Option<Instant>>,
}

impl Route {
    /// Whether it is left alone now.
    pub(super) fn is_down(&self) -> bool {
        let failed_at = *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
        self.down.load(Ordering::Relaxed) || failed_at.is_some_and(|at| at.elapsed() < REST)
    }

    /// Leaves it alone from now.
    pub(super) fn rest(&self) {
        *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

/// All relays of a run.
pub(super) struct Routes {
    routes: Vec<Arc<Route>>,
    /// How far each is behind its share of the letters.
    owed: Mutex<Vec<f64>>,
}

impl Routes {
    pub(super) fn new<'a>(relays: impl Iterator<Item = (&'a config::Relay, &'a Relay)>) -> Self {
        let routes: Vec<_> = relays
            .map(|(config, relay)| {
                Arc::new(Route {
                    relay: relay.clone(),
                    config: config.clone(),
                    down: AtomicBool::new(false),
                    failed_at: Mutex::new(None),
                })
            })
            .collect();
        let owed = Mutex::new(vec![0.0; routes.len()]);
        Self { routes, owed }
    }

    /// Takes over what the database knows; when none works, gives when the first may be tried again.
    pub(super) fn learn(&self, states: &[RelayState], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut first: Option<DateTime<Utc>> = None;
        for route in &self.routes {
            let state = states.iter().find(|state| state.relay == route.relay.name());
            let until = state.and_then(|state| state.down_until).filter(|until| *until > now);
            route.down.store(until.is_some(), Ordering::Relaxed);
            first = match (first, until) {
                (Some(first), Some(until)) => Some(first.min(until)),
                (None, until) => until,
                (first, None) => first,
            };
        }
        first.filter(|_| self.are_down())
    }

    /// Whether no relay works.
    pub(super) fn are_down(&self) -> bool {
        self.routes.iter().all(|route| route.is_down())
    }

    /// Whether another relay than this one works.
    pub(super) fn has_other(&self, than: &Route) -> bool {
        self.routes.iter().any(|route| route.relay.name() != than.relay.name() && !route.is_down())
    }

    /// The relays that work, the one first whose turn it is: who is owed most by its weight.
    pub(super) fn in_turn(&self) -> Vec<Arc<Route>> {
        let owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut working: Vec<_> =
            self.routes.iter().zip(owed.iter()).filter(|(route, _)| !route.is_down()).collect();
        let share = |route: &Route| f64::from(route.config.weight.get());
        working.sort_by(|(a, owed_a), (b, owed_b)| {
            (*owed_b + share(b)).total_cmp(&(*owed_a + share(a)))
        });
        working.into_iter().map(|(route, _)| Arc::clone(route)).collect()
    }

    /// Notes that a relay took over `n` letters: the others that work are owed their part of as many.
    pub(super) fn took(&self, taker: &Route, n: usize) {
        let working: Vec<bool> = self.routes.iter().map(|route| !route.is_down()).collect();
        let weight = |route: &Route| f64::from(route.config.weight.get());
        let total: f64 = self.routes.iter().zip(&working).filter(|(_, up)| **up).map(|(r, _)| weight(r)).sum();
        let n = f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        for ((route, owed), up) in self.routes.iter().zip(owed.iter_mut()).zip(working) {
            if route.relay.name() == taker.relay.name() {
                *owed -= n;
            }
            if up && total > 0.0 {
                *owed += n * weight(route) / total;
            } else {
                // Who was away makes up for nothing.
                *owed = 0.0;
            }
        }
    }

    /// All of them.
    pub(super) fn all(&self) -> &[Arc<Route>] {
        &self.routes
    }
}
