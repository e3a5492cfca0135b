//! The rate at which letters go out.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

/// Spreads messages evenly in time, so that a configured rate holds over all connections.
pub(super) struct Pacer {
    interval: Option<Duration>,
    next: Mutex<Instant>,
}

impl Pacer {
    pub(super) fn new(per_second: Option<f64>) -> Self {
        let interval = per_second.filter(|rate| *rate > 0.0).map(|rate| Duration::from_secs_f64(1.0 / rate));
        Self { interval, next: Mutex::new(Instant::now()) }
    }

    pub(super) async fn wait(&self) {
        let Some(interval) = self.interval else { return };
        let turn = {
            let mut next = self.next.lock().await;
            let turn = (*next).max(Instant::now());
            *next = turn + interval;
            turn
        };
        tokio::time::sleep_until(turn.into()).await;
    }
}
