//! The reason behind an answer in the SMTP session itself.

use super::reasons::reason_of;
use crate::domain::bounce::{BounceReason, EnhancedStatus};

/// Why a server answered so: `code` of RFC 5321 (0 where there was no reply), the enhanced code where
/// there is one, and its text.
pub fn reason_of_reply(code: u16, status: Option<EnhancedStatus>, text: &str) -> BounceReason {
    reason_of(status, &format!("{code} {text}")).map_or(BounceReason::Undefined, |told| told.reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_its_reason() {
        use BounceReason::{MailboxFull, Reputation, Undefined, UserUnknown};
        for (code, status, text, reason) in [
            (552, "5.2.2", "mailbox full", MailboxFull),
            (550, "5.1.1", "no such user here", UserUnknown),
            (554, "5.7.1", "your IP address is listed in a blocklist", Reputation),
            (554, "", "no", Undefined),
            (0, "", "the connection broke", Undefined),
        ] {
            assert_eq!(reason_of_reply(code, status.parse().ok(), text), reason, "{code} {status} {text}");
        }
    }
}
