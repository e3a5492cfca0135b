//! What one address may use up: connections at once, and messages a minute.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The time in which an address's messages are counted.
const WINDOW: Duration = Duration::from_secs(60);
/// With more addresses than this, those that have left and sent nothing lately are forgotten.
const KNOWN_MAX: usize = 10_000;

/// What one address may use up. Of IPv6 a /64 counts as one address, since it is one house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerAddress {
    /// Connections at once; further ones get a 421.
    pub connections: usize,
    /// Messages within a minute; further ones get a 451 4.7.1.
    pub messages: u32,
    /// Whether this machine's own addresses are free of both: a mail server beside us hands over
    /// what came to it from everywhere.
    pub spares_loopback: bool,
}

/// Who is here, and who was lately.
#[derive(Debug)]
pub(super) struct Guests {
    limits: Option<PerAddress>,
    known: Mutex<HashMap<IpAddr, Guest>>,
}

#[derive(Debug)]
struct Guest {
    connections: usize,
    since: Instant,
    messages: u32,
}

/// A guest's connection; it ends when this is dropped.
pub(super) struct Stay<'a> {
    guests: &'a Guests,
    address: Option<IpAddr>,
}

impl Guests {
    pub(super) fn new(limits: Option<PerAddress>) -> Self {
        Self { limits, known: Mutex::new(HashMap::new()) }
    }

    /// Lets a peer in, unless its address has too many connections.
    pub(super) fn enter(&self, peer: IpAddr) -> Option<Stay<'_>> {
        let Some((limits, address)) = self.counted(peer) else {
            return Some(Stay { guests: self, address: None });
        };
        let mut known = self.known();
        if known.len() >= KNOWN_MAX {
            known.retain(|_, guest| guest.connections > 0 || guest.since.elapsed() < WINDOW);
        }
        if known.len() >= KNOWN_MAX {
            known.retain(|_, guest| guest.connections > 0);
        }
        let guest = known.entry(address).or_insert_with(|| Guest {
            connections: 0,
            since: Instant::now(),
            messages: 0,
        });
        if guest.connections >= limits.connections {
            return None;
        }
        guest.connections += 1;
        Some(Stay { guests: self, address: Some(address) })
    }

    /// Counts a message that begins. False when there were too many within the minute.
    pub(super) fn may_send(&self, peer: IpAddr) -> bool {
        let Some((limits, address)) = self.counted(peer) else { return true };
        let mut known = self.known();
        let Some(guest) = known.get_mut(&address) else { return true };
        if guest.since.elapsed() >= WINDOW {
            (guest.since, guest.messages) = (Instant::now(), 0);
        }
        guest.messages = guest.messages.saturating_add(1);
        guest.messages <= limits.messages
    }

    fn counted(&self, peer: IpAddr) -> Option<(PerAddress, IpAddr)> {
        let limits = self.limits?;
        let peer = peer.to_canonical();
        (!(limits.spares_loopback && peer.is_loopback())).then(|| (limits, house(peer)))
    }

    fn known(&self) -> MutexGuard<'_, HashMap<IpAddr, Guest>> {
        // Counts are whole after any panic.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stay<'_> {
    fn drop(&mut self) {
        let Some(address) = self.address else { return };
        if let Some(guest) = self.guests.known().get_mut(&address) {
            guest.connections = guest.connections.saturating_sub(1);
        }
    }
}

fn house(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: PerAddress = PerAddress { connections: 2, messages: 3, spares_loopback: true };

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn connections_are_counted_by_house() {
        let guests = Guests::new(Some(LIMITS));
        let first = guests.enter(ip("2001:db8::1"));
        let second = guests.enter(ip("2001:db8::2"));
        assert!(first.is_some() && second.is_some() && guests.enter(ip("2001:db8::3")).is_none());
        assert!(guests.enter(ip("2001:db8:0:1::1")).is_some());
        drop(first);
        assert!(guests.enter(ip("2001:db8::3")).is_some());
        let stays: Vec<_> = (0..9).map(|_| guests.enter(ip("::ffff:127.0.0.1"))).collect();
        assert!(stays.iter().all(Option::is_some));
    }

    #[tokio::test(start_paused = true)]
    async fn messages_are_counted_by_minute() {
        let guests = Guests::new(Some(LIMITS));
        let peer = ip("192.0.2.1");
        // Another connection does not begin the minute anew.
        for expected in [true, true, true, false, false] {
            let _stay = guests.enter(peer).unwrap();
            assert_eq!(guests.may_send(peer), expected);
        }
        tokio::time::advance(WINDOW).await;
        assert!(guests.may_send(peer));
        assert!((0..9).all(|_| guests.may_send(ip("127.0.0.1"))));
    }

    #[test]
    fn a_crowd_is_forgotten() {
        let guests = Guests::new(Some(LIMITS));
        let stay = guests.enter(ip("192.0.2.1")).unwrap();
        for number in 0..20_000_u32 {
            let _ = guests.enter(IpAddr::V4((0x0a00_0000 + number).into()));
        }
        assert!(guests.known().len() <= KNOWN_MAX && guests.known().contains_key(&ip("192.0.2.1")));
        drop(stay);
    }
}
