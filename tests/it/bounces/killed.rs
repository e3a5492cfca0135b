//! The daemon is killed again and again while reports come in by every way: none is lost, and none is
//! counted twice.
//!
//! `NEWSLETTERD_TEST_KILLS` and `NEWSLETTERD_TEST_SEED` as in `delivery::killed`.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use newsletterd::clock::Clock;
use newsletterd::domain::ids::EditionId;
use newsletterd::mail::smtp::hand_over;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rustix::process::Signal;

use super::submit::submit;
use super::{lines, report, subscriber};
use crate::delivery::killed::number;
use crate::delivery::letters::Letters;
use crate::delivery::newsroom::{LIMIT, Newsroom, On, Settings, addresses, free_address};
use crate::support::daemon::Daemon;
use crate::support::postfix::mail_server;

const KILLS: usize = 50;
/// Reports by each way between two kills.
const EACH: usize = 1;
/// The longest that a daemon lives before it is killed, in milliseconds from its readiness.
const LIFE: u64 = 250;

const COUNTED: &str = "SELECT r.intake || ' ' || COUNT(DISTINCT r.subscriber_id) || ' ' || SUM(r.counted) \
    FROM reports r GROUP BY r.intake ORDER BY 1";
const SCORES: &str = "SELECT score || ' ' || COUNT(*) FROM bounce_scores GROUP BY score ORDER BY 1";
const WAITING: &str = "SELECT CAST(COUNT(*) AS TEXT) FROM reports WHERE processed_at IS NULL";
const SETTLED: &str =
    "SELECT CAST(COUNT(DISTINCT subscriber_id) AS TEXT) FROM reports WHERE processed_at IS NOT NULL";

/// Where reports go in.
struct Ways {
    listen: SocketAddr,
    smtp: String,
    folder: PathBuf,
}

impl Ways {
    /// A report goes in by one of the four ways.
    fn put(&self, number: usize, local: &str, mail: &str) {
        match number % 4 {
            0 => {
                let (listen, mail) = (self.listen, mail.to_owned());
                let to = format!("{local}@bounces.news.test");
                // As a mail server does: again and again until it is taken.
                tokio::spawn(async move {
                    while hand_over(listen, &[&to], mail.as_bytes()).await.is_err() {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                });
            }
            1 => self.deliver(local, "box", mail),
            2 => self.deliver(local, "drop", mail),
            _ => {
                let name = format!("{number}.tests");
                fs::write(self.folder.join("tmp").join(&name), mail).unwrap();
                fs::rename(self.folder.join("tmp").join(&name), self.folder.join("new").join(&name)).unwrap();
            }
        }
    }

    fn deliver(&self, local: &str, mailbox: &str, mail: &str) {
        submit(&self.smtp, "<>", &format!("<{local}@{mailbox}.ways.news.test>"), mail.as_bytes());
    }
}

fn settings(relay: SocketAddr, listen: SocketAddr, folder: &Path, imap: &str, pop3: &str) -> Settings {
    let mailbox = |name: &str, url: &str| {
        format!(
            "[[bounces.mailboxes]]\nname = \"{name}\"\nurl = \"{url}\"\npassword_file = \"mail.password\"\nevery = \"1s\"\n"
        )
    };
    let bounces = format!(
        "listen = \"{listen}\"\nmaildirs = [\"{}\"]\n{}{}",
        folder.display(),
        mailbox("box", &format!("imap://box@{imap}")),
        mailbox("drop", &format!("pop3://drop@{pop3}")),
    );
    Settings { bounces, ..Settings::relay(relay) }
}

fn serve(newsroom: &Newsroom) -> Daemon {
    let mut daemon = Daemon::start(newsroom.command(&["serve", "--role", "intake"]), newsroom.folder());
    daemon.wait_notice("READY=1", LIMIT);
    daemon
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_instant_no_report_is_lost_or_counted_twice() {
    let Some(server) = mail_server() else { return };
    let kills = number("NEWSLETTERD_TEST_KILLS").map_or(KILLS, |kills| usize::try_from(kills).unwrap());
    let seed = number("NEWSLETTERD_TEST_SEED")
        .unwrap_or_else(|| Clock::System.now().timestamp_millis().unsigned_abs());
    println!("NEWSLETTERD_TEST_SEED={seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let letters = Letters::start(Duration::ZERO).await;
    let folder = tempfile::tempdir().unwrap();
    for part in ["new", "cur", "tmp"] {
        fs::create_dir(folder.path().join(part)).unwrap();
    }
    let listen = free_address();
    let settings = settings(letters.address, listen, folder.path(), &server.imap, &server.pop3);
    let newsroom = Newsroom::open(On::Sqlite, &settings).await.unwrap();
    crate::support::file(newsroom.folder(), "mail.password", "testpw");
    let readers = addresses(kills * EACH * 4, "reader.test");
    newsroom.import_readers(&readers);
    newsroom.import_stories();
    let sent = newsroom.json(&["edition", "send", "--newsletter", "daily", "--now", "--wait", "--json"]);
    let edition = EditionId(sent["edition"].as_i64().unwrap());
    let engine = newsroom.engine().await;
    let mut reports = Vec::new();
    for reader in &readers {
        let local = engine.keys.return_path(edition, subscriber(&engine, reader).await);
        let path = format!("{local}@bounces.news.test");
        reports.push((local, report(&path, reader, "failed", "5.2.2", "552 5.2.2 mailbox full")));
    }

    let ways = Ways { listen, smtp: server.smtp.clone(), folder: folder.path().to_owned() };
    let (started, mut fed) = (Instant::now(), reports.iter().enumerate());
    let mut in_flow = 0;
    for _ in 0..kills {
        let mut daemon = serve(&newsroom);
        for (number, (local, mail)) in fed.by_ref().take(EACH * 4) {
            ways.put(number, local, mail);
            // Some come twice, as mail does.
            if number % 5 == 0 {
                ways.put(number, local, mail);
            }
        }
        tokio::time::sleep(Duration::from_millis(chance.random_range(0..LIFE))).await;
        daemon.signal(Signal::KILL);
        daemon.wait_exit(LIMIT);
        let waiting = &lines(&engine, WAITING).await[0];
        let settled: usize = lines(&engine, SETTLED).await[0].parse().unwrap();
        in_flow += usize::from(waiting != "0" || settled < reports.len() - fed.len());
    }
    let _daemon = serve(&newsroom);
    let all = reports.len();
    let deadline = Instant::now() + LIMIT;
    while lines(&engine, SETTLED).await[0] != all.to_string() || lines(&engine, WAITING).await[0] != "0" {
        let counted = lines(&engine, COUNTED).await;
        assert!(Instant::now() < deadline, "reports are lost: {counted:?} of {all}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("{kills} kills, {in_flow} of them with reports on their way, in {:?}", started.elapsed());
    assert!(in_flow * 2 > kills, "most kills came when all was done: {in_flow} of {kills}");
    let quarter = all / 4;
    let expected = ["imap", "listener", "maildir", "pop3"].map(|way| format!("{way} {quarter} {quarter}"));
    assert_eq!(lines(&engine, COUNTED).await, expected);
    assert_eq!(lines(&engine, SCORES).await, [format!("1000 {all}")]);
}
