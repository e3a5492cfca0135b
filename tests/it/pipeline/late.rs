//! Slots whose time passed while nothing ran, hours that come twice, and copies of the database
//! that are started somewhere else.

use chrono::{DateTime, Utc};
use newsletterd::config;
use newsletterd::domain::edition::EditionState;
use newsletterd::domain::ids::EditionId;
use newsletterd::pipeline::{Engine, advance, control, enqueue, lock, schedule};
use newsletterd::store::{Db, editions};

use super::{Newsroom, newest, restarted, send_due, tick};
use crate::support::engine::{NO_RELAY, TestEngine, daily_config, stories};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A newsroom of a newsletter with this schedule in Berlin, with a reader, on every database.
async fn berlin(schedule: &str, grace: &str) -> Newsroom {
    let zone = format!("time_zone = \"Europe/Berlin\"\ngrace = \"{grace}\"");
    Newsroom::with(|base| base.replace("0 7 * * *", schedule).replace("time_zone = \"Asia/Tbilisi\"", &zone))
        .await
}

/// Opens the day: stories and a reader are there.
async fn open(test: &TestEngine, at: &str) {
    test.tick_at(at).await;
    test.import_articles(&stories(4, utc(at))).await;
    test.add_subscribers("readers", &["ana@example.org"]).await;
}

#[tokio::test]
async fn case_c21_an_hour_that_comes_twice_has_one_letter_also_after_a_restart() {
    let room = berlin("15 2 * * *", "2h").await;
    for test in &room.engines {
        open(test, "2026-10-24T20:00:00Z").await;
        let mut engine = test.engine.clone();
        for (at, sent) in [
            ("2026-10-24T22:15:00Z", 0),
            ("2026-10-25T00:14:59Z", 0),
            ("2026-10-25T00:15:00Z", 1),
            ("2026-10-25T00:40:00Z", 0),
            ("2026-10-25T00:50:00Z", 0),
            ("2026-10-25T01:14:59Z", 0),
            ("2026-10-25T01:15:00Z", 0),
            ("2026-10-25T01:40:00Z", 0),
            ("2026-10-25T02:15:00Z", 0),
            ("2026-10-25T23:30:00Z", 0),
        ] {
            if at == "2026-10-25T00:50:00Z" {
                engine = restarted(&engine).await;
            }
            engine.clock.set(utc(at));
            tick(&engine).await;
            assert_eq!(room_letters(&room), sent, "{at}");
        }
        let slots: Vec<_> = test.editions().await.iter().filter_map(|edition| edition.slot_at).collect();
        assert_eq!(slots, [utc("2026-10-26T01:15:00Z"), utc("2026-10-25T00:15:00Z")]);
    }
}

fn room_letters(room: &Newsroom) -> usize {
    room.letters().len()
}

/// Scenario 8 of the field as well: what is too late is not sent, and somebody is told.
#[tokio::test]
async fn case_c23_after_downtime_the_limit_decides_and_the_slot_keeps_its_row() {
    for (grace, sent) in [("60m", 0), ("6h", 1)] {
        let room = berlin("0 8 * * *", grace).await;
        for test in &room.engines {
            open(test, "2026-02-10T05:30:00Z").await;
            // Down from 07:50 to 13:05 in Berlin.
            test.engine.clock.set(utc("2026-02-10T12:05:00Z"));
            tick(&test.engine).await;
            let letters = room.letters();
            assert_eq!(letters.len(), sent, "grace {grace}");
            let edition = newest(test).await;
            if sent == 0 {
                assert_eq!(edition.state, EditionState::Skipped);
                assert_eq!(edition.reason.as_deref(), Some("missed: 5 h 5 min late, grace is 1 h"));
            } else {
                let date = String::from_utf8_lossy(&letters[0].raw).into_owned();
                assert!(date.contains("\nDate: Tue, 10 Feb 2026 13:05:00 +0100"), "{date}");
            }
            test.engine.clock.set(utc("2026-02-10T12:10:00Z"));
            tick(&restarted(&test.engine).await).await;
            assert_eq!(room_letters(&room), 0, "a second restart sends nothing");
            let newsletter = &test.engine.config.newsletters[0];
            let next = schedule::upcoming(newsletter, test.engine.clock.now(), 1);
            assert_eq!(next, [utc("2026-02-11T07:00:00Z")]);
        }
    }
}

#[tokio::test]
async fn case_c23_after_three_days_at_most_one_letter_goes_out() {
    for (grace, sent) in [("60m", 0), ("6h", 1), ("9d", 1)] {
        let room = berlin("0 8 * * *", grace).await;
        for test in &room.engines {
            open(test, "2026-02-10T05:30:00Z").await;
            test.engine.clock.set(utc("2026-02-13T09:00:00Z"));
            test.import_articles(&stories(9, test.engine.clock.now())).await;
            for _ in 0..3 {
                tick(&test.engine).await;
            }
            assert_eq!(room_letters(&room), sent, "grace {grace}");
            let mut slots: Vec<_> = test.editions().await.iter().filter_map(|one| one.slot_at).collect();
            slots.sort();
            let days = ["10", "11", "12", "13"].map(|day| utc(&format!("2026-02-{day}T07:00:00Z")));
            assert_eq!(slots, days, "every slot keeps its row");
            assert!(test.editions().await.iter().all(|one| one.state.is_final()));
        }
    }
}

#[test]
fn case_c23_the_default_limit_is_documented() {
    let base = daily_config(NO_RELAY);
    let config = config::parse(&base, "newsletter.toml".as_ref(), std::iter::empty()).unwrap();
    assert_eq!(config.newsletters[0].grace.seconds(), 2 * 60 * 60);
    let reference = std::fs::read_to_string(crate::support::root().join("docs/configuration.md")).unwrap();
    let line = reference.lines().find(|line| line.contains("`grace`")).unwrap();
    assert!(line.contains("2h"), "{line}");
}

/// A copy of a SQLite database, as a backup makes it, under another engine.
async fn copy(test: &TestEngine, folder: &std::path::Path) -> Engine {
    let file = folder.join("copy.db");
    test.engine.db.backup(&file).await.unwrap();
    let db = Db::open(&format!("sqlite:{}", file.display())).await.unwrap();
    Engine { db, incarnation: "copy".into(), ..test.engine.clone() }
}

#[tokio::test]
async fn case_c23_a_restored_copy_sends_nothing_whatever_state_it_has() {
    let states = ["draft", "approved", "locked", "half enqueued", "sending", "manual"];
    for state in states {
        let room = berlin("0 8 * * *", "60m").await;
        let test = &room.engines[0];
        let folder = tempfile::tempdir().unwrap();
        open(test, "2026-02-10T04:00:00Z").await;
        test.tick_at("2026-02-10T05:00:00Z").await;
        let id = newest(test).await.id;
        if state == "approved" {
            control::approve(&test.engine, id, "editor").await.unwrap();
        }
        if state == "manual" {
            let mut tx = test.engine.db.begin().await.unwrap();
            let at = utc("2026-02-10T06:30:00Z");
            schedule::open_manual(&test.engine, &mut tx, "daily", "key", at).await.unwrap().unwrap();
            tx.commit().await.unwrap();
        }
        if ["locked", "half enqueued", "sending"].contains(&state) {
            test.engine.clock.set(utc("2026-02-10T07:00:00Z"));
            lock_only(&test.engine, id).await;
        }
        if state == "half enqueued" {
            one_chunk(&test.engine, id).await;
        }
        if state == "sending" {
            enqueue::enqueue(&test.engine, id).await.unwrap();
        }
        let copy = copy(test, folder.path()).await;
        // Meanwhile the original has sent it.
        test.engine.clock.set(utc("2026-02-10T07:00:30Z"));
        tick(&test.engine).await;
        assert!(room_letters(&room) >= 1, "{state}: the original sends");
        test.engine.clock.set(utc("2026-02-10T12:00:00Z"));
        for _ in 0..3 {
            tick(&copy).await;
        }
        assert_eq!(room_letters(&room), 0, "{state}: the copy sends nothing");
    }
}

async fn lock_only(engine: &Engine, id: EditionId) {
    let mut tx = engine.db.begin().await.unwrap();
    let edition = editions::get(&mut tx, id).await.unwrap().unwrap();
    let locked = lock::lock(engine, &mut tx, &edition, lock::Decision::Schedule).await.unwrap();
    assert!(matches!(locked, lock::Locked::Revision(1)), "{locked:?}");
    tx.commit().await.unwrap();
}

/// Writes the deliveries of one chunk of one subscriber, and dies.
async fn one_chunk(engine: &Engine, id: EditionId) {
    let mut tx = engine.db.begin().await.unwrap();
    let edition = editions::get(&mut tx, id).await.unwrap().unwrap();
    let list = newsletterd::store::catalog::list_of(&mut tx, edition.newsletter).await.unwrap();
    let now = engine.clock.now();
    newsletterd::store::deliveries::enqueue_chunk(
        &mut tx,
        &edition,
        list,
        &newsletterd::domain::lane::LanePlan::none(),
        1,
        now,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_running_edition_is_not_stopped_by_a_grace_shorter_than_the_pause_between_two_looks() {
    for grace in ["0s", "30s", "60s"] {
        let room = berlin("0 8 * * *", grace).await;
        for test in &room.engines {
            open(test, "2026-02-10T06:00:00Z").await;
            test.tick_at("2026-02-10T07:00:00Z").await;
            for second in 1..=300 {
                let at = utc("2026-02-10T07:00:00Z") + chrono::TimeDelta::seconds(second);
                test.engine.clock.set(at);
                advance::tick(&test.engine).await.unwrap();
            }
            assert_eq!(newest(test).await.state, EditionState::Sending, "grace {grace}");
        }
    }
}

#[tokio::test]
async fn a_pick_while_a_slot_is_overdue_does_not_cost_that_slot_its_row() {
    use newsletterd::pipeline::curate;
    let blocks = "[[newsletters.blocks]]\nkind = \"picks\"\n";
    let room = Newsroom::open("", "grace = \"1h\"", blocks).await;
    for test in &room.engines {
        test.tick_at("2026-11-24T00:00:00Z").await;
        test.import_articles(&stories(4, test.engine.clock.now())).await;
        // Down over the slot of 03:00; before the daemon looks again, an editor adds a pick.
        test.engine.clock.set(utc("2026-11-24T05:00:00Z"));
        let add = curate::Edit::Add {
            what: "https://example.org/news/story-1".to_owned(),
            position: None,
            overrides: Default::default(),
        };
        let (edition, _) = curate::edit(&test.engine, "daily", add, "editor").await.unwrap();
        assert_eq!(edition.slot_at, Some(utc("2026-11-25T03:00:00Z")));
        advance::tick(&test.engine).await.unwrap();
        let editions = test.editions().await;
        let missed = editions.iter().find(|one| one.slot_at == Some(utc("2026-11-24T03:00:00Z"))).unwrap();
        assert_eq!(missed.state, EditionState::Skipped);
        assert!(missed.reason.as_ref().unwrap().starts_with("missed"));
    }
}

#[tokio::test]
async fn a_held_edition_that_is_approved_after_its_grace_goes_out() {
    let room = Newsroom::open("", "when_not_approved = \"hold\"\ngrace = \"1h\"", "").await;
    for test in &room.engines {
        open(test, "2026-11-24T00:00:00Z").await;
        test.tick_at("2026-11-24T01:00:00Z").await;
        test.tick_at("2026-11-24T03:00:00Z").await;
        assert_eq!(newest(test).await.state, EditionState::Held);
        test.engine.clock.set(utc("2026-11-24T09:00:00Z"));
        control::approve(&test.engine, newest(test).await.id, "editor").await.unwrap();
        test.tick_at("2026-11-24T09:00:01Z").await;
        let edition = send_due(test).await;
        assert_eq!(edition.state, EditionState::Sent, "{:?}", edition.reason);
        assert_eq!(room_letters(&room), 1);
    }
}
