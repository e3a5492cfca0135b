//! `edition links` and `edition relink`, and a click that comes right before the daemon's end.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use rustix::process::Signal;

use super::{Place, Ran, feed};
use crate::pipeline::config_with;
use crate::support::daemon::{Daemon, newsletterd};
use crate::support::engine::{NO_RELAY, capturing_relay, daily_config};

const LIMIT: Duration = Duration::from_secs(30);

fn json(ran: &Ran) -> Vec<serde_json::Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn stock(place: &Place) {
    place.write("feed.xml", feed(3));
    place.ok(&["import", "articles", "feed.xml"]);
    place.write("people.csv", "email\nana@example.org\n");
    place.ok(&["import", "subscribers", "people.csv", "--list", "readers"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_listed_repaired_and_counted() {
    let mailbox = tempfile::tempdir().unwrap();
    let relay = capturing_relay(mailbox.path()).await;
    let config = config_with(&daily_config(relay), "links = \"counted\"", "");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let place = Place::with(&config);
    let written = std::fs::read_to_string(place.path().join("newsletter.toml")).unwrap();
    place.write("newsletter.toml", written.replace("127.0.0.1:0", &format!("127.0.0.1:{port}")));
    stock(&place);
    place.ok(&["edition", "send", "--newsletter", "daily", "--now", "--wait"]);
    let listed = json(&place.ok(&["edition", "links", "1", "--json"]));
    let numbers: Vec<_> = listed.iter().map(|link| link["no"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(listed[0]["target"], "https://example.org/news/story-1");
    assert_eq!(listed[0]["clicks"], 0);

    let repaired = place.ok(&["edition", "relink", "1", "1", "https://example.org/right"]);
    assert!(repaired.stderr.contains("leads to https://example.org/right"), "{}", repaired.stderr);
    let shown = place.ok(&["edition", "links", "1"]).stdout;
    assert!(shown.contains("1          0  https://example.org/right\n"), "{shown}");
    assert!(shown.contains("in place of https://example.org/news/story-1\n"), "{shown}");
    assert!(place.ok(&["edition", "show", "1"]).stdout.contains("link.repaired"));
    for (url, why) in [("javascript:alert(1)", "https://"), ("https://a@b.test", "user name")] {
        let refused = place.run(&["edition", "relink", "1", "1", url]);
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains(why), "{}", refused.stderr);
    }
    assert_eq!(place.run(&["edition", "relink", "1", "9", "https://example.org/"]).code, Some(1));

    let letter = crate::pipeline::letters(mailbox.path()).remove(0);
    let path = letter.text.split("https://letters.example.org/r/").nth(1).unwrap().lines().next().unwrap();
    let mut command = newsletterd();
    command.args(["serve", "--role", "web"]);
    let mut daemon = Daemon::start(command, place.path());
    daemon.wait_notice("READY=1", LIMIT);
    let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    connection.set_read_timeout(Some(LIMIT)).unwrap();
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:135.0) Gecko/20100101 Firefox/135.0";
    write!(
        connection,
        "GET /r/{path} HTTP/1.1\r\nHost: x\r\nUser-Agent: {agent}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 302 ") && answer.contains("location: https://example.org/right\r\n"),
        "{answer}"
    );
    // Stopped before the second in which clicks are gathered is over: nothing is lost.
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.wait_exit(LIMIT).code(), Some(0));
    assert!(!daemon.log().contains(path), "no token in the log");
    let report = place.ok(&["edition", "report", "1"]).stdout;
    assert!(report.contains("clicks    1\n") && !report.contains("openings"), "{report}");
    assert_eq!(json(&place.ok(&["edition", "report", "1", "--json"]))[0]["clicks"], 1);
}

#[test]
fn direct_links_are_said_to_be_beyond_repair() {
    let place = Place::with(&daily_config(NO_RELAY));
    stock(&place);
    place.ok(&["edition", "send", "--newsletter", "daily", "--now"]);
    for arguments in
        [&["edition", "links", "1"][..], &["edition", "relink", "1", "1", "https://example.org/"]]
    {
        let ran = place.run(arguments);
        assert_eq!(ran.code, Some(1));
        assert!(ran.stderr.contains("links = \"direct\""), "{}", ran.stderr);
    }
}
