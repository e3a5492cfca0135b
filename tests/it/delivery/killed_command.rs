//! `edition send --wait` killed again and again, as by an impatient operator or a cron that is cut
//! off: whoever calls it next goes on, and nobody is lost.

use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use newsletterd::clock::Clock;

use super::killed::number;
use super::letters::Letters;
use super::newsroom::{LIMIT, Newsroom, On, Settings, addresses, count};

/// Kills on each database.
const KILLS: usize = 15;
const READERS: usize = 300;
const CONNECTIONS: u8 = 4;
/// The longest that the command lives before it is killed, in milliseconds.
const LIFE: u64 = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_killed_at_any_instant_loses_nobody_on_sqlite() {
    kill_again_and_again(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_killed_at_any_instant_loses_nobody_on_postgresql() {
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
        newsroom.import_stories();
        let before = killed;
        // The key makes each call one about the same edition, whenever the last one died.
        let key = format!("kills-{killed}");
        while killed < kills {
            let mut command = send(&newsroom, &key);
            sleep(Duration::from_millis(chance.random_range(0..LIFE)));
            // Only a kill in mid-run counts.
            if letters.readers() == READERS {
                end(command);
                break;
            }
            command.kill().unwrap();
            command.wait().unwrap();
            killed += 1;
            if let Some(edition) = newsroom.editions().first().filter(|one| one["state"] == "sending") {
                // Asking checks that the numbers add up.
                newsroom.report(edition["edition"].as_i64().unwrap());
            }
        }
        end(send(&newsroom, &key));
        let edition = newsroom.editions()[0]["edition"].as_i64().unwrap();
        let report = newsroom.report(edition);
        assert_eq!((&report["state"], count(&report, "accepted")), (&"sent".into(), READERS), "{report}");
        let repeats = letters.repeats(&readers);
        let most = (killed - before) * usize::from(CONNECTIONS);
        assert!(repeats <= most, "{repeats} repeats after {} kills", killed - before);
        repeated += repeats;
    }
    println!("{on:?}: {killed} kills, {repeated} letters repeated, in {:?}", started.elapsed());
}

fn send(newsroom: &Newsroom, key: &str) -> Child {
    let arguments = ["edition", "send", "--newsletter", "daily", "--now", "--wait", "--request-key", key];
    newsroom.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Lets a command come to its end.
fn end(mut command: Child) {
    let begun = Instant::now();
    while command.try_wait().unwrap().is_none() {
        if begun.elapsed() > LIMIT {
            command.kill().unwrap();
            panic!("the command does not end");
        }
        sleep(Duration::from_millis(20));
    }
}
