//! Mailboxes that are read by IMAP or POP3.

use std::fmt;
use std::path::PathBuf;

use crate::config::section::section;
use crate::config::values::{HostName, Name, TimeSpan, Word};

section! {
    /// A mailbox in which reports arrive.
    pub struct Mailbox {
        /// What messages call it.
        name: Name,
        /// `imaps://USER@HOST/FOLDER` or `pop3s://USER@HOST`.
        url: MailboxUrl,
        /// A file with the password. See *Secrets* above.
        password_file: PathBuf,
        /// How often it is looked at; with IMAP new mail is told at once besides (IDLE).
        every: TimeSpan = "\"1m\"",
    }
}

/// Where a mailbox is, and who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxUrl {
    /// The server.
    pub host: HostName,
}

impl fmt::Display for MailboxUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "imaps://{}", self.host)
    }
}

impl Word for MailboxUrl {
    const ONE: &'static str = "a mailbox such as \"imaps://bounces@mail.example.org\"";
    const MANY: &'static str = "a list of mailboxes";

    fn parse(text: &str) -> Result<Self, String> {
        let host = text.strip_prefix("imaps://").ok_or_else(|| format!("is not {}", Self::ONE))?;
        Ok(Self { host: HostName::parse(host)? })
    }

    fn show(&self) -> String {
        self.to_string()
    }
}
