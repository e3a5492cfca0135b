//! Killed and stopped in mid-run: nobody is left out, and what comes twice is bounded.
//!
//! `NEWSLETTERD_TEST_KILLS` sets how many kills each database has to stand, and
//! `NEWSLETTERD_TEST_SEED` repeats a run's instants, as far as the machine lets it.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rustix::process::Signal;

use newsletterd::clock::Clock;

use super::letters::Letters;
use super::newsroom::{LIMIT, Newsroom, On, Settings, addresses, count};
use crate::support::shared::shared;
use crate::support::wait;

/// Kills on each database.
const KILLS: usize = 50;
/// Readers of each edition.
const READERS: usize = 300;
/// Connections to the relay: each may cost one repeated letter a kill.
const CONNECTIONS: u8 = 4;
/// The longest that a daemon lives before it is killed, in milliseconds from its readiness.
const LIFE: u64 = 250;

/// A number of the environment.
pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_instant_nothing_is_lost_on_sqlite() {
    kill_again_and_again(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_instant_nothing_is_lost_on_postgresql() {
    kill_again_and_again(On::Postgres).await;
}

async fn kill_again_and_again(on: On) {
    let kills = number("NEWSLETTERD_TEST_KILLS").map_or(KILLS, |kills| usize::try_from(kills).unwrap());
    let seed = number("NEWSLETTERD_TEST_SEED")
        .unwrap_or_else(|| Clock::System.now().timestamp_millis().unsigned_abs());
    println!("{on:?}: NEWSLETTERD_TEST_SEED={seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let letters = Letters::start(Duration::from_millis(4)).await;
    let settings = Settings { connections: CONNECTIONS, ..Settings::relay(letters.address) };
    let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
    let readers = addresses(READERS, "reader.test");
    newsroom.import_readers(&readers);
    let (started, mut killed, mut repeated) = (Instant::now(), 0, 0);
    while killed < kills {
        letters.forget();
        let edition = newsroom.start_edition();
        let before = killed;
        let mut daemon = newsroom.serve();
        while killed < kills {
            let life = Duration::from_millis(chance.random_range(0..LIFE));
            std::thread::sleep(life);
            // Only a kill in mid-run counts.
            if letters.readers() == READERS {
                break;
            }
            daemon.signal(Signal::KILL);
            daemon.wait_exit(LIMIT);
            killed += 1;
            drop(daemon);
            // Asking checks that the numbers add up.
            newsroom.report(edition);
            daemon = newsroom.serve();
        }
        let report = newsroom.wait_state(edition, "sent");
        assert_eq!(report["audience"], READERS);
        assert_eq!(count(&report, "accepted"), READERS, "{report}");
        let repeats = letters.repeats(&readers);
        let most = (killed - before) * usize::from(CONNECTIONS);
        assert!(repeats <= most, "{repeats} repeats after {} kills", killed - before);
        repeated += repeats;
        daemon.signal(Signal::TERM);
        assert!(daemon.wait_exit(LIMIT).success());
    }
    println!("{on:?}: {killed} kills, {repeated} letters repeated, in {:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_softly_nothing_is_lost_or_repeated() {
    for on in [On::Sqlite, On::Postgres] {
        let letters = Letters::start(Duration::from_millis(30)).await;
        let Some(newsroom) = Newsroom::open(on, &Settings::relay(letters.address)).await else { return };
        let readers = addresses(120, "reader.test");
        newsroom.import_readers(&readers);
        let edition = newsroom.start_edition();
        for part in [20, 50, 80] {
            let mut daemon = newsroom.serve();
            letters.wait_arrived(part, LIMIT);
            let asked = Instant::now();
            daemon.signal(Signal::TERM);
            assert_eq!(daemon.wait_exit(LIMIT).code(), Some(0));
            assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
            let at_rest = letters.arrived();
            assert!(at_rest < readers.len(), "the stop came too late to show anything");
            assert_eq!(letters.answered(), at_rest, "a letter was cut off");
            let report = newsroom.report(edition);
            assert_eq!(count(&report, "accepted"), at_rest, "{report}");
            assert_eq!(count(&report, "queued"), readers.len() - at_rest, "{report}");
        }
        let _daemon = newsroom.serve();
        let report = newsroom.wait_state(edition, "sent");
        assert_eq!(count(&report, "accepted"), readers.len());
        assert_eq!(letters.repeats(&readers), 0);
    }
}

fn twenty() -> Vec<String> {
    (1..=20).map(|number| format!("s{number:02}@example.org")).collect()
}

#[test]
fn these_are_the_recipients_of_the_case() {
    let Some(recipients) = shared("cases/c33-killed-in-mid-run/recipients.csv") else { return };
    let recipients = String::from_utf8(recipients).unwrap();
    assert_eq!(recipients.lines().skip(1).collect::<Vec<_>>(), twenty());
}

/// A run to 20 that is stopped by a signal when `ripe` says so, and goes on by itself after the
/// next start. Gives the repeats.
async fn stopped_by(signal: Signal, connections: u8, ripe: impl Fn(&Letters) -> bool) -> usize {
    let letters = Letters::start(Duration::from_millis(200)).await;
    let settings = Settings { connections, ..Settings::relay(letters.address) };
    let newsroom = Newsroom::open(On::Sqlite, &settings).await.unwrap();
    let readers = twenty();
    newsroom.import_readers(&readers);
    let edition = newsroom.start_edition();
    let mut daemon = newsroom.serve();
    wait::until("the instant of the signal", LIMIT, || ripe(&letters).then_some(()));
    daemon.signal(signal);
    let status = daemon.wait_exit(LIMIT);
    assert_eq!(status.success(), signal == Signal::TERM, "{status}");
    drop(daemon);
    let unfinished = newsroom.report(edition);
    assert_eq!((&unfinished["state"], &unfinished["audience"]), (&"sending".into(), &20.into()));

    let _daemon = newsroom.serve();
    let report = newsroom.wait_state(edition, "sent");
    assert_eq!(report["audience"], 20);
    assert_eq!(count(&report, "accepted"), 20, "{report}");
    letters.repeats(&readers)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_the_seventh_letter() {
    assert!(stopped_by(Signal::KILL, 1, |letters| letters.answered() == 7).await <= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_during_the_eighth_letter() {
    // It has arrived and is not answered for: the one letter that has to come again.
    let eighth = |letters: &Letters| letters.answered() == 7 && letters.arrived() == 8;
    assert_eq!(stopped_by(Signal::KILL, 1, eighth).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_with_several_letters_on_their_way() {
    let repeats = stopped_by(Signal::KILL, 4, |letters| letters.arrived() >= 10).await;
    assert!((1..=4).contains(&repeats), "{repeats}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_softly_after_the_seventh_letter() {
    assert_eq!(stopped_by(Signal::TERM, 4, |letters| letters.answered() >= 7).await, 0);
}
