//! PostgreSQL crashes in mid-run and comes up again a while later; the daemon goes on by itself.

use std::process::{Command, Output};
use std::time::Duration;

use tempfile::TempDir;

use crate::delivery::letters::Letters;
use crate::delivery::newsroom::{LIMIT, Newsroom, Settings, addresses, count};
use crate::support::{root, skip};

const READERS: usize = 600;

/// A server of the test's own; it ends with this value.
struct Server {
    folder: TempDir,
    url: String,
}

impl Server {
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        open_to_all(&folder);
        if !script(&folder, &["binaries"]).status.success() {
            skip("no PostgreSQL; run tests/run");
            return None;
        }
        let output = script(&folder, &["start"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).unwrap();
        let url = said.trim().split_once('=').unwrap().1.to_owned();
        Some(Self { folder, url })
    }

    fn crash(&self) {
        assert!(script(&self.folder, &["stop"]).status.success());
    }

    fn start_again(&self) {
        let output = script(&self.folder, &["again"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(script(&self.folder, &["stop"]));
    }
}

/// As root, the server runs as another user, who has to reach its folder.
fn open_to_all(folder: &TempDir) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn script(folder: &TempDir, arguments: &[&str]) -> Output {
    Command::new(root().join("tests/servers/postgres"))
        .args(arguments)
        .arg(folder.path().join("server"))
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_crashes_and_comes_back_loses_and_repeats_nothing() {
    let Some(server) = Server::start() else { return };
    let letters = Letters::start(Duration::from_millis(20)).await;
    let settings = Settings { delivery: "batch = 20\nlease = \"30s\"", ..Settings::relay(letters.address) };
    let newsroom = Newsroom::on_url(&server.url, &settings);
    let readers = addresses(READERS, "reader.test");
    newsroom.import_readers(&readers);
    let edition = newsroom.start_edition();
    let mut daemon = newsroom.serve();
    for (arrived, down) in [(100, Duration::from_secs(2)), (300, Duration::ZERO)] {
        letters.wait_arrived(arrived, LIMIT);
        server.crash();
        std::thread::sleep(down);
        assert!(letters.arrived() < READERS, "too late to show anything");
        server.start_again();
    }
    let report = newsroom.wait_state(edition, "sent");
    daemon.must_run();
    assert_eq!(count(&report, "accepted"), READERS, "{report}");
    letters.forget_alerts();
    // The daemon lives, and knows what the relay has accepted.
    assert_eq!(letters.repeats(&readers), 0);
}
