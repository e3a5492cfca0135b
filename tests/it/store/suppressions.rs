//! Suppressions: one for an address and a reason, lifted by whom may, kept for what must stand.

use newsletterd::domain::bounce::SuppressionReason;
use newsletterd::domain::ids::{EditionId, SuppressionId};
use newsletterd::store::suppressions::{self, NewSuppression};
use newsletterd::store::{Db, Tx};

use super::given::{active, minute, newsroom, sending, start};
use super::{execute, on_both};

on_both!(
    an_address_is_suppressed_once_for_a_reason,
    all_but_the_law_is_lifted,
    what_an_edition_caused_is_lifted_alone,
    confirmed_bounces_are_suppressed,
    the_list_is_read_page_by_page,
);

async fn add(tx: &mut Tx, hash: &str, reason: SuppressionReason, edition: Option<EditionId>) -> bool {
    let new = NewSuppression {
        address_hash: hash,
        address: Some("ana@reader.test"),
        reason,
        edition,
        note: Some("n"),
    };
    suppressions::add(tx, &new, minute(1)).await.unwrap()
}

async fn reasons(tx: &mut Tx, hash: &str) -> Vec<SuppressionReason> {
    suppressions::standing(tx, hash).await.unwrap().iter().map(|found| found.reason).collect()
}

async fn an_address_is_suppressed_once_for_a_reason(db: &Db) {
    use SuppressionReason::{Complaint, Hard};
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    active(&mut tx, room.list, "ana", start()).await;
    let hash = "hash of ana";
    assert!(add(&mut tx, hash, Hard, Some(EditionId(3))).await);
    assert!(!add(&mut tx, hash, Hard, Some(EditionId(4))).await);
    assert!(add(&mut tx, hash, Complaint, None).await);
    assert!(add(&mut tx, "of nobody", Hard, None).await);
    let standing = suppressions::standing(&mut tx, hash).await.unwrap();
    assert_eq!(standing.iter().map(|found| found.reason).collect::<Vec<_>>(), [Hard, Complaint]);
    let first = &standing[0];
    assert_eq!((first.address.as_deref(), first.note.as_deref()), (Some("ana@reader.test"), Some("n")));
    assert_eq!((first.at, first.edition), (minute(1), Some(EditionId(3))));
    // No subscriber has that address, so only its hash is kept.
    assert_eq!(suppressions::standing(&mut tx, "of nobody").await.unwrap()[0].address, None);
}

async fn all_but_the_law_is_lifted(db: &Db) {
    use SuppressionReason::{Hard, Legal, Manual};
    let mut tx = db.begin().await.unwrap();
    for reason in [Hard, Legal, Manual] {
        add(&mut tx, "a", reason, None).await;
        add(&mut tx, "b", reason, None).await;
    }
    assert_eq!(suppressions::lift(&mut tx, "a", "reader", minute(2)).await.unwrap(), 2);
    assert_eq!(suppressions::lift(&mut tx, "a", "reader", minute(3)).await.unwrap(), 0);
    assert_eq!(reasons(&mut tx, "a").await, [Legal]);
    assert_eq!(reasons(&mut tx, "b").await, [Hard, Legal, Manual]);
    assert!(add(&mut tx, "a", Hard, None).await, "what was lifted can come again");
}

async fn what_an_edition_caused_is_lifted_alone(db: &Db) {
    use SuppressionReason::{Hard, Legal};
    let mut tx = db.begin().await.unwrap();
    add(&mut tx, "a", Hard, Some(EditionId(1))).await;
    add(&mut tx, "a", Legal, Some(EditionId(1))).await;
    add(&mut tx, "b", Hard, Some(EditionId(1))).await;
    add(&mut tx, "c", Hard, Some(EditionId(2))).await;
    add(&mut tx, "d", Hard, None).await;
    assert_eq!(suppressions::lift_edition(&mut tx, EditionId(1), None, "guard", minute(2)).await.unwrap(), 2);
    assert_eq!(reasons(&mut tx, "a").await, [Legal]);
    assert_eq!(reasons(&mut tx, "b").await, []);
    assert_eq!((reasons(&mut tx, "c").await, reasons(&mut tx, "d").await), (vec![Hard], vec![Hard]));
}

async fn confirmed_bounces_are_suppressed(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    for name in ["ana", "bo", "cy", "di"] {
        active(&mut tx, room.list, name, start()).await;
    }
    tx.commit().await.unwrap();
    let (edition, other) = (sending(db, room, minute(60)).await, sending(db, room, minute(120)).await);
    let mut tx = db.begin().await.unwrap();
    execute(
        &mut tx,
        "UPDATE deliveries SET state = 'bounced', reply = 'no such user' WHERE subscriber_id <= 2",
    )
    .await;
    execute(&mut tx, "UPDATE deliveries SET state = 'rejected' WHERE subscriber_id = 3").await;
    add(&mut tx, "hash of bo", SuppressionReason::Hard, None).await;
    let added = suppressions::add_bounced(&mut tx, edition.day, edition.id, minute(61)).await.unwrap();
    assert_eq!(added, 1, "bo is suppressed already");
    let ana = &suppressions::standing(&mut tx, "hash of ana").await.unwrap()[0];
    assert_eq!(
        (ana.edition, ana.at, ana.note.as_deref()),
        (Some(edition.id), minute(61), Some("no such user"))
    );
    assert_eq!(ana.address.as_deref(), Some("ana@reader.test"));
    assert_eq!(reasons(&mut tx, "hash of cy").await, []);
    assert_eq!(suppressions::add_bounced(&mut tx, other.day, other.id, minute(62)).await.unwrap(), 0);
}

async fn the_list_is_read_page_by_page(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    for hash in ["a", "b", "c", "d"] {
        add(&mut tx, hash, SuppressionReason::Manual, None).await;
    }
    suppressions::lift(&mut tx, "b", "ana", minute(2)).await.unwrap();
    let first = suppressions::list(&mut tx, SuppressionId(0), 2).await.unwrap();
    let second = suppressions::list(&mut tx, first[1].id, 2).await.unwrap();
    assert_eq!((first.len(), second.len()), (2, 1));
    assert_eq!(suppressions::list(&mut tx, second[0].id, 2).await.unwrap(), []);
}
