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

/// Whether the relay says that we have too many connections.
pub(super) fn is_crowded(reply: &Reply) -> bool {
    let text = reply.text.to_lowercase();
    ["too many con", "concurrent", "connections", "connection limit"].iter().any(|word| text.contains(word))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use Step::{Auth, Body, Connect, Data, Dot, Ehlo, Mail, Rcpt, StartTls};

    fn words(step: Step, lines: &str) -> &'static str {
        let (code, text) = lines.split_once(' ').unwrap_or((lines, ""));
        let reply = super::super::reply::reply(code.parse().unwrap(), [text]);
        match classify(step, &reply) {
            Outcome::Accepted(_) => "accepted",
            Outcome::Deferred(_) => "deferred",
            Outcome::Bounced(_) => "bounced",
            Outcome::UnknownHost(_) => "unknown host",
            Outcome::Rejected(_) => "rejected",
            Outcome::Uncertain(_) => "uncertain",
            Outcome::RelayDown(_) => "relay down",
        }
    }

    #[test]
    fn each_reply_at_each_step() {
        for (step, reply, expected) in [
            (Dot, "250 2.0.0 queued", "accepted"),
            (Dot, "251 forwarded", "accepted"),
            // Before RCPT it is about us.
            (Connect, "554 5.7.1 go away", "relay down"),
            (Connect, "421 4.3.2 Too many connections", "relay down"),
            (Connect, "0 refused", "relay down"),
            (Ehlo, "550 who?", "relay down"),
            (Ehlo, "421 4.3.2 closing", "relay down"),
            (StartTls, "454 4.7.0 TLS not available", "relay down"),
            (StartTls, "0 bad certificate", "relay down"),
            (Auth, "535 5.7.8 wrong password", "relay down"),
            (Auth, "454 4.7.0 temporary", "relay down"),
            (Mail, "530 5.7.0 authentication required", "relay down"),
            (Mail, "550 5.1.8 sender's domain not found", "relay down"),
            (Mail, "452 4.3.1 disk full", "relay down"),
            (Mail, "421 4.4.2 idle", "relay down"),
            (Mail, "0 closed", "relay down"),
            // For now.
            (Rcpt, "450 4.2.0 greylisted", "deferred"),
            (Rcpt, "451 4.7.1 Greylisted, try again in 5 minutes", "deferred"),
            (Rcpt, "450 4.1.2 Domain not found", "deferred"),
            (Rcpt, "450 4.1.1 unverified address", "deferred"),
            (Rcpt, "452 4.2.2 mailbox full", "deferred"),
            (Rcpt, "452 4.5.3 too many recipients", "deferred"),
            (Rcpt, "421 4.7.0 slow down", "deferred"),
            (Rcpt, "454 4.7.1 relay access denied", "deferred"),
            (Rcpt, "0 closed", "deferred"),
            (Rcpt, "354 what", "deferred"),
            (Data, "452 4.2.2 Mailbox full", "deferred"),
            (Data, "432 4.3.2 Busy, later please", "deferred"),
            (Data, "421 4.3.2 closing", "deferred"),
            (Data, "250 what", "deferred"),
            (Data, "0 closed", "deferred"),
            (Body, "0 closed", "deferred"),
            (Body, "421 4.3.2 closing", "deferred"),
            (Dot, "451 4.3.0 later", "deferred"),
            (Dot, "421 4.3.2 closing", "deferred"),
            // The address.
            (Rcpt, "550 5.1.1 No such user", "bounced"),
            (Rcpt, "550 5.1.1 policy", "bounced"),
            (Rcpt, "501 5.1.3 bad syntax", "bounced"),
            (Rcpt, "551 5.1.6 moved", "bounced"),
            (Rcpt, "556 5.1.10 null MX", "bounced"),
            (Rcpt, "550 5.1.2 host unknown", "unknown host"),
            (Rcpt, "550 User unknown", "bounced"),
            (Rcpt, "550 5.0.0 <…@example.org>... User unknown", "bounced"),
            (Rcpt, "550 5.1.0 Mailbox not found", "bounced"),
            (Rcpt, "550 No such user here", "bounced"),
            (Rcpt, "551 mailbox does not exist", "bounced"),
            (Rcpt, "553 sorry, no mailbox here by that name. (#5.1.1)", "bounced"),
            (Rcpt, "550 Domain does not exist", "unknown host"),
            (Rcpt, "550 unknown host", "unknown host"),
            // Nobody's fault, or not clear whose.
            (Rcpt, "550 mailbox unavailable", "rejected"),
            (Rcpt, "550", "rejected"),
            (Rcpt, "550 Requested action not taken", "rejected"),
            (Rcpt, "550 5.5.0 mailbox unavailable", "rejected"),
            (Rcpt, "550 Sender address rejected: user unknown", "rejected"),
            (Rcpt, "550 blocked by policy: no such user", "rejected"),
            (Rcpt, "554 No such user", "rejected"),
            (Rcpt, "550 5.1.7 bad sender", "rejected"),
            (Rcpt, "550 5.1.8 sender's domain not found", "rejected"),
            (Rcpt, "550 5.2.1 mailbox disabled", "rejected"),
            (Rcpt, "552 5.2.2 mailbox full", "rejected"),
            (Rcpt, "552 mailbox full", "rejected"),
            (Rcpt, "550 5.4.1 Recipient address rejected: Access denied", "rejected"),
            (Rcpt, "550 5.7.1 blocked for spam", "rejected"),
            (Rcpt, "550 5.7.515 not authenticated, see DMARC", "rejected"),
            (Rcpt, "554 5.7.1 Recipient address rejected: Access denied", "rejected"),
            (Rcpt, "552 5.3.4 too big", "rejected"),
            (Rcpt, "503 5.5.1 MAIL first", "rejected"),
            (Data, "554 5.5.1 no valid recipients", "rejected"),
            (Data, "550 5.1.1 No such user", "rejected"),
            (Body, "552 5.3.4 too big", "rejected"),
            (Dot, "554 5.7.1 spam", "rejected"),
            (Dot, "550 5.1.1 No such user", "rejected"),
            (Dot, "554 5.7.1 relay", "rejected"),
            // Relaying denied: everybody would be refused.
            (Rcpt, "554 5.7.1 Relay access denied", "relay down"),
            (Rcpt, "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", "relay down"),
            (Rcpt, "550 relay not permitted", "relay down"),
            (Rcpt, "554 5.7.1 Client host rejected: Access denied", "relay down"),
            (Rcpt, "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", "relay down"),
            (Rcpt, "530 5.7.0 Authentication required", "relay down"),
            (Rcpt, "550 5.1.1 unknown in relay recipient table", "bounced"),
            // Nobody knows.
            (Dot, "0 closed", "uncertain"),
            (Dot, "354 what", "uncertain"),
        ] {
            assert_eq!(words(step, reply), expected, "{step}: {reply}");
        }
    }

    #[test]
    fn blame_is_laid_to_no_reader() {
        for (step, reply, expected) in [
            (Dot, "250 ok", None),
            (Rcpt, "550 5.1.1 No such user", None),
            (Rcpt, "450 4.7.1 greylisted", None),
            (Rcpt, "552 5.2.2 mailbox full", None),
            (Rcpt, "552 mailbox full", None),
            (Rcpt, "550 5.2.1 disabled", None),
            (Rcpt, "550 5.7.1 spam", Some(Blame::Policy)),
            (Rcpt, "550 5.1.8 bad sender", Some(Blame::Policy)),
            (Dot, "552 5.3.4 too big", Some(Blame::Policy)),
            (Dot, "550 spam", Some(Blame::Policy)),
            (Mail, "550 5.7.1 no", Some(Blame::Relay)),
            (Connect, "0 refused", Some(Blame::Relay)),
            (Rcpt, "554 5.7.1 Relay access denied", Some(Blame::Relay)),
        ] {
            let (code, text) = reply.split_once(' ').unwrap();
            let reply = super::super::reply::reply(code.parse().unwrap(), [text]);
            assert_eq!(blame(&classify(step, &reply)), expected, "{step}: {reply:?}");
        }
        // An address that this relay cannot carry.
        let own = super::super::reply::no_reply("no SMTPUTF8");
        assert_eq!(blame(&Outcome::Rejected(own)), None);
    }

    proptest! {
        #[test]
        fn what_always_holds(step in proptest::sample::select(Step::ALL), code in 0u16..700, text in "(5\\.[0-9]\\.[0-9]{1,2} )?[a-z ]{0,30}") {
            let reply = super::super::reply::reply(code, [text.as_str()]);
            let outcome = classify(step, &reply);
            prop_assert_eq!(outcome.reply(), &reply);
            let blames_reader = matches!(outcome, Outcome::Bounced(_) | Outcome::UnknownHost(_));
            prop_assert!(!blames_reader || (step == Rcpt && code / 100 == 5));
            prop_assert_eq!(matches!(outcome, Outcome::Accepted(_)), step == Dot && code / 100 == 2);
            prop_assert!(step >= Rcpt || matches!(outcome, Outcome::RelayDown(_)));
            prop_assert!(!matches!(outcome, Outcome::Uncertain(_)) || step == Dot);
        }
    }
}
