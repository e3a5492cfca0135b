//! What a reply at a step of the conversation means for the recipient: a pure function.
//!
//! Three questions, in this order. *Whom is it about?* Before RCPT the server does not know the
//! recipient, so whatever it says there is about us. *Is it for good?* 4xx is not, 5xx is. *Whose
//! fault is it?* Only a code or a text that clearly says that the mailbox does not exist is laid to
//! the address; everything else blames no reader (promise 8).

use std::fmt;

use crate::domain::delivery::{Blame, Outcome, Reply};

/// A step of the SMTP conversation, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Opening the connection, its TLS handshake where TLS comes first, and the server's greeting.
    Connect,
    /// EHLO, also the one after STARTTLS.
    Ehlo,
    /// STARTTLS and its handshake.
    StartTls,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// The DATA command, up to its 354.
    Data,
    /// Writing the message, up to the final dot.
    Body,
    /// From the final dot to its reply.
    Dot,
}

impl Step {
    /// Every step.
    pub const ALL: &'static [Self] = &[
        Self::Connect,
        Self::Ehlo,
        Self::StartTls,
        Self::Auth,
        Self::Mail,
        Self::Rcpt,
        Self::Data,
        Self::Body,
        Self::Dot,
    ];
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Ehlo => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Body => "sending the message",
            Self::Dot => "the end of the message",
        })
    }
}

/// What it means that the conversation ended at `step` with `reply`. A `reply` without a code
/// stands for a broken connection, silence past the timeout, or something that is no SMTP reply.
pub fn classify(step: Step, reply: &Reply) -> Outcome {
    let reply_class = reply.code / 100;
    let outcome = match (step, reply_class) {
        (Step::Dot, 2) => Outcome::Accepted,
        // Nothing was attempted for this recipient. That holds for 4xx too: a relay that is short
        // of disk or counts our connections says so to everyone, and must not use up attempts.
        (Step::Connect | Step::Ehlo | Step::StartTls | Step::Auth | Step::Mail, _) => Outcome::RelayDown,
        (_, 4) => Outcome::Deferred,
        (Step::Rcpt, 5) => refused_recipient(reply),
        // At DATA and later the server has spoken about the message. Filters there are known to
        // borrow 5.1.1, so no code lays it to the address.
        (Step::Data | Step::Body | Step::Dot, 5) => Outcome::Rejected,
        // No reply, or one that does not fit the step. Before the final dot the message cannot
        // have been taken; after it, nobody knows.
        (Step::Dot, _) => Outcome::Uncertain,
        (Step::Rcpt | Step::Data | Step::Body, _) => Outcome::Deferred,
    };
    outcome(reply.clone())
}

/// A 5xx at RCPT.
fn refused_recipient(reply: &Reply) -> fn(Reply) -> Outcome {
    let text = reply.text.to_lowercase();
    if refuses_us(reply, &text) {
        return Outcome::RelayDown;
    }
    match reply.enhanced.as_deref() {
        Some("5.1.1" | "5.1.3" | "5.1.6" | "5.1.10") => Outcome::Bounced,
        Some("5.1.2") => Outcome::UnknownHost,
        // "Other" (RFC 3463 3.1, 3.2) says as little as no code at all; then the text decides.
        None | Some("5.0.0" | "5.1.0") if matches!(reply.code, 550 | 551 | 553) => by_text(&text),
        // Among them 5.2.2: by its class it is for good, by its nature it passes. Today's letter
        // is not tried again (RFC 5321 4.2.1), and the address is not blamed.
        _ => Outcome::Rejected,
    }
}

/// Whether the relay refuses to relay for us, or wants credentials: then it refuses everybody.
/// Postfix says "Relay access denied", Exchange "Unable to relay", Exim "relay not permitted",
/// qmail "not in my list of allowed rcpthosts"; "Client host" names our own address.
fn refuses_us(reply: &Reply, text: &str) -> bool {
    // RFC 4954 section 6: authentication required, too weak, or to be encrypted first.
    if matches!(reply.code, 530 | 534 | 535 | 538) {
        return true;
    }
    let policy = reply.enhanced.as_deref().is_none_or(|code| code.starts_with("5.7.") || code == "5.0.0");
    policy
        && ["relay", "rcpthosts", "client host", "authentication required"]
            .iter()
            .any(|word| text.contains(word))
}

/// The meaning of a 550, 551 or 553 that carries no telling enhanced code. RFC 5321 lets servers
/// say 550 for "no such mailbox" and for "refused by policy" alike, so only a clear text counts,
/// and a word that speaks of policy or of the sender outweighs it: a wrong "rejected" costs one
/// more attempt tomorrow, a wrong "bounced" costs a reader.
fn by_text(text: &str) -> fn(Reply) -> Outcome {
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    if says(ABOUT_US) {
        Outcome::Rejected
    } else if says(NO_SUCH_HOST) {
        Outcome::UnknownHost
    } else if says(NO_SUCH_USER) {
        Outcome::Bounced
    } else {
        Outcome::Rejected
    }
}

const ABOUT_US: &[&str] = &[
    "spam",
    "block",
    "blacklist",
    "denylist",
    "policy",
    "policies",
    "reputation",
    "sender",
    "spf",
    "dkim",
    "dmarc",
    "authenticat",
    "content",
    "virus",
    "not allowed",
    "denied",
    "prohibited",
];

const NO_SUCH_HOST: &[&str] = &[
    "domain does not exist",
    "domain doesn't exist",
    "domain not found",
    "no such domain",
    "unknown domain",
    "host unknown",
    "unknown host",
    "host not found",
];

const NO_SUCH_USER: &[&str] = &[
    "user unknown",
    "unknown user",
    "unknown local user",
    "no such user",
    "user not found",
    "user does not exist",
    "user doesn't exist",
    "recipient unknown",
    "unknown recipient",
    "no such recipient",
    "recipient not found",
    "recipient does not exist",
    "mailbox not found",
    "mailbox unknown",
    "unknown mailbox",
    "no such mailbox",
    "mailbox does not exist",
    "mailbox doesn't exist",
    "no mailbox here",
    "no such address",
    "address does not exist",
    "address unknown",
    "unknown address",
    "account does not exist",
    "account that you tried to reach does not exist",
    "no such account",
    "no such person",
    "not a known user",
];

/// Whose fault an outcome is, for the alert: `None` for all that is the recipient's own matter or
/// that passes. A full mailbox (X.2.2) and an address that our relay cannot carry are nobody's.
pub fn blame(outcome: &Outcome) -> Option<Blame> {
    match outcome {
        Outcome::RelayDown(_) => Some(Blame::Relay),
        Outcome::Rejected(reply) => {
            let mailbox = reply.enhanced.as_deref().is_some_and(|code| code.starts_with("5.2."));
            let full = reply.enhanced.is_none() && reply.code == 552;
            (reply.code != 0 && !mailbox && !full).then_some(Blame::Policy)
        }
        Outcome::Accepted(_)
        | Outcome::Deferred(_)
        | Outcome::Bounced(_)
        | Outcome::UnknownHost(_)
        | Outcome::Uncertain(_) => None,
    }
}
