//! What proofs have in common: comparing secrets in a time that tells nothing, and windows of time.

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::Refusal;

type HmacSha256 = Hmac<Sha256>;

/// So far may a caller's clock be ahead of ours.
const AHEAD: TimeDelta = TimeDelta::minutes(10);

/// Whether `mac` is the HMAC-SHA256 of `parts`, one after the other.
pub(super) fn is_mac_of(secret: &[u8], parts: &[&[u8]], mac: &[u8]) -> bool {
    keyed(secret, parts).is_some_and(|own| own.verify_slice(mac).is_ok())
}

/// Whether two secrets are the same. Their MACs are compared, so that the time tells neither how much
/// of it was right nor how long it is.
pub(super) fn is_same(secret: &[u8], given: &[u8]) -> bool {
    keyed(secret, &[secret]).is_some_and(|own| is_mac_of(secret, &[given], &own.finalize().into_bytes()))
}

/// HMAC takes keys of any length; the type does not know.
fn keyed(secret: &[u8], parts: &[&[u8]]) -> Option<HmacSha256> {
    let mut mac = HmacSha256::new_from_slice(secret).ok()?;
    parts.iter().for_each(|part| mac.update(part));
    Some(mac)
}

/// Refuses what was made longer than `window` before `now`, or after it.
pub(super) fn timely(made: DateTime<Utc>, now: DateTime<Utc>, window: TimeDelta) -> Result<(), Refusal> {
    let age = now.signed_duration_since(made);
    if age > window {
        return Err(Refusal::Untimely("it is too old"));
    }
    if age < -AHEAD {
        return Err(Refusal::Untimely("it is of the future; is the clock right?"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_secret_is_the_same() {
        assert!(is_same(b"geheim", b"geheim"));
        for other in [&b""[..], b"geheim ", b"gehein", b"g"] {
            assert!(!is_same(b"geheim", other));
        }
    }

    #[test]
    fn a_window_has_two_ends() {
        let now = DateTime::from_timestamp(1_000_000, 0).unwrap();
        let window = TimeDelta::hours(1);
        for (age, good) in [(3600, true), (3601, false), (0, true), (-600, true), (-601, false)] {
            assert_eq!(timely(now - TimeDelta::seconds(age), now, window).is_ok(), good, "{age}");
        }
        assert!(timely(DateTime::<Utc>::MIN_UTC, now, window).is_err());
        assert!(timely(DateTime::<Utc>::MAX_UTC, now, window).is_err());
    }
}
