//! A relay that fails at every step in every way, in the middle of an edition: each reader's letter
//! comes to its right end, nobody is lost, nobody gets two, and who is poison suffers alone.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::delivery::newsroom::{LIMIT, Newsroom, On, Settings, addresses, count};
use crate::support::scripted_smtp::{Script, ScriptedSmtp};

const ROUND: [On; 2] = [On::Sqlite, On::Postgres];

/// What the relay does once instead of what it should, and does not do again.
const FOR_NOW: [&str; 6] = [
    "451 4.3.0 Not now",
    "421 4.3.2 Going down",
    "close",
    "close: 451 4.3.0 Not now",
    "garbage",
    "drip 451 4.3.0 Slowly: not now",
];
/// Steps at which it is known whom it is about.
const STEPS: [&str; 4] = ["RCPT", "DATA", "BODY", "DOT"];
/// Steps at which it is not.
const STEPS_BEFORE: [&str; 3] = ["CONNECT", "EHLO", "MAIL"];

fn script(table: &str, pipelining: bool) -> Script {
    let mut script = Script::table(table);
    script.offers.extend(pipelining.then(|| "PIPELINING".to_owned()));
    script
}

/// Sends with no daemon about until all have ended; gives the report.
fn send_to_the_end(newsroom: &Newsroom) -> Value {
    let edition = newsroom.start_edition();
    let started = Instant::now();
    loop {
        newsroom.try_run(&["edition", "send", &edition.to_string(), "--wait"]);
        let report = newsroom.report(edition);
        if report["state"] != "sending" {
            return report;
        }
        assert!(started.elapsed() < LIMIT, "{report}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_for_now_at_any_step_is_made_good() {
    let readers = addresses(60, "reader.test");
    let mut table = String::new();
    let mut poison = readers.iter().skip(1).step_by(2);
    for step in STEPS {
        // Who answers a message that is not whole has to end the connection with it.
        let ends = |act: &&str| step != "BODY" || !act.starts_with(['4', 'd']) || act.starts_with("421");
        for act in FOR_NOW.into_iter().filter(|act| ends(act)) {
            writeln!(table, "{}\t1\t{step}\t{act}", poison.next().unwrap()).unwrap();
        }
    }
    // The letter was taken, and the connection ends after that: nothing to be made good.
    for act in ["close", "421 4.3.2 Going down"] {
        writeln!(table, "{}\t1\tAFTER\t{act}", poison.next().unwrap()).unwrap();
    }
    for (on, pipelining) in ROUND.into_iter().flat_map(|on| [(on, false), (on, true)]) {
        let server = ScriptedSmtp::start(script(&table, pipelining)).await;
        let settings = Settings { connections: 2, ..Settings::relay(server.address) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        newsroom.import_readers(&readers);
        let report = send_to_the_end(&newsroom);
        assert_eq!(count(&report, "accepted"), readers.len(), "{report}");
        for reader in &readers {
            assert_eq!(server.seen().taken_by(reader), 1, "{on:?}: {reader}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_before_anybody_is_named_costs_nobody_an_attempt() {
    let readers = addresses(40, "reader.test");
    let mut table = String::new();
    // One after another: before each, the one connection has worked.
    // Few, because the relay rests after each.
    let faults = FOR_NOW.into_iter().zip(STEPS_BEFORE.into_iter().cycle()).take(4);
    for (number, (act, step)) in faults.enumerate() {
        writeln!(table, "*\t{}\t{step}\t{act}", 2 + number).unwrap();
    }
    for on in ROUND {
        let server = ScriptedSmtp::start(Script::table(&table)).await;
        let settings = Settings { connections: 1, ..Settings::relay(server.address) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        newsroom.import_readers(&readers);
        let report = send_to_the_end(&newsroom);
        assert_eq!(count(&report, "accepted"), readers.len(), "{report}");
        for reader in &readers {
            assert_eq!(server.seen().taken_by(reader), 1, "{on:?}: {reader}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_refused_for_good_at_any_step_suffers_alone() {
    let readers = addresses(30, "reader.test");
    // One in ten, so that the guard against many hard bounces has nothing to say.
    let table = "reader005@reader.test\talways\tRCPT\t550 5.1.1 User unknown\n\
                 reader015@reader.test\talways\tDATA\t554 5.6.0 Not this\n\
                 reader025@reader.test\talways\tDOT\t554 5.6.0 Not this";
    for (on, pipelining) in ROUND.into_iter().flat_map(|on| [(on, false), (on, true)]) {
        let server = ScriptedSmtp::start(script(table, pipelining)).await;
        let settings = Settings { connections: 2, ..Settings::relay(server.address) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        newsroom.import_readers(&readers);
        let report = send_to_the_end(&newsroom);
        assert_eq!(count(&report, "accepted"), 27, "{report}");
        assert_eq!(count(&report, "bounced") + count(&report, "rejected"), 3, "{report}");
        for (number, reader) in (1..).zip(&readers) {
            let taken = usize::from(![5, 15, 25].contains(&number));
            let seen = server.seen();
            assert_eq!(seen.taken_by(reader), taken, "{on:?}: {reader}");
            assert_eq!(seen.attempts_at(reader), 1, "{on:?}: {reader}");
        }
    }
}

/// One letter at which the relay dies each time: not one of the others waits for it for long, and the
/// relay is not taken for down.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_that_breaks_every_connection_holds_up_nobody_else() {
    let readers = addresses(100, "reader.test");
    let poison = "reader007@reader.test";
    for act in ["BODY\tclose", "DATA\tclose", "BODY\t421 4.3.0 Crashed"] {
        for on in ROUND {
            let server = ScriptedSmtp::start(Script::table(&format!("{poison}\talways\t{act}"))).await;
            let Some(newsroom) = Newsroom::open(on, &Settings::relay(server.address)).await else { return };
            newsroom.import_readers(&readers);
            let edition = newsroom.start_edition();
            let started = Instant::now();
            let _daemon = newsroom.serve();
            let report = crate::support::wait::until("everybody else's letter", LIMIT, || {
                Some(newsroom.report(edition)).filter(|report| count(report, "accepted") == 99)
            });
            println!("{on:?}, {act}: 99 letters in {:?}", started.elapsed());
            assert_eq!(report["state"], "sending", "the poisoned letter is still to be tried: {report}");
            for reader in readers.iter().filter(|reader| *reader != poison) {
                assert_eq!(server.seen().taken_by(reader), 1, "{on:?}, {act}: {reader}");
            }
            assert_eq!(server.seen().taken_by(poison), 0);
        }
    }
}

/// A relay that says nothing more in the middle of a letter: the time-out ends it, and the letter is
/// sent again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_is_waited_out_and_made_good() {
    let readers = addresses(20, "reader.test");
    let mut table = String::new();
    for (reader, step) in readers.iter().zip(["MAIL", "RCPT", "DATA"]) {
        writeln!(table, "{reader}\t1\t{step}\tsilence").unwrap();
    }
    for on in ROUND {
        let server = ScriptedSmtp::start(Script::table(&table)).await;
        let settings = Settings { relay_keys: "timeout = \"1s\"", ..Settings::relay(server.address) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        newsroom.import_readers(&readers);
        let report = send_to_the_end(&newsroom);
        assert_eq!(count(&report, "accepted"), readers.len(), "{report}");
        for reader in &readers {
            assert_eq!(server.seen().taken_by(reader), 1, "{on:?}: {reader}");
        }
    }
}
