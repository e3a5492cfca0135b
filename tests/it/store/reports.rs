//! The inbox of reports, what they came to, and the letters that they are about.

use chrono::{DateTime, TimeDelta, Utc};
use newsletterd::domain::bounce::{
    Attribution, BounceReason, Effect, Form, Intake, ReportKind, Score, SuppressionReason,
};
use newsletterd::domain::delivery::DeliveryState;
use newsletterd::domain::ids::{EditionId, ReportId, SubscriberId};
use newsletterd::store::editions::{self, Told};
use newsletterd::store::reports::{self, NewReport, SessionReport, Settled};
use newsletterd::store::suppressions::{self, NewSuppression};
use newsletterd::store::{Db, Tx};

use super::given::{active, minute, newsroom, sending, start};
use super::{execute, on_both};

on_both!(
    a_report_is_kept_once_and_settled_once,
    a_report_waits_until_its_time,
    the_same_counts_once_for_a_delivery,
    refusals_in_the_session_are_reports,
    what_is_counted_is_found_by_edition_and_relay,
    bytes_and_reports_have_their_time,
    a_letter_ends_as_reports_say,
    letters_are_found_by_their_reader,
    neighbours_come_in_the_order_of_the_letters,
    scores_are_kept_and_forgotten_with_the_suppression,
    ops_are_told_once,
);

fn incoming<'a>(key: &'a str, raw: &'a [u8]) -> NewReport<'a> {
    NewReport {
        intake: Intake::Listener,
        key,
        form: Form::Mail,
        came_to: Some("bounce-x@example.org"),
        raw,
        raw_until: minute(100),
    }
}

fn settled(effect: Effect) -> Settled<'static> {
    Settled {
        kind: ReportKind::Hard,
        reason: Some(BounceReason::UserUnknown),
        status: "5.1.1".parse().ok(),
        rule: "dsn",
        diagnostic: Some("550 no"),
        reporting_mta: Some("mx.example.org"),
        attribution: Attribution::ReturnPath,
        delivery: Some((20_000, EditionId(3), SubscriberId(7))),
        domain: Some("reader.test"),
        relay: Some("main"),
        effect,
    }
}

async fn first_pending(tx: &mut Tx, now: DateTime<Utc>) -> ReportId {
    reports::pending(tx, now, 10).await.unwrap()[0]
}

/// Keeps a report and settles it.
async fn came(tx: &mut Tx, key: &str, what: &Settled<'_>, at: DateTime<Utc>) {
    assert!(reports::keep(tx, &incoming(key, b"x"), at).await.unwrap());
    let id = first_pending(tx, at).await;
    reports::settle(tx, id, what, at).await.unwrap();
}

async fn a_report_is_kept_once_and_settled_once(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    assert!(reports::keep(&mut tx, &incoming("a", b"\0one"), start()).await.unwrap());
    assert!(!reports::keep(&mut tx, &incoming("a", b"two"), minute(1)).await.unwrap());
    assert!(reports::keep(&mut tx, &incoming("b", b"three"), minute(1)).await.unwrap());
    let waiting = reports::pending(&mut tx, minute(1), 10).await.unwrap();
    assert_eq!(waiting.len(), 2);
    assert_eq!(reports::pending(&mut tx, minute(1), 1).await.unwrap(), waiting[..1]);
    let held = reports::hold(&mut tx, waiting[0]).await.unwrap().unwrap();
    assert_eq!((held.raw.as_slice(), held.came_to.as_deref()), (&b"\0one"[..], Some("bounce-x@example.org")));
    assert_eq!((held.intake, held.form, held.received_at), (Intake::Listener, Form::Mail, start()));
    assert_eq!(reports::raw(&mut tx, waiting[0]).await.unwrap().unwrap().1, b"\0one");
    reports::settle(&mut tx, waiting[0], &settled(Effect::SuppressedHard), minute(2)).await.unwrap();
    assert!(reports::hold(&mut tx, waiting[0]).await.unwrap().is_none());
    assert_eq!(reports::pending(&mut tx, minute(2), 10).await.unwrap(), waiting[1..]);
}

async fn a_report_waits_until_its_time(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    reports::keep(&mut tx, &incoming("a", b"x"), start()).await.unwrap();
    let id = first_pending(&mut tx, start()).await;
    reports::put_off(&mut tx, id, minute(5)).await.unwrap();
    assert_eq!(reports::pending(&mut tx, minute(4), 10).await.unwrap(), []);
    assert_eq!(reports::pending(&mut tx, minute(5), 10).await.unwrap(), [id]);
}

async fn the_same_counts_once_for_a_delivery(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let is_counted = async |tx: &mut Tx, status: &str| {
        let (edition, reader) = (EditionId(3), SubscriberId(7));
        reports::is_counted(tx, edition, reader, ReportKind::Hard, status.parse().ok()).await.unwrap()
    };
    came(&mut tx, "a", &settled(Effect::SomebodyElse), start()).await;
    assert!(!is_counted(&mut tx, "5.1.1").await, "it changed nothing");
    came(&mut tx, "b", &settled(Effect::SuppressedHard), start()).await;
    assert!(is_counted(&mut tx, "5.1.1").await);
    assert!(!is_counted(&mut tx, "5.1.10").await && !is_counted(&mut tx, "").await);
    came(&mut tx, "c", &settled(Effect::Repeated), start()).await;
    let bare = Settled { status: None, ..settled(Effect::SuppressedHard) };
    came(&mut tx, "d", &bare, start()).await;
    assert!(is_counted(&mut tx, "").await, "also where there is no status");
    // And the database itself knows it.
    reports::keep(&mut tx, &incoming("e", b"x"), start()).await.unwrap();
    let id = first_pending(&mut tx, start()).await;
    let again = reports::settle(&mut tx, id, &settled(Effect::Doubtful), start()).await.unwrap_err();
    assert!(again.is_unique_violation(), "{again}");
}

async fn refusals_in_the_session_are_reports(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    for _ in 0..2 {
        let report = SessionReport { attempt: 1, settled: settled(Effect::SuppressedHard) };
        reports::record_session(&mut tx, &report, start()).await.unwrap();
    }
    assert_eq!(reports::pending(&mut tx, minute(1), 10).await.unwrap(), []);
    assert_eq!(reports::count_of_edition(&mut tx, EditionId(3), ReportKind::Hard).await.unwrap(), 1);
}

async fn what_is_counted_is_found_by_edition_and_relay(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    came(&mut tx, "a", &settled(Effect::SuppressedHard), start()).await;
    let ours = |status: &str| Settled {
        status: status.parse().ok(),
        kind: ReportKind::Soft,
        ..settled(Effect::Ours)
    };
    came(&mut tx, "b", &ours("5.7.1"), start()).await;
    came(&mut tx, "c", &ours("5.7.2"), minute(30)).await;
    let session = SessionReport { attempt: 2, settled: ours("5.7.3") };
    reports::record_session(&mut tx, &session, minute(31)).await.unwrap();
    assert_eq!(reports::count_of_edition(&mut tx, EditionId(3), ReportKind::Hard).await.unwrap(), 1);
    assert_eq!(reports::count_of_edition(&mut tx, EditionId(3), ReportKind::Soft).await.unwrap(), 3);
    assert_eq!(reports::count_of_edition(&mut tx, EditionId(4), ReportKind::Hard).await.unwrap(), 0);
    // The relay's own answers are counted where they are given.
    assert_eq!(reports::ours_of_relay(&mut tx, "main", start()).await.unwrap(), 2);
    assert_eq!(reports::ours_of_relay(&mut tx, "main", minute(1)).await.unwrap(), 1);
    assert_eq!(reports::ours_of_relay(&mut tx, "other", start()).await.unwrap(), 0);
}

async fn bytes_and_reports_have_their_time(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    came(&mut tx, "a", &settled(Effect::Unattributed), start()).await;
    came(&mut tx, "b", &settled(Effect::Unattributed), start()).await;
    reports::keep(&mut tx, &incoming("c", b"waits"), start()).await.unwrap();
    assert_eq!(reports::forget_raw(&mut tx, minute(99), 10).await.unwrap(), 0);
    assert_eq!(reports::forget_raw(&mut tx, minute(100), 1).await.unwrap(), 1);
    assert_eq!(reports::forget_raw(&mut tx, minute(100), 10).await.unwrap(), 1, "not of what still waits");
    assert_eq!(reports::delete_before(&mut tx, start(), 10).await.unwrap(), 0);
    assert_eq!(reports::delete_before(&mut tx, minute(1), 10).await.unwrap(), 2);
    let left = first_pending(&mut tx, minute(1)).await;
    assert_eq!(reports::raw(&mut tx, left).await.unwrap().unwrap().1, b"waits");
}

async fn a_letter_ends_as_reports_say(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let ana = active(&mut tx, room.list, "ana", start()).await;
    tx.commit().await.unwrap();
    let edition = sending(db, room, minute(1)).await;
    let mut tx = db.begin().await.unwrap();
    let said = (Some("5.1.1"), Some("550 no"));
    let end = DeliveryState::Bounced;
    reports::end(&mut tx, &edition, ana, end, said, minute(3)).await.unwrap();
    let letter = reports::letter(&mut tx, &edition, ana).await.unwrap().unwrap();
    assert_eq!((letter.state, letter.accepted_at), (DeliveryState::Queued, None), "it never was out");
    execute(&mut tx, "UPDATE deliveries SET state = 'accepted', relay = 'main', accepted_at = 5").await;
    reports::complain(&mut tx, &edition, ana, minute(4)).await.unwrap();
    reports::end(&mut tx, &edition, ana, DeliveryState::Rejected, said, minute(3)).await.unwrap();
    reports::end(&mut tx, &edition, ana, end, said, minute(5)).await.unwrap();
    reports::end(&mut tx, &edition, ana, DeliveryState::Rejected, said, minute(6)).await.unwrap();
    let letter = reports::letter(&mut tx, &edition, ana).await.unwrap().unwrap();
    assert_eq!(letter.state, DeliveryState::Bounced, "no way back from there");
    assert_eq!(letter.relay.as_deref(), Some("main"));
    assert_eq!(letter.accepted_at.unwrap().timestamp_millis(), 5);
    assert!(reports::letter(&mut tx, &edition, SubscriberId(99)).await.unwrap().is_none());
}

async fn letters_are_found_by_their_reader(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let ana = active(&mut tx, room.list, "ana", start()).await;
    tx.commit().await.unwrap();
    let first = sending(db, room, minute(1)).await;
    let second = sending(db, room, minute(60 * 24)).await;
    let mut tx = db.begin().await.unwrap();
    assert_eq!(reports::latest(&mut tx, ana, start()).await.unwrap(), None);
    let accepted = minute(10).timestamp_millis();
    let sql = format!(
        "UPDATE deliveries SET state = 'accepted', accepted_at = {accepted} WHERE edition_id = {}",
        first.id
    );
    execute(&mut tx, &sql).await;
    assert_eq!(reports::latest(&mut tx, ana, start()).await.unwrap(), Some(first.id));
    assert_eq!(reports::latest(&mut tx, ana, minute(11)).await.unwrap(), None);
    assert!(reports::arrived_between(&mut tx, ana, minute(9), minute(11)).await.unwrap());
    assert!(!reports::arrived_between(&mut tx, ana, minute(10), minute(11)).await.unwrap());
    assert!(!reports::arrived_between(&mut tx, ana, minute(9), minute(10)).await.unwrap());
    execute(
        &mut tx,
        "UPDATE deliveries SET state = 'accepted', accepted_at = 9000000000000 WHERE state = 'queued'",
    )
    .await;
    assert_eq!(reports::latest(&mut tx, ana, start()).await.unwrap(), Some(second.id));
}

async fn neighbours_come_in_the_order_of_the_letters(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let mut readers = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        readers.push(active(&mut tx, room.list, name, start()).await);
    }
    tx.commit().await.unwrap();
    let edition = sending(db, room, minute(1)).await;
    let mut tx = db.begin().await.unwrap();
    let around = async |tx: &mut Tx, n| reports::neighbours(tx, &edition, readers[2], n).await.unwrap();
    assert_eq!(around(&mut tx, 9).await, [] as [bool; 0], "none is out");
    execute(&mut tx, "UPDATE deliveries SET state = 'accepted'").await;
    let sql = format!(
        "UPDATE deliveries SET state = 'bounced' WHERE subscriber_id IN ({}, {})",
        readers[1], readers[4]
    );
    execute(&mut tx, &sql).await;
    assert_eq!(around(&mut tx, 9).await, [false, true, false, false, true]);
    assert_eq!(around(&mut tx, 2).await, [true, false, false, true]);
    assert_eq!(around(&mut tx, 1).await, [false, false]);
}

async fn scores_are_kept_and_forgotten_with_the_suppression(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let score = Score { thousandths: 4_000, first_day: 1, last_day: 20 };
    let mut readers = Vec::new();
    for name in ["ana", "bea", "dea"] {
        let id = active(&mut tx, room.list, name, start()).await;
        reports::set_score(&mut tx, id, Score { thousandths: 1_000, ..score }).await.unwrap();
        reports::set_score(&mut tx, id, score).await.unwrap();
        readers.push(id);
    }
    assert_eq!(reports::score(&mut tx, readers[0]).await.unwrap(), Some(score));
    for (hash, reason) in [("hash of ana", SuppressionReason::Soft), ("hash of bea", SuppressionReason::Soft)]
    {
        let edition = Some(EditionId(if hash.ends_with("ana") { 1 } else { 2 }));
        let new = NewSuppression { address_hash: hash, address: None, reason, edition, note: None };
        suppressions::add(&mut tx, &new, minute(1)).await.unwrap();
    }
    suppressions::lift(&mut tx, "hash of ana", "eva", minute(2)).await.unwrap();
    let hard = Some(SuppressionReason::Hard);
    assert_eq!(suppressions::lift_edition(&mut tx, EditionId(2), hard, "guard", minute(2)).await.unwrap(), 0);
    assert_eq!(reports::score(&mut tx, readers[1]).await.unwrap(), Some(score), "another reason");
    assert_eq!(suppressions::lift_edition(&mut tx, EditionId(2), None, "eva", minute(2)).await.unwrap(), 1);
    let mut left = Vec::new();
    for id in &readers {
        left.push(reports::score(&mut tx, *id).await.unwrap().is_some());
    }
    assert_eq!(left, [false, false, true]);
    reports::clear_score(&mut tx, readers[2]).await.unwrap();
    assert_eq!(reports::score(&mut tx, readers[2]).await.unwrap(), None);
}

async fn ops_are_told_once(db: &Db) {
    let room = newsroom(db).await;
    let edition = sending(db, room, minute(1)).await;
    let mut tx = db.begin().await.unwrap();
    for what in [Told::Hard, Told::Complaints, Told::ComplaintsPaused] {
        assert!(editions::tell(&mut tx, edition.id, what, minute(1)).await.unwrap());
        assert!(!editions::tell(&mut tx, edition.id, what, minute(2)).await.unwrap());
    }
    assert_eq!(suppressions::complaints_of_edition(&mut tx, edition.id).await.unwrap(), []);
    let new = |reason| NewSuppression {
        address_hash: "h",
        address: None,
        reason,
        edition: Some(edition.id),
        note: None,
    };
    for reason in [SuppressionReason::Complaint, SuppressionReason::Hard] {
        suppressions::add(&mut tx, &new(reason), minute(1)).await.unwrap();
    }
    let found = suppressions::complaints_of_edition(&mut tx, edition.id).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].at - minute(1), TimeDelta::zero());
}
