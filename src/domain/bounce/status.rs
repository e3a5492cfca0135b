//! Enhanced status codes: `5.1.1` and the like (RFC 3463 section 2).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An enhanced status code. Its class is 2 (done), 4 (failed for now) or 5 (failed for good).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EnhancedStatus {
    /// 2, 4 or 5.
    pub class: u8,
    /// What it is about: 1 addressing, 2 mailbox, 3 mail system, 4 network, 5 protocol, 6 content,
    /// 7 policy; at most 999.
    pub subject: u16,
    /// More of it, within the subject; at most 999.
    pub detail: u16,
}

/// It is no enhanced status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not of the form 2.x.x, 4.x.x or 5.x.x")]
pub struct StatusError;

impl EnhancedStatus {
    /// The code of these three numbers, where it is one.
    pub const fn new(class: u8, subject: u16, detail: u16) -> Option<Self> {
        if matches!(class, 2 | 4 | 5) && subject <= 999 && detail <= 999 {
            Some(Self { class, subject, detail })
        } else {
            None
        }
    }
}

impl fmt::Display for EnhancedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl FromStr for EnhancedStatus {
    type Err = StatusError;

    /// Reads a code that stands alone.
    fn from_str(text: &str) -> Result<Self, StatusError> {
        let mut numbers = text.split('.').map(|digits| {
            let plain = (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse::<u16>().ok()).flatten()
        });
        let mut next = || numbers.next().flatten();
        let (Some(class), Some(subject), Some(detail)) = (next(), next(), next()) else {
            return Err(StatusError);
        };
        if numbers.next().is_some() {
            return Err(StatusError);
        }
        u8::try_from(class).ok().and_then(|class| Self::new(class, subject, detail)).ok_or(StatusError)
    }
}

impl TryFrom<String> for EnhancedStatus {
    type Error = StatusError;

    fn try_from(text: String) -> Result<Self, StatusError> {
        text.parse()
    }
}

impl From<EnhancedStatus> for String {
    fn from(status: EnhancedStatus) -> Self {
        status.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_and_written() {
        for text in ["5.1.1", "4.0.0", "2.6.999", "5.7.515"] {
            assert_eq!(text.parse::<EnhancedStatus>().unwrap().to_string(), text);
        }
        for text in ["", "5", "5.1", "5.1.1.1", "3.1.1", "5.1.1000", "5.+1.1", "5. 1.1", "٥.1.1"] {
            assert_eq!(text.parse::<EnhancedStatus>(), Err(StatusError), "{text}");
        }
    }
}
