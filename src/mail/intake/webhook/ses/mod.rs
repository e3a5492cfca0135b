//! Amazon SES, whose events come through a topic of SNS: the envelope of SNS with its signature, and
//! what SES says in it.
//!
//! The certificate that the signature is checked by is named in the envelope itself, so that
//! everything hangs on where it may come from: from the host that SNS has in the region of a topic
//! that the configuration names, and from nowhere else.

mod certificate;
mod envelope;
mod event;

pub use envelope::{Envelope, Said};

#[cfg(test)]
pub(super) mod tests_of_events {
    //! What SES says, without the envelope.

    pub(in crate::mail::intake::webhook) use super::event::read;
}
