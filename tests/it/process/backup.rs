//! Backup and restore through the command line, while an edition is on its way.

use std::time::Duration;

use super::{Place, feed};
use crate::support::daemon::{Daemon, newsletterd};
use crate::support::engine::capturing_relay;

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_taken_while_sending_is_whole_and_restores_by_copying() {
    let mailbox = tempfile::tempdir().unwrap();
    let place = Place::sending_to(capturing_relay(mailbox.path()).await);
    place.write("feed.xml", feed(4));
    place.ok(&["import", "articles", "feed.xml"]);
    let people: String = (0..300).map(|n| format!("reader{n}@example.org\n")).collect();
    place.write("people.csv", format!("email\n{people}"));
    place.ok(&["import", "subscribers", "people.csv", "--list", "readers"]);
    let mut command = newsletterd();
    command.arg("serve");
    let mut daemon = Daemon::start(command, place.path());
    daemon.wait_notice("READY=1", Duration::from_secs(30));
    place.ok(&["edition", "send", "--newsletter", "daily", "--now"]);
    place.ok(&["backup", "during.db"]);
    daemon.wait_log("edition sent", Duration::from_secs(120));
    place.ok(&["backup", "after.db"]);
    let again = place.run(&["backup", "after.db"]);
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("after.db exists"), "{}", again.stderr);
    drop(daemon);
    // The schedule may have opened another one meanwhile.
    let editions = place.ok(&["edition", "list", "--json"]).stdout;
    let editions = editions.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let id = editions.into_iter().find(|edition| edition["kind"] == "manual").unwrap()["edition"].to_string();
    let report = place.ok(&["edition", "report", &id, "--json"]).stdout;
    assert!(report.contains("\"accepted\":300"), "{report}");

    for (copy, equal) in [("after.db", true), ("during.db", false)] {
        let restored = Place::sending_to("127.0.0.1:9".parse().unwrap());
        std::fs::copy(place.path().join(copy), restored.path().join("newsletterd.db")).unwrap();
        std::fs::copy(place.path().join("newsletterd.key"), restored.path().join("newsletterd.key")).unwrap();
        let told = restored.ok(&["edition", "report", &id, "--json"]).stdout;
        if equal {
            assert_eq!(told, report);
        }
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        let sum: i64 =
            told["accounting"].as_object().unwrap().values().filter_map(serde_json::Value::as_i64).sum();
        assert_eq!(Some(sum), told["audience"].as_i64(), "{copy}: {told}");
        assert_eq!(restored.rows().await.iter().find(|(name, _)| name == "subscribers").unwrap().1, 300);
    }
}
