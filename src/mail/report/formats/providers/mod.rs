//! Providers of mailboxes.

pub(super) mod google;
pub(super) mod japan;
pub(super) mod others;
pub(super) mod sns;
