//! Servers that refuse: for now, for good, with every reason to blame us, or not at all there.
//! What a refusal costs falls on whoever caused it.

use std::time::Duration;

use newsletterd::domain::address::EmailAddress;
use newsletterd::domain::ids::EditionId;
use newsletterd::store::deliveries::{self, DeliveryRow};
use newsletterd::store::subscribers;
use serde_json::Value;

use super::letters::{Letters, header};
use super::newsroom::{LIMIT, Newsroom, OPS, On, Settings, addresses, count, free_address};
use crate::support::scripted_smtp::{Script, ScriptedSmtp};
use crate::support::wait;

const ROUND: [On; 2] = [On::Sqlite, On::Postgres];

/// A table for the scripted server in which some of `readers` do not exist.
fn unknown_users(readers: &[String], is_unknown: impl Fn(usize) -> bool) -> Script {
    let rules = readers.iter().enumerate().filter(|(n, _)| is_unknown(*n));
    let lines = rules.map(|(_, reader)| format!("{reader}\talways\tRCPT\t550 5.1.1 No such user"));
    Script::table(&lines.collect::<Vec<_>>().join("\n"))
}

fn suppressed(newsroom: &Newsroom) -> usize {
    newsroom.run(&["suppression", "list", "--json"]).lines().count()
}

/// The delivery of an edition to a reader, as the database has it.
async fn delivery(newsroom: &Newsroom, reader: &str, edition: i64) -> DeliveryRow {
    let engine = newsroom.engine().await;
    let mut tx = engine.db.read().await.unwrap();
    let address = EmailAddress::parse(reader).unwrap();
    let subscriber = subscribers::find(&mut tx, &address).await.unwrap().unwrap();
    let rows = deliveries::of_subscriber(&mut tx, subscriber.id, 10).await.unwrap();
    rows.into_iter().find(|row| row.edition == EditionId(edition)).unwrap()
}

/// Sends an edition with no daemon about; gives the report and whether the command succeeded.
fn send_and_wait(newsroom: &Newsroom) -> (Value, bool) {
    newsroom.import_stories();
    let output = newsroom.try_run(&["edition", "send", "--newsletter", "daily", "--now", "--wait", "--json"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    (report, output.status.success())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fifth_of_hard_bounces_stops_the_run_and_blames_nobody() {
    for on in ROUND {
        let readers = addresses(200, "reader.test");
        let server = ScriptedSmtp::start(unknown_users(&readers, |n| n % 5 == 4)).await;
        let Some(newsroom) = Newsroom::open(on, &Settings::relay(server.address)).await else { return };
        newsroom.import_readers(&readers);
        let (report, success) = send_and_wait(&newsroom);
        assert!(!success, "a stopped run is no success");
        assert_eq!(report["state"], "paused", "{report}");
        assert!(report["reason"].as_str().unwrap().contains("hard bounces"), "{report}");
        let bounced = count(&report, "bounced");
        // Five are the fewest that say anything; each connection may have one more on its way.
        assert!((5..=9).contains(&bounced), "{report}");
        assert_eq!(suppressed(&newsroom), 0);
        assert_eq!(server.seen().taken_by(OPS), 1, "ops are told once");

        let edition = report["edition"].to_string();
        newsroom.run(&["edition", "resume", &edition, "--confirm-bounces"]);
        assert_eq!(suppressed(&newsroom), bounced, "those that bounced before");
        newsroom.run(&["edition", "send", &edition, "--wait"]);
        let report = newsroom.report(report["edition"].as_i64().unwrap());
        assert_eq!(report["state"], "sent", "{report}");
        assert_eq!((count(&report, "bounced"), count(&report, "accepted")), (40, 160), "{report}");
        assert_eq!(suppressed(&newsroom), 40);
        newsroom.run(&["suppression", "remove", "--edition", &edition]);
        assert_eq!(suppressed(&newsroom), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_goes_on_without_confirmation_suppresses_nobody() {
    let readers = addresses(60, "reader.test");
    let server = ScriptedSmtp::start(unknown_users(&readers, |n| n % 5 == 4)).await;
    let newsroom = Newsroom::open(On::Sqlite, &Settings::relay(server.address)).await.unwrap();
    newsroom.import_readers(&readers);
    let (report, _) = send_and_wait(&newsroom);
    assert_eq!(report["state"], "paused", "{report}");
    let edition = report["edition"].to_string();
    newsroom.run(&["edition", "resume", &edition]);
    newsroom.run(&["edition", "send", &edition, "--wait"]);
    let report = newsroom.report(report["edition"].as_i64().unwrap());
    assert_eq!((&report["state"], count(&report, "bounced")), (&"sent".into(), 12), "{report}");
    assert_eq!(suppressed(&newsroom), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_few_hard_bounces_are_suppressed_at_once_and_can_be_undone() {
    for on in ROUND {
        let readers = addresses(200, "reader.test");
        let server = ScriptedSmtp::start(unknown_users(&readers, |n| n % 20 == 19)).await;
        let Some(newsroom) = Newsroom::open(on, &Settings::relay(server.address)).await else { return };
        newsroom.import_readers(&readers);
        let (report, success) = send_and_wait(&newsroom);
        assert!(success);
        assert_eq!(report["state"], "sent", "{report}");
        assert_eq!((count(&report, "bounced"), count(&report, "accepted")), (10, 190), "{report}");
        assert_eq!(suppressed(&newsroom), 10);
        assert_eq!(server.seen().taken_by(OPS), 0);

        // They get nothing of the next edition, until it is undone.
        let (report, _) = send_and_wait(&newsroom);
        assert_eq!((&report["audience"], count(&report, "accepted")), (&190.into(), 190), "{report}");
        newsroom.run(&["suppression", "remove", "--edition", "1"]);
        assert_eq!(suppressed(&newsroom), 0);
        let (report, _) = send_and_wait(&newsroom);
        assert_eq!((&report["audience"], count(&report, "bounced")), (&200.into(), 10), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_is_down_costs_nobody_anything() {
    for on in ROUND {
        let address = free_address();
        let Some(newsroom) = Newsroom::open(on, &Settings::relay(address)).await else { return };
        let readers = addresses(20, "reader.test");
        newsroom.import_readers(&readers);
        let edition = newsroom.start_edition();
        let daemon = newsroom.serve();
        daemon.wait_log("relay.failures=3", LIMIT);
        let report = newsroom.report(edition);
        assert_eq!((&report["state"], count(&report, "queued")), (&"sending".into(), 20), "{report}");
        assert_eq!(delivery(&newsroom, &readers[0], edition).await.attempt, 0);

        let letters = Letters::start_at(address, Duration::ZERO).await;
        let report = newsroom.wait_state(edition, "sent");
        assert_eq!(count(&report, "accepted"), 20, "{report}");
        for reader in &readers {
            assert_eq!(delivery(&newsroom, reader, edition).await.attempt, 1, "no attempt was spent");
        }
        // The alert goes out by the relay that it is about, so it comes last.
        let told = || letters.all().iter().filter(|letter| letter.to == OPS).count();
        wait::until("the alert", LIMIT, || (told() > 0).then_some(()));
        letters.forget_all_to(OPS, 1);
        assert_eq!(letters.repeats(&readers), 0);
    }
}

/// One of ten whose connection dies between the final dot and the answer.
const UNCERTAIN: &str = "reader005@reader.test\t1\tDOT\ttake and close";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_uncertain_letter_is_sent_again_under_its_message_id() {
    let server = ScriptedSmtp::start(Script::table(UNCERTAIN)).await;
    let newsroom = Newsroom::open(On::Sqlite, &Settings::relay(server.address)).await.unwrap();
    newsroom.import_readers(&addresses(10, "reader.test"));
    let edition = newsroom.start_edition();
    let _daemon = newsroom.serve();
    let report = newsroom.wait_state(edition, "sent");
    assert_eq!(count(&report, "accepted"), 10, "{report}");
    let seen = server.seen();
    let taken = &seen.taken["reader005@reader.test"];
    let ids: Vec<_> = taken.iter().map(|taken| header(&taken.message, "Message-ID")).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    assert_eq!(taken[0].mail, taken[1].mail, "the return path is the delivery's, too");
    assert!(taken[1].at - taken[0].at >= Duration::from_secs(1), "a pause lies between");
    assert!(seen.taken.iter().all(|(to, taken)| taken.len() == 1 || to == "reader005@reader.test"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_uncertain_letter_waits_for_a_person_when_it_is_to() {
    for on in ROUND {
        let server = ScriptedSmtp::start(Script::table(UNCERTAIN)).await;
        let settings =
            Settings { newsletter: "when_uncertain = \"hold\"", ..Settings::relay(server.address) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        newsroom.import_readers(&addresses(10, "reader.test"));
        let (report, _) = send_and_wait(&newsroom);
        assert_eq!(report["state"], "sent", "{report}");
        assert_eq!((count(&report, "accepted"), count(&report, "uncertain")), (9, 1), "{report}");
        retry(&newsroom, &report, "uncertain");
        assert_eq!(server.seen().taken_by("reader005@reader.test"), 2);
        assert_eq!(server.seen().taken_by("reader006@reader.test"), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_that_blames_us_can_be_retried() {
    for on in ROUND {
        let refused = "reader003@reader.test\t1\tRCPT\t554 5.7.1 Refused by policy\n\
                       reader007@reader.test\t1\tDOT\t554 5.7.1 Looks like spam";
        let server = ScriptedSmtp::start(Script::table(refused)).await;
        let Some(newsroom) = Newsroom::open(on, &Settings::relay(server.address)).await else { return };
        newsroom.import_readers(&addresses(10, "reader.test"));
        let (report, _) = send_and_wait(&newsroom);
        assert_eq!((count(&report, "accepted"), count(&report, "rejected")), (8, 2), "{report}");
        assert_eq!(suppressed(&newsroom), 0, "nobody is blamed");
        assert!(server.seen().taken_by(OPS) >= 1, "ops are told");
        retry(&newsroom, &report, "rejected");
        assert!((1..=10).all(|n| server.seen().taken_by(&format!("reader{n:03}@reader.test")) == 1));
    }
}

/// Retries what ended as `outcome`; everybody has the letter then.
fn retry(newsroom: &Newsroom, report: &Value, outcome: &str) {
    let edition = report["edition"].to_string();
    newsroom.run(&["edition", "retry", &edition, "--outcome", outcome]);
    newsroom.run(&["edition", "send", &edition, "--wait"]);
    let report = newsroom.report(report["edition"].as_i64().unwrap());
    assert_eq!((&report["state"], count(&report, "accepted")), (&"sent".into(), 10), "{report}");
}
