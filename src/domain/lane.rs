//! Lanes: under whose limits a delivery stands. A run claims lane by lane, so that one lane at its
//! limit delays nobody in another.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::address::EmailAddress;

/// One lane of an edition's deliveries, as the database names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    /// The first few recipients, whose outcome decides whether the rest follows.
    Canary,
    /// Mail to nobody's domain in particular: only the relay's own limits hold.
    Free,
    /// Mail to the domains of one configured provider, within that provider's limits.
    Provider(Arc<str>),
}

/// No provider can be called so: names begin with a letter or a digit.
const CANARY: &str = "*canary";

impl Lane {
    /// The lane of a provider.
    pub fn provider(name: &str) -> Self {
        Self::Provider(name.into())
    }

    /// How the database names it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Canary => CANARY,
            Self::Free => "",
            Self::Provider(name) => name,
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Lane {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            CANARY => Self::Canary,
            "" => Self::Free,
            name => Self::provider(name),
        })
    }
}

/// Which of an edition's deliveries go out first, and alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Canary {
    /// The first so many of the audience.
    First(u32),
    /// Those of the audience who have these addresses.
    Seeds(Vec<EmailAddress>),
}

/// How an edition's deliveries are put into lanes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LanePlan {
    /// The name of its provider, by recipients' domain as [`EmailAddress::domain`] gives it.
    domains: BTreeMap<String, String>,
    canary: Option<Canary>,
}

impl LanePlan {
    /// A plan of the domains of each provider, by the provider's name. Of two that claim one domain
    /// the first has it.
    pub fn new<'a>(providers: impl IntoIterator<Item = (&'a str, &'a str)>, canary: Option<Canary>) -> Self {
        let mut domains = BTreeMap::new();
        for (provider, domain) in providers {
            domains.entry(domain.to_owned()).or_insert_with(|| provider.to_owned());
        }
        Self { domains, canary }
    }

    /// All in the free lane.
    pub const fn none() -> Self {
        Self { domains: BTreeMap::new(), canary: None }
    }

    /// The name of the provider of each domain that has one.
    pub const fn domains(&self) -> &BTreeMap<String, String> {
        &self.domains
    }

    /// Which deliveries go out first, if any are to.
    pub const fn canary(&self) -> Option<&Canary> {
        self.canary.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_read_back_as_it_was_written() {
        for lane in [Lane::Canary, Lane::Free, Lane::provider("gmail")] {
            assert_eq!(lane.as_str().parse(), Ok(lane));
        }
    }
}
