//! What to do about the slots of a newsletter at an instant: a decision for each, with its reason.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::Schedule;
use crate::domain::words::words;

/// The most slots that one look at the clock opens, and the most that it records as missed. A
/// daemon that was down for months on a schedule of minutes records the newest of them; for older
/// ones the gap speaks.
pub const AT_ONCE: usize = 100;

/// What a newsletter's configuration says about its slots.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// When.
    pub schedule: &'a Schedule,
    /// Whose clock.
    pub zone: Tz,
    /// How long before its slot an edition is opened; 0 or more.
    pub drafting_lead: TimeDelta,
    /// How late an edition may still be opened; 0 or more.
    pub grace: TimeDelta,
}

words! {
    /// Why the edition of a slot is not made.
    pub enum MissedReason {
        /// It is later than the grace allows.
        TooLate = "too_late",
        /// A newer slot has come: of several overdue ones only the newest is made.
        Superseded = "superseded",
    }
}

/// What becomes of one slot that has no edition yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum SlotDecision {
    /// Its edition is opened now.
    Open {
        /// The slot.
        slot: DateTime<Utc>,
    },
    /// It is recorded as missed, and nothing is sent for it.
    Missed {
        /// The slot.
        slot: DateTime<Utc>,
        /// How long ago it was, in milliseconds.
        late_by_ms: i64,
        /// Why.
        reason: MissedReason,
    },
}

/// Decides about every slot after `after` that is due at `now`, earliest first.
///
/// `after` is the newest slot that has an edition, opened, skipped or missed; for a newsletter
/// without one it is the instant when it was first seen, so that a new newsletter has no past. When
/// the expression or the zone was changed since, it is at least the instant of the change, or the
/// new expression would be held to slots that nobody promised.
///
/// A slot is due from `drafting_lead` before it. Of those that have passed, only the newest is
/// opened, and that only while it is at most `grace` late.
pub fn due(plan: Plan<'_>, after: DateTime<Utc>, now: DateTime<Utc>) -> Vec<SlotDecision> {
    let horizon = now.checked_add_signed(plan.drafting_lead).unwrap_or(now);
    let mut open = Vec::new();
    let mut overdue = VecDeque::with_capacity(AT_ONCE);
    for slot in plan.schedule.slots_after(after, plan.zone).take_while(|slot| *slot <= horizon) {
        if slot >= now {
            open.push(SlotDecision::Open { slot });
            if open.len() == AT_ONCE {
                break;
            }
            continue;
        }
        if overdue.len() == AT_ONCE {
            overdue.pop_front();
        }
        overdue.push_back(slot);
    }
    let newest = overdue.back().copied();
    let judged = overdue.into_iter().map(|slot| {
        let late_by = now - slot;
        let missed = |reason| SlotDecision::Missed { slot, late_by_ms: late_by.num_milliseconds(), reason };
        if late_by > plan.grace {
            missed(MissedReason::TooLate)
        } else if Some(slot) == newest {
            SlotDecision::Open { slot }
        } else {
            missed(MissedReason::Superseded)
        }
    });
    judged.chain(open).collect()
}
