//! The relays that letters and mails can take, and which of them is next.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use super::Result;
use crate::config::{self, Name};
use crate::mail::smtp::Relay;
use crate::store::{Db, relays as store};

/// One relay with what the configuration says of it.
#[derive(Clone, Debug)]
pub struct WayOut {
    /// Its weight and its limits.
    pub settings: config::Relay,
    /// The way itself, which all of this process share.
    pub relay: Relay,
}

impl WayOut {
    /// The relay's name.
    pub fn name(&self) -> &str {
        self.settings.name.as_str()
    }
}

/// All relays, in the order of the configuration; at least one. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Relays(Arc<[WayOut]>);

impl Relays {
    /// These, in this order; `None` when there is none.
    pub fn new(ways: Vec<WayOut>) -> Option<Self> {
        (!ways.is_empty()).then(|| Self(ways.into()))
    }

    /// All of them, in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, WayOut> {
        self.0.iter()
    }

    /// The first one.
    pub fn first(&self) -> &WayOut {
        &self.0[0]
    }

    /// That of a name.
    pub fn named(&self, name: &str) -> Option<&WayOut> {
        self.iter().find(|way| way.name() == name)
    }

    /// Those that a newsletter is bound to, in their order; all where it names none. A name that an
    /// edition stored and the configuration no longer has is passed over; where none is left, all
    /// are taken: a letter by another way is better than none.
    pub fn bound_to(&self, names: &[Name]) -> Vec<&WayOut> {
        let bound: Vec<_> = self.iter().filter(|way| names.contains(&way.settings.name)).collect();
        if bound.is_empty() { self.iter().collect() } else { bound }
    }

    /// All of them, those that are at rest after a failure behind those that work, for a mail that
    /// should find a way wherever there is one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn working_first(&self, db: &Db, now: DateTime<Utc>) -> Result<Vec<&WayOut>> {
        let (mut working, mut resting) = (Vec::new(), Vec::new());
        if let [only] = &*self.0 {
            return Ok(vec![only]);
        }
        let mut tx = db.read().await?;
        for way in self {
            let rests = store::down(&mut tx, way.name()).await?.is_some_and(|down| down.until > now);
            if rests { resting.push(way) } else { working.push(way) }
        }
        working.append(&mut resting);
        Ok(working)
    }

    /// Ends the connections of all of them.
    pub async fn close(&self) {
        join_all(self.iter().map(|way| way.relay.close())).await;
    }
}

impl<'a> IntoIterator for &'a Relays {
    type Item = &'a WayOut;
    type IntoIter = std::slice::Iter<'a, WayOut>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Which of several is next, so that over many turns each comes as often as its weight says:
/// `at`, from 0 to below 1, is the place of this turn, by chance or from [`turn`]. A weight of 0 is
/// never chosen; `None` when all are 0.
pub fn choose(weights: &[u16], at: f64) -> Option<usize> {
    let total: f64 = weights.iter().copied().map(f64::from).sum();
    let aim = at.clamp(0.0, 1.0) * total;
    let mut passed = 0.0;
    let reaches = |weight: &u16| {
        passed += f64::from(*weight);
        *weight > 0 && aim < passed
    };
    // Rounding may bring the aim up to the total: then it is the last one's.
    weights.iter().position(reaches).or_else(|| weights.iter().rposition(|weight| *weight > 0))
}

/// The place of the `n`th turn for [`choose`], without chance: multiples of the golden ratio fall
/// evenly over 0 to 1, so that also few turns are shared by weight.
pub fn turn(n: u32) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    (f64::from(n) * GOLDEN).fract()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::mail::smtp::RelaySettings;

    fn relays(names: &[&str]) -> Relays {
        let relay = |name: &&str| format!("[[relays]]\nname = \"{name}\"\nurl = \"smtp://127.0.0.1\"\n");
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("newsletter.toml"));
        let text = text.unwrap().replacen(
            "[bounces]",
            &format!("{}[bounces]", names.iter().map(relay).collect::<String>()),
            1,
        );
        let config = config::parse(&text, Path::new("newsletter.toml"), std::iter::empty()).unwrap();
        let ways = config.relays.iter().map(|settings| WayOut {
            settings: settings.clone(),
            relay: Relay::new(RelaySettings::new(settings, None)).unwrap(),
        });
        Relays::new(ways.collect()).unwrap()
    }

    #[tokio::test]
    async fn relays_are_found_by_name_and_a_newsletter_is_bound_to_its_own() {
        let relays = relays(&["second", "third"]);
        let names = |ways: Vec<&WayOut>| ways.iter().map(|way| way.name().to_owned()).collect::<Vec<_>>();
        let of = |wanted: &[usize]| {
            wanted.iter().map(|at| relays.0[*at].settings.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!((relays.first().name(), relays.named("third").map(WayOut::name)), ("main", Some("third")));
        assert!(relays.named("fourth").is_none() && Relays::new(Vec::new()).is_none());
        assert_eq!(names(relays.bound_to(&[])), ["main", "second", "third"]);
        assert_eq!(names(relays.bound_to(&of(&[2, 1]))), ["second", "third"]);
        let gone = of(&[2]);
        let fewer = Relays::new(relays.0[..2].to_vec()).unwrap();
        assert_eq!(names(fewer.bound_to(&gone)), ["main", "second"], "none of its own is left");
    }

    #[test]
    fn a_relay_that_is_down_is_never_chosen() {
        assert_eq!(choose(&[], 0.5), None);
        assert_eq!(choose(&[0, 0], 0.5), None);
        assert_eq!((choose(&[0, 3, 0], 0.0), choose(&[0, 3, 0], 1.0)), (Some(1), Some(1)));
        assert_eq!((choose(&[1, 1], 0.49), choose(&[1, 1], 0.5)), (Some(0), Some(1)));
    }

    proptest! {
        #[test]
        fn turns_are_shared_by_weight(weights in prop::collection::vec(0_u16..50, 1..6), start in 0..1_000_000_u32) {
            const TURNS: u32 = 1000;
            let total: u32 = weights.iter().copied().map(u32::from).sum();
            let mut taken = vec![0_u32; weights.len()];
            for n in start..start + TURNS {
                match choose(&weights, turn(n)) {
                    Some(at) => taken[at] += 1,
                    None => prop_assert_eq!(total, 0),
                }
            }
            for (weight, taken) in weights.iter().zip(taken) {
                let fair = f64::from(TURNS) * f64::from(*weight) / f64::from(total.max(1));
                prop_assert!((f64::from(taken) - fair).abs() <= 8.0, "{weight} of {total}: {taken}, not {fair}");
                prop_assert!(*weight > 0 || taken == 0);
            }
        }
    }
}
