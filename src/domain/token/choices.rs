//! The links by which readers choose: what they get, and that they want it.

use chrono::{DateTime, Utc};

use super::{Purpose, TokenError, TokenKeys};
use crate::domain::ids::{EditionId, ListId, SubscriberId};

/// What a preferences link says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// Whose choices.
    pub subscriber: SubscriberId,
    /// The list by which the link came.
    pub list: ListId,
    /// The edition whose letter carried the link; `None` in a mail that is no edition.
    pub edition: Option<EditionId>,
}

/// What a confirmation link says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// Who confirms.
    pub subscriber: SubscriberId,
    /// Which list.
    pub list: ListId,
    /// When the reader left, in a link to come back from that leaving; `None` in one that confirms
    /// a subscription that waits for it.
    pub left_at: Option<DateTime<Utc>>,
}

impl TokenKeys {
    /// The token of a preferences link, of the same form as that of an unsubscribe link.
    pub fn preferences(&self, subscriber: SubscriberId, list: ListId, edition: Option<EditionId>) -> String {
        self.sign_for_reader(Purpose::Preferences, subscriber, list, edition)
    }

    /// Reads the token of a preferences link, in either case.
    ///
    /// # Errors
    /// [`TokenError`] for everything that [`Self::preferences`] did not make.
    pub fn read_preferences(&self, token: &str) -> Result<Preferences, TokenError> {
        let (subscriber, list, edition) = self.verify_of_reader(Purpose::Preferences, token)?;
        Ok(Preferences { subscriber, list, edition })
    }

    /// The token of a confirmation link; `left_at` counts to the millisecond.
    pub fn confirm(&self, subscriber: SubscriberId, list: ListId, left_at: Option<DateTime<Utc>>) -> String {
        let left_at = left_at.map(|at| at.timestamp_millis());
        let ids: Vec<i64> = [subscriber.0, list.0].into_iter().chain(left_at).collect();
        self.sign(Purpose::Confirm, &ids)
    }

    /// Reads the token of a confirmation link, in either case.
    ///
    /// # Errors
    /// [`TokenError`] for everything that [`Self::confirm`] did not make.
    pub fn read_confirm(&self, token: &str) -> Result<Confirm, TokenError> {
        let (subscriber, list, left_at) = match *self.verify(Purpose::Confirm, token)?.as_slice() {
            [subscriber, list] => (subscriber, list, None),
            [subscriber, list, left_at] => {
                let left_at = DateTime::from_timestamp_millis(left_at).ok_or(TokenError::Malformed)?;
                (subscriber, list, Some(left_at))
            }
            _ => return Err(TokenError::Malformed),
        };
        Ok(Confirm { subscriber: SubscriberId(subscriber), list: ListId(list), left_at })
    }
}
