//! Mails that are no edition.

use super::words::words;

words! {
    /// What a single mail is.
    pub enum MailKind {
        /// It tells ops or editors that something needs a person.
        Alert = "alert",
        /// An edition as a test, to staff.
        Test = "test",
    }
}
