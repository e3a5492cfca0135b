//! The keys that sign letters.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::problem::Problem;
use super::section::section;
use super::tree::Node;
use super::values::{HostName, Word, quoted};
use crate::domain::words::words;

words! {
    /// Whether a key signs.
    pub enum Signing {
        /// Yes.
        Now = "now",
        /// Not now: its record is published before it begins to sign, and stays after it ended.
        Standby = "standby",
    }
}

section! {
    /// A key that signs what goes out (DKIM). All keys of a sender's domain that sign do so together:
    /// usually an RSA and an Ed25519 one, which `newsletterd dkim new` makes. Without a section
    /// nothing is signed, which is right where the relay does it.
    pub struct Dkim {
        /// The domain of the senders (`from`) that it signs for; exactly that one, none below it.
        domain: HostName where a_domain,
        /// Its name in the DNS, where its record stands at `SELECTOR._domainkey.DOMAIN`.
        selector: Selector,
        /// A PEM file with the private key: PKCS#8, or PKCS#1 for RSA, which needs at least 2048 bits.
        /// See *Secrets* above; unlike a password, it has more than one line.
        key_file: PathBuf,
        /// Whether it signs: `now`, or `standby` for a key whose record stands in the DNS before or
        /// after its time. `newsletterd check` looks at both.
        sign: Signing = "\"now\"",
    }
}

/// The name of a key in the DNS: labels of lower-case letters, digits and hyphens, with dots between
/// (RFC 6376 3.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Selector(String);

impl Selector {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Selector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        <Self as Word>::parse(text)
    }
}

impl Word for Selector {
    const ONE: &'static str = "a selector of letters, digits and hyphens such as \"n202611-rsa\"";
    const MANY: &'static str = "a list of selectors";

    fn parse(text: &str) -> Result<Self, String> {
        let lower = text.to_ascii_lowercase();
        let sound = |label: &str| {
            let signs = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            (1..=63).contains(&label.len()) && signs && !label.starts_with('-') && !label.ends_with('-')
        };
        if lower.len() <= 120 && lower.split('.').all(sound) {
            return Ok(Self(lower));
        }
        Err(format!("{} is not {}", quoted(text), Self::ONE))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

fn a_domain(domain: &HostName) -> Option<String> {
    let is_address = domain.as_str().parse::<std::net::IpAddr>().is_ok();
    (is_address || !domain.as_str().contains('.'))
        .then(|| "is no domain that mail comes from; \"example.org\" would be right".to_owned())
}

/// Finds two keys under one name of the DNS, where only one record can stand.
pub(super) fn find_twins(root: &Node, problems: &mut Vec<Problem>) {
    let mut seen = BTreeMap::new();
    for (index, key) in root.get("dkim").map(Node::elements).unwrap_or_default().iter().enumerate() {
        let name = |part| key.get(part).and_then(Node::text).map(str::to_ascii_lowercase);
        let (Some(domain), Some(selector)) = (name("domain"), name("selector")) else { continue };
        if let Some(first) = seen.get(&(domain.clone(), selector.clone())) {
            let message = format!("{selector:?} is the selector of dkim[{first}] for {domain} already");
            problems.push(Problem {
                place: key.place.clone(),
                key: format!("dkim[{index}].selector"),
                message,
            });
        } else {
            seen.insert((domain, selector), index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_labels_of_the_dns() {
        assert_eq!(Selector::parse("N2026.A").unwrap().as_str(), "n2026.a");
        for bad in ["", "a b", "a_b", "-a", "a-", "a..b", ".", "მ", &"x".repeat(64), &"x.".repeat(60)] {
            assert!(Selector::parse(bad).is_err(), "{bad}");
        }
    }
}
