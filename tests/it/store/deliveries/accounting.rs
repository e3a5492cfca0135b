//! The promise of accounting: whatever happens, in whatever order, the deliveries of an edition
//! in all states are its audience.

use chrono::TimeDelta;
use newsletterd::domain::delivery::{DeliveryState, Reply};
use newsletterd::domain::ids::SubscriberId;
use newsletterd::domain::subscriber::{EndReason, SubscriptionState};
use newsletterd::store::claims::{self, Claimed};
use newsletterd::store::editions::Edition;
use newsletterd::store::{Db, Tx, deliveries, subscribers};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};

use crate::store::given::{self, Answer, Newsroom, evidence, many, minute, newsroom, sending};
use crate::store::on_both;

on_both!(every_delivery_is_in_one_state_whatever_happens);

/// Readers of each edition.
const READERS: i64 = 6;
/// Runs, each of an edition of its own.
const RUNS: i64 = 12;

#[derive(Clone, Debug)]
enum Step {
    Claim(u32),
    Record(usize, DeliveryState),
    GiveBack(usize),
    WorkerDies,
    LeaseEnds,
    Leave(i64),
    Erase(i64),
    Cancel(i64),
    Expire,
    Retry(DeliveryState),
}

fn step() -> impl Strategy<Value = Step> {
    use DeliveryState::{Accepted, Bounced, Cancelled, Deferred, Expired, Rejected, Uncertain};
    let outcome = prop::sample::select(vec![Accepted, Bounced, Rejected, Uncertain, Deferred, Expired]);
    let again = prop::sample::select(vec![Rejected, Expired, Uncertain, Cancelled]);
    prop_oneof![
        4 => (1..4_u32).prop_map(Step::Claim),
        6 => (0..8_usize, outcome).prop_map(|(n, state)| Step::Record(n, state)),
        1 => (0..8_usize).prop_map(Step::GiveBack),
        1 => Just(Step::WorkerDies),
        1 => Just(Step::LeaseEnds),
        1 => (1..=READERS).prop_map(Step::Leave),
        1 => (1..=READERS).prop_map(Step::Erase),
        1 => (1..3_i64).prop_map(Step::Cancel),
        1 => Just(Step::Expire),
        2 => again.prop_map(Step::Retry),
    ]
}

async fn every_delivery_is_in_one_state_whatever_happens(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, READERS).await;
    // Always the same steps: what fails here fails everywhere.
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        prop::test_runner::TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha),
    );
    for run in 0..RUNS {
        let steps = prop::collection::vec(step(), 10..40).new_tree(&mut runner).unwrap().current();
        let edition = sending(db, room, minute(60 * (run + 1))).await;
        let audience = edition.audience_count.unwrap();
        let mut held = Vec::new();
        for (n, step) in (0..).zip(&steps) {
            let mut tx = db.begin().await.unwrap();
            take(&mut tx, room, &edition, step, &mut held, n).await;
            tx.commit().await.unwrap();
            let mut tx = db.read().await.unwrap();
            let accounting = deliveries::accounting(&mut tx, &edition).await.unwrap();
            assert_eq!(accounting.values().sum::<i64>(), audience, "after {:?}", &steps[..=n]);
            let open = [DeliveryState::Queued, DeliveryState::Deferred]
                .iter()
                .any(|state| accounting.contains_key(state));
            let due = deliveries::next_due(&mut tx, &edition).await.unwrap();
            assert_eq!(due.is_some(), open, "after {:?}", &steps[..=n]);
        }
    }
}

async fn take(
    tx: &mut Tx,
    room: Newsroom,
    edition: &Edition,
    step: &Step,
    held: &mut Vec<(String, Claimed)>,
    n: usize,
) {
    let now = edition.send_at + TimeDelta::minutes(5);
    match *step {
        Step::Claim(limit) => {
            let lease = format!("{}#{n}", edition.id);
            let length = TimeDelta::minutes(5);
            let claimed = given::claim(tx, edition, &lease, length, limit, now).await;
            held.extend(claimed.into_iter().map(|claimed| (lease.clone(), claimed)));
        }
        Step::Record(which, state) => {
            // Also one whose claim was lost: then nothing changes.
            let Some((lease, claimed)) = held.get(which) else { return };
            let reply = Reply { code: 250, enhanced: None, text: String::new() };
            let due_at = (state == DeliveryState::Deferred).then_some(now);
            given::record(tx, edition, claimed, lease, &Answer { state, due_at, reply: &reply }, now).await;
        }
        Step::GiveBack(which) => {
            let Some((lease, _)) = held.get(which) else { return };
            claims::give_back(tx, edition, lease, &[]).await.unwrap();
        }
        Step::WorkerDies => {
            claims::take_back_of(tx, &edition.id.to_string()).await.unwrap();
        }
        Step::LeaseEnds => {
            claims::take_back_expired(tx, now + TimeDelta::hours(1)).await.unwrap();
        }
        Step::Leave(id) => {
            let (state, reason) = (SubscriptionState::Ended, Some(EndReason::Unsubscribed));
            let id = SubscriberId(id);
            subscribers::set_subscription(tx, id, room.list, state, reason, &evidence(), now).await.unwrap();
            // Back for the next edition.
            let active = SubscriptionState::Active;
            subscribers::set_subscription(tx, id, room.list, active, None, &evidence(), edition.send_at)
                .await
                .unwrap();
        }
        Step::Erase(id) => {
            let id = SubscriberId(id);
            if subscribers::get(tx, id).await.unwrap().unwrap().erased_at.is_none() {
                subscribers::erase(tx, id, "ops", now).await.unwrap();
            }
        }
        Step::Cancel(limit) => {
            deliveries::cancel_chunk(tx, edition, limit, now).await.unwrap();
        }
        Step::Expire => {
            deliveries::expire_chunk(tx, edition, 9, now).await.unwrap();
        }
        Step::Retry(outcome) => {
            deliveries::retry_chunk(tx, edition, outcome, None, 99).await.unwrap();
        }
    }
}
