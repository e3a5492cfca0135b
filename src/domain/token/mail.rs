//! The tokens by which mail that comes back is known: return paths, Message-IDs, and addresses that end a
//! subscription.

use super::{Purpose, TokenError, TokenKeys, Unsubscribe};
use crate::domain::ids::{EditionId, ListId, SubscriberId};

/// What return paths begin with. Spam filters know it, and take letters of chance without it for a
/// forged sender (SpamAssassin: HK_RANDOM_ENVFROM).
const RETURN_PATH: &str = "bounce-";
/// What addresses begin with that end a subscription.
const LEAVING: &str = "unsubscribe+";

/// What a return path or a Message-ID says: whose copy of which edition came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnPath {
    /// The edition that was sent.
    pub edition: EditionId,
    /// To whom.
    pub subscriber: SubscriberId,
}

impl TokenKeys {
    /// The local part of the envelope sender for one delivery: at most [`Self::RETURN_PATH_MAX`]
    /// characters, `bounce-` and then `a`–`z` and `2`–`7`.
    pub fn return_path(&self, edition: EditionId, subscriber: SubscriberId) -> String {
        format!("{}{}", RETURN_PATH, self.sign(Purpose::ReturnPath, &[edition.0, subscriber.0]))
    }

    /// What stands before the `@` of the Message-ID of one copy of an edition: always the same for
    /// the same three while the key is. Signed, so that nobody who knows one letter's can make up
    /// another's and lay a report to it.
    pub fn message_id(&self, edition: EditionId, opened_at_ms: i64, subscriber: SubscriberId) -> String {
        format!(
            "edition-{edition}.{}",
            self.sign(Purpose::MessageId, &[edition.0, subscriber.0, opened_at_ms])
        )
    }

    /// Reads what stands before the `@` of a Message-ID, in either case.
    ///
    /// # Errors
    /// [`TokenError`] for everything that [`Self::message_id`] did not make.
    pub fn read_message_id(&self, local: &str) -> Result<ReturnPath, TokenError> {
        let token = local.rsplit_once('.').ok_or(TokenError::Malformed)?.1;
        match self.verify(Purpose::MessageId, token)?.as_slice() {
            &[edition, subscriber, _] => {
                Ok(ReturnPath { edition: EditionId(edition), subscriber: SubscriberId(subscriber) })
            }
            _ => Err(TokenError::Malformed),
        }
    }

    /// Reads the local part of a return path, in either case.
    ///
    /// # Errors
    /// [`TokenError`] for everything that [`Self::return_path`] did not make.
    pub fn read_return_path(&self, local: &str) -> Result<ReturnPath, TokenError> {
        let token = local
            .split_at_checked(RETURN_PATH.len())
            .filter(|(start, _)| start.eq_ignore_ascii_case(RETURN_PATH))
            .map(|(_, token)| token)
            .ok_or(TokenError::Malformed)?;
        match self.verify(Purpose::ReturnPath, token)?.as_slice() {
            &[edition, subscriber] => {
                Ok(ReturnPath { edition: EditionId(edition), subscriber: SubscriberId(subscriber) })
            }
            _ => Err(TokenError::Malformed),
        }
    }

    /// The local part of an address that ends a subscription when anything is sent to it.
    pub fn leaving(&self, subscriber: SubscriberId, list: ListId, edition: Option<EditionId>) -> String {
        format!("{}{}", LEAVING, self.unsubscribe(subscriber, list, edition))
    }

    /// Reads the local part of such an address, in either case.
    ///
    /// # Errors
    /// [`TokenError`] for everything that [`Self::leaving`] did not make.
    pub fn read_leaving(&self, local: &str) -> Result<Unsubscribe, TokenError> {
        let token = local
            .split_at_checked(LEAVING.len())
            .filter(|(start, _)| start.eq_ignore_ascii_case(LEAVING))
            .map(|(_, token)| token)
            .ok_or(TokenError::Malformed)?;
        self.read_unsubscribe(token)
    }
}
