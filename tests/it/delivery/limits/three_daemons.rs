//! Three daemons on one PostgreSQL share an edition. One freezes past its leases and comes back, one
//! is killed: nobody is missed, what comes twice is bounded, and all keep to the rate together.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::delivery::letters::Letters;
use crate::delivery::newsroom::{LIMIT, Newsroom, On, Settings, addresses, count};
use crate::support::daemon::Daemon;

const RATE: usize = 60;
/// To the relay, over all daemons.
const CONNECTIONS: u8 = 6;
/// The shortest lease that there is, and the time past it after which the frozen daemon comes back.
const LEASE: Duration = Duration::from_secs(30);
const PAST: Duration = Duration::from_secs(3);
/// Outcomes that a daemon may have heard and not recorded: those of 50 ms, at the most of its rate.
const UNRECORDED: usize = RATE / 20 + 1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_daemons_of_which_one_freezes_and_one_dies() {
    let letters = Letters::start(Duration::from_millis(10)).await;
    let settings = Settings {
        connections: CONNECTIONS,
        relay_keys: "rate = \"60/s\"",
        delivery: "lease = \"30s\"",
        ..Settings::relay(letters.address)
    };
    let Some(newsroom) = Newsroom::open(On::Postgres, &settings).await else { return };
    // They are not through when the frozen one comes back.
    let readers = addresses(RATE * 42, "reader.test");
    newsroom.import_readers(&readers);
    let edition = newsroom.start_edition();
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let [frozen, mut killed, mut other] = folders.each_ref().map(|folder| newsroom.serve_in(folder));
    letters.wait_arrived(RATE * 3, LIMIT);
    frozen.signal(Signal::STOP);
    let since = Instant::now();
    letters.wait_arrived(RATE * 6, LIMIT);
    killed.signal(Signal::KILL);
    killed.wait_exit(LIMIT);
    std::thread::sleep((LEASE + PAST).saturating_sub(since.elapsed()));
    frozen.signal(Signal::CONT);
    let report = newsroom.wait_state(edition, "sent");
    for daemon in [&frozen, &other] {
        let panicked = daemon.log().contains("panicked");
        assert!(!panicked, "{}", daemon.log());
    }
    other.must_run();
    assert_eq!(count(&report, "accepted"), readers.len(), "{report}");
    letters.forget_alerts();
    let repeats = letters.repeats(&readers);
    println!("{repeats} letters came twice");
    // For each of the two: one on each of its connections, and what it had not recorded.
    assert!(repeats <= 2 * (usize::from(CONNECTIONS) + UNRECORDED), "{repeats} letters came twice");

    // No ten seconds have more than the rate allows, but for what a claim may lie ahead.
    let all = letters.all();
    let window = Duration::from_secs(10);
    let busiest = all
        .iter()
        .map(|one| all.iter().filter(|other| other.at >= one.at && other.at - one.at < window).count());
    let busiest = busiest.max().unwrap();
    println!("{busiest} letters in the busiest {window:?}");
    assert!(busiest <= RATE * 10 + RATE / 2, "{busiest} letters in {window:?}");
}

/// The rate is shared by those who live: three of them are as fast as one, and when all but one have
/// gone, that one has it all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_is_shared_out_among_those_who_live() {
    let letters = Letters::start(Duration::ZERO).await;
    let settings = Settings { relay_keys: "rate = \"60/s\"", ..Settings::relay(letters.address) };
    let Some(newsroom) = Newsroom::open(On::Postgres, &settings).await else { return };
    let readers = addresses(RATE * 16, "reader.test");
    newsroom.import_readers(&readers);
    let edition = newsroom.start_edition();
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let daemons = folders.each_ref().map(|folder| newsroom.serve_in(folder));
    letters.wait_arrived(RATE * 8, LIMIT);
    let [_left, first, second] = daemons;
    for mut daemon in [first, second] {
        daemon.signal(Signal::TERM);
        assert!(Daemon::wait_exit(&mut daemon, LIMIT).success());
    }
    let report = newsroom.wait_state(edition, "sent");
    assert_eq!(count(&report, "accepted"), readers.len(), "{report}");
    assert_eq!(letters.repeats(&readers), 0);
    let all = letters.all();
    // The time after the others began to go, less the claims that they gave back.
    for (part, from, to) in [("three", RATE, RATE * 8), ("one", RATE * 11, RATE * 15)] {
        let time = all[to].at - all[from].at;
        let rate = f64::from(u32::try_from(to - from).unwrap()) / time.as_secs_f64();
        println!("{part}: {rate:.1} letters a second");
        assert!((56.0..=61.0).contains(&rate), "{part}: {rate} a second");
    }
}
