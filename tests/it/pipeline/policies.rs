//! What becomes of an edition at its send time, and what a person may do to it.

use chrono::{DateTime, Utc};
use newsletterd::domain::article::ArticleStatus;
use newsletterd::domain::edition::EditionState::{
    self, Approved, Cancelled, Draft, Failed, Held, Locked, Sending, Sent, Skipped,
};
use newsletterd::pipeline::{PipelineError, advance, control, lock};
use newsletterd::store::{content, editions};

use super::{Newsroom, newest, send_due};
use crate::support::engine::{TestEngine, stories};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// With so many stories, an edition that is open, and two readers.
async fn open(test: &TestEngine, count: u32) -> editions::Edition {
    test.tick_at("2026-11-24T00:00:00Z").await;
    test.import_articles(&stories(count, test.engine.clock.now())).await;
    test.add_subscribers("readers", &["ana@example.org", "gio@example.org"]).await;
    test.tick_at("2026-11-24T01:00:00Z").await;
    let edition = newest(test).await;
    assert_eq!(edition.state, Draft);
    edition
}

async fn alerts(test: &TestEngine) -> Vec<String> {
    super::alerts::keys(test).await
}

#[tokio::test]
async fn when_nobody_approved_the_policy_decides() {
    for (policy, state, letters) in [("send", Sent, 2), ("hold", Held, 0), ("skip", Skipped, 0)] {
        let room = Newsroom::open("", &format!("when_not_approved = \"{policy}\""), "").await;
        for test in &room.engines {
            open(test, 4).await;
            test.tick_at("2026-11-24T03:00:00Z").await;
            let edition = send_due(test).await;
            assert_eq!(edition.state, state, "{policy}");
            assert_eq!(room.letters().len(), letters, "{policy}");
            if letters == 0 {
                assert_eq!(edition.reason.as_deref(), Some("nobody approved it"));
            }
            let held = alerts(test).await.iter().filter(|key| key.starts_with("log:held")).count();
            assert_eq!(held, usize::from(state == Held), "{policy}");
        }
    }
}

#[tokio::test]
async fn an_approved_edition_goes_out_whatever_the_policy() {
    for policy in ["hold", "skip"] {
        let room = Newsroom::open("", &format!("when_not_approved = \"{policy}\""), "").await;
        for test in &room.engines {
            let edition = open(test, 4).await;
            control::approve(&test.engine, edition.id, "editor").await.unwrap();
            test.tick_at("2026-11-24T03:00:00Z").await;
            assert_eq!(send_due(test).await.state, Sent, "{policy}");
            assert_eq!(room.letters().len(), 2);
        }
    }
}

#[tokio::test]
async fn too_little_is_held_or_skipped_and_a_person_may_send_it_all_the_same() {
    for (policy, state) in [("hold", Held), ("skip", Skipped)] {
        let room = Newsroom::open("", &format!("when_too_little = \"{policy}\""), "").await;
        for test in &room.engines {
            let edition = open(test, 2).await;
            test.tick_at("2026-11-24T03:00:00Z").await;
            let after = send_due(test).await;
            assert_eq!(after.state, state);
            assert_eq!(after.reason.as_deref(), Some("too little: 2 stories where 3 are wanted"));
            assert_eq!(room.letters().len(), 0);
            let sent = control::send_now(&test.engine, edition.id, "editor").await;
            if state == Skipped {
                assert!(matches!(sent, Err(PipelineError::Refused(_))), "{sent:?}");
                continue;
            }
            sent.unwrap();
            advance::tick(&test.engine).await.unwrap();
            assert_eq!(send_due(test).await.state, Sent);
            assert_eq!(room.letters().len(), 2);
        }
    }
}

#[tokio::test]
async fn nothing_new_is_skipped_with_the_reason_and_the_relay_is_not_asked() {
    for policy in ["hold", "skip"] {
        let mailbox = tempfile::tempdir().unwrap();
        // Nothing listens at this relay: an attempt would be seen in the delivery.
        let base = crate::support::engine::daily_config(crate::support::engine::NO_RELAY);
        let config = super::config_with(&base, &format!("when_too_little = \"{policy}\""), "");
        let mut engines = vec![TestEngine::sqlite(&config).await];
        engines.extend(TestEngine::postgres(&config).await);
        for test in &engines {
            open(test, 0).await;
            test.tick_at("2026-11-24T03:00:00Z").await;
            let edition = send_due(test).await;
            assert_eq!(
                (edition.state, edition.reason.as_deref()),
                (Skipped, Some("nothing new")),
                "{policy}"
            );
            assert_eq!(edition.current_rev, None);
            let report = newsletterd::pipeline::report::report(&test.engine, edition.id).await.unwrap();
            assert_eq!(report.audience, 0);
        }
        assert_eq!(super::letters(mailbox.path()).len(), 0);
    }
}

#[tokio::test]
async fn a_person_cannot_send_an_empty_edition() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let edition = open(test, 0).await;
        assert!(control::approve(&test.engine, edition.id, "editor").await.is_err());
        assert!(control::send_now(&test.engine, edition.id, "editor").await.is_err());
        assert_eq!(room.letters().len(), 0);
    }
}

/// Withdraws a story at its source.
async fn withdraw(test: &TestEngine, number: u32) {
    let mut story = crate::support::engine::story(number, test.engine.clock.now());
    story.content.status = ArticleStatus::Withdrawn;
    test.import_articles(&[story]).await;
}

#[tokio::test]
async fn a_withdrawn_story_of_an_approved_edition_is_replaced_and_approval_stays() {
    let room = Newsroom::open("", "", "[[newsletters.blocks]]\nkind = \"latest\"\nmax = 3\n").await;
    for test in &room.engines {
        let edition = open(test, 6).await;
        control::approve(&test.engine, edition.id, "editor").await.unwrap();
        withdraw(test, 5).await; // the second of 6, 5, 4; in reserve: 3, 2, 1
        test.tick_at("2026-11-24T03:00:00Z").await;
        let edition = send_due(test).await;
        assert_eq!(edition.state, Sent, "{:?}", edition.reason);
        assert_eq!(edition.approved_by.as_deref(), Some("editor"));
        let text = room.letters().remove(0).text;
        assert!(!text.contains("Story number 5"));
        for stays in [6, 4, 3] {
            assert!(text.contains(&format!("Story number {stays}")), "{stays}");
        }
    }
}

#[tokio::test]
async fn a_withdrawn_lead_of_an_approved_edition_holds_it_with_an_alert() {
    let room = Newsroom::open("", "", "[[newsletters.blocks]]\nkind = \"latest\"\nmax = 3\n").await;
    for test in &room.engines {
        let edition = open(test, 6).await;
        control::approve(&test.engine, edition.id, "editor").await.unwrap();
        withdraw(test, 6).await;
        for second in 0..3 {
            test.tick_at(&format!("2026-11-24T03:00:0{second}Z")).await;
        }
        let edition = newest(test).await;
        assert_eq!(edition.state, Held);
        assert_eq!(edition.reason.as_deref(), Some("its lead story was withdrawn"));
        let held = alerts(test).await.iter().filter(|key| key.starts_with("log:held")).count();
        assert_eq!(held, 1);
        assert_eq!(room.letters().len(), 0);
        // Released by a person, it goes out without the story.
        control::send_now(&test.engine, edition.id, "editor").await.unwrap();
        advance::tick(&test.engine).await.unwrap();
        assert_eq!(send_due(test).await.state, Sent);
        assert!(room.letters().iter().all(|letter| !letter.text.contains("Story number 6")));
    }
}

#[tokio::test]
async fn a_run_of_which_nothing_goes_out_is_told_as_late_once() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        open(test, 4).await;
        // Nobody delivers: the tick alone is the scheduler's part.
        test.tick_at("2026-11-24T03:00:00Z").await;
        assert_eq!(newest(test).await.state, Sending);
        let late = async || alerts(test).await.iter().filter(|key| key.starts_with("log:late")).count();
        test.tick_at("2026-11-24T03:14:00Z").await;
        assert_eq!(late().await, 0);
        for minute in 16..20 {
            test.tick_at(&format!("2026-11-24T03:{minute}:00Z")).await;
        }
        assert_eq!(late().await, 1);
    }
}

#[tokio::test]
async fn a_letter_that_cannot_be_made_fails_with_an_alert_and_can_be_unlocked() {
    // No configuration makes such a letter; so a stored one is bent.
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let edition = open(test, 4).await;
        bend_sender(test, edition.id.0).await;
        test.tick_at("2026-11-24T03:00:00Z").await;
        test.tick_at("2026-11-24T03:00:01Z").await;
        let edition = newest(test).await;
        assert_eq!(edition.state, Failed, "{:?}", edition.reason);
        assert_eq!(alerts(test).await.iter().filter(|key| key.starts_with("log:failed")).count(), 1);
        assert_eq!(room.letters().len(), 0);
        control::unlock(&test.engine, edition.id, "editor").await.unwrap();
        // Its time has passed: as a draft it would be locked, and fail, again at once.
        assert_eq!(newest(test).await.state, Held);
        test.tick_at("2026-11-24T03:00:02Z").await;
        assert_eq!(newest(test).await.state, Held);
    }
}

/// Gives an edition's stored configuration a sender that no header can carry.
async fn bend_sender(test: &TestEngine, id: i64) {
    const UPDATE: &str = "UPDATE editions SET config_json = $1 WHERE id = $2";
    let mut tx = test.engine.db.begin().await.unwrap();
    let mut config = editions::latest(&mut tx, None, 1).await.unwrap().remove(0).config;
    config["from"] = serde_json::json!("Paper <näws@example.org>");
    match &mut tx {
        newsletterd::store::Tx::Sqlite(tx) => {
            sqlx::query(UPDATE).bind(sqlx::types::Json(config)).bind(id).execute(&mut **tx).await.unwrap();
        }
        newsletterd::store::Tx::Postgres(tx) => {
            sqlx::query(UPDATE).bind(sqlx::types::Json(config)).bind(id).execute(&mut **tx).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}

async fn state(test: &TestEngine) -> EditionState {
    newest(test).await.state
}

#[tokio::test]
async fn hold_and_release_move_and_skip() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let engine = &test.engine;
        let edition = open(test, 4).await;
        let id = edition.id;
        control::hold(engine, id, None, "editor").await.unwrap();
        test.tick_at("2026-11-24T03:00:00Z").await;
        assert_eq!(state(test).await, Held, "a hold holds at its time too");
        assert_eq!(room.letters().len(), 0);
        // Moved to later, the slot stays.
        assert!(control::move_to(engine, id, utc("2026-11-24T02:00:00Z")).await.is_err(), "the past");
        control::move_to(engine, id, utc("2026-11-24T18:00:00Z")).await.unwrap();
        control::approve(engine, id, "editor").await.unwrap();
        let moved = newest(test).await;
        assert_eq!((moved.slot_at, moved.send_at), (edition.slot_at, utc("2026-11-24T18:00:00Z")));
        assert_eq!(moved.expires_at, utc("2026-11-25T18:00:00Z"));
        test.tick_at("2026-11-24T17:59:59Z").await;
        assert_eq!(state(test).await, Approved);
        test.tick_at("2026-11-24T18:00:00Z").await;
        assert_eq!(send_due(test).await.state, Sent);
        assert_eq!(room.letters().len(), 2);
        for late in [
            control::hold(engine, id, None, "e").await,
            control::skip(engine, id, None, "e").await,
            control::approve(engine, id, "e").await,
            control::unlock(engine, id, "e").await,
            control::move_to(engine, id, utc("2026-11-25T18:00:00Z")).await,
            control::send_now(engine, id, "e").await,
        ] {
            assert!(late.is_err(), "nothing of the kind once it is sent");
        }
    }
}

#[tokio::test]
async fn a_skipped_edition_keeps_its_row_and_reason_and_its_slot_stays_taken() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let id = open(test, 4).await.id;
        control::skip(&test.engine, id, Some("a holiday"), "editor").await.unwrap();
        test.tick_at("2026-11-24T03:00:00Z").await;
        let editions = test.editions().await;
        assert_eq!(editions.len(), 1);
        assert_eq!((editions[0].state, editions[0].reason.as_deref()), (Skipped, Some("a holiday")));
        assert_eq!(room.letters().len(), 0);
    }
}

#[tokio::test]
async fn a_locked_edition_is_unlocked_while_nothing_was_claimed_and_its_rows_go() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let engine = &test.engine;
        let id = open(test, 4).await.id;
        engine.clock.set(utc("2026-11-24T03:00:00Z"));
        let mut tx = engine.db.begin().await.unwrap();
        let edition = editions::get(&mut tx, id).await.unwrap().unwrap();
        lock::lock(engine, &mut tx, &edition, lock::Decision::Schedule).await.unwrap();
        let edition = editions::get(&mut tx, id).await.unwrap().unwrap();
        let list = newsletterd::store::catalog::list_of(&mut tx, edition.newsletter).await.unwrap();
        newsletterd::store::deliveries::enqueue_chunk(
            &mut tx,
            &edition,
            list,
            &newsletterd::domain::lane::LanePlan::none(),
            1,
            engine.clock.now(),
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(state(test).await, Locked);
        control::unlock(engine, id, "editor").await.unwrap();
        assert_eq!(state(test).await, Held, "its time has passed");
        let report = newsletterd::pipeline::report::report(engine, id).await.unwrap();
        assert_eq!(report.accounting.values().sum::<i64>(), 0);
        // Locked again, it has a second revision, and each reader one letter.
        control::send_now(engine, id, "editor").await.unwrap();
        advance::tick(engine).await.unwrap();
        assert_eq!(state(test).await, Sending);
        assert!(control::unlock(engine, id, "editor").await.is_err(), "no longer locked");
        let edition = send_due(test).await;
        assert_eq!((edition.state, edition.current_rev), (Sent, Some(2)));
        let mut tx = engine.db.read().await.unwrap();
        assert!(content::revision(&mut tx, id, 1).await.unwrap().is_some(), "the first revision stays");
        drop(tx);
        assert_eq!(room.letters().len(), 2);
    }
}

#[tokio::test]
async fn pause_resume_and_cancel() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let engine = &test.engine;
        let id = open(test, 4).await.id;
        assert!(control::pause(engine, id, None, "e").await.is_err(), "a draft does not run");
        test.tick_at("2026-11-24T03:00:00Z").await;
        control::pause(engine, id, None, "editor").await.unwrap();
        send_due(test).await;
        test.deliver(id).await;
        assert_eq!(room.letters().len(), 0, "a pause bites");
        control::resume(engine, id, control::Bounces::Doubtful, "editor").await.unwrap();
        assert_eq!(state(test).await, Sending);
        assert_eq!(control::cancel(engine, id, Some("wrong"), "editor").await.unwrap(), 2);
        test.deliver(id).await;
        assert_eq!(state(test).await, Cancelled);
        assert_eq!(room.letters().len(), 0);
        let report = newsletterd::pipeline::report::report(engine, id).await.unwrap();
        assert!(report.adds_up());
        assert_eq!(report.audience, 2);
    }
}
