//! What a report asks for, and what came of it: the rules of fairness, as a table.

use super::{BounceReason, Fault, ReportKind};
use crate::domain::words::words;

/// What a report asks for, if it is laid to a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Nothing.
    Nothing,
    /// The address is no good: it is suppressed, under the guard.
    Hard,
    /// The address did not take this letter: it is counted.
    Soft,
    /// The fault is ours: ops hear of it, and the relay rests when many come.
    Ours,
    /// The reader complained: the subscription ends and the address is suppressed.
    Complaint,
    /// The reader leaves.
    Leave,
}

/// Whether the DNS says that a domain does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSuchHost {
    /// It does: there is none.
    Confirmed,
    /// It says that there is one, or says nothing.
    Unconfirmed,
}

/// What a report of a kind, for a reason, asks for. `host` counts where the reason is the host alone.
///
/// | kind | reason | asks |
/// | --- | --- | --- |
/// | hard | the host, and the DNS does not confirm it | soft |
/// | hard | any other | hard |
/// | soft | ours | ours |
/// | soft | any other | soft |
/// | complaint | | complaint |
/// | unsubscribe | | leave |
/// | delayed, autoreply, not a bounce, unknown | | nothing |
pub fn asks(kind: ReportKind, reason: Option<BounceReason>, host: NoSuchHost) -> Asks {
    match kind {
        ReportKind::Hard if reason == Some(BounceReason::HostUnknown) && host == NoSuchHost::Unconfirmed => {
            Asks::Soft
        }
        ReportKind::Hard => Asks::Hard,
        ReportKind::Soft if reason.is_some_and(|reason| reason.fault() == Fault::Ours) => Asks::Ours,
        ReportKind::Soft => Asks::Soft,
        ReportKind::Complaint => Asks::Complaint,
        ReportKind::Unsubscribe => Asks::Leave,
        ReportKind::Delayed | ReportKind::Autoreply | ReportKind::NotABounce | ReportKind::Unknown => {
            Asks::Nothing
        }
    }
}

words! {
    /// How a report was laid to a delivery.
    pub enum Attribution {
        /// By the signed return path.
        ReturnPath = "return_path",
        /// By the envelope id, which is the same.
        EnvelopeId = "envelope_id",
        /// By our signed Message-ID.
        MessageId = "message_id",
        /// By the token of an address that ends a subscription.
        Unsubscribe = "unsubscribe",
        /// By the recipient, who got an edition lately.
        Recipient = "recipient",
        /// Not at all.
        None = "none",
    }
}

words! {
    /// What a report came to.
    pub enum Effect {
        /// It asks for nothing.
        Nothing = "nothing",
        /// The address was suppressed, as no good.
        SuppressedHard = "suppressed_hard",
        /// It would have been, but so many of its edition bounced that the fault looks like ours.
        Doubtful = "doubtful",
        /// It was counted among the soft bounces of the address.
        CountedSoft = "counted_soft",
        /// Another soft bounce of that day had been counted.
        SameDay = "same_day",
        /// It was one soft bounce too many, and the address was suppressed.
        SuppressedSoft = "suppressed_soft",
        /// The fault is ours: the reader keeps the letter.
        Ours = "ours",
        /// The subscription ended, and the address was suppressed, for the complaint.
        SuppressedComplaint = "suppressed_complaint",
        /// The subscription ended.
        Left = "left",
        /// There was no subscription to end.
        NotSubscribed = "not_subscribed",
        /// The same was reported of the same delivery before.
        Repeated = "repeated",
        /// It leads to no delivery.
        Unattributed = "unattributed",
        /// It speaks of somebody else than the recipient of the letter that it leads to.
        SomebodyElse = "somebody_else",
        /// Anybody could have written it: nothing signed leads from it to the letter.
        Unproven = "unproven",
        /// It is about a letter from before the reader's fresh consent, or of an edition whose
        /// deliveries are kept no more.
        Stale = "stale",
        /// The delivery was never out, or had ended otherwise.
        NotDelivered = "not_delivered",
        /// The subscriber has been erased.
        Erased = "erased",
        /// It could not be processed: a defect, which the log tells of.
        Failed = "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_is_no_good_is_hard() {
        for &reason in BounceReason::ALL {
            let hard = asks(ReportKind::Hard, Some(reason), NoSuchHost::Unconfirmed);
            let expected = if reason == BounceReason::HostUnknown { Asks::Soft } else { Asks::Hard };
            assert_eq!(hard, expected, "{reason}");
            assert_eq!(asks(ReportKind::Hard, Some(reason), NoSuchHost::Confirmed), Asks::Hard, "{reason}");
            for host in [NoSuchHost::Confirmed, NoSuchHost::Unconfirmed] {
                let soft = asks(ReportKind::Soft, Some(reason), host);
                let expected = if reason.fault() == Fault::Ours { Asks::Ours } else { Asks::Soft };
                assert_eq!(soft, expected, "{reason}");
            }
        }
        assert_eq!(asks(ReportKind::Hard, None, NoSuchHost::Unconfirmed), Asks::Hard);
        assert_eq!(asks(ReportKind::Soft, None, NoSuchHost::Unconfirmed), Asks::Soft);
    }

    #[test]
    fn what_is_no_failure_counts_against_nobody() {
        for kind in [ReportKind::Delayed, ReportKind::Autoreply, ReportKind::NotABounce, ReportKind::Unknown]
        {
            for &reason in BounceReason::ALL {
                assert_eq!(asks(kind, Some(reason), NoSuchHost::Confirmed), Asks::Nothing, "{kind} {reason}");
            }
            assert_eq!(asks(kind, None, NoSuchHost::Confirmed), Asks::Nothing);
        }
        assert_eq!(asks(ReportKind::Complaint, None, NoSuchHost::Unconfirmed), Asks::Complaint);
        assert_eq!(asks(ReportKind::Unsubscribe, None, NoSuchHost::Unconfirmed), Asks::Leave);
    }

    #[test]
    fn what_is_ours_is_never_a_readers() {
        use BounceReason::{Authentication, Content, Policy, RateLimited, Reputation, Spam, TooLarge, Virus};
        for reason in [Authentication, Content, Policy, RateLimited, Reputation, Spam, TooLarge, Virus] {
            assert_eq!(reason.fault(), Fault::Ours, "{reason}");
        }
    }
}
