//! The machine's clock is set an hour forward in mid-run, and an hour back. Leases, retries and rates
//! must take it for what it is: the clock that nobody sets goes on.

use std::fs;
use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;

use crate::delivery::letters::Letters;
use crate::delivery::newsroom::{LIMIT, Newsroom, On, Settings, addresses, count};
use crate::support::skip;

const READERS: usize = 400;

/// Debian's faketime: it changes what a program is told of the time, as its file says.
const LIBRARY: &str = "faketime/libfaketime.so.1";

fn library() -> Option<String> {
    let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"];
    let found =
        folders.map(|folder| format!("{folder}/{LIBRARY}")).into_iter().find(|path| Path::new(path).exists());
    if found.is_none() {
        skip("no faketime; run tests/run");
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_an_hour_loses_and_repeats_nothing() {
    let Some(library) = library() else { return };
    for on in [On::Sqlite, On::Postgres] {
        let letters = Letters::start(Duration::from_millis(40)).await;
        let settings = Settings { delivery: "batch = 20", ..Settings::relay(letters.address) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        let readers = addresses(READERS, "reader.test");
        newsroom.import_readers(&readers);
        let edition = newsroom.start_edition();
        let folder = tempfile::tempdir().unwrap();
        let clock = folder.path().join("clock");
        let set = |offset: &str| {
            // Renamed into its place: a half-written file would be a time of its own.
            let new = folder.path().join("new");
            fs::write(&new, offset).unwrap();
            fs::rename(&new, &clock).unwrap();
        };
        set("+0");
        let mut daemon = newsroom.serve_with(|command| {
            command.env("LD_PRELOAD", &library).env("FAKETIME_TIMESTAMP_FILE", &clock);
            command.env("FAKETIME_NO_CACHE", "1").env("DONT_FAKE_MONOTONIC", "1");
            command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        });
        for (arrived, offset) in [(60, "+1h"), (140, "+0"), (220, "-1h"), (300, "+0")] {
            letters.wait_arrived(arrived, LIMIT);
            set(offset);
        }
        let report = newsroom.wait_state(edition, "sent");
        daemon.must_run();
        assert_eq!(count(&report, "accepted"), READERS, "{report}");
        letters.forget_alerts();
        assert_eq!(letters.repeats(&readers), 0, "{on:?}");
        let ended = newsroom.ended(&readers).await;
        let seen = *ended.last().unwrap() - ended[0];
        assert!(seen > TimeDelta::minutes(119), "the daemon's clock did not jump: {seen}");
    }
}
