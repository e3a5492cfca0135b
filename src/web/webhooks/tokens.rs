//! The tokens of Mailgun's calls: each is good for one event, as its signature does not cover which.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::mail::intake::webhook::Refusal;
use crate::mail::intake::webhook::mailgun::{Opened, WINDOW};

/// Tokens that are remembered, at most: a few megabytes. With more in a window the oldest go.
const REMEMBERED: usize = 50_000;
/// A token and a name that are longer are none of Mailgun's; what is kept of them is bounded.
const LONGEST: usize = 200;

/// The tokens of a window, and for which event each was used. A process that ends forgets them.
pub(super) struct Tokens(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    events: HashMap<String, String>,
    by_age: VecDeque<(DateTime<Utc>, String)>,
}

impl Tokens {
    pub(super) fn new() -> Self {
        Self(Mutex::default())
    }

    /// Uses the token of a call. One that comes again for the same event is the same call, tried
    /// again.
    pub(super) fn spend(&self, opened: &Opened, now: DateTime<Utc>) -> Result<(), Refusal> {
        if opened.token.len() > LONGEST || opened.event.len() > LONGEST {
            return Err(Refusal::Forged("its token or its event's name is too long"));
        }
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Remembered { events, by_age } = &mut *remembered;
        while by_age.len() >= REMEMBERED
            || by_age.front().is_some_and(|(since, _)| now.signed_duration_since(since) > WINDOW * 2)
        {
            if let Some((_, token)) = by_age.pop_front() {
                events.remove(&token);
            }
        }
        match events.get(&opened.token) {
            Some(event) if *event == opened.event => Ok(()),
            Some(_) => Err(Refusal::Replayed),
            None => {
                events.insert(opened.token.clone(), opened.event.clone());
                by_age.push_back((now, opened.token.clone()));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn opened(token: usize, event: &str) -> Opened {
        Opened { token: format!("t{token}"), event: event.to_owned(), incoming: None }
    }

    #[test]
    fn a_token_is_good_for_one_event() {
        let tokens = Tokens::new();
        let now = DateTime::from_timestamp(1_000_000, 0).unwrap();
        assert_eq!(tokens.spend(&opened(1, "a"), now), Ok(()));
        assert_eq!(tokens.spend(&opened(1, "a"), now), Ok(()));
        assert_eq!(tokens.spend(&opened(1, "b"), now + WINDOW), Err(Refusal::Replayed));
        assert_eq!(tokens.spend(&opened(2, "b"), now), Ok(()));
        // By then its signature is too old.
        assert_eq!(tokens.spend(&opened(1, "b"), now + WINDOW * 2 + TimeDelta::seconds(1)), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let tokens = Tokens::new();
        let now = DateTime::from_timestamp(1_000_000, 0).unwrap();
        for token in 0..=REMEMBERED {
            tokens.spend(&opened(token, "a"), now).unwrap();
        }
        let remembered = tokens.0.lock().unwrap();
        assert_eq!((remembered.events.len(), remembered.by_age.len()), (REMEMBERED, REMEMBERED));
        assert!(!remembered.events.contains_key("t0") && remembered.events.contains_key("t1"));
    }
}
