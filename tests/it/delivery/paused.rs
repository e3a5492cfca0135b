//! Runs that stop by themselves before harm is done, with letters that really go out: refused again
//! and again for reasons on our side, or a canary that failed.

use std::thread::sleep;
use std::time::Duration;

use super::newsroom::{LIMIT, Newsroom, OPS, On, Settings, addresses, count};
use crate::support::scripted_smtp::{Script, ScriptedSmtp};
use crate::support::wait;

/// A table in which all of `readers` are refused for what we are.
fn refused(readers: &[String]) -> Script {
    let lines =
        readers.iter().map(|reader| format!("{reader}\t1\tDOT\t554 5.7.1 Blocked by policy of yours"));
    Script::table(&lines.collect::<Vec<_>>().join("\n"))
}

fn taken(server: &ScriptedSmtp, readers: &[String]) -> usize {
    readers.iter().map(|reader| server.seen().taken_by(reader)).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_refused_again_and_again_pauses_with_what_was_said() {
    for on in [On::Sqlite, On::Postgres] {
        let readers = addresses(100, "reader.test");
        let server = ScriptedSmtp::start(refused(&readers[..50])).await;
        let settings = Settings { delivery: "pause_after = 20", ..Settings::relay(server.address) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        newsroom.import_readers(&readers);
        let edition = newsroom.start_edition();
        let _daemon = newsroom.serve();
        let report = newsroom.wait_state(edition, "paused");
        let reason = report["reason"].as_str().unwrap();
        assert!(reason.starts_with("refused 20 times in a row for reasons on our side"), "{reason}");
        assert!(reason.ends_with("Blocked by policy of yours"), "{reason}");
        // What was on its way when the twentieth came, and no more.
        let refused = count(&report, "rejected");
        assert!((20..50).contains(&refused), "{report}");
        wait::until("the alert", LIMIT, || (server.seen().taken_by(OPS) > 0).then_some(()));

        // The cause is mended; those that were refused are sent to again, and nobody else twice.
        newsroom.run(&["edition", "resume", &edition.to_string()]);
        newsroom.run(&["edition", "retry", &edition.to_string(), "--outcome", "rejected"]);
        let report = wait::until("everybody to have it", LIMIT, || {
            let report = newsroom.report(edition);
            if report["state"] == "paused" {
                newsroom.run(&["edition", "resume", &edition.to_string()]);
            }
            if report["state"] == "sent" && count(&report, "rejected") > 0 {
                newsroom.run(&["edition", "retry", &edition.to_string(), "--outcome", "rejected"]);
            }
            (count(&report, "accepted") == readers.len()).then_some(report)
        });
        assert_eq!(count(&report, "accepted"), 100, "{report}");
        assert!(readers.iter().all(|reader| server.seen().taken_by(reader) == 1));
    }
}

const CANARY: &str = "[newsletters.canary]\nfirst = 10\nwait = \"2s\"\nmax_errors = \"10%\"";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_daemons_hold_back_the_rest_until_the_canary_has_passed() {
    for on in [On::Sqlite, On::Postgres] {
        let readers = addresses(60, "reader.test");
        let server = ScriptedSmtp::start(Script::table("")).await;
        let settings = Settings { newsletter: CANARY, ..Settings::relay(server.address) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        newsroom.import_readers(&readers);
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        // SQLite serves one machine, and one daemon on it.
        let daemons = if on == On::Sqlite { 1 } else { 2 };
        let _daemons: Vec<_> = folders[..daemons].iter().map(|folder| newsroom.serve_in(folder)).collect();
        let edition = newsroom.start_edition();
        wait::until("the canary", LIMIT, || (taken(&server, &readers) >= 10).then_some(()));
        sleep(Duration::from_secs(1));
        assert_eq!(taken(&server, &readers), 10, "the rest is held back");
        let report = newsroom.report(edition);
        assert_eq!(
            (&report["state"], &report["run"]["canary"]),
            (&"sending".into(), &"waiting".into()),
            "{report}"
        );
        let report = newsroom.wait_state(edition, "sent");
        assert_eq!(
            (count(&report, "accepted"), &report["run"]["canary"]),
            (60, &"passed".into()),
            "{report}"
        );
        assert!(readers.iter().all(|reader| server.seen().taken_by(reader) == 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_that_failed_keeps_the_letter_from_the_rest() {
    for on in [On::Sqlite, On::Postgres] {
        let readers = addresses(60, "reader.test");
        let server = ScriptedSmtp::start(refused(&readers[..2])).await;
        let settings = Settings { newsletter: CANARY, ..Settings::relay(server.address) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        newsroom.import_readers(&readers);
        newsroom.import_stories();
        // Without a daemon, the command does all of it.
        let arguments = ["edition", "send", "--newsletter", "daily", "--now", "--wait", "--json"];
        let output = newsroom.try_run(&arguments);
        assert_eq!(output.status.code(), Some(1), "a paused run is no success");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&report["state"], count(&report, "queued")), (&"paused".into(), 50), "{report}");
        let reason =
            "canary: 2 of 10 letters failed, most of them with: 554 5.7.1 Blocked by policy of yours";
        assert_eq!(report["reason"], reason);
        assert_eq!(taken(&server, &readers), 8);
        assert_eq!(server.seen().taken_by(OPS), 2, "of the refusing domain, and of the run");

        newsroom.run(&["edition", "resume", "1"]);
        newsroom.run(&["edition", "send", "1", "--wait"]);
        let report = newsroom.report(1);
        assert_eq!((&report["state"], count(&report, "accepted")), (&"sent".into(), 58), "{report}");
    }
}

/// With nobody but the command, the canary passes and the rest follows in one call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_waits_sees_the_canary_through() {
    let readers = addresses(60, "reader.test");
    let server = ScriptedSmtp::start(Script::table("")).await;
    let settings = Settings { newsletter: CANARY, ..Settings::relay(server.address) };
    let newsroom = Newsroom::open(On::Sqlite, &settings).await.unwrap();
    newsroom.import_readers(&readers);
    newsroom.import_stories();
    newsroom.run(&["edition", "send", "--newsletter", "daily", "--now", "--wait"]);
    let report = newsroom.report(1);
    assert_eq!((&report["state"], count(&report, "accepted")), (&"sent".into(), 60), "{report}");
    let at = |reader: &str| server.seen().taken[reader][0].at;
    let (first, second) = (at(&readers[9]), at(&readers[10]));
    assert!(second - first >= Duration::from_millis(1_900), "the rest came {:?} later", second - first);
}
