//! The reason behind an answer in the SMTP session itself.

use crate::domain::bounce::{BounceReason, EnhancedStatus};

/// Why a server answered so: `code` of RFC 5321 (0 where there was no reply), the enhanced code where
/// there is one, and its text.
pub fn reason_of_reply(_code: u16, _status: Option<EnhancedStatus>, _text: &str) -> BounceReason {
    BounceReason::Undefined
}
