//! Enqueueing: in chunks that go on after a crash, each subscriber once, and counted.

use newsletterd::domain::bounce::SuppressionReason;
use newsletterd::domain::delivery::DeliveryState;
use newsletterd::domain::edition::CanaryPhase;
use newsletterd::domain::edition::EditionState;
use newsletterd::domain::lane::{Canary, Lane, LanePlan};
use newsletterd::domain::subscriber::{EndReason, SubscriptionState};
use newsletterd::store::deliveries::{self, Chunk};
use newsletterd::store::editions::{self, Edition};
use newsletterd::store::suppressions::{self, NewSuppression};
use newsletterd::store::{Db, StoreError, Tx, claims, subscribers};

use crate::store::given::{
    self, Newsroom, active, again, evidence, go, lock, many, minute, new_subscriber, newsroom, open, release,
    start,
};
use crate::store::{execute, number, on_both, raw};

on_both!(
    partitions_are_made_once_by_whoever_needs_them,
    a_crash_between_chunks_loses_and_doubles_nothing,
    two_daemons_write_each_delivery_once,
    only_who_is_active_and_welcome_gets_one,
    an_edition_that_is_not_locked_gets_none,
    wrong_numbers_let_nobody_claim,
    what_was_not_begun_is_taken_back,
    each_is_written_into_its_lane,
    the_first_of_all_chunks_are_the_canary,
    seeds_are_the_canary,
    the_phase_of_a_canary_moves_once,
);

async fn locked(db: &Db, room: Newsroom) -> Edition {
    let mut tx = db.begin().await.unwrap();
    let id = open(&mut tx, room.newsletter, minute(60)).await.id;
    let edition = lock(&mut tx, id, minute(60)).await;
    tx.commit().await.unwrap();
    edition
}

async fn chunk(tx: &mut Tx, edition: &Edition, room: Newsroom, limit: i64) -> Chunk {
    let edition = again(tx, edition.id).await;
    deliveries::enqueue_chunk(tx, &edition, room.list, &LanePlan::none(), limit, minute(60)).await.unwrap()
}

async fn partitions_are_made_once_by_whoever_needs_them(db: &Db) {
    let make = |db: Db| async move {
        let mut tx = db.begin().await.unwrap();
        for day in [20_510, 20_511, 20_517, 0, 6_999] {
            deliveries::ensure_partitions(&mut tx, day).await.unwrap();
        }
        tx.commit().await.unwrap();
    };
    let tasks: Vec<_> = (0..4).map(|_| tokio::spawn(make(db.clone()))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    let mut tx = db.begin().await.unwrap();
    if matches!(db, Db::Postgres(_)) {
        let parts = "SELECT COUNT(*) FROM pg_inherits WHERE inhparent IN ('deliveries'::regclass, \
            'delivery_attempts'::regclass)";
        assert_eq!(number(&mut tx, parts).await, 8, "four weeks of two tables");
    }
    let insert = "INSERT INTO deliveries (day, edition_id, subscriber_id, state, domain_group, due_at, attempt) \
        VALUES (20510, 1, 1, 'queued', '', 0, 0), (20517, 1, 1, 'queued', '', 0, 0), (6999, 1, 1, 'queued', '', 0, 0)";
    assert_eq!(execute(&mut tx, insert).await, 3);
}

async fn a_crash_between_chunks_loses_and_doubles_nothing(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 95).await;
    let edition = locked(db, room).await;
    let mut n = 0;
    loop {
        let mut tx = db.begin().await.unwrap();
        let done = chunk(&mut tx, &edition, room, 10).await;
        n += 1;
        if n % 2 == 0 {
            // The process dies before it commits.
            drop(tx);
            continue;
        }
        tx.commit().await.unwrap();
        if done == Chunk::Complete {
            break;
        }
    }
    let mut tx = db.begin().await.unwrap();
    let written = again(&mut tx, edition.id).await;
    assert_eq!((written.enqueued_count, written.enqueue_cursor), (95, Some(95)));
    assert_eq!(deliveries::finish_enqueue(&mut tx, &written).await.unwrap(), 95);
    assert_eq!(again(&mut tx, edition.id).await.audience_count, Some(95));
    assert_eq!(number(&mut tx, "SELECT COUNT(DISTINCT subscriber_id) FROM deliveries").await, 95);
}

async fn two_daemons_write_each_delivery_once(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 200).await;
    let edition = locked(db, room).await;
    let id = edition.id;
    let daemon = |db: Db| async move {
        loop {
            let mut tx = db.begin().await.unwrap();
            let edition = again(&mut tx, id).await;
            match deliveries::enqueue_chunk(&mut tx, &edition, room.list, &LanePlan::none(), 10, minute(60))
                .await
            {
                Ok(Chunk::Complete) => return,
                Ok(Chunk::More) => tx.commit().await.unwrap(),
                // The other one was faster; nothing of this chunk is kept.
                Err(StoreError::RowsAffected { .. }) => drop(tx),
                Err(error) => panic!("{error}"),
            }
        }
    };
    let tasks: Vec<_> = (0..3).map(|_| tokio::spawn(daemon(db.clone()))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    let mut tx = db.begin().await.unwrap();
    let written = again(&mut tx, id).await;
    assert_eq!(deliveries::finish_enqueue(&mut tx, &written).await.unwrap(), 200);
}

async fn only_who_is_active_and_welcome_gets_one(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let list = room.list;
    let ana = active(&mut tx, list, "ana", start()).await;
    let bo = active(&mut tx, list, "bo", start()).await;
    let (ended, reason) = (SubscriptionState::Ended, Some(EndReason::Removed));
    subscribers::set_subscription(&mut tx, bo, list, ended, reason, &evidence(), minute(1)).await.unwrap();
    let cy = subscribers::upsert(&mut tx, &new_subscriber("cy"), start()).await.unwrap();
    let pending = SubscriptionState::Pending;
    subscribers::set_subscription(&mut tx, cy, list, pending, None, &evidence(), minute(1)).await.unwrap();
    active(&mut tx, list, "di", start()).await;
    let new = NewSuppression {
        address_hash: "hash of di",
        address: None,
        reason: SuppressionReason::Soft,
        edition: None,
        note: None,
    };
    suppressions::add(&mut tx, &new, start()).await.unwrap();
    let el = active(&mut tx, list, "el", start()).await;
    let again = NewSuppression { address_hash: "hash of el", ..new };
    suppressions::add(&mut tx, &again, start()).await.unwrap();
    suppressions::lift(&mut tx, "hash of el", "ana", start()).await.unwrap();
    let fay = active(&mut tx, list, "fay", start()).await;
    subscribers::erase(&mut tx, fay, "ops", start()).await.unwrap();
    // Who comes after the audience was fixed waits for the next edition.
    active(&mut tx, list, "gil", minute(61)).await;
    let hal = active(&mut tx, list, "hal", minute(60)).await;
    tx.commit().await.unwrap();

    let edition = locked(db, room).await;
    let mut tx = db.begin().await.unwrap();
    release(&mut tx, edition.id, list, minute(62)).await;
    let mut got = Vec::new();
    for id in [ana, bo, cy, el, fay, hal] {
        got.push(deliveries::of_subscriber(&mut tx, id, 9).await.unwrap().len());
    }
    assert_eq!(got, [1, 0, 0, 1, 0, 1]);
    assert_eq!(
        number(&mut tx, "SELECT COUNT(*) FROM deliveries WHERE domain_group = 'reader.test'").await,
        3
    );
}

async fn an_edition_that_is_not_locked_gets_none(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 3).await;
    let mut tx = db.begin().await.unwrap();
    let draft = open(&mut tx, room.newsletter, minute(60)).await;
    let refused =
        deliveries::enqueue_chunk(&mut tx, &draft, room.list, &LanePlan::none(), 10, minute(60)).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))));
    let locked = lock(&mut tx, draft.id, minute(60)).await;
    go(&mut tx, draft.id, &[EditionState::Draft], minute(61)).await;
    let refused =
        deliveries::enqueue_chunk(&mut tx, &locked, room.list, &LanePlan::none(), 10, minute(61)).await;
    assert!(matches!(refused, Err(StoreError::RowsAffected { .. })));
}

async fn wrong_numbers_let_nobody_claim(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 5).await;
    let edition = locked(db, room).await;
    let mut tx = db.begin().await.unwrap();
    while chunk(&mut tx, &edition, room, 10).await == Chunk::More {}
    execute(&mut tx, "DELETE FROM deliveries WHERE subscriber_id = 3").await;
    let written = again(&mut tx, edition.id).await;
    let refused = deliveries::finish_enqueue(&mut tx, &written).await;
    assert!(
        matches!(refused, Err(StoreError::Refused(why)) if why.contains("5 deliveries") && why.contains('4'))
    );
    assert_eq!(again(&mut tx, edition.id).await.audience_count, None);
}

async fn what_was_not_begun_is_taken_back(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 5).await;
    let edition = locked(db, room).await;
    let mut tx = db.begin().await.unwrap();
    while chunk(&mut tx, &edition, room, 10).await == Chunk::More {}
    // One who left in the meantime has not begun it.
    execute(&mut tx, "UPDATE deliveries SET state = 'cancelled' WHERE subscriber_id = 2").await;
    assert!(!deliveries::is_begun(&mut tx, &edition).await.unwrap());
    let mut deleted = Vec::new();
    for _ in 0..3 {
        deleted.push(deliveries::take_back_chunk(&mut tx, &edition, 3).await.unwrap());
    }
    assert_eq!(deleted, [3, 2, 0]);
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM deliveries").await, 0);
    go(&mut tx, edition.id, &[EditionState::Draft], minute(61)).await;
    lock(&mut tx, edition.id, minute(62)).await;
    let edition = release(&mut tx, edition.id, room.list, minute(62)).await;
    assert_eq!(edition.audience_count, Some(5));
    let lease = chrono::TimeDelta::minutes(5);
    given::claim(&mut tx, &edition, "w#1", lease, 1, minute(63)).await;
    claims::give_back(&mut tx, &edition, "w#1", &[]).await.unwrap();
    assert!(!deliveries::is_begun(&mut tx, &edition).await.unwrap());
    // Once one was in a worker's hands and not given back, it is too late.
    given::claim(&mut tx, &edition, "w#2", lease, 1, minute(63)).await;
    assert!(deliveries::is_begun(&mut tx, &edition).await.unwrap());
    let there = deliveries::accounting(&mut tx, &edition).await.unwrap();
    assert_eq!((there[&DeliveryState::Queued], there[&DeliveryState::Claimed]), (4, 1));
}

/// Makes the deliveries of an edition to eight subscribers in chunks of three, each committed.
async fn in_lanes(db: &Db, plan: &LanePlan) -> Edition {
    let room = newsroom(db).await;
    many(db, room.list, 8).await;
    let edition = locked(db, room).await;
    let mut tx = db.begin().await.unwrap();
    for (id, domain) in
        [(1, "a.b.example"), (2, "b.example"), (3, "xn--bcher-kva.example"), (5, "a.b.example")]
    {
        execute(&mut tx, &format!("UPDATE subscribers SET domain_group = '{domain}' WHERE id = {id}")).await;
    }
    // Who gets none is no part of the first.
    execute(&mut tx, "UPDATE subscriptions SET state = 'ended' WHERE subscriber_id = 1 OR subscriber_id = 4")
        .await;
    tx.commit().await.unwrap();
    loop {
        let mut tx = db.begin().await.unwrap();
        let now = again(&mut tx, edition.id).await;
        let chunk = deliveries::enqueue_chunk(&mut tx, &now, room.list, plan, 3, minute(60)).await.unwrap();
        tx.commit().await.unwrap();
        if chunk == Chunk::Complete {
            return now;
        }
    }
}

async fn in_lane(tx: &mut Tx, lane: &str) -> Vec<i64> {
    let sql = "SELECT subscriber_id FROM deliveries WHERE lane = $1 ORDER BY subscriber_id";
    raw!(tx, conn => sqlx::query_scalar(sql).bind(lane).fetch_all(conn).await.unwrap())
}

async fn each_is_written_into_its_lane(db: &Db) {
    let plan = LanePlan::new(
        [("ab", "a.b.example"), ("b", "b.example"), ("late", "b.example"), ("b", "xn--bcher-kva.example")],
        None,
    );
    let edition = in_lanes(db, &plan).await;
    let mut tx = db.begin().await.unwrap();
    assert_eq!(in_lane(&mut tx, "ab").await, [5]);
    assert_eq!(in_lane(&mut tx, "b").await, [2, 3]);
    assert_eq!(in_lane(&mut tx, "").await, [6, 7, 8]);
    let lanes = [Lane::Free, Lane::provider("ab"), Lane::provider("b")];
    assert_eq!(deliveries::lanes(&mut tx, &edition).await.unwrap(), lanes);
    execute(&mut tx, "UPDATE deliveries SET state = 'accepted' WHERE lane = 'ab'").await;
    execute(&mut tx, "UPDATE deliveries SET state = 'deferred', due_at = 5000 WHERE lane = 'b'").await;
    assert_eq!(deliveries::lanes(&mut tx, &edition).await.unwrap(), [Lane::Free, Lane::provider("b")]);
    let due = deliveries::next_due_in(&mut tx, &edition, &Lane::provider("b")).await.unwrap();
    assert_eq!(due.map(|due| due.timestamp()), Some(5));
    assert_eq!(deliveries::next_due_in(&mut tx, &edition, &Lane::provider("ab")).await.unwrap(), None);
    execute(&mut tx, "UPDATE deliveries SET state = 'accepted' WHERE lane = ''").await;
    let due = deliveries::next_due(&mut tx, &edition).await.unwrap();
    assert_eq!(due.map(|due| due.timestamp()), Some(5));
}

async fn the_first_of_all_chunks_are_the_canary(db: &Db) {
    let plan = LanePlan::new([("b", "b.example")], Some(Canary::First(4)));
    in_lanes(db, &plan).await;
    let mut tx = db.begin().await.unwrap();
    assert_eq!(in_lane(&mut tx, "*canary").await, [2, 3, 5, 6]);
    assert_eq!(in_lane(&mut tx, "").await, [7, 8]);
    assert_eq!(in_lane(&mut tx, "b").await, [0_i64; 0]);
}

async fn seeds_are_the_canary(db: &Db) {
    let seeds = ["R6@reader.test", "r2@reader.test", "r4@reader.test", "nobody@reader.test"];
    let seeds = seeds.iter().map(|seed| seed.parse().unwrap()).collect();
    in_lanes(db, &LanePlan::new([("b", "b.example")], Some(Canary::Seeds(seeds)))).await;
    let mut tx = db.begin().await.unwrap();
    assert_eq!(in_lane(&mut tx, "*canary").await, [2, 6], "the fourth has left");
}

async fn the_phase_of_a_canary_moves_once(db: &Db) {
    use CanaryPhase::{Passed, Sending, Waiting};
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let id = open(&mut tx, room.newsletter, minute(60)).await.id;
    assert_eq!(again(&mut tx, id).await.canary, None);
    for (from, to, until) in
        [(None, Sending, None), (Some(Sending), Waiting, Some(minute(70))), (Some(Waiting), Passed, None)]
    {
        assert!(editions::move_canary(&mut tx, id, from, to, until, minute(61)).await.unwrap());
        assert!(!editions::move_canary(&mut tx, id, from, to, until, minute(61)).await.unwrap());
        let edition = again(&mut tx, id).await;
        assert_eq!((edition.canary, edition.canary_until), (Some(to), until));
    }
    // A new lock begins anew.
    lock(&mut tx, id, minute(62)).await;
    assert_eq!(again(&mut tx, id).await.canary, None);
}
