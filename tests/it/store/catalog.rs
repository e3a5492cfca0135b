//! Sources, lists, newsletters, and what is kept out of letters.

use newsletterd::domain::ids::{ArticleId, ListId, NewsletterId};
use newsletterd::domain::selection::{Excluded, Exclusion};
use newsletterd::store::catalog::{self, SourceState};
use newsletterd::store::{Db, StoreError, exclusions};

use super::given::{minute, newsroom, start};
use super::{execute, on_both};

on_both!(
    a_name_has_one_row_however_often_it_is_asked_for,
    a_newsletter_knows_since_when_its_schedule_holds,
    a_poll_is_remembered,
    exclusions_hold_for_their_newsletter_until_their_end,
    an_exclusion_that_nobody_can_read_is_an_error,
);

async fn a_name_has_one_row_however_often_it_is_asked_for(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    assert_eq!(catalog::find_list(&mut tx, "readers").await.unwrap(), None);
    let list = catalog::list_id(&mut tx, "readers").await.unwrap();
    let other = catalog::list_id(&mut tx, "Readers").await.unwrap();
    let source = catalog::source_id(&mut tx, "site").await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.begin().await.unwrap();
    assert_ne!(list, other, "names are told apart by case");
    assert_eq!(catalog::list_id(&mut tx, "readers").await.unwrap(), list);
    assert_eq!(catalog::find_list(&mut tx, "readers").await.unwrap(), Some(list));
    assert_eq!(catalog::list_name(&mut tx, list).await.unwrap().as_deref(), Some("readers"));
    assert_eq!(catalog::list_name(&mut tx, ListId(99)).await.unwrap(), None);
    assert_eq!(catalog::source_id(&mut tx, "site").await.unwrap(), source);
    assert_eq!(catalog::find_source(&mut tx, "site").await.unwrap(), Some(source));
    assert_eq!(catalog::find_source(&mut tx, "other").await.unwrap(), None);
}

async fn a_newsletter_knows_since_when_its_schedule_holds(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (one, two) =
        (catalog::list_id(&mut tx, "one").await.unwrap(), catalog::list_id(&mut tx, "two").await.unwrap());
    let mut rows = Vec::new();
    for (at, list, schedule, hash) in
        [(0, one, "0 6 * * * UTC", "a"), (5, two, "0 6 * * * UTC", "b"), (9, two, "0 7 * * * UTC", "b")]
    {
        let row = catalog::upsert_newsletter(&mut tx, "morning", list, schedule, hash, minute(at)).await;
        rows.push(row.unwrap());
        assert_eq!(catalog::find_newsletter(&mut tx, "morning").await.unwrap().as_ref(), rows.last());
    }
    let first = rows[0].clone();
    let told: Vec<_> =
        rows.iter().map(|row| (row.list, row.config_hash.as_str(), row.scheduled_since)).collect();
    assert_eq!(told, [(one, "a", start()), (two, "b", start()), (two, "b", minute(9))]);
    assert!(rows.iter().all(|row| row.id == first.id));
    assert_eq!(catalog::find_newsletter(&mut tx, "evening").await.unwrap(), None);
    assert_eq!(catalog::list_of(&mut tx, first.id).await.unwrap(), two);
    assert_eq!(catalog::newsletter_name(&mut tx, first.id).await.unwrap(), "morning");
    assert!(catalog::newsletter_name(&mut tx, NewsletterId(99)).await.is_err());
}

async fn a_poll_is_remembered(db: &Db) {
    let source = newsroom(db).await.source;
    let mut tx = db.begin().await.unwrap();
    assert_eq!(catalog::source_state(&mut tx, source).await.unwrap(), SourceState::default());
    let full = SourceState {
        etag: Some("\"1\"".to_owned()),
        last_modified: Some("Mon, 02 Mar 2026 06:00:00 GMT".to_owned()),
        polled_at: Some(minute(2)),
        ok_at: Some(minute(1)),
        error: Some("timeout".to_owned()),
    };
    for state in [full, SourceState { polled_at: Some(minute(3)), ..SourceState::default() }] {
        catalog::set_source_state(&mut tx, source, &state).await.unwrap();
        assert_eq!(catalog::source_state(&mut tx, source).await.unwrap(), state);
    }
}

async fn exclusions_hold_for_their_newsletter_until_their_end(db: &Db) {
    let newsletter = newsroom(db).await.newsletter;
    let mut tx = db.begin().await.unwrap();
    // 1772431500000 is minute 5.
    execute(
        &mut tx,
        "INSERT INTO exclusions (scope, value, newsletter_id, until, reason, by_whom, at) VALUES \
         ('article', '7', NULL, NULL, 'legal', 'ana', 0), ('section', 'Sport', 1, 1772431500000, 'strike', 'ana', 0), \
         ('tag', 'ad', 99, NULL, 'other', 'ana', 0)",
    )
    .await;
    assert_eq!((newsletter, minute(5).timestamp_millis()), (NewsletterId(1), 1_772_431_500_000));
    let law = Exclusion { what: Excluded::Article(ArticleId(7)), until: None, reason: "legal".to_owned() };
    let strike = Exclusion {
        what: Excluded::Section("Sport".to_owned()),
        until: Some(minute(5)),
        reason: "strike".to_owned(),
    };
    let mut at = async |newsletter, now| exclusions::standing(&mut tx, newsletter, now).await.unwrap();
    assert_eq!(at(newsletter, minute(4)).await, [law.clone(), strike]);
    assert_eq!(at(newsletter, minute(5)).await, std::slice::from_ref(&law));
    assert_eq!(at(NewsletterId(2), minute(4)).await, [law]);
}

async fn an_exclusion_that_nobody_can_read_is_an_error(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    execute(
        &mut tx,
        "INSERT INTO exclusions (scope, value, reason, by_whom, at) VALUES ('article', 'x', '', '', 0)",
    )
    .await;
    let found = exclusions::standing(&mut tx, NewsletterId(1), start()).await;
    assert!(matches!(found, Err(StoreError::Inconsistent { table: "exclusions", column: "value", .. })));
}
