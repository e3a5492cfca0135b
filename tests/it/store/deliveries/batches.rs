//! Many outcomes in one statement: each where it belongs, and no more than that.

use std::collections::HashSet;

use chrono::TimeDelta;
use newsletterd::domain::delivery::{DeliveryState, Reply};
use newsletterd::domain::ids::SubscriberId;
use newsletterd::domain::lane::Lane;
use newsletterd::store::claims::{self, Claim, Claimed};
use newsletterd::store::outcomes::{self, Recorded};
use newsletterd::store::{Db, catalog, deliveries};

use crate::store::given::{self, many, minute, newsroom, sending};
use crate::store::{execute, number, on_both};

on_both!(
    a_batch_is_recorded_and_says_whose_outcomes_were_taken,
    what_is_on_its_way_is_not_given_back,
    a_lease_is_made_longer_for_what_stands_under_it,
    a_lane_is_claimed_without_the_others,
    retries_never_take_more_than_half_while_others_wait,
    a_canary_goes_first_and_alone,
);

fn reply(text: &str) -> Reply {
    Reply { code: 250, enhanced: Some("2.0.0".to_owned()), text: text.to_owned() }
}

fn outcome<'a>(claimed: &Claimed, lease: &'a str, state: DeliveryState, reply: &'a Reply) -> Recorded<'a> {
    let due_at = (state == DeliveryState::Deferred).then(|| minute(99));
    let (subscriber, attempt) = (claimed.subscriber, claimed.attempt);
    Recorded { subscriber, attempt, lease, state, due_at, relay: "second", reply }
}

async fn a_batch_is_recorded_and_says_whose_outcomes_were_taken(db: &Db) {
    use DeliveryState::{Accepted, Deferred, Rejected};
    let room = newsroom(db).await;
    many(db, room.list, 900).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    let length = TimeDelta::minutes(5);
    let one = given::claim(&mut tx, &edition, "w#1", length, 500, minute(60)).await;
    let two = given::claim(&mut tx, &edition, "w#2", length, 400, minute(60)).await;
    let reply = reply("queued as 'x\" \\ — ა");
    let state = |n: usize| [Accepted, Accepted, Deferred, Rejected][n % 4];
    let mut batch: Vec<_> =
        one.iter().enumerate().map(|(n, claimed)| outcome(claimed, "w#1", state(n), &reply)).collect();
    // Under another's lease, of another attempt, and of nobody.
    batch.push(outcome(&two[0], "w#1", Accepted, &reply));
    batch.push(outcome(&Claimed { attempt: 2, ..two[1].clone() }, "w#2", Accepted, &reply));
    batch.push(outcome(
        &Claimed { subscriber: SubscriberId(77_777), ..two[1].clone() },
        "w#2",
        Accepted,
        &reply,
    ));
    let recorded = outcomes::record(&mut tx, &edition, &batch, minute(61)).await.unwrap();
    assert_eq!(recorded, one.iter().map(|claimed| claimed.subscriber).collect::<HashSet<_>>());
    let accounting = deliveries::accounting(&mut tx, &edition).await.unwrap();
    let counts = [Accepted, Deferred, Rejected, DeliveryState::Claimed].map(|state| accounting[&state]);
    assert_eq!(counts, [250, 125, 125, 400]);
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM delivery_attempts").await, 250);
    let whole = "SELECT COUNT(*) FROM deliveries WHERE relay = 'second' AND code = 250 AND enhanced = '2.0.0' \
        AND reply LIKE 'queued as ''x\" \\\\ — ა' ESCAPE '~'";
    let whole = whole.replace("\\\\", "\\");
    assert_eq!(number(&mut tx, &whole).await, 500);
    let again = outcomes::record(&mut tx, &edition, &batch[..9], minute(62)).await.unwrap();
    assert!(again.is_empty(), "recorded already");
    assert!(outcomes::record(&mut tx, &edition, &[], minute(62)).await.unwrap().is_empty());
}

async fn what_is_on_its_way_is_not_given_back(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 5).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    let claimed = given::claim(&mut tx, &edition, "w#1", TimeDelta::minutes(5), 9, minute(60)).await;
    let kept = [claimed[1].subscriber, claimed[3].subscriber];
    assert_eq!(claims::give_back(&mut tx, &edition, "w#1", &kept).await.unwrap(), 3);
    let accounting = deliveries::accounting(&mut tx, &edition).await.unwrap();
    assert_eq!((accounting[&DeliveryState::Queued], accounting[&DeliveryState::Claimed]), (3, 2));
    let reply = reply("late");
    let batch = [outcome(&claimed[1], "w#1", DeliveryState::Accepted, &reply)];
    assert_eq!(outcomes::record(&mut tx, &edition, &batch, minute(61)).await.unwrap().len(), 1);
}

async fn a_lease_is_made_longer_for_what_stands_under_it(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 3).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    given::claim(&mut tx, &edition, "w#1", TimeDelta::minutes(-1), 2, minute(60)).await;
    let renewed = claims::renew(&mut tx, &edition, "w#1", TimeDelta::minutes(5), minute(60)).await.unwrap();
    assert_eq!(renewed, 2);
    assert_eq!(claims::take_back_expired(&mut tx, minute(60)).await.unwrap(), 0);
    assert_eq!(claims::renew(&mut tx, &edition, "w#2", TimeDelta::minutes(5), minute(60)).await.unwrap(), 0);
}

async fn a_lane_is_claimed_without_the_others(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 6).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    execute(&mut tx, "UPDATE deliveries SET lane = 'big' WHERE subscriber_id IN (1, 2, 3, 4)").await;
    let length = TimeDelta::minutes(5);
    let free = given::claim(&mut tx, &edition, "w#1", length, 9, minute(60)).await;
    assert_eq!(free.iter().map(|claimed| claimed.subscriber.0).collect::<Vec<_>>(), [5, 6]);
    let list = catalog::list_of(&mut tx, edition.newsletter).await.unwrap();
    let claim = Claim { lane: &Lane::provider("big"), list, lease: "w#2", length, limit: 3 };
    let big = claims::claim(&mut tx, &edition, &claim, minute(60)).await.unwrap();
    assert_eq!(big.iter().map(|claimed| claimed.subscriber.0).collect::<Vec<_>>(), [1, 2, 3]);
}

async fn retries_never_take_more_than_half_while_others_wait(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 20).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    execute(&mut tx, "UPDATE deliveries SET due_at = 0").await;
    let again = format!(
        "UPDATE deliveries SET state = 'deferred', due_at = {} WHERE subscriber_id > 10",
        minute(59).timestamp_millis()
    );
    execute(&mut tx, &again).await;
    let claimed = given::claim(&mut tx, &edition, "w#1", TimeDelta::minutes(5), 8, minute(60)).await;
    let retries = claimed.iter().filter(|claimed| claimed.subscriber.0 > 10).count();
    assert_eq!((claimed.len(), retries), (8, 4));
    let rest = given::claim(&mut tx, &edition, "w#2", TimeDelta::minutes(5), 12, minute(60)).await;
    assert_eq!(rest.len(), 12);
}

async fn a_canary_goes_first_and_alone(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 4).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    execute(&mut tx, "UPDATE deliveries SET lane = '*canary' WHERE subscriber_id = 3").await;
    execute(&mut tx, "UPDATE editions SET canary = 'sending'").await;
    let length = TimeDelta::minutes(5);
    assert_eq!(given::claim(&mut tx, &edition, "w#1", length, 9, minute(60)).await.len(), 0);
    let list = catalog::list_of(&mut tx, edition.newsletter).await.unwrap();
    let claim = Claim { lane: &Lane::Canary, list, lease: "w#2", length, limit: 9 };
    assert_eq!(claims::claim(&mut tx, &edition, &claim, minute(60)).await.unwrap().len(), 1);
    execute(&mut tx, "UPDATE editions SET canary = 'passed'").await;
    assert_eq!(given::claim(&mut tx, &edition, "w#3", length, 9, minute(60)).await.len(), 3);
}
