//! The life of a delivery: states, outcomes of an attempt, the pauses between attempts, and the
//! guard that stops a run whose refusals look like our own fault.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::ids::{EditionId, SubscriberId};
use super::words::words;

words! {
    /// Where one edition to one subscriber stands.
    pub enum DeliveryState {
        /// Waiting for its first attempt.
        Queued = "queued",
        /// A worker has it under a lease.
        Claimed = "claimed",
        /// Refused for now; it waits for its next attempt.
        Deferred = "deferred",
        /// The relay took it.
        Accepted = "accepted",
        /// Refused because of the recipient's address.
        Bounced = "bounced",
        /// Refused for another reason that will not pass.
        Rejected = "rejected",
        /// It was still refused for now when the edition expired.
        Expired = "expired",
        /// The subscriber left, or the edition was cancelled, before it went out.
        Cancelled = "cancelled",
        /// The connection died between the final dot and the reply.
        Uncertain = "uncertain",
    }
}

impl DeliveryState {
    /// Whether nothing more is attempted.
    pub const fn is_ended(self) -> bool {
        !matches!(self, Self::Queued | Self::Claimed | Self::Deferred)
    }
}

words! {
    /// What becomes of a delivery whose outcome nobody knows.
    pub enum WhenUncertain {
        /// It is sent again under the same Message-ID, so that mail programs can drop one.
        Resend = "resend",
        /// It waits for a person.
        Hold = "hold",
    }
}

/// What a server answered: the three-digit code, the enhanced code where there is one (RFC 3463),
/// and the text, cut to what fits a log line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// RFC 5321 reply code; 0 when there was no reply (a broken connection).
    pub code: u16,
    /// `5.1.1` and the like.
    pub enhanced: Option<String>,
    /// The text, or what happened instead of a reply.
    pub text: String,
}

words! {
    /// Whose fault a refusal is, when it is not the recipient's address.
    pub enum Blame {
        /// The receiver's policy or our content, reputation or authentication.
        Policy = "policy",
        /// The relay would not work for us at all: connect, EHLO, AUTH, MAIL, or relaying denied.
        Relay = "relay",
    }
}

/// What one attempt at one delivery came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The relay took responsibility.
    Accepted(Reply),
    /// Refused for now: try again later.
    Deferred(Reply),
    /// The address does not exist: a hard bounce.
    Bounced(Reply),
    /// The address's domain is said not to exist (5.1.2): a hard bounce only when DNS agrees,
    /// else to be deferred.
    UnknownHost(Reply),
    /// Refused for good, and the reader is not to blame.
    Rejected(Reply),
    /// The connection died between the final dot and the reply.
    Uncertain(Reply),
    /// Nothing was attempted for this recipient: the relay itself is down or refuses us. The
    /// delivery goes back to the queue and no attempt is spent.
    RelayDown(Reply),
}

impl Outcome {
    /// The reply behind it.
    pub const fn reply(&self) -> &Reply {
        match self {
            Self::Accepted(reply)
            | Self::Deferred(reply)
            | Self::Bounced(reply)
            | Self::UnknownHost(reply)
            | Self::Rejected(reply)
            | Self::Uncertain(reply)
            | Self::RelayDown(reply) => reply,
        }
    }
}

/// How long to wait before attempt number `attempt + 1`, when attempt number `attempt` (1, 2, …)
/// was refused for now. Starts at `first`, doubles, stays at or below four hours, and is spread by
/// up to a fifth with `jitter` in `0.0..1.0`, so that a thousand deferred deliveries do not come
/// back in the same second.
pub fn retry_pause(attempt: u32, first: TimeDelta, jitter: f64) -> TimeDelta {
    const LONGEST: TimeDelta = TimeDelta::hours(4);
    let doublings = attempt.saturating_sub(1).min(16);
    let base = first.checked_mul(1 << doublings).unwrap_or(LONGEST).min(LONGEST.max(first));
    #[expect(clippy::cast_possible_truncation, reason = "at most a fifth of a pause in milliseconds")]
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of hours are far below 2^52")]
    let spread = (base.num_milliseconds() as f64 * 0.2 * jitter.clamp(0.0, 1.0)) as i64;
    base + TimeDelta::milliseconds(spread)
}

/// A number in `0.0..1.0` that is spread evenly over deliveries and attempts and always the same
/// for one of them: the jitter of [`retry_pause`] without a source of randomness.
pub fn jitter(edition: EditionId, subscriber: SubscriberId, attempt: u32) -> f64 {
    let mut hash = Sha256::new();
    hash.update(edition.0.to_be_bytes());
    hash.update(subscriber.0.to_be_bytes());
    hash.update(attempt.to_be_bytes());
    let digest = hash.finalize();
    f64::from(u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])) / (f64::from(u32::MAX) + 1.0)
}

/// Promise 8: of the last [`Guard::WINDOW`] attempts of a run, more than a tenth hard bounces look
/// like a fault of ours (a damaged list, a blocked relay), so the run pauses and nobody is
/// suppressed from it until a person confirms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Attempts looked at, at most [`Guard::WINDOW`].
    pub attempts: i64,
    /// How many of them were hard bounces.
    pub hard: i64,
}

impl Guard {
    /// How many of the last attempts count.
    pub const WINDOW: i64 = 200;
    /// With fewer hard bounces than this the share says nothing: one wrong address in a list of
    /// five must not stop it.
    pub const AT_LEAST: i64 = 5;

    /// Whether the run must stop.
    pub const fn trips(self) -> bool {
        self.hard >= Self::AT_LEAST && self.hard * 10 > self.attempts
    }

    /// Whether any [`Self::WINDOW`] attempts in a row would make the run stop, or all of them where
    /// there are fewer: `true` for a hard bounce, in the order in which the letters went out. This is
    /// for bounces that are told later, in any order.
    pub fn any_window_trips(attempts: &[bool]) -> bool {
        let length = attempts.len().min(usize::try_from(Self::WINDOW).unwrap_or(usize::MAX)).max(1);
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        attempts.windows(length).any(|window| {
            let hard = count(window.iter().filter(|hard| **hard).count());
            Self { attempts: count(window.len()), hard }.trips()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let first = TimeDelta::minutes(5);
        let pauses: Vec<_> = (1..12).map(|n| retry_pause(n, first, 0.0)).collect();
        assert_eq!(pauses[0], first);
        assert_eq!(pauses[1], TimeDelta::minutes(10));
        assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(pauses[10], TimeDelta::hours(4));
        assert_eq!(retry_pause(1, first, 1.0), TimeDelta::minutes(6));
        assert_eq!(retry_pause(u32::MAX, first, 0.0), TimeDelta::hours(4));
    }

    #[test]
    fn the_guard_wants_more_than_a_tenth() {
        assert!(!Guard { attempts: 200, hard: 20 }.trips());
        assert!(Guard { attempts: 200, hard: 21 }.trips());
        assert!(!Guard { attempts: 5, hard: 4 }.trips());
        assert!(Guard { attempts: 10, hard: 5 }.trips());
    }

    #[test]
    fn the_guard_sees_bounces_that_are_told_in_any_order() {
        assert!(!Guard::any_window_trips(&[]));
        assert!(!Guard::any_window_trips(&[true; 4]));
        assert!(Guard::any_window_trips(&[true; 5]));
        let mut attempts = vec![false; 399];
        attempts[150..170].fill(true);
        assert!(!Guard::any_window_trips(&attempts), "20 of 200");
        attempts[170] = true;
        assert!(Guard::any_window_trips(&attempts), "21 of 200");
        let spread: Vec<_> = (0..399).map(|n| n % 10 == 0).collect();
        assert!(!Guard::any_window_trips(&spread));
        // Few at the end say little while there are enough before them.
        let mut last = vec![false; 300];
        last[290..].fill(true);
        assert!(!Guard::any_window_trips(&last), "10 of the last 200");
    }
}
