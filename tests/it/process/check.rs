//! `check`: the next slots with the names of their days, and mistakes named before they send.

use std::net::{SocketAddr, TcpListener};

use super::Place;
use crate::support::engine::{NO_RELAY, capturing_relay, daily_config};
use crate::support::scripted_smtp::{Script, ScriptedSmtp};

fn with(schedule: &str, zone: &str) -> Place {
    Place::with(
        &daily_config(NO_RELAY)
            .replace("\"0 7 * * *\"", &format!("\"{schedule}\""))
            .replace("time_zone = \"Asia/Tbilisi\"", zone),
    )
}

#[test]
fn case_c19_check_prints_the_names_of_days_and_bad_expressions_are_refused() {
    for (schedule, days) in [
        ("0 6 * * 1-5", &["Mon", "Tue", "Wed", "Thu", "Fri"][..]),
        ("0 6 * * MON-FRI", &["Mon", "Tue", "Wed", "Thu", "Fri"]),
        ("0 6 * * 0", &["Sun"]),
        ("0 6 * * 7", &["Sun"]),
        ("0 6 * * SUN", &["Sun"]),
        ("0 6 * * 3", &["Wed"]),
    ] {
        let ran = with(schedule, "time_zone = \"Europe/Berlin\"").ok(&["check", "--offline"]);
        let slots: Vec<_> = ran.stdout.lines().filter(|line| line.contains(" = ")).collect();
        assert_eq!(slots.len(), 5, "{}", ran.stdout);
        for slot in slots {
            assert!(days.contains(&&slot.trim()[..3]), "{schedule}: {slot}");
            assert!(slot.ends_with("UTC") && (slot.contains("CET") || slot.contains("CEST")), "{slot}");
        }
    }
    for bad in ["0 6 * * 8", "0 6 * * 1-9", "0 6 * * FUN", "0 6 * *", "61 6 * * *", "0 0 30 2 *"] {
        for command in [&["check", "--offline"][..], &["serve"]] {
            let ran = with(bad, "").run(command);
            assert_eq!(ran.code, Some(2), "{bad}: {}", ran.stderr);
            assert!(ran.stderr.contains(bad) && ran.stderr.contains("schedule"), "{bad}: {}", ran.stderr);
        }
    }
}

#[test]
fn case_c48_a_zone_that_nobody_knows_is_refused_and_none_but_the_configured_one_counts() {
    for zone in ["Europe/Kopenhagen", "CEST", "UTC+1", " ", "Asia/Tbilissi"] {
        let place = with("0 6 * * *", &format!("time_zone = \"{zone}\""));
        for command in [&["check", "--offline"][..], &["serve"]] {
            let ran = place.run(command);
            assert_eq!(ran.code, Some(2), "{zone}");
            assert!(ran.stderr.contains("time_zone") && ran.stderr.contains(zone), "{zone}: {}", ran.stderr);
            assert!(!place.path().join("newsletterd.db").exists());
        }
    }
    for (zone, says) in [
        ("Europe/Copenhagen", "06:00 CE"),
        ("America/St_Johns", "06:00 N"),
        ("Asia/Kolkata", "00:30 UTC"),
        ("UTC", "06:00 UTC"),
    ] {
        let place = with("0 6 * * *", &format!("time_zone = \"{zone}\""));
        let plain = place.ok(&["check", "--offline"]).stdout;
        assert!(plain.contains(says) && plain.contains(zone), "{zone}: {plain}");
        for elsewhere in ["Pacific/Auckland", "nonsense", ""] {
            let environment = [("TZ", elsewhere), ("TZDIR", "/nowhere")];
            let ran = place.run_with(&["check", "--offline"], &environment, b"");
            assert_eq!(ran.stdout, plain, "TZ={elsewhere}");
        }
    }
    let ran = with("0 6 * * *", "").ok(&["check", "--offline"]);
    assert!(ran.stdout.contains("in UTC (no time_zone is set: this is the default)"), "{}", ran.stdout);
}

#[test]
fn an_edition_that_no_longer_matches_the_schedule_is_named() {
    let blocks = "kind = \"picks\"\nmax = 4\n[[newsletters.blocks]]\nkind = \"latest\"";
    let config = daily_config(NO_RELAY).replace("kind = \"latest\"", blocks);
    let place = Place::with(&config);
    place.write("feed.xml", super::feed(3));
    place.ok(&["import", "articles", "feed.xml"]);
    place.ok(&["pick", "add", "daily", "https://example.org/news/story-1"]);
    assert!(!place.ok(&["check", "--offline"]).stdout.contains("no longer matches"));
    place.write("newsletter.toml", config.replace("0 7 * * *", "30 8 * * *"));
    let ran = place.ok(&["check", "--offline"]);
    assert!(ran.stdout.contains("edition 1 of daily"), "{}", ran.stdout);
    assert!(ran.stdout.contains("no longer matches the schedule"), "{}", ran.stdout);
}

/// A loopback address that nobody listens at.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A configuration with one more relay below the first.
fn with_relay(config: &str, relay: &str) -> String {
    config.replacen("[bounces]", &format!("[[relays]]\n{relay}\n[bounces]"), 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_relay_is_asked_and_each_that_does_not_work_is_named_with_what_to_do() {
    let mailbox = tempfile::tempdir().unwrap();
    let works = capturing_relay(mailbox.path()).await;
    let (silent, busy) =
        (free_address(), ScriptedSmtp::start(Script::table("*\talways\tEHLO\t421 4.3.2 busy")).await);
    let knows = ("news".to_owned(), "right".to_owned(), "PLAIN".to_owned());
    let asks = ScriptedSmtp::start(Script { user: Some(knows), ..Script::table("") }).await;
    let mut config = daily_config(works).replace("from = ", "relays = [\"busy\", \"main\"]\nfrom = ");
    for (name, address, more) in [
        ("silent", silent.to_string(), ""),
        ("busy", busy.address.to_string(), "warm_up = [50, 1000]\nwarm_up_from = \"2999-01-01\""),
        ("asks", format!("news@{}", asks.address), "password_file = \"password\""),
    ] {
        config = with_relay(&config, &format!("name = \"{name}\"\nurl = \"smtp://{address}\"\n{more}"));
    }
    let place = Place::with(&config);
    place.write("password", "wrong\n");
    let name_server = free_address().to_string();
    let ran = place.run(&["check", "--name-server", &name_server]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("3 checks failed"), "{}", ran.stderr);
    let lines: Vec<_> = ran.stdout.lines().collect();
    let after = |start: &str| {
        let at = lines.iter().position(|line| line.starts_with(start));
        let at = at.unwrap_or_else(|| panic!("{start} in\n{}", ran.stdout));
        lines.get(at + 1).copied().unwrap_or_default()
    };
    after("ok    relay main answers");
    assert!(
        after(&format!("FAIL  relay silent (smtp://{silent}): ")).contains("that it runs"),
        "{}",
        ran.stdout
    );
    let advice = after(&format!("FAIL  relay busy (smtp://{}): 421 ", busy.address));
    assert!(advice.contains("try again in a while"), "{advice}");
    let advice = after(&format!("FAIL  relay asks (smtp://news@{}): 535 ", asks.address));
    assert!(advice.contains("the password in password_file are right"), "{advice}");
    after("note  relay busy is being warmed up: 50 letters today");
    after("  goes through busy and main alone");
    assert!(ran.stdout.contains("cannot be looked up"), "{}", ran.stdout);
}

#[test]
fn a_relay_with_a_token_is_told_what_a_token_needs_and_the_daemon_can_start_before_it_is_there() {
    let address = free_address();
    let relay = format!(
        "name = \"cloud\"\nurl = \"smtp://news@{address}\"\npassword_file = \"token\"\nauth = \"xoauth2\""
    );
    let place = Place::with(&with_relay(&daily_config(NO_RELAY), &relay));
    // With a password the same would be refused before anything is asked.
    assert!(place.ok(&["check", "--offline"]).stdout.contains("ok    database"), "no token is read yet");
    let with_password = std::fs::read_to_string(place.path().join("newsletter.toml")).unwrap();
    place.write("newsletter.toml", with_password.replace("auth = \"xoauth2\"", ""));
    let ran = place.run(&["check", "--offline"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("password file token cannot be read"), "{}", ran.stderr);
}

#[test]
fn every_relay_that_is_reached_unencrypted_is_named() {
    let config = with_relay(
        &daily_config(NO_RELAY).replace("smtp://127.0.0.1", "smtp://192.0.2.1"),
        "name = \"tls\"\nurl = \"smtps://relay.example.net\"\n[[relays]]\nname = \"open\"\nurl = \"smtp://192.0.2.2\"",
    );
    let ran = Place::with(&config).ok(&["check", "--offline"]);
    let named: Vec<_> =
        ran.stdout.lines().filter(|line| line.contains("cross the network unencrypted")).collect();
    assert_eq!(named.len(), 2, "{}", ran.stdout);
    assert!(
        named[0].starts_with("warn  relay main:") && named[1].starts_with("warn  relay open:"),
        "{named:?}"
    );
}

#[test]
fn check_says_how_reports_come_in_and_what_is_wrong_with_it() {
    let plain = Place::with(&daily_config(NO_RELAY)).ok(&["check", "--offline"]).stdout;
    assert!(plain.contains("note  no way in for reports is set in [bounces]"), "{plain}");
    let folder = tempfile::tempdir().unwrap();
    let with = |folder: &str| {
        let keys = format!("maildirs = [\"{folder}\"]\nlisten = \"127.0.0.1:2525\"\nreturn_path = ");
        Place::with(&daily_config(NO_RELAY).replace("return_path = ", &keys))
    };
    let there = folder.path().display().to_string();
    let ran = with(&there).run(&["check", "--offline"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(
        ran.stdout.contains("ok    reports come in by LMTP and SMTP at 127.0.0.1:2525"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains(&format!("FAIL  the folder {there} is no Maildir")), "{}", ran.stdout);
    for name in ["new", "cur", "tmp"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    let ran = with(&there).ok(&["check", "--offline"]);
    assert!(ran.stdout.contains(&format!("ok    reports come in at the folder {there}")), "{}", ran.stdout);
}
