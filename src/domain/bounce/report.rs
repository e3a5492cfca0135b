//! What a report says, as a reader of mail or of a provider's call understood it.

use serde::{Deserialize, Serialize};

use super::EnhancedStatus;
use crate::domain::words::words;

words! {
    /// What kind of report it is.
    pub enum ReportKind {
        /// Given up, and the address itself is no good.
        Hard = "hard",
        /// Given up for this letter, but the address may be good.
        Soft = "soft",
        /// Not given up yet: a warning.
        Delayed = "delayed",
        /// The reader complained.
        Complaint = "complaint",
        /// An automatic answer: out of office, a challenge to the sender's machine.
        Autoreply = "autoreply",
        /// The reader leaves, by mail.
        Unsubscribe = "unsubscribe",
        /// Ordinary mail, or a report of success.
        NotABounce = "not-a-bounce",
        /// A report of failure whose class cannot be told.
        Unknown = "unknown",
    }
}

words! {
    /// Why a letter was not delivered.
    pub enum BounceReason {
        /// No such mailbox.
        UserUnknown = "user_unknown",
        /// No such domain, or none that takes mail.
        HostUnknown = "host_unknown",
        /// The mailbox has moved, or its domain has.
        Moved = "moved",
        /// Too much in the mailbox.
        MailboxFull = "mailbox_full",
        /// The mailbox is not used any more, or not at the moment.
        Inactive = "inactive",
        /// The mailbox was suspended.
        Suspended = "suspended",
        /// The receiver's own filter, after it had taken the letter, or by its reader's rules.
        Filtered = "filtered",
        /// The letter is too large.
        TooLarge = "too_large",
        /// The letter's form or content is not taken.
        Content = "content",
        /// Taken for spam.
        Spam = "spam",
        /// Taken for a virus.
        Virus = "virus",
        /// Our address, domain or network has a bad name, or no proper name in DNS.
        Reputation = "reputation",
        /// SPF, DKIM or DMARC failed, or encryption was wanted.
        Authentication = "authentication",
        /// Too much at once.
        RateLimited = "rate_limited",
        /// The receiver's policy, for no reason that it tells.
        Policy = "policy",
        /// A server that was asked does not take mail for this domain.
        NoRelaying = "no_relaying",
        /// The receiver's server could not be reached.
        Network = "network",
        /// Tried for too long.
        Expired = "expired",
        /// The receiver's server is broken, or badly set up.
        SystemError = "system_error",
        /// The servers did not understand each other.
        Protocol = "protocol",
        /// Not told, or not understood.
        Undefined = "undefined",
    }
}

/// Whose fault a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The address is no good.
    Address,
    /// The mailbox does not take mail at the moment.
    Mailbox,
    /// Ours: our name, our authentication, our letter, our pace.
    Ours,
    /// The receiver's server, or the way to it.
    Between,
}

impl BounceReason {
    /// Whose fault it is. What is ours never counts against a reader (promise 8).
    pub const fn fault(self) -> Fault {
        match self {
            Self::UserUnknown | Self::HostUnknown | Self::Moved => Fault::Address,
            Self::MailboxFull | Self::Inactive | Self::Suspended | Self::Filtered => Fault::Mailbox,
            Self::TooLarge
            | Self::Content
            | Self::Spam
            | Self::Virus
            | Self::Reputation
            | Self::Authentication
            | Self::RateLimited
            | Self::Policy => Fault::Ours,
            Self::NoRelaying
            | Self::Network
            | Self::Expired
            | Self::SystemError
            | Self::Protocol
            | Self::Undefined => Fault::Between,
        }
    }
}

words! {
    /// What a mail server did with the letter for one recipient (RFC 3464 section 2.3.3).
    pub enum Action {
        /// Given up.
        Failed = "failed",
        /// Still trying.
        Delayed = "delayed",
        /// Delivered.
        Delivered = "delivered",
        /// Handed on to a server that sends no reports.
        Relayed = "relayed",
        /// Delivered and forwarded to several others.
        Expanded = "expanded",
    }
}

/// One recipient of whom a report speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedRecipient {
    /// The address that we wrote to: the original one where the report tells it (`Original-Recipient`,
    /// ORCPT), else the final one. As written, without angle brackets; it may be no valid address.
    pub address: String,
    /// The address at which it failed in the end, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_address: Option<String>,
    /// What was done.
    pub action: Option<Action>,
    /// The enhanced status.
    pub status: Option<EnhancedStatus>,
    /// What the server said, as far as it is told; cut at 1,000 characters.
    pub diagnostic: Option<String>,
    /// Why, for this recipient.
    pub reason: Option<BounceReason>,
}

/// What leads from a report to a delivery, as found and not yet verified, in the order in which it
/// should be tried. Each list is short: a reader keeps at most 16.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traces {
    /// Local parts of the form of our return paths (`bounce-…`), from where it came to, from its
    /// headers, and from the returned letter.
    pub return_paths: Vec<String>,
    /// Tokens of addresses of the form `unsubscribe+TOKEN@`, to which it came.
    pub unsubscribe: Vec<String>,
    /// Original-Envelope-Ids (ENVID, RFC 3461 section 4.4), decoded from xtext.
    pub envelope_ids: Vec<String>,
    /// Message-IDs of the returned letter, without angle brackets.
    pub message_ids: Vec<String>,
}

/// The rule by which a report was understood: `dsn`, `arf`, `qmail` and so on. Stable: it stands in the
/// database and in docs/bounces.md.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rule(pub String);

/// One thing that was seen and that counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The part of the message: `header`, or the path of a MIME part with its type: `2 message/delivery-status`.
    pub part: String,
    /// The line within that part, from 1; 0 where there is none.
    pub line: u32,
    /// What it told: `kind`, `recipient`, `status`, `reason`, `token`.
    pub tells: String,
    /// The words, cut at 200 characters.
    pub text: String,
}

/// What a report says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What kind it is.
    pub kind: ReportKind,
    /// Why, for failures.
    pub reason: Option<BounceReason>,
    /// Of whom it speaks; at most 100.
    pub recipients: Vec<ReportedRecipient>,
    /// The enhanced status that decided.
    pub status: Option<EnhancedStatus>,
    /// What the server said; cut at 1,000 characters.
    pub diagnostic: Option<String>,
    /// Who reports.
    pub reporting_mta: Option<String>,
    /// What leads to the delivery.
    pub traces: Traces,
    /// By which rule it was understood.
    pub rule: Rule,
    /// What was seen, in the order in which it counted; at most 50.
    pub evidence: Vec<Evidence>,
}

impl Report {
    /// A report of this kind that says nothing more.
    pub const fn bare(kind: ReportKind, rule: Rule, traces: Traces) -> Self {
        Self {
            kind,
            reason: None,
            recipients: Vec::new(),
            status: None,
            diagnostic: None,
            reporting_mta: None,
            traces,
            rule,
            evidence: Vec::new(),
        }
    }

    /// What kind of report it is for one of its recipients: that of the whole where it has one alone,
    /// else by what was done and why.
    pub fn kind_for(&self, recipient: &ReportedRecipient) -> ReportKind {
        let (Some(action), 2..) = (recipient.action, self.recipients.len()) else { return self.kind };
        match (action, recipient.reason.or(self.reason)) {
            (Action::Delayed, _) => ReportKind::Delayed,
            (Action::Delivered | Action::Relayed | Action::Expanded, _) => ReportKind::NotABounce,
            (Action::Failed, None) => ReportKind::Unknown,
            (Action::Failed, Some(reason)) => {
                let for_now = recipient.status.is_some_and(|status| status.class == 4);
                if reason.fault() == Fault::Address && !for_now { ReportKind::Hard } else { ReportKind::Soft }
            }
        }
    }

    /// Whether it is a mail that a person wrote, or may have written: no report, nor one of success.
    pub fn is_for_people(&self) -> bool {
        let tells_of_delivery = self.recipients.iter().any(|recipient| recipient.action.is_some());
        self.kind == ReportKind::NotABounce && !tells_of_delivery
    }
}
