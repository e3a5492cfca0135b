//! Subscribers and their subscriptions, and the rule by which an import meets what is known.

use super::bounce::SuppressionReason;
use super::words::words;

words! {
    /// Where one subscriber's subscription to one list stands.
    pub enum SubscriptionState {
        /// Waiting for the reader's confirmation; gets no letter.
        Pending = "pending",
        /// Gets letters.
        Active = "active",
        /// Gets none any more.
        Ended = "ended",
    }
}

words! {
    /// Why a subscription ended.
    pub enum EndReason {
        /// The reader left.
        Unsubscribed = "unsubscribed",
        /// The reader complained.
        Complaint = "complaint",
        /// The address does not exist.
        HardBounce = "hard_bounce",
        /// It refused for too long.
        SoftBounce = "soft_bounce",
        /// A person of the newsroom ended it.
        Removed = "removed",
        /// The subscriber was erased.
        Erased = "erased",
        /// An import said so.
        Imported = "imported",
    }
}

/// What a file of subscribers says of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case", tag = "standing", content = "reason")]
pub enum Standing {
    /// Gets letters.
    Active,
    /// Has not confirmed yet.
    Pending,
    /// Left, or was taken off.
    Ended(EndReason),
    /// Must get nothing from any list.
    Suppressed(SuppressionReason),
    /// The file has a column for it, but says nothing of this address: no consent, and no
    /// withdrawal either.
    Silent,
}

/// What is known of an address before an import, on the list that it goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Existing {
    /// Its subscription to the list; `None` when it never had one.
    pub state: Option<SubscriptionState>,
    /// Why the subscription ended, when it did.
    pub end_reason: Option<EndReason>,
    /// Whether a suppression of the address stands.
    pub suppressed: bool,
}

/// What an import does with one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportEffect {
    /// The subscription becomes active; subscriber and subscription are made where missing.
    Activate,
    /// A subscription that waits for confirmation is made.
    AwaitConfirmation,
    /// The subscriber becomes known, without a subscription.
    Know,
    /// The subscription ends; for an address that had none, that is kept as an ended one.
    End(EndReason),
    /// The address is suppressed, and its subscriptions end.
    Suppress(SuppressionReason),
    /// Nothing to do: it is so already, or the file does not say enough to change it.
    Keep,
    /// The file says active, and it stays as it is.
    Refuse(Refusal),
}

/// Why an import does not make an address active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The subscription has ended, for this reason where it is known.
    Ended(Option<EndReason>),
    /// A suppression stands.
    Suppressed,
}

/// What an import does with an address of which `existing` is known (`None`: nothing) when its row
/// says `row`.
///
/// An import never revives who left, bounced or complained: only the reader's own fresh consent
/// does. What a row withdraws is withdrawn; a silent row changes nothing for who is known.
pub fn import_effect(existing: Option<Existing>, row: Standing) -> ImportEffect {
    let state = existing.and_then(|known| known.state);
    let suppressed = existing.is_some_and(|known| known.suppressed);
    match (row, state) {
        (Standing::Suppressed(reason), _) => ImportEffect::Suppress(reason),
        (Standing::Ended(_), Some(SubscriptionState::Ended)) => ImportEffect::Keep,
        (Standing::Ended(reason), _) => ImportEffect::End(reason),
        (Standing::Active | Standing::Pending, _) if suppressed => ImportEffect::Refuse(Refusal::Suppressed),
        (Standing::Active | Standing::Pending, Some(SubscriptionState::Ended)) => {
            ImportEffect::Refuse(Refusal::Ended(existing.and_then(|known| known.end_reason)))
        }
        (Standing::Active, Some(SubscriptionState::Active)) => ImportEffect::Keep,
        (Standing::Active, Some(SubscriptionState::Pending) | None) => ImportEffect::Activate,
        (Standing::Pending, Some(SubscriptionState::Active | SubscriptionState::Pending)) => {
            ImportEffect::Keep
        }
        (Standing::Pending, None) => ImportEffect::AwaitConfirmation,
        (Standing::Silent, _) if existing.is_some() => ImportEffect::Keep,
        (Standing::Silent, _) => ImportEffect::Know,
    }
}

#[cfg(test)]
mod tests {
    use super::ImportEffect::*;
    use super::*;

    fn known(state: Option<SubscriptionState>, end_reason: Option<EndReason>) -> Option<Existing> {
        Some(Existing { state, end_reason, suppressed: false })
    }

    #[test]
    fn imports_meet_what_is_known() {
        let left = EndReason::Unsubscribed;
        let bounced = SuppressionReason::Hard;
        let nobody = None;
        let elsewhere = known(None, None);
        let pending = known(Some(SubscriptionState::Pending), None);
        let active = known(Some(SubscriptionState::Active), None);
        let ended = known(Some(SubscriptionState::Ended), Some(left));
        let gone = Refuse(Refusal::Ended(Some(left)));
        let rows = [
            (Standing::Active, [Activate, Activate, Activate, Keep, gone]),
            (Standing::Pending, [AwaitConfirmation, AwaitConfirmation, Keep, Keep, gone]),
            (Standing::Ended(left), [End(left), End(left), End(left), End(left), Keep]),
            (Standing::Suppressed(bounced), [Suppress(bounced); 5]),
            (Standing::Silent, [Know, Keep, Keep, Keep, Keep]),
        ];
        for (row, effects) in rows {
            for (existing, effect) in [nobody, elsewhere, pending, active, ended].into_iter().zip(effects) {
                assert_eq!(import_effect(existing, row), effect, "{existing:?} and {row:?}");
            }
        }
    }

    #[test]
    fn no_import_revives_anybody() {
        let mut all = vec![Standing::Active, Standing::Pending, Standing::Silent];
        all.extend(EndReason::ALL.iter().map(|&reason| Standing::Ended(reason)));
        all.extend(SuppressionReason::ALL.iter().map(|&reason| Standing::Suppressed(reason)));
        for row in all {
            for &reason in EndReason::ALL {
                let ended = known(Some(SubscriptionState::Ended), Some(reason));
                assert!(
                    !matches!(import_effect(ended, row), Activate | AwaitConfirmation),
                    "{reason} {row:?}"
                );
            }
            for state in [None, Some(SubscriptionState::Active), Some(SubscriptionState::Pending)] {
                let suppressed = Some(Existing { state, end_reason: None, suppressed: true });
                assert!(
                    !matches!(import_effect(suppressed, row), Activate | AwaitConfirmation | Know),
                    "{row:?}"
                );
            }
        }
    }
}
