//! Two daemons on one PostgreSQL look at the same clock: each slot has one edition, and each reader
//! one letter of it.

use std::time::Duration;

use super::letters::Letters;
use super::newsroom::{Newsroom, On, Settings, addresses, count};
use crate::support::wait;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_daemons_make_one_edition_for_a_slot() {
    let letters = Letters::start(Duration::from_millis(5)).await;
    let settings = Settings {
        schedule: "* * * * *",
        newsletter: "drafting_lead = \"1m\"",
        ..Settings::relay(letters.address)
    };
    let Some(newsroom) = Newsroom::open(On::Postgres, &settings).await else { return };
    let readers = addresses(100, "reader.test");
    newsroom.import_readers(&readers);
    newsroom.import_stories();
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let daemons = folders.each_ref().map(|folder| newsroom.serve_in(folder));
    // Cron counts in minutes: the slot is at most one away.
    let (edition, report) = wait::until("the slot's edition to be sent", Duration::from_secs(100), || {
        let sent = newsroom.editions().into_iter().find(|edition| edition["state"] == "sent")?;
        let id = sent["edition"].as_i64().unwrap();
        Some((sent, newsroom.report(id)))
    });
    assert_eq!(edition["kind"], "scheduled");
    assert_eq!(count(&report, "accepted"), readers.len());
    assert_eq!(letters.repeats(&readers), 0);
    let editions = newsroom.editions();
    let mut slots: Vec<_> = editions.iter().map(|edition| edition["slot_at"].to_string()).collect();
    slots.sort();
    let all = slots.len();
    slots.dedup();
    assert_eq!(slots.len(), all, "a slot has two editions");
    drop(daemons);
}
