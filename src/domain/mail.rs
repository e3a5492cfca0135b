//! What the outbox holds: messages that are no edition.

use super::words::words;

words! {
    /// What a message of the outbox is.
    pub enum MailKind {
        /// A mail that tells ops or editors that something needs a person.
        Alert = "alert",
        /// The same in the log, so that it stands there once, whoever else hears of it.
        Log = "log",
        /// To a reader: whether a subscription is wanted.
        Confirmation = "confirmation",
        /// To a reader: that the subscription has ended.
        Goodbye = "goodbye",
        /// An edition as a test, to staff.
        Test = "test",
        /// A mail that a person wrote to one of our own addresses, handed on to one who reads it.
        Forward = "forward",
        /// An alert to a web address, since the relay may be what failed.
        Webhook = "webhook",
        /// A call that says that an edition went out.
        Heartbeat = "heartbeat",
    }
}
