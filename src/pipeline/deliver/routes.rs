//! The relays that a run may use: which of them works now, and which one takes the next batch.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::config;
use crate::mail::smtp::Relay;
use crate::pipeline::relays::{WayOut, choose, turn};
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
    turns: AtomicU32,
}

impl Routes {
    pub(super) fn new(ways: &[&WayOut]) -> Self {
        let route = |way: &&WayOut| {
            let (relay, config) = (way.relay.clone(), way.settings.clone());
            Arc::new(Route { relay, config, down: AtomicBool::new(false), failed_at: Mutex::new(None) })
        };
        Self { routes: ways.iter().map(route).collect(), turns: AtomicU32::new(0) }
    }

    /// Takes over what the database knows; when none works, gives when the first may be tried again.
    pub(super) fn learn(&self, states: &[RelayState], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut first: Option<DateTime<Utc>> = None;
        for route in &self.routes {
            let state = states.iter().find(|state| state.relay == route.relay.name());
            let until = state.and_then(|state| state.down_until).filter(|until| *until > now);
            route.down.store(until.is_some(), Ordering::Relaxed);
            first = [first, until].into_iter().flatten().min();
        }
        first.filter(|_| self.are_down())
    }

    /// How many connections all of them have together, at most.
    pub(super) fn connections(&self) -> usize {
        self.routes.iter().map(|route| usize::from(route.config.connections.get())).sum()
    }

    /// Whether no relay works.
    pub(super) fn are_down(&self) -> bool {
        self.routes.iter().all(|route| route.is_down())
    }

    /// Whether another relay than the one of this name works.
    pub(super) fn has_other(&self, than: &str) -> bool {
        self.routes.iter().any(|route| route.relay.name() != than && !route.is_down())
    }

    /// The relays that work: the one first whose turn it is by its weight, then the others.
    pub(super) fn in_turn(&self) -> Vec<Arc<Route>> {
        let mut working: Vec<_> = self.routes.iter().filter(|route| !route.is_down()).cloned().collect();
        let weights: Vec<_> = working.iter().map(|route| route.config.weight.get()).collect();
        let at = turn(self.turns.fetch_add(1, Ordering::Relaxed));
        if let Some(next) = choose(&weights, at) {
            working.swap(0, next);
        }
        working
    }
}
