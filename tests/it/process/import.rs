//! `import`: dry runs, JSON lines, standard input, several files.

use std::process::Stdio;

use serde_json::Value;

use super::{Place, feed};
use crate::support::daemon::newsletterd;

#[tokio::test]
async fn a_dry_run_says_what_it_would_do_and_changes_nothing() {
    let place = Place::new();
    place.ok(&["migrate"]);
    place.write("feed.xml", feed(3));
    place.write("reads.csv", "url,hour,count\nhttps://example.org/news/story-1,2026-11-23T10:00:00Z,12\n");
    place.write("people.csv", "email,subscribed\nana@example.org,true\n");
    for (arguments, says) in [
        (&["import", "articles", "feed.xml", "--dry-run"][..], "3 new"),
        (&["import", "reads", "reads.csv", "--dry-run"], "12 views"),
        (&["import", "subscribers", "people.csv", "--list", "readers", "--dry-run"], "1 rows: 1 activated"),
    ] {
        let before = place.rows().await;
        let ran = place.ok(arguments);
        assert!(ran.stderr.contains(says) && ran.stderr.contains("nothing was changed"), "{}", ran.stderr);
        assert_eq!(place.rows().await, before, "{arguments:?}");
        let real: Vec<_> = arguments.iter().copied().filter(|argument| *argument != "--dry-run").collect();
        assert!(place.ok(&real).stderr.contains(says));
        assert_ne!(place.rows().await, before, "{real:?}");
    }
}

#[test]
fn json_is_one_object_a_line_with_the_promised_fields() {
    let place = Place::new();
    let item = "<item><title>A &amp;amp; B</title><link>https://example.org/a?x=1&amp;y=2</link>\
        <pubDate>Mon, 23 Nov 2026 06:10:00 +0100</pubDate></item><item><title>Two</title>\
        <link>https://example.org/b</link></item>";
    let ran = place.run_with(
        &["import", "articles", "-", "--json", "--dry-run", "--language", "ka"],
        &[],
        crate::pipeline::rss(item).as_bytes(),
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["title"], "A & B");
    assert_eq!(lines[0]["url"], "https://example.org/a?x=1&y=2");
    assert_eq!(lines[0]["published"], "2026-11-23T05:10:00Z");
    assert_eq!(lines[1]["published"], Value::Null);
    for line in &lines {
        for field in ["title", "url", "published", "updated", "image", "language"] {
            assert!(line.get(field).is_some(), "{field} in {line}");
        }
        assert_eq!(line["language"], "ka");
    }
}

#[test]
fn one_bad_file_costs_only_itself() {
    let place = Place::new();
    place.write("one.xml", feed(1));
    place.write("bad.xml", "<!doctype html><p>no feed");
    place.write("two.xml", feed(2));
    let ran = place.run(&["import", "articles", "one.xml", "bad.xml", "two.xml"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("bad.xml: not a feed"), "{}", ran.stderr);
    assert!(ran.stderr.contains("two.xml: 2 articles: 1 new"), "{}", ran.stderr);
    assert!(ran.stderr.contains("nothing was taken from: bad.xml"), "{}", ran.stderr);
    assert_eq!(place.run(&["import", "subscribers", "one.xml", "--list", "readers"]).code, Some(1));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::new();
    place.write("feed.xml", feed(5000));
    let mut child = newsletterd()
        .args(["import", "articles", "feed.xml", "--json", "--dry-run"])
        .current_dir(place.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !stderr.contains("panicked"), "{stderr}");
    // Nobody reads what went wrong: the exit code tells.
    let mut child = newsletterd()
        .args(["import", "articles", "nowhere.xml"])
        .current_dir(place.path())
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
