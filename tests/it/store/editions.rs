//! Editions: one for a slot, whoever opens it; only the transitions of their lives.

use chrono::TimeDelta;
use newsletterd::domain::edition::{EditionKind, EditionState};
use newsletterd::domain::ids::EditionId;
use newsletterd::store::editions::{self, NewEdition, Transition, Wording, day_of};
use newsletterd::store::{Db, StoreError, catalog, events, suppressions};

use super::given::{again, go, lock, minute, newsroom, open, slot, start};
use super::{execute, number, on_both};

on_both!(
    a_slot_has_one_edition_whoever_opens_it,
    a_request_has_one_edition,
    an_edition_comes_back_as_it_was_opened,
    legal_transitions_are_made_once,
    illegal_transitions_are_refused,
    a_stale_version_changes_nothing,
    approval_names_who_gave_it,
    a_row_that_is_held_makes_others_wait,
    only_open_editions_move_and_are_worded,
    only_locked_editions_are_fixed,
    the_guard_trips_once_and_is_confirmed,
    slots_and_locks_are_remembered_by_newsletter,
    unfinished_and_latest,
    a_longer_life_is_never_cut,
);

async fn a_slot_has_one_edition_whoever_opens_it(db: &Db) {
    let room = newsroom(db).await;
    let new = slot(room.newsletter, minute(60));
    let opening = |db: Db, new: NewEdition| async move {
        let mut tx = db.begin().await.unwrap();
        let opened = editions::open(&mut tx, &new, start()).await.unwrap();
        tx.commit().await.unwrap();
        opened
    };
    let tasks: Vec<_> = (0..8).map(|_| tokio::spawn(opening(db.clone(), new.clone()))).collect();
    let mut opened = Vec::new();
    for task in tasks {
        opened.extend(task.await.unwrap());
    }
    assert_eq!(opened.len(), 1);
    let mut tx = db.read().await.unwrap();
    assert_eq!(editions::latest(&mut tx, None, 10).await.unwrap(), opened);
    let told = events::of_edition(&mut tx, opened[0].id).await.unwrap();
    assert_eq!(told.iter().map(|event| event.name.as_str()).collect::<Vec<_>>(), ["edition.opened"]);
}

async fn a_request_has_one_edition(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let by_hand = |key: Option<&str>| NewEdition {
        kind: EditionKind::Manual,
        slot_at: None,
        request_key: key.map(str::to_owned),
        ..slot(room.newsletter, minute(60))
    };
    assert!(editions::open(&mut tx, &by_hand(Some("k")), start()).await.unwrap().is_some());
    assert!(editions::open(&mut tx, &by_hand(Some("k")), start()).await.unwrap().is_none());
    let found = editions::find_by_request_key(&mut tx, "k").await.unwrap().unwrap();
    assert_eq!((found.kind, found.number), (EditionKind::Manual, 1));
    assert_eq!(editions::find_by_request_key(&mut tx, "K").await.unwrap(), None);
    // Without a slot and a key two are two.
    for number in 2..4 {
        assert_eq!(editions::open(&mut tx, &by_hand(None), start()).await.unwrap().unwrap().number, number);
    }
}

async fn an_edition_comes_back_as_it_was_opened(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let first = open(&mut tx, room.newsletter, minute(60)).await;
    assert_eq!((first.number, first.version, first.state), (1, 1, EditionState::Draft));
    assert_eq!((first.slot_at, first.send_at), (Some(minute(60)), minute(60)));
    assert_eq!(first.expires_at, minute(60) + TimeDelta::hours(12));
    assert_eq!((first.opened_at, first.last_activity_at), (start(), start()));
    assert_eq!(
        (first.config.clone(), first.day),
        (serde_json::json!({"title": "Morning"}), day_of(minute(60)))
    );
    assert_eq!(again(&mut tx, first.id).await, first);

    let missed = NewEdition {
        state: EditionState::Skipped,
        reason: Some("it was due while no daemon ran".to_owned()),
        ..slot(room.newsletter, minute(120))
    };
    let missed = editions::open(&mut tx, &missed, start()).await.unwrap().unwrap();
    assert_eq!(missed.reason.as_deref(), Some("it was due while no daemon ran"));
    // What was never sent has no number of its own.
    assert_eq!(open(&mut tx, room.newsletter, minute(180)).await.number, 2);
    assert_eq!(editions::get(&mut tx, EditionId(99)).await.unwrap(), None);
}

async fn legal_transitions_are_made_once(db: &Db) {
    use EditionState::{Approved, Draft, Held, Locked, Paused, Sending, Sent};
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let id = open(&mut tx, room.newsletter, minute(60)).await.id;
    let walk = [Approved, Draft, Held, Approved, Locked, Draft, Locked, Sending, Paused, Sending, Sent];
    let edition = go(&mut tx, id, &walk, minute(1)).await;
    assert_eq!((edition.state, edition.version, edition.last_activity_at), (Sent, 12, minute(1)));
    let late = Transition { from: Paused, to: Sending, version: None, reason: None, by: "test" };
    assert!(!editions::transition(&mut tx, id, &late, minute(2)).await.unwrap());
    assert_eq!(again(&mut tx, id).await, edition);
    assert!(!editions::transition(&mut tx, EditionId(99), &late, minute(2)).await.unwrap());
    let told = events::of_edition(&mut tx, id).await.unwrap();
    assert_eq!(told.len(), 12, "one for the opening and one for each transition");
    assert_eq!(told[11].name, "edition.sent");
    assert_eq!(told[11].detail, serde_json::json!({"from": "sending", "by": "test", "reason": null}));
}

async fn illegal_transitions_are_refused(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let id = open(&mut tx, room.newsletter, minute(60)).await.id;
    let before = again(&mut tx, id).await;
    for &from in EditionState::ALL {
        for &to in EditionState::ALL {
            if from.next().contains(&to) {
                continue;
            }
            let change = Transition { from, to, version: None, reason: None, by: "test" };
            let refused = editions::transition(&mut tx, id, &change, minute(1)).await;
            assert!(matches!(refused, Err(StoreError::Refused(_))), "{from} -> {to}");
        }
    }
    assert_eq!(again(&mut tx, id).await, before);
}

async fn a_stale_version_changes_nothing(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let id = open(&mut tx, room.newsletter, minute(60)).await.id;
    let change = |version| Transition {
        from: EditionState::Draft,
        to: EditionState::Held,
        version: Some(version),
        reason: Some("wait"),
        by: "ana",
    };
    for stale in [0, 2] {
        assert!(!editions::transition(&mut tx, id, &change(stale), minute(1)).await.unwrap());
        assert_eq!(again(&mut tx, id).await.state, EditionState::Draft);
    }
    assert!(editions::transition(&mut tx, id, &change(1), minute(1)).await.unwrap());
    let held = again(&mut tx, id).await;
    assert_eq!((held.version, held.reason.as_deref()), (2, Some("wait")));
}

async fn a_row_that_is_held_makes_others_wait(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let edition = open(&mut tx, room.newsletter, minute(60)).await;
    tx.commit().await.unwrap();
    let mut holder = db.begin().await.unwrap();
    editions::hold_row(&mut holder, edition.id).await.unwrap();
    let other = db.clone();
    let id = edition.id;
    let mut waiting = tokio::spawn(async move {
        let mut tx = other.begin().await.unwrap();
        let held = go(&mut tx, id, &[EditionState::Held], minute(1)).await;
        tx.commit().await.unwrap();
        held
    });
    let early = tokio::time::timeout(std::time::Duration::from_millis(200), &mut waiting).await;
    assert!(early.is_err(), "it did not wait");
    holder.commit().await.unwrap();
    let held = waiting.await.unwrap();
    assert_eq!((held.state, held.version), (EditionState::Held, edition.version + 1), "holding is no change");
}

async fn approval_names_who_gave_it(db: &Db) {
    use EditionState::{Approved, Draft, Locked};
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let id = open(&mut tx, room.newsletter, minute(60)).await.id;
    for (to, approved_by) in
        [(Approved, Some("test")), (Draft, None), (Approved, Some("test")), (Locked, Some("test"))]
    {
        assert_eq!(go(&mut tx, id, &[to], minute(1)).await.approved_by.as_deref(), approved_by, "{to}");
    }
}

async fn only_open_editions_move_and_are_worded(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let id = open(&mut tx, room.newsletter, minute(60)).await.id;
    editions::move_to(&mut tx, id, minute(90), minute(900), minute(1)).await.unwrap();
    let wording = Wording {
        subject: Some("Früh’s".to_owned()),
        preheader: None,
        note: Some("One.\n\nTwo.".to_owned()),
    };
    editions::set_wording(&mut tx, id, &wording, minute(2)).await.unwrap();
    let edition = again(&mut tx, id).await;
    assert_eq!(
        (edition.slot_at, edition.send_at, edition.expires_at),
        (Some(minute(60)), minute(90), minute(900))
    );
    assert_eq!((edition.subject, edition.preheader, edition.note), (wording.subject, None, wording.note));
    assert_eq!((edition.version, edition.last_activity_at), (3, minute(2)));

    lock(&mut tx, id, minute(3)).await;
    let moved = editions::move_to(&mut tx, id, minute(91), minute(901), minute(4)).await;
    assert!(matches!(moved, Err(StoreError::RowsAffected { expected: 1, actual: 0, .. })));
    let worded = editions::set_wording(&mut tx, id, &Wording::default(), minute(4)).await;
    assert!(matches!(worded, Err(StoreError::RowsAffected { .. })));
    assert_eq!(again(&mut tx, id).await.send_at, minute(90));
}

async fn only_locked_editions_are_fixed(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let id = open(&mut tx, room.newsletter, minute(60)).await.id;
    let early = editions::set_locked(&mut tx, id, 1, minute(1)).await;
    assert!(matches!(early, Err(StoreError::RowsAffected { .. })));
    let edition = lock(&mut tx, id, minute(2)).await;
    assert_eq!((edition.current_rev, edition.audience_at), (Some(1), Some(minute(2))));
    assert_eq!((edition.audience_count, edition.enqueue_cursor, edition.enqueued_count), (None, None, 0));
    // Unlocked and locked again it takes a new revision, and its enqueueing begins anew.
    execute(&mut tx, "UPDATE editions SET enqueue_cursor = 7, enqueued_count = 5, audience_count = 5").await;
    go(&mut tx, id, &[EditionState::Draft], minute(3)).await;
    let edition = lock(&mut tx, id, minute(4)).await;
    assert_eq!((edition.current_rev, edition.audience_at), (Some(2), Some(minute(4))));
    assert_eq!((edition.audience_count, edition.enqueue_cursor, edition.enqueued_count), (None, None, 0));
}

async fn the_guard_trips_once_and_is_confirmed(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let id = open(&mut tx, room.newsletter, minute(60)).await.id;
    let early = editions::confirm_guard(&mut tx, id, minute(1)).await;
    assert!(matches!(early, Err(StoreError::RowsAffected { .. })));
    assert!(!suppressions::are_doubtful(&mut tx, id).await.unwrap());
    assert!(editions::trip_guard(&mut tx, id, minute(2)).await.unwrap());
    assert!(suppressions::are_doubtful(&mut tx, id).await.unwrap());
    assert!(!editions::trip_guard(&mut tx, id, minute(3)).await.unwrap());
    editions::confirm_guard(&mut tx, id, minute(4)).await.unwrap();
    assert!(!suppressions::are_doubtful(&mut tx, id).await.unwrap());
    assert!(!editions::trip_guard(&mut tx, id, minute(5)).await.unwrap());
    let edition = again(&mut tx, id).await;
    assert_eq!((edition.guard_tripped_at, edition.guard_confirmed_at), (Some(minute(2)), Some(minute(4))));
}

async fn slots_and_locks_are_remembered_by_newsletter(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    assert_eq!(editions::last_slot(&mut tx, room.newsletter).await.unwrap(), None);
    let one = open(&mut tx, room.newsletter, minute(60)).await.id;
    let two = open(&mut tx, room.newsletter, minute(120)).await.id;
    let by_hand = NewEdition { slot_at: None, ..slot(room.newsletter, minute(600)) };
    editions::open(&mut tx, &by_hand, start()).await.unwrap().unwrap();
    assert_eq!(editions::last_slot(&mut tx, room.newsletter).await.unwrap(), Some(minute(120)));

    let evening =
        catalog::upsert_newsletter(&mut tx, "evening", room.list, "", "", start()).await.unwrap().id;
    let other = open(&mut tx, evening, minute(60)).await;
    assert_eq!(editions::last_locked_at(&mut tx, room.newsletter, two).await.unwrap(), None);
    lock(&mut tx, one, minute(61)).await;
    assert_eq!(editions::last_locked_at(&mut tx, room.newsletter, two).await.unwrap(), Some(minute(61)));
    assert_eq!(editions::last_locked_at(&mut tx, room.newsletter, one).await.unwrap(), None);
    assert_eq!(editions::last_locked_at(&mut tx, other.newsletter, other.id).await.unwrap(), None);
    // Taken back, it has told nobody anything.
    go(&mut tx, one, &[EditionState::Draft], minute(62)).await;
    assert_eq!(editions::last_locked_at(&mut tx, room.newsletter, two).await.unwrap(), None);
}

async fn unfinished_and_latest(db: &Db) {
    use EditionState::{Cancelled, Held, Skipped};
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let mut ids = Vec::new();
    for (hour, state) in [(3, None), (2, Some(Held)), (1, Some(Cancelled)), (4, Some(Skipped))] {
        let id = open(&mut tx, room.newsletter, minute(60 * hour)).await.id;
        go(&mut tx, id, state.as_slice(), minute(1)).await;
        ids.push(id);
    }
    let ids_of =
        |editions: Vec<editions::Edition>| editions.iter().map(|edition| edition.id).collect::<Vec<_>>();
    assert_eq!(ids_of(editions::unfinished(&mut tx).await.unwrap()), [ids[1], ids[0]]);
    let latest = editions::latest(&mut tx, Some(room.newsletter), 3).await.unwrap();
    assert_eq!(ids_of(latest), [ids[3], ids[0], ids[1]]);
    let others =
        editions::latest(&mut tx, Some(newsletterd::domain::ids::NewsletterId(99)), 3).await.unwrap();
    assert_eq!(others, []);
    assert_eq!(
        number(&mut tx, "SELECT COUNT(*) FROM editions_readable WHERE newsletter = 'morning'").await,
        4
    );
}

async fn a_longer_life_is_never_cut(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let edition = open(&mut tx, room.newsletter, minute(60)).await;
    let longer = edition.expires_at + TimeDelta::hours(1);
    for at in [minute(61), longer, minute(62)] {
        editions::extend(&mut tx, edition.id, at).await.unwrap();
    }
    for at in [minute(5), minute(4)] {
        editions::touch(&mut tx, edition.id, at).await.unwrap();
    }
    let edition = again(&mut tx, edition.id).await;
    assert_eq!((edition.expires_at, edition.last_activity_at), (longer, minute(5)));
}
