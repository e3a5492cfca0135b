//! Old deliveries become totals, which say what the rows said.

use newsletterd::domain::delivery::DeliveryState;
use newsletterd::domain::edition::EditionState;
use newsletterd::domain::ids::EditionId;
use newsletterd::store::deliveries::{self, Week};
use newsletterd::store::{Db, StoreError, Tx};

use crate::store::given::{again, go, many, minute, newsroom, sending};
use crate::store::{execute, number, on_both};

on_both!(
    totals_say_what_the_rows_said,
    what_has_not_ended_is_not_archived,
    a_week_goes_when_all_of_it_is_archived,
);

const DAY: i64 = 24 * 60;

/// Ends an edition: every delivery somehow.
async fn end(tx: &mut Tx, id: EditionId) {
    execute(
        tx,
        &format!(
            "UPDATE deliveries SET revision = 1, state = CASE WHEN subscriber_id <= 3 THEN 'accepted' \
             WHEN subscriber_id <= 5 THEN 'bounced' WHEN subscriber_id = 6 THEN 'rejected' \
             WHEN subscriber_id = 7 THEN 'uncertain' ELSE 'cancelled' END, \
             code = CASE WHEN subscriber_id = 8 THEN NULL WHEN subscriber_id = 7 THEN 0 ELSE 550 END, \
             enhanced = CASE WHEN subscriber_id IN (4, 5) THEN '5.1.1' END WHERE edition_id = {id}"
        ),
    )
    .await;
    execute(
        tx,
        &format!(
            "INSERT INTO delivery_attempts (day, edition_id, subscriber_id, attempt, at, outcome) \
             SELECT day, edition_id, subscriber_id, 1, 1, state FROM deliveries WHERE edition_id = {id} \
             AND subscriber_id > 3"
        ),
    )
    .await;
    go(tx, id, &[EditionState::Sent], minute(100)).await;
}

async fn totals_say_what_the_rows_said(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 9).await;
    let (old, new) = (sending(db, room, minute(60)).await, sending(db, room, minute(61)).await);
    let mut tx = db.begin().await.unwrap();
    end(&mut tx, old.id).await;
    let old = again(&mut tx, old.id).await;
    let rows = deliveries::accounting(&mut tx, &old).await.unwrap();
    let refused = deliveries::refusals(&mut tx, &old).await.unwrap();
    assert_eq!(deliveries::to_archive(&mut tx, old.day, None, 9).await.unwrap(), [], "not yet");
    assert_eq!(deliveries::to_archive(&mut tx, old.day + 1, None, 9).await.unwrap(), [old.id]);
    assert_eq!(deliveries::to_archive(&mut tx, old.day + 1, Some(old.id), 9).await.unwrap(), []);

    assert!(deliveries::archive(&mut tx, &old, minute(200)).await.unwrap());
    assert!(!deliveries::archive(&mut tx, &old, minute(201)).await.unwrap(), "twice");
    let archived = again(&mut tx, old.id).await;
    assert_eq!(archived.archived_at, Some(minute(200)));
    assert_eq!(deliveries::with_rows_left(&mut tx, old.day + 1).await.unwrap(), [old.id]);
    assert_eq!(deliveries::delete_archived_chunk(&mut tx, &archived, 7).await.unwrap(), 13);
    assert_eq!(deliveries::delete_archived_chunk(&mut tx, &archived, 7).await.unwrap(), 2);
    assert_eq!(deliveries::delete_archived_chunk(&mut tx, &archived, 7).await.unwrap(), 0);
    assert_eq!(deliveries::with_rows_left(&mut tx, old.day + 1).await.unwrap(), []);

    assert_eq!(deliveries::accounting(&mut tx, &archived).await.unwrap(), rows);
    assert_eq!(rows.values().sum::<i64>(), archived.audience_count.unwrap(), "the accounting identity");
    let told = deliveries::refusals(&mut tx, &archived).await.unwrap();
    // With an enhanced code, the other is no longer told; no code at all is none, not 0.
    for (before, after) in refused.iter().zip(&told) {
        assert_eq!((&before.domain, before.state, before.n), (&after.domain, after.state, after.n));
        assert_eq!(before.enhanced, after.enhanced);
        let code = before.code.filter(|code| before.enhanced.is_none() && *code != 0);
        assert_eq!(code, after.code);
    }
    assert_eq!(refused.len(), told.len());
    let refused = deliveries::retry_chunk(&mut tx, &archived, DeliveryState::Rejected, None, 9).await;
    assert!(matches!(refused, Err(StoreError::Refused(why)) if why.contains("archived")));
    // The other edition keeps its own.
    assert_eq!(deliveries::delete_archived_chunk(&mut tx, &new, 9).await.unwrap(), 0);
    assert_eq!(deliveries::accounting(&mut tx, &new).await.unwrap()[&DeliveryState::Queued], 9);
}

async fn what_has_not_ended_is_not_archived(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 9).await;
    let edition = sending(db, room, minute(60)).await;
    let mut tx = db.begin().await.unwrap();
    assert!(!deliveries::archive(&mut tx, &edition, minute(200)).await.unwrap(), "it is sending");
    end(&mut tx, edition.id).await;
    for state in ["queued", "deferred", "claimed"] {
        execute(&mut tx, &format!("UPDATE deliveries SET state = '{state}' WHERE subscriber_id = 9")).await;
        assert!(!deliveries::archive(&mut tx, &edition, minute(200)).await.unwrap(), "{state}");
    }
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM edition_totals").await, 0);
}

async fn a_week_goes_when_all_of_it_is_archived(db: &Db) {
    let room = newsroom(db).await;
    many(db, room.list, 9).await;
    let mut ids = Vec::new();
    for at in [60, 61, 8 * DAY] {
        ids.push(sending(db, room, minute(at)).await.id);
    }
    let mut tx = db.begin().await.unwrap();
    let days = (again(&mut tx, ids[0]).await.day, again(&mut tx, ids[2]).await.day);
    for id in &ids {
        end(&mut tx, *id).await;
    }
    let old = again(&mut tx, ids[0]).await;
    assert!(deliveries::archive(&mut tx, &old, minute(200)).await.unwrap());
    tx.commit().await.unwrap();

    let mut tx = db.begin().await.unwrap();
    let weeks = deliveries::weeks_before(&mut tx, days.1).await.unwrap();
    if matches!(db, Db::Sqlite { .. }) {
        assert_eq!(weeks, []);
        assert!(!deliveries::drop_week(&mut tx, Week::of(days.0)).await.unwrap());
        return;
    }
    assert_eq!(weeks, [Week::of(days.0)]);
    assert!(!deliveries::drop_week(&mut tx, weeks[0]).await.unwrap(), "the second is still kept");
    drop(tx);
    let mut tx = db.begin().await.unwrap();
    let second = again(&mut tx, ids[1]).await;
    assert!(deliveries::archive(&mut tx, &second, minute(200)).await.unwrap());
    assert!(deliveries::drop_week(&mut tx, weeks[0]).await.unwrap());
    assert_eq!(deliveries::weeks_before(&mut tx, days.1).await.unwrap(), []);
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM deliveries").await, 9);
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM delivery_attempts").await, 6);
    assert_eq!(deliveries::with_rows_left(&mut tx, days.1 + 1).await.unwrap(), []);
    let archived = again(&mut tx, ids[1]).await;
    let accounting = deliveries::accounting(&mut tx, &archived).await.unwrap();
    assert_eq!(accounting.values().sum::<i64>(), 9);
}
