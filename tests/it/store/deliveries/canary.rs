//! The deliveries of a canary: how many there are, whether they are out, how they did.

use newsletterd::domain::canary::Tally;
use newsletterd::store::{Db, canary};

use crate::store::given::{many, minute, newsroom, sending};
use crate::store::{execute, on_both};

on_both!(a_canary_is_out_when_each_has_ended_or_waits, a_canary_is_counted_by_its_outcomes);

async fn a_canary_is_out_when_each_has_ended_or_waits(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 6).await;
    let (edition, other) = (sending(db, room, minute(60)).await, sending(db, room, minute(61)).await);
    let mut tx = db.begin().await.unwrap();
    assert!(canary::is_out(&mut tx, &edition).await.unwrap(), "there is none");
    let of = format!("WHERE edition_id = {}", edition.id);
    execute(&mut tx, &format!("UPDATE deliveries SET lane = '*canary' {of} AND subscriber_id <= 3")).await;
    assert_eq!(canary::size(&mut tx, &edition).await.unwrap(), 3);
    assert_eq!(canary::size(&mut tx, &other).await.unwrap(), 0);
    for (n, change, out) in [
        (1, "state = 'accepted'", false),
        (2, "state = 'deferred', due_at = 1", false),
        (3, "state = 'claimed'", false),
        // A lease that ended gives it back untried.
        (3, "state = 'queued', attempt = 1", false),
        (3, "state = 'bounced'", true),
        // Tried before, it waits for its retry also when a claim was given back.
        (2, "state = 'queued', attempt = 1", true),
    ] {
        execute(&mut tx, &format!("UPDATE deliveries SET {change} {of} AND subscriber_id = {n}")).await;
        assert_eq!(canary::is_out(&mut tx, &edition).await.unwrap(), out, "{n} {change}");
    }
}

async fn a_canary_is_counted_by_its_outcomes(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 12).await;
    let (edition, _other) = (sending(db, room, minute(60)).await, sending(db, room, minute(61)).await);
    let mut tx = db.begin().await.unwrap();
    let of = format!("WHERE edition_id = {}", edition.id);
    execute(&mut tx, &format!("UPDATE deliveries SET lane = '*canary' {of} AND subscriber_id <= 10")).await;
    assert_eq!(canary::tally(&mut tx, &edition).await.unwrap(), Tally::default(), "nothing was tried");
    for (who, state, code, enhanced, reply) in [
        ("<= 4", "accepted", 250, "2.0.0", "ok"),
        ("= 5", "bounced", 550, "5.1.1", "no such user"),
        ("IN (6, 7)", "rejected", 554, "5.7.1", "spam"),
        ("= 8", "deferred", 450, "4.2.0", "later"),
        ("= 9", "uncertain", 0, "", ""),
        // One that is not of the canary.
        ("= 11", "rejected", 554, "5.7.1", "spam"),
    ] {
        let sql = format!(
            "UPDATE deliveries SET state = '{state}', attempt = 1, code = {code}, enhanced = '{enhanced}', \
             reply = '{reply}' {of} AND subscriber_id {who}"
        );
        execute(&mut tx, &sql).await;
    }
    // One that was taken and complained about has failed.
    execute(&mut tx, &format!("UPDATE deliveries SET complained_at = 1 {of} AND subscriber_id = 1")).await;
    // One that left before its turn was never tried.
    execute(&mut tx, &format!("UPDATE deliveries SET state = 'cancelled' {of} AND subscriber_id = 10")).await;
    let reply = Some("554 5.7.1 spam".to_owned());
    let expected = Tally { attempted: 9, accepted: 3, failed: 4, deferred: 1, reply };
    assert_eq!(canary::tally(&mut tx, &edition).await.unwrap(), expected);
}
