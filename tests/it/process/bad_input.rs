//! Hostile, empty and large inputs through the built program: no panic, a clear error that names
//! the place, nothing changed, and an end in good time.

use super::Place;
use crate::support::engine::{NO_RELAY, daily_config};

const TEN_MB: usize = 10 * 1024 * 1024;

/// Files of every hostile kind, by name.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let mut garbage: Vec<u8> = Vec::with_capacity(65_536);
    let mut state: u32 = 1;
    for _ in 0..65_536 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        garbage.extend(&state.to_be_bytes()[..1]);
    }
    let mut bomb = b"<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY e0 \"ha\">".to_vec();
    for n in 1..=12 {
        bomb.extend(format!("<!ENTITY e{n} \"{}\">", format!("&e{};", n - 1).repeat(10)).bytes());
    }
    bomb.extend(b"]><rss><channel><item><title>&e12;</title></item></channel></rss>");
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    gzip.extend(&garbage[..100]);
    vec![
        ("empty", Vec::new()),
        ("blank", b" \r\n\t\n".to_vec()),
        ("garbage", garbage),
        ("nuls", vec![0; 4096]),
        ("marks", b"\xef\xbb\xbf\xff\xfe\x00\x00".to_vec()),
        ("one-line", vec![b'x'; TEN_MB]),
        ("quotes", vec![b'"'; TEN_MB]),
        ("commas", vec![b','; TEN_MB]),
        ("newlines", vec![b'\n'; TEN_MB]),
        ("angles", vec![b'<'; 1024 * 1024]),
        ("too-large", vec![b'x'; TEN_MB + 1]),
        ("deep-json", [vec![b'['; 200_000], vec![b']'; 200_000]].concat()),
        ("deep-object", br#"{"a":"#.repeat(100_000)),
        ("deep-xml", [b"<rss>".to_vec(), b"<a>".repeat(100_000)].concat()),
        ("bomb", bomb),
        (
            "huge-number",
            br#"{"id": 1e999, "url": 99999999999999999999999999999999999, "count": -1e308}"#.to_vec(),
        ),
        ("cut-gzip", gzip),
        ("html", b"<!doctype html><html><body>Please log in</body></html>".to_vec()),
        ("path", b"../../../../etc/passwd\n".to_vec()),
    ]
}

#[tokio::test]
async fn hostile_files_are_refused_or_passed_over_and_change_nothing() {
    let place = Place::new();
    place.ok(&["migrate"]);
    place.write("good.xml", super::feed(3));
    place.ok(&["import", "articles", "good.xml", "--source", "site"]);
    place.write("good.csv", "email\nana@example.org\n");
    place.ok(&["import", "subscribers", "good.csv", "--list", "readers"]);
    let before = place.rows().await;
    for (name, bytes) in hostile() {
        place.write(name, bytes);
        for kind in [
            &["import", "articles", name, "--source", "site"][..],
            &["import", "reads", name, "--source", "site"][..],
            &["import", "subscribers", name, "--list", "readers"][..],
        ] {
            let ran = place.run(kind);
            let shown = kind.join(" ");
            assert!(ran.stderr.len() < 100_000, "{shown}: {} bytes of errors", ran.stderr.len());
            assert!(ran.stdout.is_empty(), "{shown}: {}", ran.stdout);
            if ran.code != Some(0) {
                assert_eq!(ran.code, Some(1), "{shown}");
                assert!(ran.stderr.contains(name), "{shown}: {}", ran.stderr);
                assert_eq!(place.rows().await, before, "{shown}");
            }
        }
    }
    let articles = |rows: &[(String, i64)]| rows.iter().find(|(table, _)| table == "articles").unwrap().1;
    let after = place.rows().await;
    assert!(articles(&after) <= articles(&before) + 1, "the exploding item at most, cut short");
    for table in ["subscribers", "subscriptions", "reads"] {
        let of = |rows: &[(String, i64)]| rows.iter().find(|(name, _)| name == table).map(|(_, n)| *n);
        assert_eq!(of(&after), of(&before), "{table}");
    }
}

#[test]
fn names_that_are_no_files_are_named_and_cost_only_themselves() {
    let place = Place::new();
    place.write("good.xml", super::feed(2));
    let long = "x".repeat(5000);
    let ran = place.run(&["import", "articles", "../../nowhere.xml", "good.xml", ".", &long, ""]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("../../nowhere.xml: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("good.xml: 2 articles: 2 new"), "{}", ran.stderr);
    for bad in ["http://127.0.0.1:9/feed", "http://169.254.169.254/latest", "http://[", "https://"] {
        let ran = place.run(&["import", "articles", bad]);
        assert_eq!(ran.code, Some(1), "{bad}");
        assert!(ran.stderr.contains(bad), "{bad}: {}", ran.stderr);
    }
}

#[test]
fn hostile_configurations_are_refused_with_exit_2() {
    let good = daily_config(NO_RELAY);
    let mut files = hostile();
    files.retain(|(name, _)| *name != "one-line" && *name != "newlines");
    files.push(("deep-toml", format!("{good}\nx = {}", "[".repeat(50_000)).into_bytes()));
    files.push(("long-line", format!("{good}\n# {}\nnonsense", "x".repeat(TEN_MB)).into_bytes()));
    files.push(("twice", format!("{good}\n[site]\nname = \"x\"\n").into_bytes()));
    files.push((
        "big-number",
        good.replace("[[lists]]", "[delivery]\nbatch = 99999999999999999999\n[[lists]]").into_bytes(),
    ));
    files.push(("nul", good.replace("Readers", "Rea\0ders").into_bytes()));
    for (name, bytes) in files {
        let place = Place::new();
        let file = place.write("newsletter.toml", bytes);
        let ran = place.run(&["check", "--offline"]);
        assert_eq!(ran.code, Some(2), "{name}: {}", ran.stderr);
        assert!(ran.stderr.len() < 100_000, "{name}");
        assert!(!place.path().join("newsletterd.db").exists(), "{name}: nothing is made");
        drop(file);
    }
    let place = Place::new();
    for missing in ["nowhere.toml", "../../etc/shadow", ""] {
        let ran = place.run(&["-c", missing, "check", "--offline"]);
        assert_eq!(ran.code, Some(2), "{missing}: {}", ran.stderr);
    }
}

#[tokio::test]
async fn hostile_arguments_are_refused_and_change_nothing() {
    let blocks = "kind = \"picks\"\nmax = 4\n[[newsletters.blocks]]\nkind = \"latest\"";
    let place = Place::with(&daily_config(NO_RELAY).replace("kind = \"latest\"", blocks));
    place.write("good.xml", super::feed(3));
    place.ok(&["import", "articles", "good.xml"]);
    place.ok(&["pick", "add", "daily", "https://example.org/news/story-1"]);
    let before = place.rows().await;
    let long = "x".repeat(100_000);
    for arguments in [
        &["pick", "add", "daily", "javascript:alert(1)", "--headline", "x"][..],
        &["pick", "add", "daily", "../../etc/passwd", "--headline", "x"],
        &["pick", "add", "daily", "99999999999999999999", "--headline", ""],
        &["pick", "add", "daily", &long],
        &["pick", "add", "../daily", "1"],
        &["pick", "remove", "daily", "0"],
        &["pick", "remove", "daily", "99999999999999999999999"],
        &["pick", "move", "daily", "7", "18446744073709551615"],
        &["edition", "move", "1", "yesterday"],
        &["edition", "move", "1", "2026-02-30 07:00"],
        &["edition", "move", "1", "1999-01-01 07:00"],
        &["edition", "move", "1", "999999-01-01 07:00"],
        &["edition", "move", "1", "9999-12-31T23:59:59Z"],
        &["edition", "move", "-9223372036854775809", "2099-01-01 07:00"],
        &["edition", "move", "12345", "2099-01-01 07:00"],
        &["edition", "show", "0"],
        &["edition", "send", "77"],
        &["edition", "test", "1", "--to", "a@b@c"],
        &["subscriber", "add", "ana@exam\rple.org", "--list", "readers"],
        &["subscriber", "add", "ana@example.org", "--list", "nobody"],
        &["import", "articles"],
        &["import", "subscribers", "good.xml"],
    ] {
        let shown: String = arguments.join(" ").chars().take(100).collect();
        let ran = place.run(arguments);
        assert!(matches!(ran.code, Some(1 | 2)), "{shown}: {:?} {}", ran.code, ran.stdout);
        assert!(!ran.stderr.trim().is_empty(), "{shown}");
        assert_eq!(place.rows().await, before, "{shown}");
    }
}
