//! A run in a person's hands: two daemons obey within a second, whoever was missed is known by
//! name and can be sent to again, and a relay that cannot be reached is no trap.

use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::letters::Letters;
use super::newsroom::{LIMIT, Newsroom, On, Settings, addresses, count, free_address};
use crate::support::daemon::Daemon;
use crate::support::scripted_smtp::{Script, ScriptedSmtp};

/// Within this time after an order, no letter may set out any more (promise 7).
const BITE: Duration = Duration::from_secs(1);

const READERS: usize = 400;

/// A run that two daemons share, slow enough to step into.
struct Shared {
    letters: Letters,
    newsroom: Newsroom,
    readers: Vec<String>,
    number: i64,
    daemons: [Daemon; 2],
    _folders: [TempDir; 2],
}

impl Shared {
    async fn start() -> Option<Self> {
        let letters = Letters::start(Duration::from_millis(40)).await;
        let settings = Settings { delivery: "batch = 10", ..Settings::relay(letters.address) };
        let newsroom = Newsroom::open(On::Postgres, &settings).await?;
        let readers = addresses(READERS, "reader.test");
        newsroom.import_readers(&readers);
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let daemons = folders.each_ref().map(|folder| newsroom.serve_in(folder));
        let number = newsroom.start_edition();
        letters.wait_arrived(40, LIMIT);
        Some(Self { letters, newsroom, readers, number, daemons, _folders: folders })
    }

    fn order(&self, arguments: &[&str]) -> Instant {
        let edition = self.number.to_string();
        let mut all = vec!["edition", arguments[0], &edition];
        all.extend(&arguments[1..]);
        self.newsroom.run(&all);
        Instant::now()
    }

    /// Waits until the order has bitten and a while longer; no letter may have set out since, and
    /// nothing may be left in anybody's hands. Gives how many letters there are.
    fn at_rest(&mut self, order: Instant) -> usize {
        let bitten = order + BITE;
        sleep(bitten.saturating_duration_since(Instant::now()));
        let report = self.newsroom.report(self.number);
        assert_eq!(count(&report, "claimed"), 0, "claimed rows go back: {report}");
        sleep(Duration::from_secs(2));
        self.daemons.iter_mut().for_each(Daemon::must_run);
        let late = self.letters.all().iter().filter(|letter| letter.at > bitten).count();
        assert_eq!(late, 0, "letters set out later than a second after the order");
        let arrived = self.letters.arrived();
        assert!((1..READERS).contains(&arrived), "the order came too late to show anything");
        arrived
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_daemons_obey_within_a_second() {
    let Some(mut run) = Shared::start().await else { return };
    let order = run.order(&["pause"]);
    let at_rest = run.at_rest(order);
    let report = run.newsroom.report(run.number);
    assert_eq!((&report["state"], count(&report, "accepted")), (&"paused".into(), at_rest), "{report}");
    assert_eq!(count(&report, "queued"), READERS - at_rest, "{report}");

    run.order(&["resume"]);
    run.letters.wait_arrived(at_rest + 80, LIMIT);
    let order = run.order(&["cancel", "--reason", "wrong story"]);
    let at_rest = run.at_rest(order);
    let report = run.newsroom.report(run.number);
    assert_eq!((&report["state"], &report["reason"]), (&"cancelled".into(), &"wrong story".into()));
    assert_eq!(count(&report, "accepted"), at_rest, "{report}");
    assert_eq!(count(&report, "cancelled"), READERS - at_rest, "rows follow: {report}");
    let got: Vec<_> = run.letters.all().into_iter().map(|letter| letter.to).collect();
    let readers: Vec<_> = run.readers.iter().filter(|reader| got.contains(reader)).cloned().collect();
    assert_eq!(run.letters.repeats(&readers), 0);
}

/// Scenario 14 of the field: who was missed is known by name, and only they are sent to again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_missed_is_known_and_only_they_are_sent_to_again() {
    for on in [On::Sqlite, On::Postgres] {
        let missed = ["reader003@reader.test", "reader007@reader.test"];
        let script = "reader003@reader.test\t1\tRCPT\t554 5.7.1 Refused by policy\n\
                      reader007@reader.test\t1\tDOT\t554 5.7.1 Looks like spam, \"sure\"\n\
                      reader009@reader.test\t1\tRCPT\t550 5.1.1 No such user";
        let server = ScriptedSmtp::start(Script::table(script)).await;
        let Some(newsroom) = Newsroom::open(on, &Settings::relay(server.address)).await else { return };
        newsroom.import_readers(&addresses(10, "reader.test"));
        newsroom.import_stories();
        newsroom.run(&["edition", "send", "--newsletter", "daily", "--now", "--wait"]);

        let all = newsroom.run(&["edition", "deliveries", "1", "--csv"]);
        assert_eq!(all.lines().count(), 11, "{all}");
        let rejected = newsroom.run(&["edition", "deliveries", "1", "--outcome", "rejected", "--csv"]);
        let mut lines = csv::Reader::from_reader(rejected.as_bytes());
        assert_eq!(
            lines.headers().unwrap().iter().collect::<Vec<_>>(),
            [
                "subscriber",
                "address",
                "outcome",
                "attempts",
                "relay",
                "code",
                "enhanced",
                "reply",
                "due_at",
                "ended_at"
            ]
        );
        let rows: Vec<_> = lines.records().map(Result::unwrap).collect();
        let told: Vec<_> = rows.iter().map(|row| (&row[1], &row[2], &row[4], &row[5], &row[6])).collect();
        let expected = missed.map(|to| (to, "rejected", "main", "554", "5.7.1"));
        assert_eq!(told, expected);
        assert_eq!(&rows[1][7], "Looks like spam, \"sure\"");
        let bounced = newsroom.run(&["edition", "deliveries", "1", "--outcome", "bounced", "--json"]);
        assert!(bounced.lines().count() == 1 && bounced.contains("reader009@reader.test"), "{bounced}");
        let wrong = newsroom.try_run(&["edition", "deliveries", "1", "--outcome", "lost"]);
        assert_eq!(wrong.status.code(), Some(2), "no such outcome");

        newsroom.run(&["edition", "retry", "1", "--outcome", "rejected"]);
        newsroom.run(&["edition", "send", "1", "--wait"]);
        for n in 1..=10 {
            let reader = format!("reader{n:03}@reader.test");
            let tries = if missed.contains(&reader.as_str()) { 2 } else { 1 };
            assert_eq!(server.seen().attempts_at(&reader), tries, "{reader}");
        }
        let rejected = newsroom.run(&["edition", "deliveries", "1", "--outcome", "rejected", "--csv"]);
        assert_eq!(rejected.lines().count(), 1, "only the names: {rejected}");
    }
}

/// Scenario 15 of the field: a relay that cannot be reached is seen, and the run can be cancelled.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_relay_cannot_be_reached_is_seen_and_cancelled_within_seconds() {
    for on in [On::Sqlite, On::Postgres] {
        let address = free_address();
        let Some(newsroom) = Newsroom::open(on, &Settings::relay(address)).await else { return };
        newsroom.import_readers(&addresses(20, "reader.test"));
        let edition = newsroom.start_edition();
        let mut daemon = newsroom.serve();
        daemon.wait_log("relay.failures=2", LIMIT);
        assert!(daemon.log().contains("relay down"), "the error is in the log");
        let told = newsroom.run(&["edition", "report", &edition.to_string()]);
        assert!(told.contains("20  queued") && told.contains("nothing was accepted"), "{told}");

        let report = newsroom.report(edition);
        assert_eq!(report["run"]["forecast"], "unknown", "nobody pretends to know: {report}");

        let order = Instant::now();
        newsroom.run(&["edition", "cancel", &edition.to_string(), "--reason", "wrong template"]);
        let report = newsroom.wait_state(edition, "cancelled");
        assert_eq!(count(&report, "cancelled"), 20, "{report}");
        assert!(order.elapsed() < Duration::from_secs(5), "{:?}", order.elapsed());
        // The relay is back: nothing of the cancelled edition leaves.
        let letters = Letters::start_at(address, Duration::ZERO).await;
        sleep(Duration::from_secs(4));
        daemon.must_run();
        let to_readers = letters.all().iter().filter(|letter| letter.to.ends_with("@reader.test")).count();
        assert_eq!(to_readers, 0, "nothing more leaves");
    }
}

/// Without a terminal, `--wait` says every ten seconds how far it is, and on stdout there is
/// nothing but the report.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_terminal_a_plain_line_says_how_far_it_is() {
    let letters = Letters::start(Duration::from_millis(40)).await;
    let settings = Settings { connections: 1, ..Settings::relay(letters.address) };
    let newsroom = Newsroom::open(On::Sqlite, &settings).await.unwrap();
    newsroom.import_readers(&addresses(300, "reader.test"));
    newsroom.import_stories();
    let arguments = ["edition", "send", "--newsletter", "daily", "--now", "--wait", "--json"];
    let output = newsroom.try_run(&arguments);
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{stderr}");
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&report["state"], count(&report, "accepted")), (&"sent".into(), 300), "{report}");
    let run = &report["run"];
    assert_eq!(run["relays"][0]["relay"], "main");
    assert_eq!(run["relays"][0]["accepted"], 300);
    assert!(run.get("forecast").is_none(), "it is done: {run}");
    // 40 ms and more for each.
    let rate = run["per_second"].as_f64().unwrap();
    assert!((5.0..25.5).contains(&rate), "{rate}");
    let lines: Vec<_> = stderr.lines().filter(|line| line.contains(" of 300")).collect();
    assert!(!lines.is_empty(), "{stderr}");
    assert!(lines[0].contains("/s") && lines[0].contains("done about"), "{lines:?}");

    let told = newsroom.run(&["edition", "report", "1"]);
    assert!(told.contains("300  accepted") && told.contains("300  audience"), "{told}");
    assert!(told.contains("relays    main 300"), "{told}");
}
