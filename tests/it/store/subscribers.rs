//! Subscribers: identity by address, states with evidence, erasure.

use std::collections::BTreeMap;

use newsletterd::domain::bounce::SuppressionReason;
use newsletterd::domain::delivery::{DeliveryState, Reply};
use newsletterd::domain::ids::{ListId, SubscriberId};
use newsletterd::domain::subscriber::{EndReason, SubscriptionState};
use newsletterd::store::claims::Claimed;
use newsletterd::store::subscribers::{self, Evidence, NewSubscriber};
use newsletterd::store::suppressions::{self, NewSuppression};
use newsletterd::store::{Db, StoreError, Tx, catalog, deliveries, events};

use super::database::schema;
use super::given::{
    self, Answer, active, address, evidence, minute, new_subscriber, newsroom, sending, start,
};
use super::{number, on_both};

on_both!(
    an_address_is_one_subscriber_however_it_is_written,
    what_is_known_stays_and_what_lacks_is_added,
    who_holds_a_subscriber_is_alone_with_them,
    a_subscription_goes_through_its_states_with_evidence,
    leaving_one_list_cancels_its_deliveries_alone,
    erasure_leaves_nothing_personal_in_any_table,
    erasing_twice_says_so,
    an_outcome_after_the_erasure_brings_no_address_back,
);

async fn an_address_is_one_subscriber_however_it_is_written(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let mut first = new_subscriber("Ana.Δέλτα");
    first.address = "Ana.Δέλτα@Bücher.example".parse().unwrap();
    let id = subscribers::upsert(&mut tx, &first, start()).await.unwrap();
    let mut again = first.clone();
    again.address = "ana.δέλτα@xn--bcher-kva.example".parse().unwrap();
    assert_eq!(subscribers::upsert(&mut tx, &again, minute(1)).await.unwrap(), id);
    let found = subscribers::find(&mut tx, &again.address).await.unwrap().unwrap();
    assert_eq!((found.id, found.address.as_ref(), found.created_at), (id, Some(&first.address), start()));
    assert_eq!(found.address_hash.as_deref(), Some("hash of Ana.Δέλτα"));
    assert_eq!(subscribers::get(&mut tx, id).await.unwrap(), Some(found));
    assert_eq!(subscribers::find(&mut tx, &address("nobody")).await.unwrap(), None);
    assert_eq!(subscribers::get(&mut tx, SubscriberId(99)).await.unwrap(), None);
}

async fn what_is_known_stays_and_what_lacks_is_added(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let mut known = NewSubscriber { language: Some("ka".to_owned()), ..new_subscriber("ana") };
    let id = subscribers::upsert(&mut tx, &known, start()).await.unwrap();
    known.language = Some("en".to_owned());
    known.time_zone = Some("Asia/Tbilisi".to_owned());
    known.name = Some("ანა".to_owned());
    subscribers::upsert(&mut tx, &known, start()).await.unwrap();
    let found = subscribers::get(&mut tx, id).await.unwrap().unwrap();
    let told = (found.language.as_deref(), found.time_zone.as_deref(), found.name.as_deref());
    assert_eq!(told, (Some("ka"), Some("Asia/Tbilisi"), Some("ანა")));
}

async fn who_holds_a_subscriber_is_alone_with_them(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let id = subscribers::upsert(&mut tx, &new_subscriber("ana"), start()).await.unwrap();
    subscribers::hold(&mut tx, SubscriberId(99)).await.unwrap();
    tx.commit().await.unwrap();
    let mut first = db.begin().await.unwrap();
    subscribers::hold(&mut first, id).await.unwrap();
    let second = tokio::spawn({
        let db = db.clone();
        async move {
            let mut tx = db.begin().await.unwrap();
            subscribers::hold(&mut tx, id).await.unwrap();
            subscribers::get(&mut tx, id).await.unwrap().unwrap().name
        }
    });
    tokio::task::yield_now().await;
    let named = NewSubscriber { name: Some("Ana".to_owned()), ..new_subscriber("ana") };
    subscribers::upsert(&mut first, &named, minute(1)).await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap().as_deref(), Some("Ana"), "it waited for what the first wrote");
}

async fn a_subscription_goes_through_its_states_with_evidence(db: &Db) {
    use SubscriptionState::{Active, Ended, Pending};
    let list = newsroom(db).await.list;
    let mut tx = db.begin().await.unwrap();
    let id = subscribers::upsert(&mut tx, &new_subscriber("ana"), start()).await.unwrap();
    assert_eq!(subscribers::subscription(&mut tx, id, list).await.unwrap(), None);
    let proof = BTreeMap::from([("opted_in_at".to_owned(), "2026-01-01 „früh“".to_owned())]);
    let mut seen = Vec::new();
    for (at, state, reason) in
        [(0, Pending, None), (1, Active, None), (2, Ended, Some(EndReason::Complaint)), (3, Active, None)]
    {
        let evidence = Evidence { actor: "reader", source: "/confirm", proof: proof.clone() };
        subscribers::set_subscription(&mut tx, id, list, state, reason, &evidence, minute(at)).await.unwrap();
        let now = subscribers::subscription(&mut tx, id, list).await.unwrap().unwrap();
        seen.push((now.state, now.activated_at, now.ended_at, now.end_reason));
    }
    assert_eq!(
        seen,
        [
            (Pending, None, None, None),
            (Active, Some(minute(1)), None, None),
            (Ended, Some(minute(1)), Some(minute(2)), Some(EndReason::Complaint)),
            (Active, Some(minute(3)), None, None),
        ]
    );
    let told = subscribers::evidence(&mut tx, id).await.unwrap();
    assert_eq!(
        told.iter().map(|row| (row.event.as_str(), row.at)).collect::<Vec<_>>(),
        [("pending", minute(0)), ("active", minute(1)), ("ended", minute(2)), ("active", minute(3))]
    );
    assert!(
        told.iter()
            .all(|row| (row.list, row.actor.as_str(), row.source.as_str()) == (list, "reader", "/confirm"))
    );
    assert!(told.iter().all(|row| row.evidence == proof));
    assert_eq!(events::of_subscriber(&mut tx, id).await.unwrap().len(), 4);
    active(&mut tx, list, "bo", start()).await;
    let counts = subscribers::count_by_state(&mut tx, list).await.unwrap();
    assert_eq!(counts, BTreeMap::from([(Active, 2)]));
    assert_eq!(subscribers::count_by_state(&mut tx, ListId(99)).await.unwrap(), BTreeMap::new());
}

async fn leaving_one_list_cancels_its_deliveries_alone(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let id = active(&mut tx, room.list, "ana", start()).await;
    active(&mut tx, room.list, "bo", start()).await;
    let other = catalog::list_id(&mut tx, "other").await.unwrap();
    active(&mut tx, other, "ana", start()).await;
    let evening = catalog::upsert_newsletter(&mut tx, "evening", other, "", "", start()).await.unwrap();
    tx.commit().await.unwrap();
    let morning = sending(db, room, minute(60)).await;
    let room_of_other = given::Newsroom { list: other, newsletter: evening.id, ..room };
    let evening = sending(db, room_of_other, minute(60)).await;

    let mut tx = db.begin().await.unwrap();
    let (state, reason) = (SubscriptionState::Ended, Some(EndReason::Unsubscribed));
    subscribers::set_subscription(&mut tx, id, room.list, state, reason, &evidence(), minute(61))
        .await
        .unwrap();
    let mine = deliveries::of_subscriber(&mut tx, id, 10).await.unwrap();
    let state_in =
        |edition| mine.iter().find(|row| row.edition == edition).map(|row| (row.state, row.ended_at));
    assert_eq!(state_in(morning.id), Some((DeliveryState::Cancelled, Some(minute(61)))));
    assert_eq!(state_in(evening.id), Some((DeliveryState::Queued, None)));
    let accounting = deliveries::accounting(&mut tx, &morning).await.unwrap();
    assert_eq!(accounting, BTreeMap::from([(DeliveryState::Queued, 1), (DeliveryState::Cancelled, 1)]));
}

/// Somebody of whom everything is known that the store can hold, with a bounced delivery, another
/// that is claimed and a third that is queued.
async fn well_known(db: &Db) -> (SubscriberId, Claimed, newsletterd::store::editions::Edition) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let told = NewSubscriber {
        name: Some("Zaza Personalidze".to_owned()),
        language: Some("ka".to_owned()),
        time_zone: Some("Asia/Tbilisi".to_owned()),
        ..new_subscriber("Zaza")
    };
    let id = subscribers::upsert(&mut tx, &told, start()).await.unwrap();
    let proof = BTreeMap::from([("name".to_owned(), "Zaza Personalidze".to_owned())]);
    let evidence = Evidence { actor: "import", source: "zaza@reader.test.csv", proof };
    let state = SubscriptionState::Active;
    subscribers::set_subscription(&mut tx, id, room.list, state, None, &evidence, start()).await.unwrap();
    let suppression = NewSuppression {
        address_hash: &told.address_hash,
        address: Some("Zaza@reader.test"),
        reason: SuppressionReason::Complaint,
        edition: None,
        note: Some("zaza@reader.test wrote to us"),
    };
    tx.commit().await.unwrap();
    let (one, two) = (sending(db, room, minute(60)).await, sending(db, room, minute(120)).await);
    sending(db, room, minute(180)).await;

    let mut tx = db.begin().await.unwrap();
    let length = chrono::TimeDelta::minutes(5);
    let claimed = given::claim(&mut tx, &one, "w#1", length, 1, minute(181)).await.remove(0);
    let reply = Reply { code: 550, enhanced: None, text: "no zaza@reader.test here".to_owned() };
    let state = DeliveryState::Bounced;
    let answer = Answer { state, due_at: None, reply: &reply };
    assert!(given::record(&mut tx, &one, &claimed, "w#1", &answer, minute(182)).await);
    let claimed = given::claim(&mut tx, &two, "w#2", length, 1, minute(181)).await.remove(0);
    suppressions::add(&mut tx, &suppression, minute(183)).await.unwrap();
    tx.commit().await.unwrap();
    (id, claimed, two)
}

/// Every text that the database holds, by table and column, that contains `text` in any case.
async fn holding(tx: &mut Tx, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (table, column) in schema::text_columns(tx).await {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE LOWER(CAST({column} AS TEXT)) LIKE '%{text}%'");
        if number(tx, &sql).await > 0 {
            found.push(format!("{table}.{column}"));
        }
    }
    found
}

async fn erasure_leaves_nothing_personal_in_any_table(db: &Db) {
    let (id, ..) = well_known(db).await;
    let mut tx = db.begin().await.unwrap();
    let before = holding(&mut tx, "zaza").await;
    for place in [
        "subscribers.address",
        "subscribers.name",
        "suppressions.address",
        "suppressions.note",
        "deliveries.reply",
        "delivery_attempts.reply",
        "subscription_events.source",
        "subscription_events.evidence",
    ] {
        assert!(before.iter().any(|found| found == place), "the test has nothing in {place}: {before:?}");
    }
    subscribers::erase(&mut tx, id, "ana", minute(200)).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = db.begin().await.unwrap();
    // What stays is the keyed hash by which the suppression knows the address.
    assert_eq!(holding(&mut tx, "zaza").await, ["suppressions.address_hash"]);
    assert_eq!(holding(&mut tx, "tbilisi").await, [""; 0]);
    let standing = suppressions::standing(&mut tx, "hash of Zaza").await.unwrap();
    assert_eq!((standing.len(), standing[0].reason), (1, SuppressionReason::Complaint));
    let tombstone = subscribers::get(&mut tx, id).await.unwrap().unwrap();
    assert_eq!((tombstone.address, tombstone.erased_at), (None, Some(minute(200))));
    assert_eq!(subscribers::find(&mut tx, &address("zaza")).await.unwrap(), None);
    let ended = subscribers::subscriptions(&mut tx, id).await.unwrap();
    assert_eq!((ended.len(), ended[0].end_reason), (1, Some(EndReason::Erased)));
    let states: Vec<_> =
        deliveries::of_subscriber(&mut tx, id, 10).await.unwrap().iter().map(|row| row.state).collect();
    assert_eq!(states, [DeliveryState::Cancelled, DeliveryState::Claimed, DeliveryState::Bounced]);
    // The same person may come again, as somebody new.
    assert_ne!(subscribers::upsert(&mut tx, &new_subscriber("Zaza"), minute(201)).await.unwrap(), id);
}

async fn erasing_twice_says_so(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let id = active(&mut tx, room.list, "ana", start()).await;
    subscribers::erase(&mut tx, id, "ops", minute(1)).await.unwrap();
    let again = subscribers::erase(&mut tx, id, "ops", minute(2)).await;
    assert!(matches!(again, Err(StoreError::RowsAffected { .. })));
}

async fn an_outcome_after_the_erasure_brings_no_address_back(db: &Db) {
    let (id, claimed, edition) = well_known(db).await;
    let mut tx = db.begin().await.unwrap();
    subscribers::erase(&mut tx, id, "ops", minute(190)).await.unwrap();
    let reply = Reply { code: 550, enhanced: None, text: "no such user".to_owned() };
    let answer = Answer { state: DeliveryState::Bounced, due_at: None, reply: &reply };
    assert!(given::record(&mut tx, &edition, &claimed, "w#2", &answer, minute(191)).await);
    let suppression = NewSuppression {
        address_hash: "hash of Zaza",
        address: Some("Zaza@reader.test"),
        reason: SuppressionReason::Hard,
        edition: Some(edition.id),
        note: Some(&reply.text),
    };
    assert!(suppressions::add(&mut tx, &suppression, minute(191)).await.unwrap());
    assert_eq!(holding(&mut tx, "zaza").await, ["suppressions.address_hash"]);
}
