//! Providers of mailboxes.

pub(super) mod bare;
pub(super) mod google;
pub(super) mod japan;
pub(super) mod sns;
