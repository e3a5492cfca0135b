//! `letter check` and `edition preview`: what they print, how they end, and that they change nothing.

use serde_json::Value;

use super::{Place, feed};

const FILES: [&str; 5] = ["letter.html", "letter.txt", "letter.eml", "letter-web.html", "letter-png.html"];

/// A place that knows a few stories.
fn place() -> Place {
    let place = Place::new();
    place.write("feed.xml", feed(6));
    place.ok(&["migrate"]);
    place.ok(&["import", "articles", "feed.xml"]);
    place
}

fn judged(place: &Place, letter: &str, input: &[u8]) -> (Option<i32>, Value) {
    let ran = place.run_with(&["letter", "check", letter, "--json"], &[], input);
    (ran.code, serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr)))
}

fn outcome<'j>(judged: &'j Value, point: &str) -> &'j str {
    let points = judged["points"].as_array().unwrap();
    points.iter().find(|found| found["point"] == point).unwrap()["outcome"].as_str().unwrap()
}

#[tokio::test]
async fn a_preview_writes_every_form_and_changes_nothing() {
    let place = place();
    let before = place.rows().await;
    for (name, arguments) in [
        ("next", &["--newsletter", "daily"][..]),
        ("sample", &["--newsletter", "daily", "--sample"]),
        ("hostile", &["--newsletter", "daily", "--sample", "hostile-titles"]),
    ] {
        let ran = place.ok(&[&["edition", "preview", "--dir", name][..], arguments].concat());
        assert!(
            ran.stderr.contains("chromium --headless") && ran.stderr.contains("check: "),
            "{}",
            ran.stderr
        );
        let read = |file: &str| std::fs::read(place.path().join(name).join(file)).unwrap();
        assert!(FILES.iter().all(|file| !read(file).is_empty()), "{name}");
        let html = String::from_utf8(read("letter.html")).unwrap();
        assert!(html.contains("/unsubscribe/preview") && !html.contains('\r'));
        assert!(!String::from_utf8(read("letter-web.html")).unwrap().contains("/unsubscribe/"));
        let (code, found) = judged(&place, &format!("{name}/letter.eml"), b"");
        assert_eq!((code, &found["broken"]), (Some(0), &Value::from(0)), "{found}");
    }
    assert_eq!(place.rows().await, before);
    let story = std::fs::read_to_string(place.path().join("next/letter.txt")).unwrap();
    assert!(story.contains("Story number 1"), "{story}");
    let bad = place.run(&["edition", "preview", "--newsletter", "daily", "--sample", "odd"]);
    assert!(bad.code == Some(2) && bad.stderr.contains("hostile-titles"), "{}", bad.stderr);
    assert_eq!(place.run(&["edition", "preview"]).code, Some(2));
}

#[test]
fn a_letter_is_judged_from_a_disk_from_a_pipe_and_from_an_edition() {
    let place = place();
    place.ok(&["edition", "preview", "--newsletter", "daily", "--sample"]);
    let sound = std::fs::read_to_string(place.path().join("letter.eml")).unwrap();
    let ran = place.ok(&["letter", "check", "letter.eml"]);
    for expected in ["Header", "HTML", "  ok      13  list-unsubscribe", "points hold"] {
        assert!(ran.stdout.contains(expected), "{expected} in {}", ran.stdout);
    }
    assert!(!ran.stdout.contains("BROKEN") && !ran.stdout.contains('\u{1B}'), "{}", ran.stdout);
    // As it lies in a Maildir.
    place.write("disk.eml", sound.replace("\r\n", "\n"));
    let ran = place.ok(&["letter", "check", "disk.eml"]);
    assert!(ran.stdout.contains("note: the file has plain line ends"), "{}", ran.stdout);
    // From a pipe, with something broken.
    let broken = sound.replace("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "");
    let ran = place.run_with(&["letter", "check", "-"], &[], broken.as_bytes());
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stdout.contains("  BROKEN  14  one-click") && ran.stdout.contains("→ Add List-Unsubscribe-Post")
    );
    let (code, found) = judged(&place, "-", broken.as_bytes());
    assert_eq!((code, outcome(&found, "one-click"), outcome(&found, "contrast")), (Some(1), "broken", "ok"));
    // Somebody else's mail, of one part.
    let (_, found) = judged(&place, "-", b"From: a@example.org\nContent-Type: text/plain\n\nHello\n");
    assert_eq!(outcome(&found, "contrast"), "not-judged");
    assert_eq!(found["notes"].as_array().unwrap().len(), 1);
    // No letter at all, and nothing to read.
    assert_eq!(place.run_with(&["letter", "check", "-"], &[], b"").code, Some(1));
    assert_eq!(place.run_with(&["letter", "check", "-"], &[], &[0xFF; 5000]).code, Some(1));
    assert_eq!(place.run(&["letter", "check", "missing.eml"]).code, Some(2));
    let ran = place.run(&["letter", "check", "99"]);
    assert!(ran.code == Some(1) && ran.stderr.contains("there is no edition 99"), "{}", ran.stderr);
}

#[test]
fn a_file_needs_no_configuration() {
    let place = Place::new();
    std::fs::remove_file(place.path().join("newsletter.toml")).unwrap();
    place.write("a.eml", "From: a@example.org\n\nHello\n");
    let ran = place.run(&["letter", "check", "a.eml"]);
    assert!(ran.code == Some(1) && ran.stdout.contains("one-of-each"), "{}{}", ran.stdout, ran.stderr);
}
