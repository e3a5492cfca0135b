//! A crash between any two steps: each step has a process of its own, and nothing is lost or done
//! twice.

use std::collections::BTreeSet;

use newsletterd::domain::edition::EditionState;
use newsletterd::domain::ids::EditionId;
use newsletterd::domain::lane::LanePlan;
use newsletterd::pipeline::lock::{Decision, lock};
use newsletterd::pipeline::{Engine, advance, compile, deliver, enqueue, outbox, report, schedule};
use newsletterd::store::{catalog, deliveries, editions, subscribers};
use tokio_util::sync::CancellationToken;

use super::{Newsroom, newest, restarted, tick};
use crate::support::engine::{TestEngine, stories};

const READERS: usize = 25;

async fn readers(test: &TestEngine) {
    let addresses: Vec<_> = (0..READERS).map(|n| format!("reader{n}@example.org")).collect();
    let addresses: Vec<_> = addresses.iter().map(String::as_str).collect();
    test.add_subscribers("readers", &addresses).await;
}

/// What each reader got of the edition: one letter each, and no letter twice.
fn assert_each_got_one(room: &Newsroom) {
    let to: Vec<_> = room.letters().into_iter().map(|letter| letter.to).collect();
    assert_eq!(to.len(), READERS, "{to:?}");
    assert_eq!(to.into_iter().collect::<BTreeSet<_>>().len(), READERS);
}

async fn edition(engine: &Engine, id: EditionId) -> editions::Edition {
    let mut tx = engine.db.read().await.unwrap();
    editions::get(&mut tx, id).await.unwrap().unwrap()
}

/// Among them scenario 5 of the field: a crash while the audience is written down.
#[tokio::test]
async fn every_step_in_a_process_of_its_own_makes_one_whole_edition() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let set = |text: &str| test.engine.clock.set(text.parse().unwrap());
        let first = restarted(&test.engine).await;
        schedule::tick(&first).await.unwrap();
        test.import_articles(&stories(5, test.engine.clock.now())).await;
        readers(test).await;
        drop(first);

        set("2026-11-24T01:00:00Z");
        schedule::tick(&restarted(&test.engine).await).await.unwrap();
        let id = newest(test).await.id;
        for _ in 0..2 {
            let engine = restarted(&test.engine).await;
            let mut tx = engine.db.begin().await.unwrap();
            compile::refresh(&engine, &mut tx, &edition(&engine, id).await).await.unwrap().unwrap();
            tx.commit().await.unwrap();
        }

        set("2026-11-24T03:00:00Z");
        // Locking dies before its commit, then is done.
        for commits in [false, true] {
            let engine = restarted(&test.engine).await;
            let found = edition(&engine, id).await;
            assert_eq!(found.state, EditionState::Draft);
            let mut tx = engine.db.begin().await.unwrap();
            lock(&engine, &mut tx, &found, Decision::Schedule).await.unwrap();
            if commits {
                tx.commit().await.unwrap();
            }
        }
        let locked = edition(&test.engine, id).await;
        assert_eq!((locked.state, locked.current_rev), (EditionState::Locked, Some(1)));

        // Two chunks are written by two processes that die after their commit, a third before it.
        for commits in [true, true, false] {
            let engine = restarted(&test.engine).await;
            let mut tx = engine.db.begin().await.unwrap();
            let found = editions::get(&mut tx, id).await.unwrap().unwrap();
            let list = catalog::list_of(&mut tx, found.newsletter).await.unwrap();
            let now = engine.clock.now();
            deliveries::enqueue_chunk(&mut tx, &found, list, &LanePlan::none(), 7, now).await.unwrap();
            if commits {
                tx.commit().await.unwrap();
            }
        }
        assert_eq!(edition(&test.engine, id).await.enqueued_count, 14);
        let engine = restarted(&test.engine).await;
        assert_eq!(enqueue::enqueue(&engine, id).await.unwrap(), Some(READERS as i64));
        assert_eq!(enqueue::enqueue(&restarted(&test.engine).await, id).await.unwrap(), None);

        let sender = restarted(&test.engine).await;
        deliver::run(&sender, id, &CancellationToken::new()).await.unwrap();
        assert_eq!(edition(&test.engine, id).await.state, EditionState::Sending);
        deliver::run(&restarted(&test.engine).await, id, &CancellationToken::new()).await.unwrap();
        assert!(deliver::settle(&restarted(&test.engine).await, id).await.unwrap());
        assert!(!deliver::settle(&restarted(&test.engine).await, id).await.unwrap());
        while outbox::send_due(&restarted(&test.engine).await).await.unwrap() > 0 {}
        assert_each_got_one(&room);
        let report = report::report(&test.engine, id).await.unwrap();
        assert!(report.adds_up() && report.audience == READERS as i64);
    }
}

#[tokio::test]
async fn a_new_process_for_every_look_at_the_clock_sends_one_letter_to_each() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        for minute in (0..=240).step_by(20) {
            test.engine.clock.set(TestEngine::start() + chrono::TimeDelta::minutes(minute));
            tick(&restarted(&test.engine).await).await;
            if minute == 0 {
                test.import_articles(&stories(5, test.engine.clock.now())).await;
                readers(test).await;
            }
        }
        assert_each_got_one(&room);
        assert_eq!(test.editions().await.len(), 1);
        assert_eq!(newest(test).await.state, EditionState::Sent);
    }
}

#[tokio::test]
async fn who_joins_or_leaves_while_deliveries_are_written_is_counted_right() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        test.tick_at("2026-11-24T00:00:00Z").await;
        test.import_articles(&stories(5, test.engine.clock.now())).await;
        readers(test).await;
        test.tick_at("2026-11-24T01:00:00Z").await;
        test.engine.clock.set("2026-11-24T03:00:00Z".parse().unwrap());
        let id = newest(test).await.id;
        let mut tx = test.engine.db.begin().await.unwrap();
        let found = editions::get(&mut tx, id).await.unwrap().unwrap();
        lock(&test.engine, &mut tx, &found, Decision::Schedule).await.unwrap();
        let found = editions::get(&mut tx, id).await.unwrap().unwrap();
        let list = catalog::list_of(&mut tx, found.newsletter).await.unwrap();
        deliveries::enqueue_chunk(&mut tx, &found, list, &LanePlan::none(), 7, test.engine.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        // The process dies. One who has a delivery leaves, one who has none leaves, one joins.
        test.engine.clock.advance(chrono::TimeDelta::seconds(5));
        for reader in ["reader2@example.org", "reader20@example.org"] {
            let address = newsletterd::domain::address::EmailAddress::parse(reader).unwrap();
            let mut tx = test.engine.db.read().await.unwrap();
            let subscriber = subscribers::find(&mut tx, &address).await.unwrap().unwrap().id;
            drop(tx);
            newsletterd::pipeline::readers::leave(&test.engine, subscriber, list, "test").await.unwrap();
        }
        test.add_subscribers("readers", &["late@example.org"]).await;
        let engine = restarted(&test.engine).await;
        advance::tick(&engine).await.unwrap();
        tick(&engine).await;
        let to: BTreeSet<_> = room.letters().into_iter().map(|letter| letter.to).collect();
        assert_eq!(to.len(), READERS - 2);
        assert!(!to.contains("late@example.org") && !to.contains("reader2@example.org"));
        let report = report::report(&engine, id).await.unwrap();
        assert!(report.adds_up(), "{report:?}");
        assert_eq!(report.audience, READERS as i64 - 1);
    }
}
