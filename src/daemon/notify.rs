//! What systemd is told (sd_notify(3)): ready, reloading, stopping, and that the loops still turn.

use std::time::Duration;

use sd_notify::NotifyState;

/// Tells systemd; outside of systemd nobody listens, and nothing happens.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!("systemd could not be told: {error}");
    }
}

/// The daemon does its work.
pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// The daemon reads its configuration anew; [`ready`] follows.
pub fn reloading() {
    // systemd 253 and newer want to know since when, in the same message.
    match NotifyState::monotonic_usec_now() {
        Ok(since) => tell(&[NotifyState::Reloading, since]),
        Err(error) => tracing::debug!("the monotonic clock cannot be read: {error}"),
    }
}

/// The daemon stops.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// The daemon's loops still turn.
pub fn alive() {
    tell(&[NotifyState::Watchdog]);
}

/// How often [`alive`] is to be said; `None` when nobody watches.
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|limit| limit / 3)
}
