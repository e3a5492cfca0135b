//! How reports come in: our own listener, mailboxes, folders of files, and providers' calls. Each hands
//! what it got to a [`Keeper`] and lets go of it at its source only when the keeper has it.

pub mod listener;
pub mod mailbox;
pub mod maildir;
pub mod webhook;

use crate::domain::bounce::{Intake, Report};

/// The most bytes of a mail that are kept of one report.
pub const MOST_BYTES: usize = 10 << 20;

/// A report as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// How it came.
    pub intake: Intake,
    /// To which address of ours it came, where the envelope told it.
    pub came_to: Option<String>,
    /// What came.
    pub content: Content,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A mail, with its line ends as they came.
    Mail(Vec<u8>),
    /// What a provider's call said of one letter. `key` is the provider's own name for the event: the
    /// same event told again has the same one.
    Told {
        /// The provider and its name of the event: `ses:…`.
        key: String,
        /// What it says.
        report: Box<Report>,
    },
}

/// What was kept, which says what is to become of it at its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A report: its source can let go of it.
    Report,
    /// A mail that a person should see: where its source can, it puts it aside and never deletes it.
    ForPeople,
}

/// It cannot be kept now; whoever has it keeps it and tries again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the report cannot be kept now: {0}")]
pub struct NotNow(pub String);

/// Who keeps what comes in. When it says that it did, the report is safe in the database.
pub trait Keeper: Clone + Send + Sync + 'static {
    /// Keeps a report. One that was kept before, under whatever way it came, is kept once.
    fn keep(&self, incoming: Incoming) -> impl Future<Output = Result<Kept, NotNow>> + Send;

    /// Whether an address, as written in an envelope, is one of ours: a return path or an
    /// `unsubscribe+TOKEN@` with a good signature, or `postmaster` of our domain.
    fn is_ours(&self, address: &str) -> bool;
}
