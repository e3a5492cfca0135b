//! Subscribers and their subscriptions.

use super::words::words;

words! {
    /// Where one subscriber's subscription to one list stands.
    pub enum SubscriptionState {
        /// Waiting for the reader's confirmation; gets no letter.
        Pending = "pending",
        /// Gets letters.
        Active = "active",
        /// Gets none any more.
        Ended = "ended",
    }
}

words! {
    /// Why a subscription ended.
    pub enum EndReason {
        /// The reader left.
        Unsubscribed = "unsubscribed",
        /// The reader complained.
        Complaint = "complaint",
        /// The address does not exist.
        HardBounce = "hard_bounce",
        /// It refused for too long.
        SoftBounce = "soft_bounce",
        /// A person of the newsroom ended it.
        Removed = "removed",
        /// The subscriber was erased.
        Erased = "erased",
        /// An import said so.
        Imported = "imported",
    }
}
