//! Every mistake is named with its line, its key and what would be right, and all of them at once.

use super::{SMALL, problems, read, with};
use crate::domain::schedule::tests::utc;
use crate::domain::shared_data::shared_rows;

#[test]
fn all_problems_come_at_once_in_the_order_of_the_file() {
    let text = r#"[site]
name = "Post"
url = "example.org"
postal_adress = "1 Street"
[database]
url = "mysql://user:geheim@host/db"
[web]
listen = "8080"
public_url = "http://letters.example.org"
[bounces]
return_path = "bounces example.org"
[[relays]]
name = "main"
url = "smtp://user:geheim@mail.example.org"
connections = 0
rate = 200
[[relays]]
name = "main"
url = "smtp://127.0.0.1"
[[lists]]
name = "readers-en"
[[newsletters]]
name = "Daily"
list = "reader-en"
title = 5
language = "fr"
schedule = "0 7 * * FUN"
time_zone = "Asia/Tbilissi"
from = "news@"
grace = "2 hours"
when_not_approved = "sent"
[[newsletters.blocks]]
kind = "pick"
[[newsletters.blocks]]
kind = "house"
text = "Join us"
link = "https://example.org"
windw = "24h"
[sourcs]
"#;
    let expected = r#"newsletter.toml:1: site.postal_address: is missing: text is wanted
newsletter.toml:3: site.url: "example.org" is no web address: relative URL without a base
newsletter.toml:4: site.postal_adress: unknown key; did you mean "postal_address"?
newsletter.toml:6: database.url: is not a database such as "sqlite:newsletterd.db" or "postgres://newsletterd@localhost/newsletterd"
newsletter.toml:8: web.listen: "8080" is not an IP address with a port such as "127.0.0.1:8080" or "[::1]:8080"
newsletter.toml:9: web.public_url: must begin with https://, or mail programs show no unsubscribe button (RFC 8058)
newsletter.toml:11: bounces.return_path: "bounces example.org" is not a host name such as "mail.example.org"
newsletter.toml:14: relays[0].url: has a password in it; put it into a file and name that file in password_file
newsletter.toml:15: relays[0].connections: is 0; a whole number from 1 to 65535 is wanted
newsletter.toml:16: relays[0].rate: is a number; a rate such as "200/s", "3000/m" or "50000/h" is wanted
newsletter.toml:18: relays[1].name: "main" is the name of relays[0] already
newsletter.toml:23: newsletters[0].name: "Daily" is not a name of lower-case letters, digits, - and _ such as "daily-en" (at most 63 signs)
newsletter.toml:24: newsletters[0].list: no list "reader-en" is declared under [[lists]]; did you mean "readers-en"?
newsletter.toml:25: newsletters[0].title: is a number; text is wanted
newsletter.toml:26: newsletters[0].language: "fr" is no language of ours; a language: "en", "ka", "hy", "az" or "ru" is wanted
newsletter.toml:27: newsletters[0].schedule: schedule "0 7 * * FUN": day of week "FUN" is not a number from 0 to 7 or a name from sun to sat
newsletter.toml:28: newsletters[0].time_zone: unknown time zone "Asia/Tbilissi"; did you mean "Asia/Tbilisi"?
newsletter.toml:29: newsletters[0].from: "news@" is no mail address: the part after @ is empty
newsletter.toml:30: newsletters[0].grace: "2 hours" is not a duration such as "2h", "10m" or "1d 12h" (units: s, m, h, d, w; at most ten years)
newsletter.toml:31: newsletters[0].when_not_approved: "sent" is not what can stand here, which is "send", "hold" or "skip"; did you mean "send"?
newsletter.toml:33: newsletters[0].blocks[0].kind: "pick" is not what can stand here, which is "picks", "most_read", "latest", "related" or "house"; did you mean "picks"?
newsletter.toml:34: newsletters[0].blocks[1].button: is missing: the link needs words to stand on
newsletter.toml:38: newsletters[0].blocks[1].windw: unknown key
newsletter.toml:39: sourcs: unknown key; did you mean "sources"?"#;
    let found = problems(text);
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found, expected);
    assert!(!found.contains("geheim"));
}

#[test]
fn everything_that_is_required_is_named_when_nothing_is_written() {
    let found = problems("");
    for key in [
        "site.name",
        "site.url",
        "site.postal_address",
        "web.public_url",
        "bounces.return_path",
        "relays",
        "lists",
    ] {
        assert!(found.contains(&format!(": {key}: is missing")), "{key} in\n{found}");
    }
}

#[test]
fn what_is_no_toml_is_named_with_its_lines() {
    let found = problems("[site\nname = \"a\"\nname = \"b\"\n[web]\nlisten = \n");
    let lines: Vec<&str> = found.lines().collect();
    assert!(lines.len() >= 2, "{found}");
    assert!(lines[0].starts_with("newsletter.toml:1: is not TOML: "), "{found}");
    assert!(lines.iter().any(|line| line.starts_with("newsletter.toml:5: ")), "{found}");
    assert!(
        problems("[site]\nname = \"a\"\nname = \"b\"\n").starts_with("newsletter.toml:3: is not TOML: dupl")
    );
}

#[test]
fn contradictions_inside_a_section_are_found() {
    for (from, to, expected) in [
        (
            "url = \"smtp://127.0.0.1:25\"",
            "url = \"smtps://u@h.example\"",
            "relays[0].password_file: is missing: the url names a user",
        ),
        (
            "url = \"smtp://127.0.0.1:25\"",
            "url = \"smtp://u@h.example\"\npassword_file = \"p\"",
            "relays[0].url: would send the password unencrypted",
        ),
        (
            "url = \"smtp://127.0.0.1:25\"",
            "url = \"smtp://h\"\npassword_file = \"p\"",
            "relays[0].password_file: has no user",
        ),
        (
            "kind = \"picks\"",
            "kind = \"house\"\ntext = \"x\"",
            "newsletters[0].blocks: has no block with stories",
        ),
        ("kind = \"picks\"", "kind = \"picks\"\nmax = 2", "newsletters[0].min_items: can never be reached"),
        (
            "kind = \"picks\"",
            "kind = \"picks\"\nmin_visitors = 2",
            "newsletters[0].blocks[0].min_visitors: unknown key",
        ),
        ("[[newsletters.blocks]]\nkind = \"picks\"", "", "newsletters[0].blocks: has no block with stories"),
        (
            "title = \"Today\"",
            "title = \"Today\"\ndrafting_lead = \"30d\"",
            "drafting_lead: is longer than 7d",
        ),
        ("[site]", "[delivery]\nlease = \"1s\"\n[site]", "delivery.lease: is shorter than 30s"),
        ("[site]", "[logging]\nfilter = \"info,a=loud\"\n[site]", "logging.filter: is no log filter"),
        ("[site]", "relays = \"x\"\n[site]", "is not TOML"),
        ("https://letters.example.org", "https://letters.example.org/?a", "web.public_url: has a ? or #"),
        (
            "[site]",
            "[[sources]]\nname = \"a\"\nurl = \"a.xml\"\nevery = \"1d\"\n[site]",
            "sources[0].stale_after: is shorter than every (1d)",
        ),
        ("[site]", "sources = \"x\"\n[site]", "sources: is text; a list of sections is wanted"),
    ] {
        let found = problems(&with(from, to));
        assert!(found.contains(expected), "{to}:\n{found}");
    }
}

#[test]
fn a_problem_of_the_environment_names_the_variable() {
    let found = read(
        SMALL,
        &[
            ("NEWSLETTERD__NEWSLETTERS__0__TIME_ZONE", "Asia/Tbilissi"),
            ("NEWSLETTERD__DATABSE__URL", "x"),
            ("NEWSLETTERD__RELAYS__7__NAME", "x"),
            ("NEWSLETTERD__SITE__NAME__X", "x"),
            ("NEWSLETTERD__SITE__0", "x"),
            ("NEWSLETTERD__", "x"),
            ("NEWSLETTERD__RELAYS__0__CONNECTIONS", "many"),
        ],
    )
    .unwrap_err()
    .to_string();
    for line in [
        "environment variable NEWSLETTERD__NEWSLETTERS__0__TIME_ZONE: newsletters[0].time_zone: unknown time zone \
         \"Asia/Tbilissi\"; did you mean \"Asia/Tbilisi\"?",
        "environment variable NEWSLETTERD__DATABSE__URL: databse: unknown key; did you mean \"database\"?",
        "environment variable NEWSLETTERD__RELAYS__7__NAME: relays[7].name: there are only 1, counted from 0",
        "environment variable NEWSLETTERD__SITE__NAME__X: site.name.x: there is no \"x\" in text",
        "environment variable NEWSLETTERD__SITE__0: site[0]: a number stands for an element of a list; here is none",
        "environment variable NEWSLETTERD__: has an empty part between two `__`",
        "environment variable NEWSLETTERD__RELAYS__0__CONNECTIONS: relays[0].connections: is many; a whole number \
         from 1 to 65535 is wanted",
    ] {
        assert!(found.lines().any(|found| found == line), "{line}\nin\n{found}");
    }
}

#[test]
fn unknown_time_zones_are_refused_and_known_ones_give_the_next_run() {
    let Some(rows) = shared_rows("c48-unknown-time-zone/zones.tsv") else { return };
    assert!(!rows.is_empty());
    for row in rows {
        let zone = row[0].trim_matches('"');
        let text = with("schedule =", &format!("time_zone = \"{zone}\"\nschedule ="));
        // A TZ variable changes nothing.
        match (row[1].as_str(), read(&text, &[("TZ", "Asia/Tokyo")])) {
            ("accepted", Ok(config)) => {
                let newsletter = &config.newsletters[0];
                let next =
                    newsletter.schedule.slots_after(utc("2026-02-09T12:00:00Z"), newsletter.zone()).next();
                assert_eq!(next, Some(utc(&row[2])), "{zone}");
                assert!(newsletter.time_zone.is_some());
            }
            ("refused", Err(errors)) => {
                let message = errors.to_string();
                assert!(
                    message.contains("newsletters[0].time_zone") && message.contains(&format!("{zone:?}")),
                    "{message}"
                );
            }
            (expected, result) => panic!("{zone:?} should be {expected}: {result:?}"),
        }
    }
}

#[test]
fn a_missing_time_zone_is_known_to_be_missing() {
    let config = read(SMALL, &[]).unwrap();
    assert_eq!((config.newsletters[0].time_zone, config.newsletters[0].zone()), (None, chrono_tz::Tz::UTC));
}

#[test]
fn a_certificate_goes_with_its_key() {
    let with = |keys: &str| read(&format!("{SMALL}\n[bounces.listener]\n{keys}"), &[]);
    assert!(with("").is_ok() && with("certificate = \"c.pem\"\nkey_file = \"k.pem\"").is_ok());
    let lone = with("certificate = \"c.pem\"").unwrap_err().to_string();
    assert!(lone.contains("bounces.listener.certificate: is of no use without key_file"), "{lone}");
    let lone = with("key_file = \"k.pem\"").unwrap_err().to_string();
    assert!(lone.contains("bounces.listener.key_file: is of no use without certificate"), "{lone}");
}

#[test]
fn what_people_write_is_not_handed_on_in_a_circle() {
    let with = |to: &str| {
        let line = format!("return_path = \"bounces.example.org\"\nforward_to = \"{to}\"");
        read(&SMALL.replace("return_path = \"bounces.example.org\"", &line), &[])
    };
    assert!(with("desk@example.org").is_ok());
    let loops = with("desk@bounces.example.org").unwrap_err().to_string();
    assert!(loops.contains("bounces.forward_to: is an address of return_path"), "{loops}");
}
