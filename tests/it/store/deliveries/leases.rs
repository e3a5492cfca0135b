//! Leases: outcomes count only while the claim holds; what a worker did not do comes back.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use newsletterd::domain::delivery::{DeliveryState, Reply};
use newsletterd::store::claims::{self, Claimed};
use newsletterd::store::editions::Edition;
use newsletterd::store::{Db, Tx, deliveries};

use crate::store::given::{self, Answer, many, minute, newsroom, sending};
use crate::store::{number, on_both};

on_both!(
    an_outcome_is_recorded_whole,
    an_outcome_counts_only_while_its_claim_holds,
    what_is_given_back_spends_no_attempt,
    leases_that_are_over_are_taken_back,
    a_dead_process_gives_back_its_own_and_no_others,
    the_guard_sees_the_last_outcomes,
);

/// Recorded with a code, so that what was stored can be told from what was not.
async fn record(
    tx: &mut Tx,
    edition: &Edition,
    claimed: &Claimed,
    lease: &str,
    state: DeliveryState,
    due_at: Option<DateTime<Utc>>,
    at: i64,
) -> bool {
    let reply = Reply { code: 450, enhanced: Some("4.2.2".to_owned()), text: "„full“".to_owned() };
    given::record(tx, edition, claimed, lease, &Answer { state, due_at, reply: &reply }, minute(at)).await
}

async fn claim(tx: &mut Tx, edition: &Edition, lease: &str, limit: u32, now: DateTime<Utc>) -> Vec<Claimed> {
    given::claim(tx, edition, lease, TimeDelta::minutes(5), limit, now).await
}

async fn an_outcome_is_recorded_whole(db: &Db) {
    use DeliveryState::{Accepted, Bounced, Deferred, Expired, Rejected, Uncertain};
    let room = newsroom(db).await;
    many(db, room.list, 6).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    let claimed = claim(&mut tx, &edition, "w#1", 10, minute(60)).await;
    let states = [Accepted, Bounced, Rejected, Uncertain, Deferred, Expired];
    for (claimed, state) in claimed.iter().zip(states) {
        let due_at = (state == Deferred).then(|| minute(70));
        assert!(record(&mut tx, &edition, claimed, "w#1", state, due_at, 61).await, "{state}");
        let row = deliveries::of_subscriber(&mut tx, claimed.subscriber, 1).await.unwrap().remove(0);
        assert_eq!((row.edition, row.state, row.attempt), (edition.id, state, 1));
        assert_eq!(
            (row.reply.as_deref(), row.ended_at),
            (Some("„full“"), (state != Deferred).then(|| minute(61)))
        );
    }
    assert_eq!(deliveries::next_due(&mut tx, &edition).await.unwrap(), Some(minute(70)));
    let accepted = "SELECT COUNT(*) FROM deliveries WHERE accepted_at IS NOT NULL AND relay = 'main' AND code = 450 \
        AND enhanced = '4.2.2' AND lease_by IS NULL AND lease_until IS NULL";
    assert_eq!(number(&mut tx, accepted).await, 1);
    // Attempts that came to anything but acceptance keep a row each.
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM delivery_attempts WHERE attempt = 1").await, 5);
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM delivery_attempts WHERE outcome = 'accepted'").await, 0);
    let again = claim(&mut tx, &edition, "w#2", 10, minute(70)).await;
    assert_eq!((again.len(), again[0].attempt), (1, 2));
    assert!(record(&mut tx, &edition, &again[0], "w#2", Deferred, Some(minute(90)), 71).await);
    let subscriber = again[0].subscriber;
    let attempts = format!("SELECT COUNT(*) FROM delivery_attempts WHERE subscriber_id = {subscriber}");
    assert_eq!(number(&mut tx, &attempts).await, 2);

    let refusals = deliveries::refusals(&mut tx, &edition).await.unwrap();
    let told: Vec<_> = refusals.iter().map(|row| (row.domain.as_str(), row.state, row.code, row.n)).collect();
    let row = |state| ("reader.test", state, Some(450), 1);
    assert_eq!(told, [row(Bounced), row(Deferred), row(Expired), row(Rejected), row(Uncertain)]);
}

async fn an_outcome_counts_only_while_its_claim_holds(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 1).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    let first = claim(&mut tx, &edition, "w#1", 1, minute(60)).await.remove(0);
    let accepted = DeliveryState::Accepted;
    assert!(!record(&mut tx, &edition, &first, "w#2", accepted, None, 61).await, "another's lease");
    let later = Claimed { attempt: 2, ..first.clone() };
    assert!(!record(&mut tx, &edition, &later, "w#1", accepted, None, 61).await, "another attempt");
    claims::take_back_of(&mut tx, "w").await.unwrap();
    let second = claim(&mut tx, &edition, "v#1", 1, minute(60)).await.remove(0);
    assert_eq!(second.attempt, 2, "nobody knows whether the first attempt went out");
    assert!(!record(&mut tx, &edition, &first, "w#1", accepted, None, 61).await, "another has it");
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM deliveries WHERE code IS NOT NULL").await, 0);
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM delivery_attempts").await, 0);
    assert!(record(&mut tx, &edition, &second, "v#1", accepted, None, 61).await);
    assert!(
        !record(&mut tx, &edition, &second, "v#1", DeliveryState::Bounced, None, 62).await,
        "recorded already"
    );
    let row = deliveries::of_subscriber(&mut tx, first.subscriber, 1).await.unwrap().remove(0);
    assert_eq!((row.state, row.ended_at), (accepted, Some(minute(61))));
}

async fn what_is_given_back_spends_no_attempt(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 4).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    let claimed = claim(&mut tx, &edition, "w#1", 3, minute(60)).await;
    let due = minute(60);
    assert!(record(&mut tx, &edition, &claimed[0], "w#1", DeliveryState::Deferred, Some(due), 60).await);
    claim(&mut tx, &edition, "w#10", 2, minute(60)).await;
    assert_eq!(claims::give_back(&mut tx, &edition, "w#1", &[]).await.unwrap(), 2);
    assert_eq!(claims::give_back(&mut tx, &edition, "w#1", &[]).await.unwrap(), 0);
    assert_eq!(claims::give_back(&mut tx, &edition, "w#10", &[]).await.unwrap(), 2);
    let accounting = deliveries::accounting(&mut tx, &edition).await.unwrap();
    assert_eq!(accounting, BTreeMap::from([(DeliveryState::Queued, 3), (DeliveryState::Deferred, 1)]));
    let all = claim(&mut tx, &edition, "w#3", 9, minute(60)).await;
    assert_eq!(all.iter().map(|claimed| claimed.attempt).collect::<Vec<_>>(), [2, 1, 1, 1]);
}

async fn leases_that_are_over_are_taken_back(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 3).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    let claimed = given::claim(&mut tx, &edition, "w#1", TimeDelta::minutes(-1), 1, minute(60)).await;
    claim(&mut tx, &edition, "w#2", 1, minute(60)).await;
    // The caller's clock measures on SQLite, the server's own on PostgreSQL: there a caller whose
    // clock is years off neither ends another's lease nor keeps one.
    let (now, later) = (minute(60), minute(66));
    assert_eq!(claims::take_back_expired(&mut tx, now).await.unwrap(), 1);
    let expected = if matches!(db, Db::Sqlite { .. }) { 1 } else { 0 };
    assert_eq!(claims::take_back_expired(&mut tx, later).await.unwrap(), expected);
    let accounting = deliveries::accounting(&mut tx, &edition).await.unwrap();
    assert_eq!(accounting[&DeliveryState::Queued], 2 + expected as i64);
    assert_eq!(
        number(&mut tx, "SELECT COUNT(*) FROM deliveries WHERE attempt = 1").await,
        2,
        "they are spent"
    );
    // Nobody has had it since: what became of it is known after all.
    assert!(record(&mut tx, &edition, &claimed[0], "w#1", DeliveryState::Accepted, None, 61).await);
}

async fn a_dead_process_gives_back_its_own_and_no_others(db: &Db) {
    let room = newsroom(db).await;
    // Names that are beginnings of each other, hold the wildcards of LIKE, or differ by case alone.
    let names = ["a", "ab", "a_", "a%", "aXb", "A", "%", "_", "a\\", "ა"];
    many(db, room.list, i64::try_from(names.len()).unwrap()).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    for name in names {
        assert_eq!(claim(&mut tx, &edition, &format!("{name}#1"), 1, minute(60)).await.len(), 1);
    }
    assert_eq!(claims::take_back_of(&mut tx, "").await.unwrap(), 0);
    assert_eq!(claims::take_back_of(&mut tx, "b").await.unwrap(), 0);
    for (n, name) in (1_i64..).zip(["_", "%", "a_", "a%", "A", "a\\", "a", "ა", "ab", "aXb"]) {
        assert_eq!(claims::take_back_of(&mut tx, name).await.unwrap(), 1, "{name}");
        let queued = "SELECT COUNT(*) FROM deliveries WHERE state = 'queued' AND lease_by IS NULL";
        assert_eq!(number(&mut tx, queued).await, n);
    }
}

async fn the_guard_sees_the_last_outcomes(db: &Db) {
    use DeliveryState::{Accepted, Bounced, Deferred, Uncertain};
    let room = newsroom(db).await;
    many(db, room.list, 6).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    assert_eq!(claims::recent_outcomes(&mut tx, &edition, 9).await.unwrap(), [false; 0]);
    let claimed = claim(&mut tx, &edition, "w#1", 5, minute(60)).await;
    for ((claimed, state), at) in
        claimed.iter().zip([Bounced, Accepted, Deferred, Bounced, Uncertain]).zip(61..)
    {
        assert!(record(&mut tx, &edition, claimed, "w#1", state, Some(minute(99)), at).await);
    }
    deliveries::cancel_chunk(&mut tx, &edition, 1, minute(80)).await.unwrap();
    assert_eq!(claims::recent_outcomes(&mut tx, &edition, 9).await.unwrap(), [true, false, true, false]);
    assert_eq!(claims::recent_outcomes(&mut tx, &edition, 2).await.unwrap(), [true, false]);
}
