//! Temporary failures and time: pauses that grow, an end to every edition, and a run that nobody
//! looked after. The clock is the test's, so that a day passes at once.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use newsletterd::domain::delivery::DeliveryState;
use newsletterd::domain::edition::EditionState;
use newsletterd::domain::ids::SubscriberId;
use newsletterd::pipeline::deliver::{self, RunEnd};
use newsletterd::store::deliveries::{self, DeliveryRow};
use newsletterd::store::editions::{self, Edition};
use newsletterd::store::{relays, suppressions};
use tokio_util::sync::CancellationToken;

use crate::support::engine::{TestEngine, daily_config, stories};
use crate::support::scripted_smtp::{Script, ScriptedSmtp};
use crate::support::shared::shared;

const READERS: [&str; 6] =
    ["b@example.org", "a@example.org", "c@example.org", "d@example.org", "e@example.org", "f@example.org"];

/// Temporary failures at every step: before anybody is named, at the recipient, at the message.
const REPLIES: &str = "address\tattempt\tcommand\treply\n\
    a@example.org\t1\tRCPT\t450 4.7.0 Greylisting in action\n\
    b@example.org\t1\tCONNECT\t421 4.7.0 Try again later, too many of you\n\
    c@example.org\t1\tDOT\t452 4.3.1 Insufficient storage\n\
    c@example.org\t2\tDATA\t451 4.3.0 Not now\n\
    d@example.org\t1\tRCPT\t550 5.1.1 User unknown\n\
    e@example.org\talways\tRCPT\t451 4.3.0 Lookup failed\n";

#[tokio::test]
async fn temporary_failures_are_not_the_end() {
    of_both(REPLIES).await;
}

#[tokio::test]
async fn the_temporary_failures_of_the_case_are_not_the_end() {
    let Some(replies) = shared("cases/c31-temporary-failures/replies.tsv") else { return };
    of_both(&String::from_utf8(replies).unwrap()).await;
}

async fn of_both(replies: &str) {
    let server = ScriptedSmtp::start(Script::table(replies)).await;
    let sqlite = TestEngine::sqlite(&one_connection(&server)).await;
    every_reader_comes_to_the_right_end(&sqlite, &server).await;
    let server = ScriptedSmtp::start(Script::table(replies)).await;
    let Some(postgres) = TestEngine::postgres(&one_connection(&server)).await else { return };
    every_reader_comes_to_the_right_end(&postgres, &server).await;
}

/// One connection, so that the first of the readers meets what is said at connect.
fn one_connection(server: &ScriptedSmtp) -> String {
    let url = format!("url = \"smtp://{}\"", server.address);
    daily_config(server.address).replace(&url, &format!("{url}\nconnections = 1"))
}

/// An edition that is being sent to [`READERS`], at the instant of its slot.
async fn sending(test: &TestEngine) -> (Edition, Vec<SubscriberId>) {
    test.tick_at("2026-11-24T00:00:00Z").await;
    test.import_articles(&stories(4, test.engine.clock.now())).await;
    let readers = test.add_subscribers("readers", &READERS).await;
    test.tick_at("2026-11-24T03:00:00Z").await;
    let edition = test.editions().await.remove(0);
    assert_eq!(edition.state, EditionState::Sending, "{:?}", edition.reason);
    (edition, readers)
}

async fn row(test: &TestEngine, reader: SubscriberId) -> DeliveryRow {
    let mut tx = test.engine.db.read().await.unwrap();
    deliveries::of_subscriber(&mut tx, reader, 1).await.unwrap().remove(0)
}

/// When something is due again: a delivery, or the relay that rests.
async fn next_instant(test: &TestEngine, edition: &Edition) -> DateTime<Utc> {
    let mut tx = test.engine.db.read().await.unwrap();
    let due = deliveries::next_due(&mut tx, edition).await.unwrap().unwrap();
    let rest = relays::down(&mut tx, "main").await.unwrap().map(|down| down.until);
    rest.map_or(due, |until| until.max(due)).max(test.engine.clock.now())
}

async fn every_reader_comes_to_the_right_end(test: &TestEngine, server: &ScriptedSmtp) {
    let (edition, ids) = sending(test).await;
    // By reader: the instants of the attempts.
    let mut attempts: BTreeMap<&str, Vec<DateTime<Utc>>> = BTreeMap::new();
    loop {
        let now = test.engine.clock.now();
        // Somebody looks after the run all the time.
        let mut tx = test.engine.db.begin().await.unwrap();
        editions::touch(&mut tx, edition.id, now).await.unwrap();
        tx.commit().await.unwrap();
        test.deliver(edition.id).await;
        for reader in READERS {
            let known = attempts.entry(reader).or_default();
            let seen = server.seen().attempts_at(reader);
            assert!(seen <= known.len() + 1, "{reader} was tried twice at once");
            known.resize(seen, now);
        }
        let current = test.editions().await.remove(0);
        if current.state == EditionState::Sent {
            break;
        }
        assert_eq!(current.state, EditionState::Sending, "not finished while one is to be retried");
        test.engine.clock.set(next_instant(test, &edition).await);
    }

    use DeliveryState::{Accepted, Bounced, Expired};
    let expected = [(Accepted, 2), (Accepted, 2), (Accepted, 3), (Bounced, 1), (Expired, 0), (Accepted, 1)];
    for ((reader, id), (state, tries)) in READERS.into_iter().zip(ids).zip(expected) {
        let row = row(test, id).await;
        assert_eq!(row.state, state, "{reader}: {row:?}");
        let tried = attempts[reader].len();
        assert_eq!(usize::try_from(row.attempt).unwrap(), tried, "{reader}");
        // Who is refused until the end is tried until the end: 5 minutes doubled up to 4 hours in a day.
        if state == Expired {
            assert!(tried >= 9, "{tried}");
        } else {
            assert_eq!(tried, tries, "{reader}");
        }
        assert_eq!(server.seen().taken_by(reader), usize::from(state == Accepted), "{reader}");
        let pauses: Vec<_> = attempts[reader].windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(pauses.iter().all(|pause| *pause >= TimeDelta::minutes(5)), "{reader}: {pauses:?}");
        let growing = pauses.windows(2).all(|pair| pair[0] < pair[1] || pair[1] >= TimeDelta::hours(4));
        assert!(growing, "{reader}: {pauses:?}");
    }
    let mut tx = test.engine.db.read().await.unwrap();
    let standing = suppressions::list(&mut tx, newsletterd::domain::ids::SuppressionId(0), 10).await.unwrap();
    let standing: Vec<_> = standing.into_iter().filter_map(|one| one.address).collect();
    assert_eq!(standing, ["d@example.org"], "only an address that does not exist is a hard bounce");
    assert!(test.engine.clock.now() <= edition.expires_at);
}

#[tokio::test]
async fn a_run_that_nobody_looked_after_waits_for_a_person() {
    let server = ScriptedSmtp::start(Script::table("")).await;
    let mut engines = vec![TestEngine::sqlite(&daily_config(server.address)).await];
    engines.extend(TestEngine::postgres(&daily_config(server.address)).await);
    for test in &engines {
        let (edition, _) = sending(test).await;
        // Grace is two hours. A worker that comes up before the scheduler must not begin, either.
        test.engine.clock.set("2026-11-24T05:01:00Z".parse().unwrap());
        let end = deliver::run(&test.engine, edition.id, &CancellationToken::new()).await.unwrap();
        assert_eq!(end, RunEnd::NotSending);
        test.tick_at("2026-11-24T05:01:01Z").await;
        let paused = test.editions().await.into_iter().find(|one| one.id == edition.id).unwrap();
        assert_eq!(paused.state, EditionState::Paused);
        assert!(paused.reason.unwrap().contains("2 h 1 min"));
        test.deliver(edition.id).await;
        assert_eq!(server.seen().count("MAIL"), 0);
    }
}

#[tokio::test]
async fn what_is_still_queued_ends_with_its_edition() {
    // Nobody listens there.
    let relay = super::newsroom::free_address();
    let test = TestEngine::sqlite(&daily_config(relay)).await;
    let (edition, ids) = sending(&test).await;
    while test.editions().await.remove(0).state == EditionState::Sending {
        let now = test.engine.clock.now();
        assert!(now <= edition.expires_at + TimeDelta::hours(1), "it never ends");
        let mut tx = test.engine.db.begin().await.unwrap();
        editions::touch(&mut tx, edition.id, now).await.unwrap();
        tx.commit().await.unwrap();
        test.deliver(edition.id).await;
        test.engine.clock.advance(TimeDelta::hours(1));
    }
    for id in ids {
        let row = row(&test, id).await;
        assert_eq!((row.state, row.attempt), (DeliveryState::Expired, 0));
    }
}
