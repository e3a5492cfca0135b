//! What a daemon does that looks at the clock late: case c23 and its neighbours. Times are those
//! of Berlin in winter, one hour before UTC.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Europe::Berlin;
use proptest::prelude::*;

use super::super::Schedule;
use super::super::due::{AT_ONCE, MissedReason, Plan, SlotDecision, due};
use super::{schedule, utc};

fn plan(schedule: &Schedule, lead: TimeDelta, grace: TimeDelta) -> Plan<'_> {
    Plan { schedule, zone: Berlin, drafting_lead: lead, grace }
}

fn open(slot: &str) -> SlotDecision {
    SlotDecision::Open { slot: utc(slot) }
}

fn missed(slot: &str, late_by: TimeDelta, reason: MissedReason) -> SlotDecision {
    SlotDecision::Missed { slot: utc(slot), late_by_ms: late_by.num_milliseconds(), reason }
}

const HOUR: TimeDelta = TimeDelta::hours(1);
const YESTERDAY: &str = "2026-02-09T07:00:00Z";
const TODAY: &str = "2026-02-10T07:00:00Z";
const BACK_AT: &str = "2026-02-10T12:05:00Z";

#[test]
fn later_than_the_grace_is_missed_with_the_reason() {
    let eight = schedule("0 8 * * *");
    let decisions = due(plan(&eight, TimeDelta::zero(), HOUR), utc(YESTERDAY), utc(BACK_AT));
    let late = TimeDelta::minutes(5 * 60 + 5);
    assert_eq!(decisions, [missed(TODAY, late, MissedReason::TooLate)]);
    assert_eq!(eight.slots_after(utc(BACK_AT), Berlin).next(), Some(utc("2026-02-11T07:00:00Z")));
}

#[test]
fn within_the_grace_one_is_opened_and_a_restart_opens_none() {
    let eight = schedule("0 8 * * *");
    let plan = plan(&eight, TimeDelta::zero(), TimeDelta::hours(6));
    assert_eq!(due(plan, utc(YESTERDAY), utc(BACK_AT)), [open(TODAY)]);
    assert_eq!(due(plan, utc(TODAY), utc("2026-02-10T12:10:00Z")), []);
}

#[test]
fn after_three_days_at_most_the_newest_is_opened() {
    let eight = schedule("0 8 * * *");
    let plan = plan(&eight, TimeDelta::zero(), TimeDelta::days(30));
    let decisions = due(plan, utc("2026-02-07T07:00:00Z"), utc(BACK_AT));
    let late = |days| TimeDelta::days(days) + TimeDelta::minutes(5 * 60 + 5);
    assert_eq!(
        decisions,
        [
            missed("2026-02-08T07:00:00Z", late(2), MissedReason::Superseded),
            missed("2026-02-09T07:00:00Z", late(1), MissedReason::Superseded),
            open(TODAY),
        ]
    );
}

#[test]
fn a_restored_copy_opens_nothing_old() {
    let eight = schedule("0 8 * * *");
    let decisions = due(plan(&eight, TimeDelta::zero(), HOUR), utc(YESTERDAY), utc("2026-02-10T12:00:00Z"));
    assert_eq!(decisions, [missed(TODAY, TimeDelta::hours(5), MissedReason::TooLate)]);
}

#[test]
fn a_new_newsletter_has_no_past() {
    let eight = schedule("0 8 * * *");
    let now = utc("2026-02-10T07:30:00Z");
    assert_eq!(due(plan(&eight, TimeDelta::hours(2), TimeDelta::hours(6)), now, now), []);
}

#[test]
fn an_edition_is_opened_a_drafting_lead_before_its_slot() {
    let eight = schedule("0 8 * * *");
    let plan = plan(&eight, TimeDelta::hours(2), HOUR);
    assert_eq!(due(plan, utc(YESTERDAY), utc("2026-02-10T04:59:59.999Z")), []);
    assert_eq!(due(plan, utc(YESTERDAY), utc("2026-02-10T05:00:00Z")), [open(TODAY)]);
    assert_eq!(due(plan, utc(YESTERDAY), utc(TODAY)), [open(TODAY)]);
    assert_eq!(
        due(plan, utc(YESTERDAY), utc(TODAY) + HOUR),
        [open(TODAY)],
        "exactly the grace is not too late"
    );
}

#[test]
fn a_lead_longer_than_the_pause_between_slots_opens_several() {
    let hourly = schedule("0 * * * *");
    let decisions = due(plan(&hourly, TimeDelta::hours(2), HOUR), utc(TODAY), utc("2026-02-10T07:30:00Z"));
    assert_eq!(decisions, [open("2026-02-10T08:00:00Z"), open("2026-02-10T09:00:00Z")]);
}

#[test]
fn a_decision_is_written_with_its_reason() {
    let json = serde_json::to_string(&missed(TODAY, HOUR, MissedReason::TooLate)).unwrap();
    assert_eq!(
        json,
        r#"{"decision":"missed","slot":"2026-02-10T07:00:00Z","late_by_ms":3600000,"reason":"too_late"}"#
    );
}

proptest! {
    #[test]
    fn one_late_slot_is_opened_at_most_and_each_is_judged_once(
        expression in prop::sample::select(vec!["* * * * *", "0 * * * *", "30 2 * * *", "0 8 * * 1-5", "0 0 29 2 *"]),
        down_minutes in 0_i64..20_000,
        lead_minutes in 0_i64..10_000,
        grace_minutes in 0_i64..20_000,
    ) {
        let schedule = schedule(expression);
        let after = utc("2026-01-01T00:00:00Z");
        let now = after + TimeDelta::minutes(down_minutes);
        let plan = plan(&schedule, TimeDelta::minutes(lead_minutes), TimeDelta::minutes(grace_minutes));
        let decisions = due(plan, after, now);
        let slot_of = |decision: &SlotDecision| match decision {
            SlotDecision::Open { slot } | SlotDecision::Missed { slot, .. } => *slot,
        };
        let slots: Vec<DateTime<Utc>> = decisions.iter().map(slot_of).collect();
        prop_assert!(slots.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(slots.iter().all(|slot| *slot > after && *slot <= now + plan.drafting_lead));
        prop_assert!(slots.len() <= 2 * AT_ONCE);
        let late: Vec<_> = decisions
            .iter()
            .filter_map(|decision| match decision {
                SlotDecision::Open { slot } if *slot < now => Some(*slot),
                _ => None,
            })
            .collect();
        prop_assert!(late.len() <= 1);
        prop_assert!(late.iter().all(|slot| now - *slot <= plan.grace));
        // Asked again once all is recorded, nothing comes twice.
        if let Some(newest) = slots.last().filter(|_| slots.len() < AT_ONCE) {
            prop_assert_eq!(due(plan, *newest, now), []);
        }
    }
}
