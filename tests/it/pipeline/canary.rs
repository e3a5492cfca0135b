//! The canary: a few go first, the rest follows when they did well, and a person decides when not.
//! The clock is the test's; the letters of the canary go out for real.

use newsletterd::domain::edition::{CanaryPhase, EditionState};
use newsletterd::pipeline::control::{self, Bounces};
use newsletterd::store::Tx;
use newsletterd::store::editions::Edition;

use super::alerts::keys;
use super::{Newsroom, newest, restarted};
use crate::support::engine::{TestEngine, stories};

const READERS: usize = 20;

/// Runs a statement of the test's own: what reports would do, or a server.
async fn execute(test: &TestEngine, sql: &str) -> u64 {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    let mut tx = test.engine.db.begin().await.unwrap();
    let changed = match &mut tx {
        Tx::Sqlite(tx) => sqlx::query(sql).execute(&mut **tx).await.unwrap().rows_affected(),
        Tx::Postgres(tx) => sqlx::query(sql).execute(&mut **tx).await.unwrap().rows_affected(),
    };
    tx.commit().await.unwrap();
    changed
}

/// An edition to [`READERS`] at the instant of its slot.
async fn at_its_slot(test: &TestEngine) -> Edition {
    test.tick_at("2026-11-24T00:00:00Z").await;
    test.import_articles(&stories(4, test.engine.clock.now())).await;
    let readers: Vec<_> = (1..=READERS).map(|n| format!("reader{n:02}@example.org")).collect();
    let readers: Vec<_> = readers.iter().map(String::as_str).collect();
    test.add_subscribers("readers", &readers).await;
    test.tick_at("2026-11-24T03:00:00Z").await;
    newest(test).await
}

/// Sends whatever may be sent, and looks at the clock; gives to whom letters went.
async fn send(room: &Newsroom, test: &TestEngine, at: &str) -> Vec<String> {
    test.deliver(newest(test).await.id).await;
    test.tick_at(at).await;
    let mut to: Vec<_> = room.letters().into_iter().map(|letter| letter.to).collect();
    to.sort();
    to
}

#[tokio::test]
async fn the_rest_follows_when_the_first_few_did_well() {
    let canary = "[newsletters.canary]\nfirst = 5\nwait = \"10m\"\nmax_errors = \"20%\"";
    let room = Newsroom::open("", canary, "").await;
    for test in &room.engines {
        assert_eq!(at_its_slot(test).await.canary, Some(CanaryPhase::Sending));
        let to = send(&room, test, "2026-11-24T03:00:05Z").await;
        assert_eq!(to, (1..=5).map(|n| format!("reader{n:02}@example.org")).collect::<Vec<_>>());
        let edition = newest(test).await;
        assert_eq!(edition.canary, Some(CanaryPhase::Waiting));
        assert_eq!(edition.canary_until, Some("2026-11-24T03:10:05Z".parse().unwrap()));
        // One of five is as many as may fail.
        assert_eq!(execute(test, "UPDATE deliveries SET state = 'bounced' WHERE subscriber_id = 2").await, 1);
        assert!(send(&room, test, "2026-11-24T03:10:04Z").await.is_empty(), "the rest waits");
        super::tick(&restarted(&test.engine).await).await;
        assert!(room.letters().is_empty(), "also for a process that was just started");
        test.tick_at("2026-11-24T03:10:05Z").await;
        assert_eq!(newest(test).await.canary, Some(CanaryPhase::Passed));
        assert_eq!(send(&room, test, "2026-11-24T03:10:06Z").await.len(), READERS - 5);
        assert_eq!(newest(test).await.state, EditionState::Sent);
    }
}

#[tokio::test]
async fn a_canary_that_failed_pauses_at_once_and_a_person_lets_the_rest_follow() {
    let canary = "[newsletters.canary]\nfirst = 5\nwait = \"10m\"\nmax_errors = \"20%\"";
    let room = Newsroom::open("[alerts]\nmail = [\"ops@example.org\"]", canary, "").await;
    for test in &room.engines {
        let edition = at_its_slot(test).await;
        test.deliver(edition.id).await;
        room.letters();
        let sql = "UPDATE deliveries SET state = 'rejected', code = 550, enhanced = '5.7.1', reply = 'Looks like spam' \
            WHERE subscriber_id <= 2";
        assert_eq!(execute(test, sql).await, 2);
        for second in 1..4 {
            test.tick_at(&format!("2026-11-24T03:00:0{second}Z")).await;
        }
        let edition = newest(test).await;
        assert_eq!(edition.state, EditionState::Paused);
        let reason = "canary: 2 of 5 letters failed, most of them with: 550 5.7.1 Looks like spam";
        assert_eq!(edition.reason.as_deref(), Some(reason));
        let told = keys(test).await.into_iter().filter(|key| key.starts_with("log:paused")).count();
        assert_eq!(told, 1);
        test.deliver(edition.id).await;
        assert!(room.letters().is_empty());

        control::resume(&test.engine, edition.id, Bounces::Doubtful, "editor").await.unwrap();
        assert_eq!(newest(test).await.canary, Some(CanaryPhase::Passed));
        let to = send(&room, test, "2026-11-24T03:01:00Z").await;
        assert_eq!(to.len(), READERS - 5);
    }
}

#[tokio::test]
async fn what_is_reported_while_it_waits_counts() {
    let canary = "[newsletters.canary]\nfirst = 5\nwait = \"10m\"\nmax_errors = \"20%\"";
    let room = Newsroom::open("", canary, "").await;
    for test in &room.engines {
        at_its_slot(test).await;
        send(&room, test, "2026-11-24T03:00:05Z").await;
        execute(test, "UPDATE deliveries SET state = 'bounced' WHERE subscriber_id = 1").await;
        execute(test, "UPDATE deliveries SET complained_at = 1 WHERE subscriber_id = 2").await;
        test.tick_at("2026-11-24T03:10:05Z").await;
        let edition = newest(test).await;
        assert_eq!(edition.state, EditionState::Paused);
        assert!(edition.reason.unwrap().starts_with("canary: 2 of 5 letters failed"));
    }
}

#[tokio::test]
async fn seeds_that_are_subscribed_go_first_and_without_any_a_person_decides() {
    let seeds = |seeds: &str| format!("[newsletters.canary]\nseeds = [{seeds}]\nwait = \"1m\"");
    let room = Newsroom::open("", &seeds("\"READER07@example.org\", \"nobody@example.org\""), "").await;
    for test in &room.engines {
        assert_eq!(at_its_slot(test).await.canary, Some(CanaryPhase::Sending));
        assert_eq!(send(&room, test, "2026-11-24T03:00:01Z").await, ["reader07@example.org"]);
        test.tick_at("2026-11-24T03:01:01Z").await;
        assert_eq!(send(&room, test, "2026-11-24T03:01:02Z").await.len(), READERS - 1);
    }

    let room = Newsroom::open("", &seeds("\"nobody@example.org\""), "").await;
    for test in &room.engines {
        let edition = at_its_slot(test).await;
        assert_eq!((edition.state, edition.canary), (EditionState::Paused, None));
        assert_eq!(edition.reason.as_deref(), Some("canary: none of its seed addresses is subscribed"));
        assert!(send(&room, test, "2026-11-24T03:00:01Z").await.is_empty());
        control::resume(&test.engine, edition.id, Bounces::Doubtful, "editor").await.unwrap();
        assert_eq!(send(&room, test, "2026-11-24T03:00:02Z").await.len(), READERS);
    }
}

#[tokio::test]
async fn one_that_a_person_paused_in_its_canary_goes_on_with_the_canary() {
    let canary = "[newsletters.canary]\nfirst = 5\nwait = \"10m\"";
    let room = Newsroom::open("", canary, "").await;
    for test in &room.engines {
        let edition = at_its_slot(test).await;
        send(&room, test, "2026-11-24T03:00:05Z").await;
        control::pause(&test.engine, edition.id, None, "editor").await.unwrap();
        // Its time passes meanwhile: nothing follows before somebody says so.
        assert!(send(&room, test, "2026-11-24T03:11:00Z").await.is_empty());
        assert_eq!(newest(test).await.canary, Some(CanaryPhase::Waiting));
        control::resume(&test.engine, edition.id, Bounces::Doubtful, "editor").await.unwrap();
        assert_eq!(newest(test).await.canary, Some(CanaryPhase::Waiting));
        execute(test, "UPDATE deliveries SET state = 'bounced' WHERE subscriber_id = 1").await;
        test.tick_at("2026-11-24T03:11:01Z").await;
        assert_eq!(newest(test).await.state, EditionState::Paused, "and is judged");
    }
}

#[tokio::test]
async fn a_canary_of_which_all_are_put_off_has_said_nothing_yet() {
    let canary = "[newsletters.canary]\nfirst = 5\nwait = \"1m\"";
    let room = Newsroom::open("", canary, "").await;
    for test in &room.engines {
        at_its_slot(test).await;
        let retry = chrono::DateTime::parse_from_rfc3339("2026-11-24T03:05:00Z").unwrap().timestamp_millis();
        let sql = format!(
            "UPDATE deliveries SET state = 'deferred', attempt = 1, due_at = {retry} WHERE lane = '*canary'"
        );
        assert_eq!(execute(test, &sql).await, 5);
        assert!(send(&room, test, "2026-11-24T03:00:01Z").await.is_empty());
        test.tick_at("2026-11-24T03:01:01Z").await;
        let edition = newest(test).await;
        assert_eq!(edition.canary, Some(CanaryPhase::Waiting));
        assert_eq!(edition.canary_until, Some("2026-11-24T03:05:30Z".parse().unwrap()));
        test.tick_at("2026-11-24T03:05:00Z").await;
        assert_eq!(send(&room, test, "2026-11-24T03:05:30Z").await.len(), 5);
        assert_eq!(newest(test).await.canary, Some(CanaryPhase::Passed));
    }
}
