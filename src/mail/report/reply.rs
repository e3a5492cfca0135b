//! The reason behind an answer in the SMTP session itself.

use super::reasons::{is_hidden_refusal, reason_of};
use crate::domain::bounce::{BounceReason, EnhancedStatus};

/// Why a server answered so: `code` of RFC 5321 (0 where there was no reply), the enhanced code where
/// there is one, and its text.
pub fn reason_of_reply(code: u16, status: Option<EnhancedStatus>, text: &str) -> BounceReason {
    let told = if code == 0 { reason_of(status, text) } else { reason_of(status, &format!("{code} {text}")) };
    match told {
        Some(told) if is_hidden_refusal(status, &told) => BounceReason::Filtered,
        Some(told) => told.reason,
        None => BounceReason::Undefined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_servers() {
        use BounceReason as R;
        for (code, status, text, reason) in [
            (550, Some("5.1.1"), "The email account that you tried to reach does not exist.", R::UserUnknown),
            (550, None, "No such user here", R::UserUnknown),
            (550, Some("5.7.1"), "<x@example.org>: Recipient address rejected: User unknown", R::Filtered),
            (452, Some("4.2.2"), "The recipient's inbox is out of storage space", R::MailboxFull),
            (552, None, "no", R::MailboxFull),
            (421, Some("4.7.0"), "Too many connections from your host", R::RateLimited),
            (550, Some("5.7.26"), "This mail is unauthenticated", R::Authentication),
            (
                554,
                Some("5.7.1"),
                "Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
                R::Reputation,
            ),
            (550, None, "x", R::Undefined),
            (0, None, "", R::Undefined),
        ] {
            let status = status.map(|status| status.parse().unwrap());
            assert_eq!(reason_of_reply(code, status, text), reason, "{code} {text}");
        }
    }
}
