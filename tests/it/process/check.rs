//! `check`: the next slots with the names of their days, and mistakes named before they send.

use super::Place;
use crate::support::engine::{NO_RELAY, daily_config};

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
