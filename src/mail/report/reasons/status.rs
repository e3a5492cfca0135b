//! Reasons by enhanced status (RFC 3463 and the registry that it began), and by reply code alone.

use crate::domain::bounce::{BounceReason, EnhancedStatus};

/// How much a status says: more is better.
pub fn weight(status: EnhancedStatus) -> u8 {
    match (status.subject, status.detail) {
        (0, 0) => 0,
        // "Expired" tells less than what went wrong each time.
        (4, 7) => 1,
        (0, _) | (_, 0) => 1,
        (subject, _) if subject > 7 => 0,
        _ => 2,
    }
}

/// The reason that a status stands for; `None` where it stands for none of its own.
pub(super) fn reason(status: EnhancedStatus) -> Option<BounceReason> {
    use BounceReason as R;
    Some(match (status.subject, status.detail) {
        (1, 1 | 3) => R::UserUnknown,
        (1, 4) => R::Filtered,
        (1, 2 | 10) => R::HostUnknown,
        (1, 6) => R::Moved,
        (1, 7..=9) => R::Reputation,
        (2, 0) => R::Filtered,
        (2, 1) => R::Inactive,
        (2, 2) => R::MailboxFull,
        (2, 3) | (3, 4) => R::TooLarge,
        (2, 4) => R::Filtered,
        (3, 1..=3 | 5) => R::SystemError,
        (4, 0..=2 | 6) => R::Network,
        (4, 4 | 310) if status.class == 5 => R::HostUnknown,
        (4, 3 | 4 | 8) => R::SystemError,
        (4, 5) => R::RateLimited,
        (4, 7) => R::Expired,
        (5, 3) => R::RateLimited,
        (5, _) => R::Protocol,
        (6, _) => R::Content,
        (7, 5..=8 | 20..=24 | 26 | 29 | 30) => R::Authentication,
        (7, 9 | 515) => R::Authentication,
        (7, 13) => R::Suspended,
        (7, 25 | 27) => R::Reputation,
        (7, 28) => R::RateLimited,
        (7, _) => R::Policy,
        _ => return None,
    })
}

/// The reason that a reply code stands for, where it stands for one.
pub(super) fn reason_of_reply(code: u16) -> Option<BounceReason> {
    use BounceReason as R;
    match code {
        552 | 452 => Some(R::MailboxFull),
        551 => Some(R::Moved),
        556 => Some(R::HostUnknown),
        500..=504 => Some(R::Protocol),
        521 => Some(R::Policy),
        523 => Some(R::TooLarge),
        530 | 535 | 538 => Some(R::Authentication),
        421 | 441 | 442 | 447 => Some(R::Network),
        _ => None,
    }
}

/// The first enhanced status in a text that stands there as one: after a reply code, or after `#`, or
/// in front of words.
pub fn statuses_in(text: &str) -> impl Iterator<Item = EnhancedStatus> + '_ {
    let bytes = text.as_bytes();
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(at) = memchr::memchr3(b'2', b'4', b'5', &bytes[from..]) {
            let at = from + at;
            from = at + 1;
            let before = at.checked_sub(1).map(|at| bytes[at]);
            if before
                .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'@' | b'_' | b'/'))
            {
                continue;
            }
            if let Some((status, length)) = status_at(&bytes[at..]) {
                from = at + length;
                return Some(status);
            }
        }
        None
    })
}

/// The status that begins here, with its length; none within a number, an address or a version.
fn status_at(bytes: &[u8]) -> Option<(EnhancedStatus, usize)> {
    let length = bytes.iter().take(12).take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let mut text = str::from_utf8(&bytes[..length]).ok()?;
    text = text.trim_end_matches('.');
    let status = text.parse().ok()?;
    let after = bytes.get(length);
    let ends = !after.is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'@' | b'_'));
    // `5.1.1-…` is how Gmail goes on over several lines.
    ends.then_some((status, length))
}

/// The reply codes in a text that stand there as such: three digits on their own, 400 to 599, before a
/// space, a hyphen or the end.
pub fn replies_in(text: &str) -> impl Iterator<Item = u16> + '_ {
    text.split(|letter: char| {
        letter.is_whitespace()
            || matches!(letter, '(' | ')' | '[' | ']' | ':' | ';' | ',' | '<' | '>' | '"' | '\'' | '#')
    })
    .filter_map(|word| {
        let digits = word.get(..3)?;
        let ends = word.len() == 3 || word[3..].starts_with(['-', '.', '_']);
        (ends && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
    })
    .filter(|code| (400..600).contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_stand_in_texts() {
        for (text, found) in [
            ("550 5.1.1 no", &["5.1.1"][..]),
            ("550-5.7.1 [192.0.2.1] no. 550 5.7.26 y", &["5.7.1", "5.7.26"]),
            ("#5.1.1 smtp;550 4.2.2.", &["5.1.1", "4.2.2"]),
            ("host 5.1.1.7 said v5.1.1 x15.1.1 5.1.1@x 2.6.32-5-amd", &["2.6.32"]),
            ("(5.1.1)", &["5.1.1"]),
        ] {
            let all: Vec<_> = statuses_in(text).map(|status| status.to_string()).collect();
            assert_eq!(all, found, "{text}");
        }
    }

    #[test]
    fn replies_stand_in_texts() {
        let all: Vec<_> = replies_in("said: 550 no; 450-x [421] 5500 512.1 a550 999 452").collect();
        assert_eq!(all, [550, 450, 421, 512, 452]);
    }
}
