//! The limits of mailbox providers, as this process may use them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use crate::config::{self, Rate};
use crate::domain::lane::Lane;

/// What limits a lane; nothing where it is not a provider's.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Letters on their way at once.
    pub connections: Option<Arc<Semaphore>>,
    /// Letters a second, of all daemons together.
    pub rate: Option<f64>,
}

/// All providers of the configuration.
#[derive(Debug, Default)]
pub struct Providers(BTreeMap<String, Provider>);

#[derive(Debug)]
struct Provider {
    connections: Option<Connections>,
    rate: Option<f64>,
}

/// A provider's connections: how many there may be of all daemons, and how many of them are ours.
#[derive(Debug)]
struct Connections {
    all: usize,
    ours: Mutex<usize>,
    places: Arc<Semaphore>,
}

impl Providers {
    /// The limits as configured, all of them ours.
    pub fn new(providers: &[config::Provider]) -> Self {
        let connections =
            |all: usize| Connections { all, ours: Mutex::new(all), places: Arc::new(Semaphore::new(all)) };
        let limits = |provider: &config::Provider| Provider {
            connections: provider.connections.map(|all| connections(all.get().into())),
            rate: provider.rate.map(Rate::per_second),
        };
        Self(providers.iter().map(|provider| (provider.name.as_str().to_owned(), limits(provider))).collect())
    }

    /// What limits a lane.
    pub fn limits(&self, lane: &Lane) -> Limits {
        let Lane::Provider(name) = lane else { return Limits::default() };
        self.0.get(&**name).map_or_else(Limits::default, |provider| Limits {
            connections: provider.connections.as_ref().map(|connections| Arc::clone(&connections.places)),
            rate: provider.rate,
        })
    }

    /// Shares connections out among so many daemons: each has its part, at least one.
    pub fn share(&self, daemons: usize) {
        for connections in self.0.values().filter_map(|provider| provider.connections.as_ref()) {
            connections.set((connections.all / daemons.max(1)).max(1));
        }
    }
}

impl Connections {
    fn set(&self, wanted: usize) {
        let mut ours = self.ours.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted > *ours {
            self.places.add_permits(wanted - *ours);
            *ours = wanted;
        } else {
            // What is in use now is taken away when this is called again.
            *ours -= self.places.forget_permits(*ours - wanted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_shared_out_and_come_back() {
        let connections = Connections { all: 7, ours: Mutex::new(7), places: Arc::new(Semaphore::new(7)) };
        let in_use = Arc::clone(&connections.places).try_acquire_many_owned(6).unwrap();
        connections.set(2);
        assert_eq!(connections.places.available_permits(), 0, "six are in use");
        drop(in_use);
        connections.set(2);
        assert_eq!(connections.places.available_permits(), 2);
        connections.set(7);
        assert_eq!(connections.places.available_permits(), 7);
    }
}
