//! Articles that come in odd shapes, and how they stand in the letter.

use newsletterd::domain::edition::EditionState;
use newsletterd::pipeline::import::ArticleCounts;
use newsletterd::store::articles as store;

use super::{Newsroom, import_file, rss, send_due};
use crate::support::engine::TestEngine;

const MONDAY: &str = "\
<item><title>Bridge closed</title><link>http://example.org/2026/bridge/</link>\
<guid isPermaLink=\"false\">http://example.org/?p=101</guid><pubDate>Mon, 23 Nov 2026 06:10:00 +0100</pubDate></item>\
<item><title>Tax: council votes</title><link>http://example.org/2026/tax/</link>\
<guid isPermaLink=\"false\">http://example.org/?p=102</guid><pubDate>Mon, 23 Nov 2026 07:40:00 +0100</pubDate></item>";
const TUESDAY: &str = "\
<item><title>Ferry halved</title><link>https://example.org/2026/ferry/</link>\
<guid isPermaLink=\"false\">https://example.org/?p=103</guid><pubDate>Tue, 24 Nov 2026 05:55:00 +0100</pubDate></item>\
<item><title>Bridge closed</title><link>https://example.org/2026/bridge/</link>\
<guid isPermaLink=\"false\">https://example.org/?p=101</guid><pubDate>Mon, 23 Nov 2026 06:10:00 +0100</pubDate></item>\
<item><title>Tax: council said yes</title><link>https://example.org/2026/tax/</link>\
<guid isPermaLink=\"false\">https://example.org/?p=102</guid><pubDate>Mon, 23 Nov 2026 07:40:00 +0100</pubDate></item>";

async fn article(test: &TestEngine, key: &str) -> newsletterd::domain::article::Article {
    let mut tx = test.engine.db.read().await.unwrap();
    store::find_by_url_key(&mut tx, key).await.unwrap().unwrap()
}

async fn count(test: &TestEngine) -> i64 {
    let mut tx = test.engine.db.read().await.unwrap();
    store::count(&mut tx).await.unwrap()
}

/// One feed at midnight, one letter at its time; the letter's one copy is given back.
async fn letter_of(room: &Newsroom, test: &TestEngine, name: &str, file: &str) -> super::Letter {
    test.tick_at("2026-11-24T00:00:00Z").await;
    // Of a source's first poll, undated items are history. This one is its second.
    import_file(
        test,
        "first.xml",
        &rss("<item><title>Old</title><link>https://example.org/old</link>\
        <pubDate>Mon, 05 Jan 2026 06:00:00 +0000</pubDate></item>"),
    )
    .await;
    import_file(test, name, file).await;
    test.add_subscribers("readers", &["ana@example.org"]).await;
    test.tick_at("2026-11-24T03:00:00Z").await;
    let edition = send_due(test).await;
    assert_eq!(edition.state, EditionState::Sent, "{:?}", edition.reason);
    let mut letters = room.letters();
    assert_eq!(letters.len(), 1);
    letters.remove(0)
}

#[tokio::test]
async fn case_c01_a_site_that_moves_to_https_brings_no_story_twice() {
    let room = Newsroom::open("", "min_items = 1", "").await;
    for test in &room.engines {
        test.tick_at("2026-11-23T08:00:00Z").await;
        assert_eq!(import_file(test, "monday.xml", &rss(MONDAY)).await.new, 2);
        test.add_subscribers("readers", &["ana@example.org"]).await;
        let first_seen = article(test, "example.org/2026/tax").await.first_seen_at;
        test.tick_at("2026-11-24T03:00:00Z").await;
        assert_eq!(send_due(test).await.state, EditionState::Sent);
        assert!(room.letters()[0].text.contains("Tax: council votes"));

        test.tick_at("2026-11-24T08:00:00Z").await;
        let counts = import_file(test, "tuesday.xml", &rss(TUESDAY)).await;
        assert_eq!(counts.new, 1, "{counts:?}");
        let again = import_file(test, "tuesday.xml", &rss(TUESDAY)).await;
        assert_eq!(again, ArticleCounts { new: 0, updated: 0, unchanged: 3 });
        assert_eq!(count(test).await, 3);
        let tax = article(test, "example.org/2026/tax").await;
        assert_eq!(tax.content.title, "Tax: council said yes");
        assert_eq!(tax.first_seen_at, first_seen);

        test.tick_at("2026-11-25T03:00:00Z").await;
        assert_eq!(send_due(test).await.state, EditionState::Sent);
        let letters = room.letters();
        assert!(letters[0].text.contains("Ferry halved"));
        assert!(
            !letters[0].text.contains("Bridge") && !letters[0].text.contains("Tax"),
            "{}",
            letters[0].text
        );
    }
}

#[tokio::test]
async fn case_c03_the_letter_leads_to_the_page_and_to_nothing_else() {
    let entries = r#"<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Paper</title><id>f</id>
<updated>2026-11-23T06:00:00Z</updated><link rel="self" href="https://example.org/feeds/all.atom"/>
<entry><id>e1</id><title>One</title><updated>2026-11-23T06:00:00Z</updated>
<link rel="enclosure" type="audio/mpeg" href="https://example.org/a/1.mp3"/>
<link rel="alternate" type="text/html" href="https://example.org/a/1"/></entry>
<entry><id>e2</id><title>Two</title><updated>2026-11-23T06:01:00Z</updated>
<link rel="self" href="https://example.org/feeds/all.atom"/><link href="https://example.org/a/2"/></entry>
<entry><id>e3</id><title>Three</title><updated>2026-11-23T06:02:00Z</updated>
<link rel="alternate"/><link rel="alternate" type="application/pdf" href="/a/3.pdf"/>
<link rel="alternate" type="text/html" href="/a/3"/></entry></feed>"#;
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let letter = letter_of(&room, test, "all.atom", entries).await;
        for path in ["/a/1", "/a/2", "/a/3"] {
            assert!(letter.html.contains(&format!("href=\"https://example.org{path}\"")), "{path}");
            assert!(letter.text.contains(&format!("https://example.org{path}")), "{path}");
        }
        for wrong in ["all.atom", ".mp3", ".pdf"] {
            assert!(!letter.html.contains(wrong) && !letter.text.contains(wrong), "{wrong}");
        }
    }
}

#[tokio::test]
async fn case_c06_titles_are_escaped_exactly_once_in_the_letter() {
    let items: String = [
        "&amp;#8220;Tide turns&amp;#8221;",
        "R&amp;amp;D budget doubled",
        "Rock &amp; Roll returns",
        "Why &amp;lt;blink&amp;gt; never died",
        "<![CDATA[AT&amp;T plans]]>",
        "Caf&amp;eacute; closes",
    ]
    .iter()
    .enumerate()
    .map(|(n, title)| format!("<item><title>{title}</title><link>https://example.org/t{n}</link></item>"))
    .collect();
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let letter = letter_of(&room, test, "titles.xml", &rss(&items)).await;
        for title in [
            "“Tide turns”",
            "R&D budget doubled",
            "Rock & Roll returns",
            "Why <blink> never died",
            "AT&T plans",
            "Café closes",
        ] {
            assert!(letter.text.contains(title), "{title} in\n{}", letter.text);
            let escaped = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            assert!(letter.html.contains(&escaped), "{escaped} in\n{}", letter.html);
        }
        assert!(!letter.html.contains("&amp;amp;") && !letter.html.contains("<blink"));
        assert!(!letter.html.contains("&amp;#") && !letter.html.contains("&amp;lt;"));
        for visible in ["&#", "&amp;", "&lt;"] {
            assert!(!letter.text.contains(visible) && !letter.subject.contains(visible), "{visible}");
        }
    }
}

#[tokio::test]
async fn case_c08_a_json_feed_with_loose_types_makes_a_letter_without_empty_titles() {
    let feed = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "Paper", "expired": "false", "items": [
{"id": 4711, "url": "https://example.org/a", "title": "Tram 7 back", "authors": [{"name": "A. Lind"}],
 "content_html": "<p>The line reopens.</p>", "date_published": "2026-11-23T05:30:00+01:00"},
{"id": "b-2", "url": "https://example.org/b", "title": "Library opens", "author": {"name": "B. Holm"},
 "content_text": "From March on."},
{"id": "note-9", "url": "https://example.org/n", "content_text": "Ferry cancelled until noon because of ice. Updates follow.",
 "date_published": "2026-11-23T06:10:00+01:00"},
{"id": "x-4", "url": "https://example.org/d", "title": null, "content_html": "<p>Council adjourned after <b>six</b> hours.</p>",
 "date_published": "not yet"},
{"url": "https://example.org/e", "title": "No id given", "content_text": "Text.",
 "date_published": "2026-11-23T18:00:00+01:00", "attachments": [{"url": "https://example.org/e.mp3",
 "mime_type": "audio/mpeg", "size_in_bytes": "12345"}]}]}"#;
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let letter = letter_of(&room, test, "feed.json", feed).await;
        for text in [
            "Tram 7 back",
            "Library opens",
            "Ferry cancelled until noon",
            "Council adjourned",
            "No id given",
            "A. Lind",
            "B. Holm",
        ] {
            assert!(letter.text.contains(text), "{text} in\n{}", letter.text);
        }
        assert!(!letter.html.contains("null") && !letter.html.contains("undefined"));
    }
}

#[tokio::test]
async fn case_c25_the_text_part_of_a_sent_letter_has_links_and_no_entities() {
    let items = "\
<item><title>Q&amp;amp;A: what the new &amp;lt;bridge&amp;gt; costs</title>\
<link>https://example.org/qa?id=7&amp;ref=letter</link>\
<description>&lt;style&gt;p{color:red}&lt;/style&gt;&lt;p&gt;Figures&amp;nbsp;and &lt;b&gt;answers&lt;/b&gt;.&lt;/p&gt;</description></item>\
<item><title>“Too dear”, says the treasurer</title><link>https://example.org/dear</link>\
<description>&lt;p&gt;He said so &lt;a href=\"https://example.org/said\"&gt;on Monday&lt;/a&gt;.&lt;/p&gt;</description></item>\
<item><title>Weather: 5 °C &amp; rain</title><link>https://example.org/weather?city=K%C3%B6ln&amp;unit=c</link>\
<description>Take an umbrella.</description></item>";
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let letter = letter_of(&room, test, "feed.xml", &rss(items)).await;
        assert_eq!(letter.types, ["multipart/alternative", "text/plain", "text/html"]);
        // The lead story's headline is the subject as well, which the text does not repeat.
        for once in [
            "Q&A: what the new <bridge> costs",
            "“Too dear”, says the treasurer",
            "Weather: 5 °C & rain",
            "https://example.org/qa?id=7&ref=letter",
            "https://example.org/dear",
            "https://example.org/weather?city=K%C3%B6ln&unit=c",
        ] {
            let unfolded = letter.text.replace('\n', " ");
            assert_eq!(unfolded.matches(once).count(), 1, "{once} in\n{}", letter.text);
        }
        assert!(letter.text.contains("https://letters.example.org/unsubscribe/"));
        for wrong in ["&amp;", "&#", "&nbsp;", "{", "<p", "<b>", "<a "] {
            assert!(!letter.text.contains(wrong), "{wrong} in\n{}", letter.text);
        }
        assert!(letter.html.contains("href=\"https://example.org/qa?id=7&amp;ref=letter\""));
    }
}

#[tokio::test]
async fn case_c29_long_lines_and_a_leading_dot_survive_transport() {
    let link = format!("https://example.org/long?{}", "abcdefghij=0123456789&".repeat(54));
    let items = format!(
        "<item><title>Long</title><link>{}</link><description>&lt;p&gt;{}zenith&lt;/p&gt;</description></item>\
         <item><title>.hidden files matter</title><link>https://example.org/dot</link>\
         <description>.hidden is what matters</description></item>\
         <item><title>Third</title><link>https://example.org/3</link></item>",
        link.replace('&', "&amp;"),
        "word ".repeat(40)
    );
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let letter = letter_of(&room, test, "feed.xml", &rss(&items)).await;
        let longest = letter.raw.split(|&byte| byte == b'\n').map(<[u8]>::len).max();
        assert!(longest.is_some_and(|longest| longest <= 78), "{longest:?}");
        assert!(letter.text.contains(&link) && letter.html.contains(&link.replace('&', "&amp;")));
        assert!(
            letter.text.lines().any(|line| line.starts_with(".hidden is what matters")),
            "{}",
            letter.text
        );
        assert!(!letter.text.contains("..hidden"));
    }
}

#[tokio::test]
async fn case_c27_a_subject_with_accents_arrives_as_it_was_written() {
    let subject =
        "Tõnis & Ærøskøbing: «l’été à 40 °C» — Привет, გამარჯობა, Բարեւ 🌊 and some words more to fold";
    let room = Newsroom::open("", &format!("subject = '{subject}'"), "").await;
    for test in &room.engines {
        let items =
            (1..=3).map(|n| format!("<item><title>{n}</title><link>https://example.org/{n}</link></item>"));
        let letter = letter_of(&room, test, "feed.xml", &rss(&items.collect::<String>())).await;
        assert_eq!(letter.subject, subject);
        let text = String::from_utf8_lossy(&letter.raw).into_owned();
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(head.is_ascii() && head.lines().all(|line| line.len() <= 78), "{head}");
        assert_eq!(head.lines().filter(|line| line.starts_with("Subject:")).count(), 1);
    }
}
