//! People step in while letters go out: readers leave, editors pause, resume and cancel. What
//! counts is what arrives afterwards.

use std::thread::sleep;
use std::time::{Duration, Instant};

use newsletterd::domain::address::EmailAddress;
use newsletterd::pipeline::readers;
use newsletterd::store::{catalog, subscribers};

use super::letters::Letters;
use super::newsroom::{LIMIT, Newsroom, On, Settings, addresses, count};

/// Within this time after an order, no letter may set out any more (promise 7).
const BITE: Duration = Duration::from_secs(1);

const READERS: usize = 150;

/// A run under way, slow enough to step into: 4 connections, 40 ms a letter, 100 a second.
struct UnderWay {
    letters: Letters,
    newsroom: Newsroom,
    readers: Vec<String>,
    edition: String,
    number: i64,
    _daemon: crate::support::daemon::Daemon,
}

impl UnderWay {
    async fn start(on: On, delivery: &'static str) -> Option<Self> {
        let letters = Letters::start(Duration::from_millis(40)).await;
        let settings = Settings { delivery, ..Settings::relay(letters.address) };
        let newsroom = Newsroom::open(on, &settings).await?;
        let readers = addresses(READERS, "reader.test");
        newsroom.import_readers(&readers);
        let number = newsroom.start_edition();
        let daemon = newsroom.serve();
        letters.wait_arrived(20, LIMIT);
        Some(Self { letters, newsroom, readers, edition: number.to_string(), number, _daemon: daemon })
    }

    /// How many letters arrived later than the order bites.
    fn after(&self, order: Instant) -> usize {
        self.letters.all().iter().filter(|letter| letter.at > order + BITE).count()
    }

    fn has_letter(&self, reader: &str) -> bool {
        self.letters.all().iter().any(|letter| letter.to == reader)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_in_mid_run_gets_nothing_that_was_queued() {
    for on in [On::Sqlite, On::Postgres] {
        let Some(run) = UnderWay::start(on, "batch = 10").await else { return };
        // The last in line: one leaves by a command, one by the way that web pages take, one is
        // suppressed, one erased.
        let [by_command, by_page, suppressed, erased] =
            [READERS - 1, READERS - 2, READERS - 3, READERS - 4].map(|n| run.readers[n].clone());
        run.newsroom.run(&["subscriber", "remove", &by_command]);
        run.newsroom.run(&["suppression", "add", &suppressed]);
        run.newsroom.run(&["subscriber", "erase", &erased]);
        leave(&run.newsroom, &by_page).await;
        assert!(!run.has_letter(&by_page), "too late to show anything");
        let report = run.newsroom.wait_state(run.number, "sent");
        assert_eq!(count(&report, "cancelled"), 4, "{report}");
        assert_eq!(count(&report, "accepted"), READERS - 4, "{report}");
        let gone = [by_command, by_page, suppressed, erased];
        let stayed: Vec<_> = run.readers.iter().filter(|reader| !gone.contains(reader)).cloned().collect();
        assert_eq!(run.letters.repeats(&stayed), 0);
    }
}

async fn leave(newsroom: &Newsroom, address: &str) {
    let engine = newsroom.engine().await;
    let mut tx = engine.db.read().await.unwrap();
    let address = EmailAddress::parse(address).unwrap();
    let subscriber = subscribers::find(&mut tx, &address).await.unwrap().unwrap();
    let list = catalog::find_list(&mut tx, "readers").await.unwrap().unwrap();
    drop(tx);
    let left = readers::leave(&engine, subscriber.id, list, "test").await.unwrap();
    assert_eq!(left, readers::Left::Now);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_bites_within_a_second_and_a_resume_goes_on() {
    for on in [On::Sqlite, On::Postgres] {
        let Some(run) = UnderWay::start(on, "").await else { return };
        run.newsroom.run(&["edition", "pause", &run.edition]);
        let held = Instant::now();
        sleep(BITE + Duration::from_secs(1));
        assert_eq!(run.after(held), 0, "letters went out after the hold");
        let at_rest = run.letters.arrived();
        assert!(at_rest < READERS, "the hold came too late to show anything");
        let report = run.newsroom.report(run.number);
        assert_eq!((&report["state"], count(&report, "accepted")), (&"paused".into(), at_rest), "{report}");
        assert_eq!(count(&report, "queued"), READERS - at_rest, "{report}");

        run.newsroom.run(&["edition", "resume", &run.edition]);
        let report = run.newsroom.wait_state(run.number, "sent");
        assert_eq!(count(&report, "accepted"), READERS, "{report}");
        assert_eq!(run.letters.repeats(&run.readers), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_run_ends_for_good() {
    for on in [On::Sqlite, On::Postgres] {
        let Some(run) = UnderWay::start(on, "").await else { return };
        run.newsroom.run(&["edition", "cancel", &run.edition, "--reason", "wrong story"]);
        let cancelled = Instant::now();
        sleep(BITE + Duration::from_secs(1));
        assert_eq!(run.after(cancelled), 0, "letters went out after the cancel");
        let at_rest = run.letters.arrived();
        assert!(at_rest < READERS, "the cancel came too late to show anything");
        let report = run.newsroom.wait_state(run.number, "cancelled");
        assert_eq!(report["reason"], "wrong story");
        assert_eq!(count(&report, "accepted"), at_rest, "{report}");
        assert_eq!(count(&report, "cancelled"), READERS - at_rest, "{report}");
        assert!(!run.newsroom.try_run(&["edition", "resume", &run.edition]).status.success());
        assert_eq!(run.letters.arrived(), at_rest);
    }
}

/// A daemon that was killed with letters in its hands, and a cancel while it was dead: what it had
/// claimed is cancelled by the next one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_daemon_had_claimed_is_cancelled_as_well() {
    for on in [On::Sqlite, On::Postgres] {
        let letters = Letters::start(Duration::from_millis(40)).await;
        let Some(newsroom) = Newsroom::open(on, &Settings::relay(letters.address)).await else { return };
        newsroom.import_readers(&addresses(READERS, "reader.test"));
        let edition = newsroom.start_edition();
        let mut daemon = newsroom.serve();
        letters.wait_arrived(20, LIMIT);
        daemon.signal(rustix::process::Signal::KILL);
        daemon.wait_exit(LIMIT);
        drop(daemon);
        newsroom.run(&["edition", "cancel", &edition.to_string()]);
        let _daemon = newsroom.serve();
        let report = crate::support::wait::until("every row to have ended", LIMIT, || {
            let report = newsroom.report(edition);
            let open = ["queued", "claimed", "deferred"].map(|state| count(&report, state));
            (open == [0, 0, 0]).then_some(report)
        });
        assert_eq!(count(&report, "accepted") + count(&report, "cancelled"), READERS, "{report}");
        assert!(letters.arrived() < 30, "{} letters", letters.arrived());
    }
}
