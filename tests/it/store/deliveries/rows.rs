//! Single statements on deliveries: cancelling, expiring, trying again, telling.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};
use newsletterd::domain::delivery::DeliveryState;
use newsletterd::store::{Db, StoreError, deliveries};

use crate::store::given::{self, many, minute, newsroom, sending};
use crate::store::{execute, on_both, raw};

on_both!(
    an_edition_is_cancelled_in_chunks,
    what_is_left_of_a_cancel_is_found,
    a_claimed_delivery_is_not_cancelled_under_its_worker,
    what_is_due_and_what_is_unfinished,
    what_is_left_expires,
    what_ended_is_tried_again,
    what_must_not_be_tried_again_is_refused,
    a_subscriber_is_told_the_latest_first,
);

async fn an_edition_is_cancelled_in_chunks(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 7).await;
    let (edition, other) = (sending(db, room, minute(60)).await, sending(db, room, minute(61)).await);
    let mut tx = db.begin().await.unwrap();
    given::claim(&mut tx, &edition, "w#1", TimeDelta::minutes(5), 2, minute(60)).await;
    execute(&mut tx, "UPDATE deliveries SET state = 'deferred' WHERE subscriber_id = 7").await;
    let mut cancelled = Vec::new();
    for _ in 0..3 {
        cancelled.push(deliveries::cancel_chunk(&mut tx, &edition, 3, minute(62)).await.unwrap());
    }
    assert_eq!(cancelled, [3, 2, 0]);
    let accounting = deliveries::accounting(&mut tx, &edition).await.unwrap();
    assert_eq!(accounting, BTreeMap::from([(DeliveryState::Claimed, 2), (DeliveryState::Cancelled, 5)]));
    let accounting = deliveries::accounting(&mut tx, &other).await.unwrap();
    assert_eq!(accounting, BTreeMap::from([(DeliveryState::Queued, 6), (DeliveryState::Deferred, 1)]));
}

async fn what_is_left_of_a_cancel_is_found(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 2).await;
    let (edition, _other) = (sending(db, room, minute(60)).await, sending(db, room, minute(61)).await);
    let mut tx = db.begin().await.unwrap();
    assert_eq!(deliveries::cancelled_in_part(&mut tx).await.unwrap(), []);
    execute(&mut tx, &format!("UPDATE editions SET state = 'cancelled' WHERE id = {}", edition.id)).await;
    assert_eq!(deliveries::cancelled_in_part(&mut tx).await.unwrap(), [edition.id]);
    deliveries::cancel_chunk(&mut tx, &edition, 9, minute(62)).await.unwrap();
    assert_eq!(deliveries::cancelled_in_part(&mut tx).await.unwrap(), []);
}

/// A claim and a cancellation at once: what the worker has is not cancelled. On SQLite they follow
/// each other; on PostgreSQL the cancellation waits for the row that the claim changed.
async fn a_claimed_delivery_is_not_cancelled_under_its_worker(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 1).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    let claimed = given::claim(&mut tx, &edition, "w#1", TimeDelta::minutes(5), 1, minute(60)).await;
    assert_eq!(claimed.len(), 1);
    let (theirs, other) = (db.clone(), edition.clone());
    let cancelling = tokio::spawn(async move {
        let mut tx = theirs.begin().await.unwrap();
        let cancelled = deliveries::cancel_chunk(&mut tx, &other, 10, minute(61)).await.unwrap();
        tx.commit().await.unwrap();
        cancelled
    });
    if let Db::Postgres(pool) = db {
        let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
            AND wait_event_type = 'Lock'";
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while sqlx::query_scalar::<_, i64>(waiting).fetch_one(pool).await.unwrap() == 0 {
            assert!(std::time::Instant::now() < deadline, "the cancellation never waited");
        }
    }
    tx.commit().await.unwrap();
    assert_eq!(cancelling.await.unwrap(), 0);
    let mut tx = db.read().await.unwrap();
    let accounting = deliveries::accounting(&mut tx, &edition).await.unwrap();
    assert_eq!(accounting, BTreeMap::from([(DeliveryState::Claimed, 1)]));
}

async fn what_is_due_and_what_is_unfinished(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 1).await;
    let edition = sending(db, room, minute(60)).await;
    let other = sending(db, room, minute(61)).await;
    let mut tx = db.begin().await.unwrap();
    // What was never attempted is due, whatever the clock says.
    assert!(deliveries::is_due(&mut tx, &edition, DateTime::UNIX_EPOCH).await.unwrap());
    execute(&mut tx, &format!("UPDATE deliveries SET due_at = {}", minute(60).timestamp_millis())).await;
    for (state, due, unfinished) in [
        ("queued", [false, true], true),
        ("deferred", [false, true], true),
        ("claimed", [true, true], true),
        ("accepted", [false, false], false),
        ("cancelled", [false, false], false),
    ] {
        let sql = format!("UPDATE deliveries SET state = '{state}' WHERE edition_id = {}", edition.id);
        let sql = sqlx::AssertSqlSafe(sql);
        raw!(&mut tx, conn => { sqlx::query(sql).execute(conn).await.unwrap(); });
        for (at, due) in [59, 60].into_iter().zip(due) {
            assert_eq!(deliveries::is_due(&mut tx, &edition, minute(at)).await.unwrap(), due, "{state} {at}");
        }
        assert_eq!(deliveries::is_unfinished(&mut tx, &edition).await.unwrap(), unfinished, "{state}");
        assert!(deliveries::is_unfinished(&mut tx, &other).await.unwrap());
    }
}

async fn what_is_left_expires(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 5).await;
    let (edition, other) = (sending(db, room, minute(60)).await, sending(db, room, minute(61)).await);
    let mut tx = db.begin().await.unwrap();
    execute(&mut tx, "UPDATE deliveries SET state = 'deferred' WHERE subscriber_id = 1").await;
    execute(&mut tx, "UPDATE deliveries SET state = 'accepted' WHERE subscriber_id = 2").await;
    execute(&mut tx, "UPDATE deliveries SET state = 'claimed' WHERE subscriber_id = 3").await;
    assert_eq!(deliveries::expire_chunk(&mut tx, &edition, 2, minute(70)).await.unwrap(), 2);
    assert_eq!(deliveries::expire_chunk(&mut tx, &edition, 2, minute(70)).await.unwrap(), 1);
    let accounting = deliveries::accounting(&mut tx, &edition).await.unwrap();
    let (accepted, claimed) = (DeliveryState::Accepted, DeliveryState::Claimed);
    assert_eq!(accounting, BTreeMap::from([(accepted, 1), (claimed, 1), (DeliveryState::Expired, 3)]));
    assert_eq!(deliveries::next_due(&mut tx, &edition).await.unwrap(), None);
    assert_eq!(deliveries::next_due(&mut tx, &other).await.unwrap(), Some(DateTime::UNIX_EPOCH));
}

async fn what_ended_is_tried_again(db: &Db) {
    use DeliveryState::{Cancelled, Expired, Rejected, Uncertain};
    let room = newsroom(db).await;
    many(db, room.list, 4).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    execute(
        &mut tx,
        "UPDATE deliveries SET attempt = 3, ended_at = 1, state = CASE subscriber_id WHEN 1 THEN 'rejected' \
         WHEN 2 THEN 'expired' WHEN 3 THEN 'uncertain' ELSE 'cancelled' END",
    )
    .await;
    for (outcome, left) in [(Rejected, 3), (Expired, 2), (Uncertain, 1), (Cancelled, 0)] {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let chunk = deliveries::retry_chunk(&mut tx, &edition, outcome, after, 3).await.unwrap();
            found.push(chunk.queued);
            after = chunk.last;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((found.len(), found.iter().sum::<u64>()), (3, 1), "two chunks and the end");
        let accounting = deliveries::accounting(&mut tx, &edition).await.unwrap();
        assert_eq!(accounting[&DeliveryState::Queued], 4 - left);
    }
    assert_eq!(deliveries::next_due(&mut tx, &edition).await.unwrap(), Some(DateTime::UNIX_EPOCH));
    let row =
        &deliveries::of_subscriber(&mut tx, newsletterd::domain::ids::SubscriberId(1), 1).await.unwrap()[0];
    assert_eq!((row.attempt, row.ended_at), (3, None));
}

async fn what_must_not_be_tried_again_is_refused(db: &Db) {
    use DeliveryState::{Accepted, Claimed, Deferred, Queued};
    let room = newsroom(db).await;
    many(db, room.list, 4).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    for outcome in [Accepted, Claimed, Deferred, Queued] {
        let refused = deliveries::retry_chunk(&mut tx, &edition, outcome, None, 9).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{outcome}");
    }
}

async fn a_subscriber_is_told_the_latest_first(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 2).await;
    let day = 24 * 60;
    let mut editions = Vec::new();
    for at in [10 * day, 3 * day, 3 * day + 60] {
        editions.push(sending(db, room, minute(at)).await.id);
    }
    let mut tx = db.read().await.unwrap();
    let rows =
        deliveries::of_subscriber(&mut tx, newsletterd::domain::ids::SubscriberId(2), 2).await.unwrap();
    let told: Vec<_> = rows.iter().map(|row| row.edition).collect();
    assert_eq!(told, [editions[0], editions[2]]);
}
