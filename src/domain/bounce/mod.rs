//! Bounces and complaints: what a report says, what it asks for, and why an address gets nothing any
//! more.

mod effect;
mod report;
mod score;
mod status;

pub use effect::{Asks, Attribution, Effect, NoSuchHost, asks};
pub use report::{
    Action, BounceReason, Evidence, Fault, Report, ReportKind, ReportedRecipient, Rule, Traces,
};
pub use score::Score;
pub use status::{EnhancedStatus, StatusError};

use super::words::words;

words! {
    /// The way a report came to us.
    pub enum Intake {
        /// Our own LMTP or SMTP listener.
        Listener = "listener",
        /// A mailbox read by IMAP.
        Imap = "imap",
        /// A mailbox read by POP3.
        Pop3 = "pop3",
        /// A folder of files (Maildir).
        Maildir = "maildir",
        /// `newsletterd bounce`.
        Command = "command",
        /// A provider's call.
        Webhook = "webhook",
        /// The answer to the letter itself.
        Session = "session",
    }
}

words! {
    /// What is kept of a report until it is looked at.
    pub enum Form {
        /// A mail as it came.
        Mail = "mail",
        /// What a provider's call said, as JSON of a [`Report`].
        Report = "report",
    }
}

words! {
    /// Why an address is suppressed.
    pub enum SuppressionReason {
        /// The address does not exist.
        Hard = "hard",
        /// It refused for too long.
        Soft = "soft",
        /// Its reader complained.
        Complaint = "complaint",
        /// A person of the newsroom put it there.
        Manual = "manual",
        /// The law asks for it; a fresh opt-in does not lift it.
        Legal = "legal",
    }
}
