//! The disk of the SQLite file is full in mid-run, and has room again a while later.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::delivery::letters::Letters;
use crate::delivery::newsroom::{LIMIT, Newsroom, On, Settings, addresses, count};
use crate::support::skip;

const READERS: usize = 400;

/// A small disk; it is taken away with this value.
struct Disk<'a>(&'a Path);

impl<'a> Disk<'a> {
    fn mount(at: &'a Path) -> Option<Self> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=16m", "tmpfs"]).arg(at).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(at));
        }
        skip("no disk of the test's own can be mounted here; run as root");
        None
    }

    /// Writes until nothing fits any more.
    fn fill(&self) {
        let mut filler = fs::File::create(self.filler()).unwrap();
        for size in [64 * 1024, 512] {
            while filler.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> std::path::PathBuf {
        self.0.join("filler")
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        // Lazily: a daemon that ends a moment later does not hold it.
        drop(Command::new("umount").arg("-l").arg(self.0).status());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_for_a_while_loses_and_repeats_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(folder.path()) else { return };
    let letters = Letters::start(Duration::from_millis(20)).await;
    let settings = Settings {
        database_folder: Some(folder.path().to_owned()),
        delivery: "batch = 20\nlease = \"30s\"",
        ..Settings::relay(letters.address)
    };
    let Some(newsroom) = Newsroom::open(On::Sqlite, &settings).await else { return };
    let readers = addresses(READERS, "reader.test");
    newsroom.import_readers(&readers);
    let edition = newsroom.start_edition();
    let mut daemon = newsroom.serve();
    letters.wait_arrived(100, LIMIT);
    disk.fill();
    std::thread::sleep(Duration::from_secs(3));
    let arrived = letters.arrived();
    assert!(arrived < READERS, "the disk was not full in time to show anything");
    std::thread::sleep(Duration::from_secs(1));
    // It does not send what it cannot record.
    assert_eq!(letters.arrived(), arrived, "sent on with a full disk");
    disk.make_room();
    let report = newsroom.wait_state(edition, "sent");
    daemon.must_run();
    assert_eq!(count(&report, "accepted"), READERS, "{report}");
    letters.forget_alerts();
    assert_eq!(letters.repeats(&readers), 0);
    drop((daemon, newsroom, disk));
}
