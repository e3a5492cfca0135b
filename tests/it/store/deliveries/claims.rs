//! Claiming: due ones, in order, each by one worker, and nobody who has left.

use chrono::TimeDelta;
use newsletterd::domain::bounce::SuppressionReason;
use newsletterd::domain::delivery::DeliveryState;
use newsletterd::domain::edition::EditionState;
use newsletterd::domain::subscriber::SubscriptionState;
use newsletterd::store::claims::Claimed;
use newsletterd::store::editions::Edition;
use newsletterd::store::suppressions::{self, NewSuppression};
use newsletterd::store::{Db, Tx, deliveries, subscribers};

use crate::store::given::{self, active, evidence, go, many, minute, newsroom, sending, start};
use crate::store::{execute, number, on_both};

on_both!(
    what_is_due_again_is_claimed_before_what_waits_for_its_first_attempt,
    eight_workers_claim_each_delivery_once,
    who_is_gone_is_cancelled_at_the_claim,
    nothing_is_claimed_from_an_edition_that_is_not_sending,
    nothing_is_claimed_once_an_edition_has_expired,
    another_edition_is_left_alone,
);

async fn claim(tx: &mut Tx, edition: &Edition, lease: &str, limit: u32, at: i64) -> Vec<Claimed> {
    given::claim(tx, edition, lease, TimeDelta::minutes(5), limit, minute(at)).await
}

fn ids(claimed: &[Claimed]) -> Vec<i64> {
    claimed.iter().map(|claimed| claimed.subscriber.0).collect()
}

async fn what_is_due_again_is_claimed_before_what_waits_for_its_first_attempt(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 6).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    for (subscriber, due) in [(4, minute(59)), (6, minute(58)), (1, minute(61))] {
        let due = due.timestamp_millis();
        let defer = format!(
            "UPDATE deliveries SET state = 'deferred', attempt = 2, due_at = {due} WHERE subscriber_id = {subscriber}"
        );
        execute(&mut tx, &defer).await;
    }
    // Half of a claim of two: the one that has been due for longer.
    let first = claim(&mut tx, &edition, "w#1", 2, 60).await;
    assert_eq!(ids(&first), [2, 6]);
    assert_eq!(first.iter().map(|claimed| claimed.attempt).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(first[1].address.as_string(), "r6@reader.test");
    assert_eq!(ids(&claim(&mut tx, &edition, "w#2", 10, 60).await), [3, 4, 5], "the first is not due yet");
    assert_eq!(ids(&claim(&mut tx, &edition, "w#3", 10, 61).await), [1]);
    assert_eq!(ids(&claim(&mut tx, &edition, "w#4", 10, 61).await), [0_i64; 0]);
    let revision = "SELECT COUNT(*) FROM deliveries WHERE revision = 1 AND state = 'claimed'";
    assert_eq!(number(&mut tx, revision).await, 6);
}

async fn eight_workers_claim_each_delivery_once(db: &Db) {
    const ROWS: i64 = 5_000;
    let room = newsroom(db).await;
    many(db, room.list, ROWS).await;
    let edition = sending(db, room, minute(60)).await;
    let worker = |db: Db, edition: Edition, name: i64| async move {
        let mut mine = Vec::new();
        for n in 0.. {
            let mut tx = db.begin().await.unwrap();
            let claimed = claim(&mut tx, &edition, &format!("w{name}#{n}"), 97, 60).await;
            tx.commit().await.unwrap();
            if claimed.is_empty() {
                let mut tx = db.read().await.unwrap();
                if deliveries::next_due(&mut tx, &edition).await.unwrap().is_none() {
                    break;
                }
            }
            mine.extend(ids(&claimed));
        }
        mine
    };
    let workers: Vec<_> =
        (0..8).map(|name| tokio::spawn(worker(db.clone(), edition.clone(), name))).collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.unwrap());
    }
    all.sort_unstable();
    assert_eq!(all, (1..=ROWS).collect::<Vec<_>>());
    let mut tx = db.read().await.unwrap();
    let once = "SELECT COUNT(*) FROM deliveries WHERE state = 'claimed' AND attempt = 1";
    assert_eq!(number(&mut tx, once).await, ROWS);
}

async fn who_is_gone_is_cancelled_at_the_claim(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let mut people = Vec::new();
    for name in ["ana", "bo", "cy", "di"] {
        people.push(active(&mut tx, room.list, name, start()).await);
    }
    tx.commit().await.unwrap();
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    // By ways that do not cancel what is queued, as when they go while a worker has the delivery.
    let new = NewSuppression {
        address_hash: "hash of bo",
        address: None,
        reason: SuppressionReason::Hard,
        edition: None,
        note: None,
    };
    suppressions::add(&mut tx, &new, minute(60)).await.unwrap();
    let pending = SubscriptionState::Pending;
    subscribers::set_subscription(&mut tx, people[2], room.list, pending, None, &evidence(), minute(60))
        .await
        .unwrap();
    execute(&mut tx, "UPDATE subscribers SET address = NULL, address_hash = NULL WHERE id = 4").await;
    assert_eq!(ids(&claim(&mut tx, &edition, "w#1", 10, 61).await), [people[0].0]);
    for (&id, state) in people.iter().zip([
        DeliveryState::Claimed,
        DeliveryState::Cancelled,
        DeliveryState::Cancelled,
        DeliveryState::Cancelled,
    ]) {
        let row = deliveries::of_subscriber(&mut tx, id, 1).await.unwrap().remove(0);
        let cancelled = state == DeliveryState::Cancelled;
        let told = (state, i64::from(!cancelled), cancelled.then(|| minute(61)));
        assert_eq!((row.state, row.attempt, row.ended_at), told);
    }
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM deliveries WHERE lease_by IS NOT NULL").await, 1);
}

async fn nothing_is_claimed_from_an_edition_that_is_not_sending(db: &Db) {
    use EditionState::{Paused, Sending};
    let room = newsroom(db).await;
    many(db, room.list, 3).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    // A worker that has not noticed: it holds the edition as it was.
    go(&mut tx, edition.id, &[Paused], minute(61)).await;
    assert_eq!(ids(&claim(&mut tx, &edition, "w#1", 10, 61).await), [0_i64; 0]);
    go(&mut tx, edition.id, &[Sending], minute(62)).await;
    assert_eq!(ids(&claim(&mut tx, &edition, "w#2", 10, 62).await), [1, 2, 3]);
}

async fn nothing_is_claimed_once_an_edition_has_expired(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 2).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    // Its slot is at minute 60, and it is worth delivering for twelve hours.
    assert_eq!(claim(&mut tx, &edition, "w#1", 10, 60 + 12 * 60).await.len(), 0);
    assert_eq!(claim(&mut tx, &edition, "w#2", 10, 60 + 12 * 60 - 1).await.len(), 2);
}

async fn another_edition_is_left_alone(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 2).await;
    let (one, two) = (sending(db, room, minute(60)).await, sending(db, room, minute(61)).await);
    assert_eq!(one.day, two.day);
    let mut tx = db.begin().await.unwrap();
    assert_eq!(claim(&mut tx, &one, "w#1", 10, 61).await.len(), 2);
    assert_eq!(deliveries::accounting(&mut tx, &two).await.unwrap()[&DeliveryState::Queued], 2);
}
