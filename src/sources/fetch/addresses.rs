//! Which network addresses may be fetched from.
//!
//! Feed addresses are typed by people or belong to others; without this rule they could make the
//! daemon knock at the machine itself, at the newsroom's own network, or at a cloud's metadata
//! service.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::FetchError;

/// Hosts and addresses that are exempt from the rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Exempt {
    /// Lower-case, without a final dot.
    hosts: Vec<String>,
    /// Address and length of its network part in bits.
    networks: Vec<(IpAddr, u32)>,
}

impl Exempt {
    /// Reads host names, addresses and CIDR blocks.
    pub fn parse(entries: &[String]) -> Result<Self, FetchError> {
        let mut exempt = Self::default();
        for entry in entries {
            let bad = || FetchError::BadRule { rule: entry.clone() };
            let text = entry.trim().trim_start_matches('[').trim_end_matches(']');
            let (address, length) =
                text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
            match (address.parse::<IpAddr>(), length) {
                (Ok(ip), length) => {
                    let bits = if ip.is_ipv4() { 32 } else { 128 };
                    let length = length
                        .map_or(Some(bits), |length| length.parse().ok())
                        .filter(|length| *length <= bits);
                    exempt.networks.push((ip, length.ok_or_else(bad)?));
                }
                (Err(_), None) => {
                    let host = idna::domain_to_ascii_strict(text.trim_end_matches('.')).map_err(|_| bad())?;
                    exempt.hosts.push(Some(host).filter(|host| !host.is_empty()).ok_or_else(bad)?);
                }
                (Err(_), Some(_)) => return Err(bad()),
            }
        }
        Ok(exempt)
    }

    /// Whether `host` may be at any address.
    pub fn has_host(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        self.hosts.iter().any(|exempt| exempt.eq_ignore_ascii_case(host))
    }

    /// Why `ip` may not be fetched from; `None` when it may.
    pub fn objection(&self, ip: IpAddr) -> Option<&'static str> {
        let is_exempt = self.networks.iter().any(|(network, length)| contains(*network, *length, ip));
        if is_exempt { None } else { objection(ip) }
    }
}

fn contains(network: IpAddr, length: u32, ip: IpAddr) -> bool {
    match (network, ip) {
        (IpAddr::V4(network), IpAddr::V4(ip)) => {
            (network.to_bits() ^ ip.to_bits()).checked_shr(32 - length).unwrap_or(0) == 0
        }
        (IpAddr::V6(network), IpAddr::V6(ip)) => {
            (network.to_bits() ^ ip.to_bits()).checked_shr(128 - length).unwrap_or(0) == 0
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

/// Blocks of the IANA special-purpose registries (RFC 6890 and its successors) that are not part of
/// the public web. The documentation blocks are left out: nobody is there.
fn objection(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(ip) => objection_v4(ip),
        IpAddr::V6(ip) => embedded_v4(ip).map_or_else(|| objection_v6(ip), objection_v4),
    }
}

fn objection_v4(ip: Ipv4Addr) -> Option<&'static str> {
    match ip.octets() {
        [0, ..] => Some("an unspecified address"),
        [127, ..] => Some("a loopback address"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some("a private address"),
        [100, 64..=127, ..] => Some("a carrier's private address"),
        [169, 254, ..] => Some("a link-local address"),
        [192, 0, 0, _] | [198, 18..=19, ..] => Some("an address for special purposes"),
        [224..=239, ..] => Some("a multicast address"),
        [240..=255, ..] => Some("a reserved address"),
        _ => None,
    }
}

fn objection_v6(ip: Ipv6Addr) -> Option<&'static str> {
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some("an unspecified address"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("a loopback address"),
        [0xfc00..=0xfdff, ..] => Some("a private address"),
        [0xfe80..=0xfebf, ..] => Some("a link-local address"),
        [0xfec0..=0xfeff, ..] => Some("a site-local address"),
        [0xff00..=0xffff, ..] => Some("a multicast address"),
        // Local-use translation, discard-only, Teredo and other protocol assignments.
        [0x64, 0xff9b, 1, ..] | [0x100, 0, 0, 0, ..] | [0x2001, 0..=0x1ff, ..] => {
            Some("an address for special purposes")
        }
        _ => None,
    }
}

/// The IPv4 address that an IPv6 address leads to: mapped (RFC 4291 2.5.5), NAT64 (RFC 6052), 6to4
/// (RFC 3056).
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let of = |high: u16, low: u16| Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => of(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => of(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(ip: &str) -> bool {
        objection(ip.parse().unwrap()).is_some()
    }

    #[test]
    fn nothing_but_the_public_web_is_open() {
        for ip in [
            "0.0.0.0",
            "127.0.0.1",
            "127.8.8.8",
            "10.0.0.5",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "169.254.169.254",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a00:5::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "2001::1",
            "::ffff:0:127.0.0.1",
        ] {
            assert!(refused(ip), "{ip}");
        }
        for ip in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "2001:db8::1",
            "::ffff:1.1.1.1",
        ] {
            assert!(!refused(ip), "{ip}");
        }
    }

    #[test]
    fn exemptions_cover_what_they_name() {
        let entries = ["Feeds.Example.org.", "10.1.0.0/16", "127.0.0.1", "[::1]", "fd00::/8", "0.0.0.0/0"]
            .map(str::to_owned);
        let exempt = Exempt::parse(&entries[..5]).unwrap();
        assert!(exempt.has_host("feeds.example.org") && !exempt.has_host("example.org"));
        for (ip, open) in [
            ("10.1.2.3", true),
            ("10.2.0.1", false),
            ("127.0.0.1", true),
            ("127.0.0.2", false),
            ("::1", true),
            ("fd00::5", true),
        ] {
            assert_eq!(exempt.objection(ip.parse().unwrap()).is_none(), open, "{ip}");
        }
        assert_eq!(Exempt::parse(&entries[5..]).unwrap().objection("192.168.0.1".parse().unwrap()), None);
        for bad in ["10.0.0.0/33", "a/8", "", "a b"] {
            assert!(Exempt::parse(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
