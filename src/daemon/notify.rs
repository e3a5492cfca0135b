//! What systemd is told (sd_notify(3)): ready, reloading, stopping, and that the loops still turn.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use sd_notify::NotifyState;

/// Tells systemd; outside of systemd nobody listens, and nothing happens.
fn tell(states: &[NotifyState<'_>]) {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let message: String = states.iter().map(|state| format!("{state}\n")).collect();
    if let Err(error) = send(&socket, message.as_bytes()) {
        tracing::debug!("systemd could not be told: {error}");
    }
}

/// Sends to the socket of that name; one that begins with `@` is abstract. Never waits: who listens may
/// be slow or gone, and a thread that waits for it would stand in the way of all else.
fn send(socket: &OsStr, message: &[u8]) -> io::Result<()> {
    let address = match socket.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(socket)?,
    };
    let sender = UnixDatagram::unbound()?;
    sender.set_nonblocking(true)?;
    sender.send_to_addr(message, &address).map(|_| ())
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn who_does_not_listen_holds_up_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let deaf = UnixDatagram::bind(&path).unwrap();
        let (tell, told) = channel();
        std::thread::spawn(move || {
            let sent = (0..10_000).filter(|_| send(path.as_os_str(), b"WATCHDOG=1\n").is_ok()).count();
            tell.send(sent)
        });
        let sent = told.recv_timeout(Duration::from_secs(10)).expect("it waits");
        assert!((1..10_000).contains(&sent), "{sent}");
        let mut message = [0; 32];
        let length = deaf.recv(&mut message).unwrap();
        assert_eq!(&message[..length], b"WATCHDOG=1\n");
    }

    #[test]
    fn abstract_names_are_sent_to() {
        let name = format!("newsletterd-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(name.as_bytes()).unwrap();
        let socket = UnixDatagram::bind_addr(&address).unwrap();
        send(OsStr::new(&format!("@{name}")), b"READY=1\n").unwrap();
        let mut message = [0; 32];
        assert_eq!(socket.recv(&mut message).unwrap(), 8);
    }
}
