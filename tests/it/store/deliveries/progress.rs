//! How far a run has come, which relays took it, and what became of each letter.

use chrono::TimeDelta;
use newsletterd::domain::delivery::DeliveryState;
use newsletterd::domain::forecast::Standing;
use newsletterd::domain::ids::SubscriberId;
use newsletterd::store::{Db, Tx, progress};

use crate::store::given::{Newsroom, many, minute, newsroom, sending};
use crate::store::{execute, on_both};

on_both!(
    what_is_open_is_counted_and_the_rest_has_ended,
    each_relay_has_what_it_took,
    outcomes_come_in_portions_by_subscriber,
);

/// Puts the delivery of a subscriber into a state, as if an attempt at `at` had come to it.
async fn put(tx: &mut Tx, n: i64, state: &str, relay: &str, at: i64) {
    let at = minute(at).timestamp_millis();
    let accepted = if state == "accepted" { at.to_string() } else { "NULL".to_owned() };
    let ended = if state == "deferred" || state == "claimed" { "NULL".to_owned() } else { at.to_string() };
    let sql = format!(
        "UPDATE deliveries SET state = '{state}', attempt = 1, relay = '{relay}', due_at = {at}, accepted_at = {accepted}, \
         ended_at = {ended}, code = 250, enhanced = '2.0.0', reply = 'it is {state}' WHERE subscriber_id = {n}"
    );
    assert_eq!(execute(tx, &sql).await, 1);
}

async fn ten(db: &Db) -> (Newsroom, newsletterd::store::editions::Edition) {
    let room = newsroom(db).await;
    many(db, room.list, 10).await;
    let edition = sending(db, room, minute(60)).await;
    (room, edition)
}

async fn what_is_open_is_counted_and_the_rest_has_ended(db: &Db) {
    let (room, edition) = ten(db).await;
    let mut tx = db.begin().await.unwrap();
    for (n, state) in
        [(1, "accepted"), (2, "bounced"), (3, "claimed"), (4, "deferred"), (5, "deferred"), (6, "cancelled")]
    {
        put(&mut tx, n, state, "main", 60 + n).await;
    }
    tx.commit().await.unwrap();
    // Another edition's letters are not counted.
    sending(db, room, minute(61)).await;
    let mut tx = db.read().await.unwrap();
    let standing = progress::standing(&mut tx, &edition).await.unwrap();
    let expected = Standing { waiting: 5, deferred: 2, ended: 3, next_retry: Some(minute(64)) };
    assert_eq!(standing, expected);
    assert_eq!(standing.audience(), 10);
}

async fn each_relay_has_what_it_took(db: &Db) {
    let (_, edition) = ten(db).await;
    let mut tx = db.begin().await.unwrap();
    for (n, state, relay) in [
        (1, "accepted", "main"),
        (2, "accepted", "backup"),
        (3, "accepted", "main"),
        (4, "accepted", "main"),
        (5, "bounced", "backup"),
        (6, "deferred", "backup"),
    ] {
        put(&mut tx, n, state, relay, 60 + n).await;
    }
    let taken = progress::by_relay(&mut tx, &edition, minute(62)).await.unwrap();
    let told: Vec<_> =
        taken.iter().map(|one| (one.relay.as_str(), one.n, one.lately, one.first(), one.last())).collect();
    assert_eq!(told, [("main", 3, 2, minute(61), minute(64)), ("backup", 1, 1, minute(62), minute(62))]);
}

async fn outcomes_come_in_portions_by_subscriber(db: &Db) {
    let (_, edition) = ten(db).await;
    let mut tx = db.begin().await.unwrap();
    for n in [2, 4, 7] {
        put(&mut tx, n, "rejected", "main", 60 + n).await;
    }
    put(&mut tx, 5, "deferred", "main", 90).await;
    execute(&mut tx, "UPDATE subscribers SET address = NULL WHERE id = 7").await;
    let all = progress::outcomes(&mut tx, &edition, None, SubscriberId(0), 100).await.unwrap();
    assert_eq!(all.iter().map(|row| row.subscriber.0).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
    assert_eq!((all[4].due_at, all[4].ended_at), (Some(minute(90)), None));
    assert_eq!((all[0].due_at, all[0].state), (None, DeliveryState::Queued));

    let rejected = Some(DeliveryState::Rejected);
    let first = progress::outcomes(&mut tx, &edition, rejected, SubscriberId(0), 2).await.unwrap();
    assert_eq!(first.iter().map(|row| row.subscriber.0).collect::<Vec<_>>(), [2, 4]);
    let row = &first[1];
    assert_eq!(row.address.as_deref(), Some("r4@reader.test"));
    assert_eq!((row.attempts, row.relay.as_deref(), row.code), (1, Some("main"), Some(250)));
    assert_eq!((row.enhanced.as_deref(), row.reply.as_deref()), (Some("2.0.0"), Some("it is rejected")));
    assert_eq!(row.ended_at, Some(minute(60) + TimeDelta::minutes(4)));
    let second = progress::outcomes(&mut tx, &edition, rejected, first[1].subscriber, 2).await.unwrap();
    assert_eq!(
        second.iter().map(|row| (row.subscriber.0, row.address.clone())).collect::<Vec<_>>(),
        [(7, None)]
    );
}
