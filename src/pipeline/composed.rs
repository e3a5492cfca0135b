//! A mail of the outbox as it can be encoded, whoever wrote it.

use super::PipelineError;
use crate::domain::address::{EmailAddress, Mailbox};

/// A mail that can be encoded.
pub(super) struct Composed {
    /// Who sends it.
    pub(super) from: Mailbox,
    /// Where answers go, when not to `from`.
    pub(super) reply_to: Option<Mailbox>,
    /// Who gets it.
    pub(super) to: EmailAddress,
    /// The subject, unencoded.
    pub(super) subject: String,
    /// The HTML form.
    pub(super) html: String,
    /// The text form.
    pub(super) text: String,
}

/// What the outbox holds of a mail is not what that kind of mail has.
pub(super) fn unreadable(source: serde_json::Error) -> PipelineError {
    PipelineError::Stored { what: "a mail of the outbox", source }
}
