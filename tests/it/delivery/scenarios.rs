//! What hurt the users of other senders, as tests. Which report is held by which test:
//!
//! | report | what went wrong | test |
//! | --- | --- | --- |
//! | 1 | killed in mid-run, the rest never sent, the run "finished" | `killed`, and here: a list smaller and larger than a batch |
//! | 2 | a batch of suppressed readers ended the run | here |
//! | 3 | after a pause the run began from the start | here; `stopped` |
//! | 6 | two schedulers, two copies | `two_daemons`, `limits::three_daemons` |
//! | 7 | one refusal in a batch left the others unmarked | here; `faults::relay_steps` |
//! | 9 | temporary refusals were final | here; `deferred` |
//! | 10 | 421 after some messages a session | here |
//! | 11 | MAIL after a refused RCPT without RSET | here |
//! | 12 | waiting for a connection counted as a failure | here |
//! | 13 | the rate that was set is not the rate that was had; one limit for all servers | `limits` |

use std::fmt::Write as _;
use std::time::Duration;

use rustix::process::Signal;

use super::letters::Letters;
use super::newsroom::{LIMIT, Newsroom, On, Settings, addresses, count};
use crate::support::scripted_smtp::{Script, ScriptedSmtp};

const ROUND: [On; 2] = [On::Sqlite, On::Postgres];

/// Report 1.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_the_half_a_run_goes_on_whatever_the_size_of_a_batch() {
    for on in ROUND {
        for delivery in ["batch = 10", "batch = 1000"] {
            let letters = Letters::start(Duration::from_millis(10)).await;
            let settings = Settings { delivery, ..Settings::relay(letters.address) };
            let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
            let readers = addresses(200, "reader.test");
            newsroom.import_readers(&readers);
            let edition = newsroom.start_edition();
            let mut daemon = newsroom.serve();
            letters.wait_arrived(100, LIMIT);
            daemon.signal(Signal::KILL);
            daemon.wait_exit(LIMIT);
            let report = newsroom.report(edition);
            assert_eq!(report["state"], "sending", "{report}");
            drop(daemon);
            let _daemon = newsroom.serve();
            let report = newsroom.wait_state(edition, "sent");
            assert_eq!(count(&report, "accepted"), 200, "{report}");
            let repeats = letters.repeats(&readers);
            assert!(repeats <= 4, "{on:?}, {delivery}: {repeats}");
        }
    }
}

/// Report 2. A batch of ids in the middle gets nothing; the edition does not end there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_batch_of_suppressed_readers_ends_nothing() {
    for on in ROUND {
        let letters = Letters::start(Duration::ZERO).await;
        let settings = Settings { delivery: "batch = 100", ..Settings::relay(letters.address) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        let readers: Vec<_> = (0..600).map(|n| format!("reader{n}@reader.test")).collect();
        newsroom.import_readers(&readers);
        let suppressed = |reader: &&String| readers[200..400].contains(*reader);
        newsroom.suppress(&readers[200..400]).await;
        let edition = newsroom.start_edition();
        let _daemon = newsroom.serve();
        let report = newsroom.wait_state(edition, "sent");
        assert_eq!(count(&report, "accepted"), 400, "{report}");
        let others: Vec<_> = readers.iter().filter(|reader| !suppressed(reader)).cloned().collect();
        assert_eq!(letters.repeats(&others), 0);
    }
}

/// Report 3. The relay drops its connections in mid-run; people pause and resume, three times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paused_and_resumed_again_and_again_nobody_gets_two() {
    let readers = addresses(150, "reader.test");
    let mut table = String::new();
    for reader in readers.iter().skip(50).step_by(25) {
        writeln!(table, "{reader}\t1\tRCPT\tclose").unwrap();
    }
    for on in ROUND {
        let server = ScriptedSmtp::start(Script::table(&table)).await;
        let settings = Settings { relay_keys: "rate = \"60/s\"", ..Settings::relay(server.address) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        newsroom.import_readers(&readers);
        let edition = newsroom.start_edition();
        let _daemon = newsroom.serve();
        for part in [30, 60, 90] {
            crate::support::wait::until("some letters", LIMIT, || {
                (server.seen().taken.len() >= part).then_some(())
            });
            newsroom.run(&["edition", "pause", &edition.to_string()]);
            newsroom.run(&["edition", "resume", &edition.to_string()]);
        }
        let report = newsroom.wait_state(edition, "sent");
        assert_eq!(count(&report, "accepted"), readers.len(), "{report}");
        for reader in &readers {
            assert_eq!(server.seen().taken_by(reader), 1, "{on:?}: {reader}");
        }
    }
}

/// Report 7.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_refusal_among_a_hundred_is_one_refusal() {
    let readers = addresses(100, "reader.test");
    for on in ROUND {
        let table = "reader042@reader.test\talways\tRCPT\t554 5.7.1 Not that one";
        let server = ScriptedSmtp::start(Script::table(table)).await;
        let Some(newsroom) = Newsroom::open(on, &Settings::relay(server.address)).await else { return };
        newsroom.import_readers(&readers);
        let edition = newsroom.start_edition();
        let _daemon = newsroom.serve();
        let report = newsroom.wait_state(edition, "sent");
        assert_eq!((count(&report, "accepted"), count(&report, "rejected")), (99, 1), "{report}");
        let seen = server.seen();
        for reader in &readers {
            assert_eq!(seen.attempts_at(reader), 1, "{on:?}: {reader}");
        }
    }
}

/// Report 9.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_third_refused_for_now_is_delivered_later() {
    let readers = addresses(90, "reader.test");
    let mut table = String::new();
    for reader in readers.iter().step_by(3) {
        writeln!(table, "{reader}\t1\tRCPT\t454 4.7.0 Throttled\n{reader}\t2\tDOT\t450 4.7.0 Throttled")
            .unwrap();
    }
    for on in ROUND {
        let server = ScriptedSmtp::start(Script::table(&table)).await;
        let Some(newsroom) = Newsroom::open(on, &Settings::relay(server.address)).await else { return };
        newsroom.import_readers(&readers);
        let edition = newsroom.start_edition();
        let _daemon = newsroom.serve();
        let report = newsroom.wait_state(edition, "sent");
        assert_eq!(count(&report, "accepted"), readers.len(), "{report}");
        let seen = server.seen();
        for (number, reader) in readers.iter().enumerate() {
            assert_eq!(seen.taken_by(reader), 1, "{on:?}: {reader}");
            let attempts = &seen.attempts[reader];
            assert_eq!(attempts.len(), if number % 3 == 0 { 3 } else { 1 }, "{on:?}: {reader}");
            let pauses: Vec<_> = attempts.windows(2).map(|pair| pair[1] - pair[0]).collect();
            assert!(pauses.iter().all(|pause| *pause >= Duration::from_secs(1)), "{pauses:?}");
            assert!(pauses.windows(2).all(|pair| pair[0] < pair[1]), "{pauses:?}");
        }
    }
}

/// Report 10. The relay ends a session in its own time; only the letter that it did not take goes
/// again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_ends_sessions_gets_each_letter_once() {
    let readers = addresses(250, "reader.test");
    for on in ROUND {
        let table = "*\t101\tMAIL\t421 4.7.0 Too many messages\n*\t202\tMAIL\t421 4.7.0 Too many messages";
        let server = ScriptedSmtp::start(Script::table(table)).await;
        let settings = Settings { connections: 1, ..Settings::relay(server.address) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        newsroom.import_readers(&readers);
        let edition = newsroom.start_edition();
        let _daemon = newsroom.serve();
        let report = newsroom.wait_state(edition, "sent");
        assert_eq!(count(&report, "accepted"), readers.len(), "{report}");
        let seen = server.seen();
        for reader in &readers {
            assert_eq!((seen.taken_by(reader), seen.attempts_at(reader)), (1, 1), "{on:?}: {reader}");
        }
        assert!(seen.connections >= 3, "{}", seen.connections);
    }
}

/// Report 10, too: we end it first, where that is configured.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_has_no_more_messages_than_it_may() {
    let readers = addresses(120, "reader.test");
    for on in ROUND {
        let server = ScriptedSmtp::start(Script::table("")).await;
        let keys = "messages_per_connection = 25";
        let settings = Settings { connections: 1, relay_keys: keys, ..Settings::relay(server.address) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        newsroom.import_readers(&readers);
        let edition = newsroom.start_edition();
        let _daemon = newsroom.serve();
        newsroom.wait_state(edition, "sent");
        let seen = server.seen();
        let sessions = seen.commands.split(|line| line.starts_with("EHLO"));
        let most = sessions.map(|lines| lines.iter().filter(|line| line.starts_with("MAIL")).count()).max();
        assert_eq!(most, Some(25), "{on:?}");
        assert!(readers.iter().all(|reader| seen.taken_by(reader) == 1));
    }
}

/// Report 11.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_recipient_is_reset_before_the_next_and_keeps_the_connection() {
    let readers = addresses(20, "reader.test");
    let table = "reader004@reader.test\t1\tRCPT\t450 4.2.0 Greylisted\n\
                 reader008@reader.test\t1\tDATA\t451 4.3.0 Not now\n\
                 reader012@reader.test\talways\tRCPT\t550 5.1.1 User unknown";
    for on in ROUND {
        let server = ScriptedSmtp::start(Script::table(table)).await;
        let settings = Settings { connections: 1, ..Settings::relay(server.address) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        newsroom.import_readers(&readers);
        let edition = newsroom.start_edition().to_string();
        newsroom.try_run(&["edition", "send", &edition, "--wait"]);
        let seen = server.seen();
        for refused in ["reader004", "reader008", "reader012"] {
            let at = seen.commands.iter().position(|line| line.starts_with("RCPT") && line.contains(refused));
            let rest = &seen.commands[at.unwrap() + 1..];
            let next_mail = rest.iter().position(|line| line.starts_with("MAIL")).unwrap_or(rest.len());
            let resets = rest[..next_mail].iter().filter(|line| *line == "RSET").count();
            assert_eq!(resets, 1, "{on:?}, {refused}: {:?}", &rest[..next_mail]);
        }
        assert!(!seen.commands.is_empty());
        assert_eq!(seen.connections, 1, "{on:?}: a refusal costs no connection");
    }
}

/// Report 12. The relay takes two connections, and each letter takes its time; sixteen are allowed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_for_a_connection_costs_nobody_an_attempt() {
    let readers = addresses(40, "reader.test");
    for on in ROUND {
        let script = Script { connections: Some(2), ..Script::table("*\talways\tDOT\tdrip 250 2.0.0 ok") };
        let server = ScriptedSmtp::start(script).await;
        let settings = Settings { connections: 16, ..Settings::relay(server.address) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        newsroom.import_readers(&readers);
        let edition = newsroom.start_edition();
        let _daemon = newsroom.serve();
        let report = newsroom.wait_state(edition, "sent");
        assert_eq!(count(&report, "accepted"), readers.len(), "{report}");
        let seen = server.seen();
        for reader in &readers {
            assert_eq!((seen.taken_by(reader), seen.attempts_at(reader)), (1, 1), "{on:?}: {reader}");
        }
    }
}
