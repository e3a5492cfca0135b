//! Lanes: under whose limits a delivery stands. A run claims lane by lane, so that one lane at its
//! limit delays nobody in another.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

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
