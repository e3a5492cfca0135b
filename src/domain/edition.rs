//! The life of an edition: its states and the only legal transitions.

use super::words::words;

words! {
    /// Where an edition stands.
    pub enum EditionState {
        /// Open: compiled automatically, editors may curate.
        Draft = "draft",
        /// An editor approved it; automatic blocks are frozen.
        Approved = "approved",
        /// Stopped by a person or a policy until somebody releases it.
        Held = "held",
        /// Not sent, on purpose; the slot keeps its row and the reason.
        Skipped = "skipped",
        /// Content and audience are fixed as a revision; deliveries are being written.
        Locked = "locked",
        /// Deliveries may be claimed.
        Sending = "sending",
        /// Stopped in mid-run.
        Paused = "paused",
        /// Every delivery has ended.
        Sent = "sent",
        /// Ended by a person before every delivery did.
        Cancelled = "cancelled",
        /// Locking or rendering went wrong.
        Failed = "failed",
    }
}

words! {
    /// Why an edition exists.
    pub enum EditionKind {
        /// Its newsletter's schedule made it.
        Scheduled = "scheduled",
        /// A person asked for it.
        Manual = "manual",
        /// It corrects another edition.
        Correction = "correction",
    }
}

words! {
    /// What is done with an edition that nobody approved by its send time.
    pub enum WhenNotApproved {
        /// It goes out as compiled.
        Send = "send",
        /// It waits for a person.
        Hold = "hold",
        /// It is not sent.
        Skip = "skip",
    }
}

words! {
    /// What is done with an edition that has too little in it.
    pub enum WhenTooLittle {
        /// It waits for a person.
        Hold = "hold",
        /// It is not sent.
        Skip = "skip",
    }
}

words! {
    /// What becomes of a letter that the check before each send finds broken.
    pub enum LetterCheck {
        /// Its edition waits for a person.
        Block = "block",
        /// It goes out, and the log says what is wrong with it.
        Warn = "warn",
    }
}

words! {
    /// How far the canary of a run has come: the first few deliveries, whose outcome decides whether
    /// the rest follows. A run without one has no phase.
    pub enum CanaryPhase {
        /// Only the canary's deliveries go out.
        Sending = "sending",
        /// All of them went out once; their outcome is waited for.
        Waiting = "waiting",
        /// The rest may follow.
        Passed = "passed",
    }
}

/// A transition that the life of an edition does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an edition that is {from} cannot become {to}")]
pub struct IllegalTransition {
    /// Where it stands.
    pub from: EditionState,
    /// Where it was to go.
    pub to: EditionState,
}

impl EditionState {
    /// The states that an edition in this state may go to.
    pub const fn next(self) -> &'static [Self] {
        use EditionState::{
            Approved, Cancelled, Draft, Failed, Held, Locked, Paused, Sending, Sent, Skipped,
        };
        match self {
            Draft => &[Approved, Held, Skipped, Cancelled, Locked, Failed],
            Approved => &[Draft, Held, Skipped, Cancelled, Locked, Failed],
            Held => &[Draft, Approved, Skipped, Cancelled, Locked, Failed],
            Locked => &[Draft, Sending, Failed],
            Sending => &[Paused, Sent, Cancelled],
            Paused => &[Sending, Sent, Cancelled],
            // A retry sends to some of those that it did not reach.
            Sent => &[Sending],
            Failed => &[Draft],
            Skipped | Cancelled => &[],
        }
    }

    /// `to`, when an edition in this state may go there.
    ///
    /// # Errors
    /// [`IllegalTransition`] otherwise.
    pub fn to(self, to: Self) -> Result<Self, IllegalTransition> {
        if self.next().contains(&to) { Ok(to) } else { Err(IllegalTransition { from: self, to }) }
    }

    /// Whether editors may still change the content.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Approved | Self::Held)
    }

    /// Whether nothing will happen to it any more by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Skipped | Self::Sent | Self::Cancelled)
    }

    /// Whether the public may read it: it has gone out, at least in part.
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Sending | Self::Paused | Self::Sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_transitions_is_that_of_the_design() {
        use EditionState::*;
        let legal = [
            (Draft, Approved),
            (Draft, Held),
            (Draft, Skipped),
            (Draft, Cancelled),
            (Draft, Locked),
            (Draft, Failed),
            (Approved, Draft),
            (Approved, Held),
            (Approved, Skipped),
            (Approved, Cancelled),
            (Approved, Locked),
            (Approved, Failed),
            (Held, Draft),
            (Held, Approved),
            (Held, Skipped),
            (Held, Cancelled),
            (Held, Locked),
            (Held, Failed),
            (Locked, Draft),
            (Locked, Sending),
            (Locked, Failed),
            (Sending, Paused),
            (Sending, Sent),
            (Sending, Cancelled),
            (Paused, Sending),
            (Paused, Sent),
            (Paused, Cancelled),
            (Failed, Draft),
            // Beyond the design's table: a retry.
            (Sent, Sending),
        ];
        for &from in EditionState::ALL {
            for &to in EditionState::ALL {
                assert_eq!(from.to(to).is_ok(), legal.contains(&(from, to)), "{from} -> {to}");
            }
        }
    }
}
