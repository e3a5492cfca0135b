//! `serve` as a service manager sees it.

use std::time::Duration;

use rustix::process::Signal;

use super::{Place, feed};
use crate::support::daemon::{Daemon, newsletterd};
use crate::support::engine::{NO_RELAY, capturing_relay, daily_config};

const LIMIT: Duration = Duration::from_secs(30);

fn serve(place: &Place, arguments: &[&str]) -> Daemon {
    let mut command = newsletterd();
    command.arg("serve").args(arguments);
    let mut daemon = Daemon::start(command, place.path());
    daemon.wait_notice("READY=1", LIMIT);
    daemon
}

#[test]
fn it_is_ready_reloads_and_stops_with_0() {
    let place = Place::new();
    let mut daemon = serve(&place, &[]);
    daemon.wait_log("next slot", LIMIT);
    // A bad configuration: it goes on as before.
    let good = std::fs::read_to_string(place.path().join("newsletter.toml")).unwrap();
    place.write("newsletter.toml", good.replace("0 7 * * *", "0 7 * * 9"));
    daemon.signal(Signal::HUP);
    let line = daemon.wait_log("the new configuration is not used", LIMIT);
    assert!(line.contains("ERROR"), "{line}");
    // One that reads well but cannot be used.
    let secret = "url = \"smtps://user@127.0.0.1:9\"\npassword_file = \"nowhere\"";
    place.write("newsletter.toml", good.replace("url = \"smtp://127.0.0.1:9\"", secret));
    daemon.signal(Signal::HUP);
    daemon.wait_log("nowhere", LIMIT);
    // A good one.
    place.write("newsletter.toml", good.replace("0 7 * * *", "30 8 * * *"));
    daemon.signal(Signal::HUP);
    daemon.wait_notice("RELOADING=1", LIMIT);
    daemon.wait_notice("READY=1", LIMIT);
    daemon.wait_log("08:30", LIMIT);
    daemon.signal(Signal::TERM);
    daemon.wait_notice("STOPPING=1", LIMIT);
    assert_eq!(daemon.wait_exit(LIMIT).code(), Some(0), "{}", daemon.log());
}

#[test]
fn roles_can_be_left_to_others_and_unknown_ones_are_refused() {
    let place = Place::new();
    let mut daemon = serve(&place, &["--role", "worker", "--role", "scheduler"]);
    daemon.signal(Signal::INT);
    assert_eq!(daemon.wait_exit(LIMIT).code(), Some(0));
    let ran = place.run(&["serve", "--role", "janitor"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("janitor") && ran.stderr.contains("scheduler"), "{}", ran.stderr);
}

#[test]
fn a_port_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let place = Place::new();
    let config = std::fs::read_to_string(place.path().join("newsletter.toml")).unwrap();
    place.write("newsletter.toml", config.replace("127.0.0.1:0", &format!("127.0.0.1:{port}")));
    let ran = place.run(&["serve"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("web.listen") && ran.stderr.contains(&port.to_string()), "{}", ran.stderr);
}

#[test]
fn all_mistakes_are_named_at_once_with_exit_2() {
    let place = Place::with(
        &daily_config(NO_RELAY)
            .replace("Asia/Tbilisi", "Asia/Tbilissi")
            .replace("news@example.org", "news at example.org")
            .replace("max = 10", "maximum = 10"),
    );
    let ran = place.run(&["serve"]);
    assert_eq!(ran.code, Some(2));
    for named in ["Asia/Tbilissi", "Asia/Tbilisi", "news at example.org", "maximum", "newsletter.toml:"] {
        assert!(ran.stderr.contains(named), "{named} in {}", ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_run_logs_no_address_and_no_token() {
    let mailbox = tempfile::tempdir().unwrap();
    let config = daily_config(capturing_relay(mailbox.path()).await)
        + "\n[logging]\nfilter = \"debug\"\n[alerts]\nmail = [\"ops@example.org\"]\n";
    let place = Place::with(&config);
    place.write("feed.xml", feed(4));
    place.ok(&["import", "articles", "feed.xml"]);
    place.write("people.csv", "email\nana@example.org\ngio@example.net\n");
    let imported = place.ok(&["import", "subscribers", "people.csv", "--list", "readers"]);
    assert!(!imported.stderr.contains('@'), "{}", imported.stderr);
    let mut daemon = serve(&place, &[]);
    place.ok(&["edition", "send", "--newsletter", "daily", "--now", "--wait"]);
    daemon.wait_log("edition sent", LIMIT);
    daemon.signal(Signal::TERM);
    daemon.wait_exit(LIMIT);
    let letters = crate::pipeline::letters(mailbox.path());
    assert_eq!(letters.len(), 2);
    let log = daemon.log();
    for line in log.lines() {
        assert!(!line.contains('@'), "{line}");
    }
    for letter in &letters {
        let token = letter.text.split("/unsubscribe/").nth(1).unwrap();
        let token: String = token.chars().take_while(|c| !c.is_whitespace() && *c != '>').collect();
        assert!(token.len() > 20 && !log.contains(&token), "{token}");
    }
}
