//! Pictures on their way from a newsroom's site into the letter.

use std::time::{Duration, Instant};

use newsletterd::domain::article::{Image, IncomingArticle};
use newsletterd::domain::edition::EditionState;
use newsletterd::domain::picture::PictureHash;
use newsletterd::domain::revision::Content;
use newsletterd::pipeline::{Engine, control, pictures};
use newsletterd::store::{content, media};

use super::{Newsroom, newest, send_due};
use crate::support::engine::{TestEngine, stories};
use crate::support::pictures::PictureSite;

const BLOCKS: &str = "[[newsletters.blocks]]\nkind = \"picks\"\nmax = 2\n\n[[newsletters.blocks]]\nkind = \"latest\"\nmax = 10\n";

/// A newsroom whose house block has the picture `house`.
async fn newsroom(site: &PictureSite, blocks: &str) -> Newsroom {
    let mut room = Newsroom::open("", "min_items = 1\nwhen_too_little = \"skip\"", blocks).await;
    for test in &mut room.engines {
        test.engine.fetcher = site.fetcher.clone();
    }
    room
}

/// Stories with these pictures, the newest with the first; that one is a pick.
fn with_pictures(test: &TestEngine, site: &PictureSite, paths: &[&str]) -> Vec<IncomingArticle> {
    let mut articles = stories(u32::try_from(paths.len()).unwrap(), test.engine.clock.now());
    articles.reverse();
    for (article, path) in articles.iter_mut().zip(paths) {
        let url = site.url(path);
        article.content.image =
            Some(Image { url, alt: format!("What {path} shows"), width: None, height: None });
        article.content.reading_minutes = Some(4);
    }
    articles[0].flagged = true;
    articles
}

async fn open_edition(test: &TestEngine, articles: &[IncomingArticle]) {
    test.tick_at("2026-11-24T00:00:00Z").await;
    test.import_articles(articles).await;
    test.add_subscribers("readers", &["ana@example.org"]).await;
    test.tick_at("2026-11-24T01:00:00Z").await;
    assert_eq!(newest(test).await.state, EditionState::Draft);
}

async fn fixed(test: &TestEngine) -> Content {
    let edition = newest(test).await;
    let mut tx = test.engine.db.read().await.unwrap();
    let revision =
        content::revision(&mut tx, edition.id, edition.current_rev.unwrap()).await.unwrap().unwrap();
    serde_json::from_value(revision.content).unwrap()
}

/// The file behind one of our public addresses.
async fn file(engine: &Engine, url: &str) -> (String, Vec<u8>) {
    let hash: PictureHash = url.strip_prefix("https://letters.example.org/media/").unwrap().parse().unwrap();
    let mut tx = engine.db.read().await.unwrap();
    let (kind, bytes) = media::file(&mut tx, &hash).await.unwrap().unwrap();
    (kind.to_string(), bytes)
}

/// The tag of the picture that shows `alt`.
fn tag<'a>(html: &'a str, alt: &str) -> &'a str {
    html.split("<img")
        .find(|rest| rest.contains(&format!("alt=\"{alt}\"")))
        .unwrap_or_else(|| panic!("{html}"))
}

fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
    tag.split(&format!(" {name}=\"")).nth(1).unwrap().split('"').next().unwrap()
}

#[tokio::test]
async fn heroes_and_webp_reach_the_letter_small_and_from_our_own_address() {
    let site = PictureSite::start().await;
    let house = format!(
        "[newsletters.theme.logo]\nurl = \"{}\"\nalt = \"Our mark\"\nwidth = 100\nheight = 57\n\n{BLOCKS}\n[[newsletters.blocks]]\nkind = \"house\"\ntext = \"Join us.\"\nimage = \"{}\"\nimage_alt = \"Readers in the hall\"\n",
        site.url("/photo.webp"),
        site.url("/photo.webp")
    );
    let room = newsroom(&site, &house).await;
    for test in &room.engines {
        open_edition(test, &with_pictures(test, &site, &["/hero.jpg", "/photo.webp", "/hero.jpg"])).await;
        let before = site.asked();
        pictures::tick(&test.engine).await.unwrap();
        assert_eq!(site.asked() - before, 2, "each address is asked once for all its places");
        pictures::tick(&test.engine).await.unwrap();
        assert_eq!(site.asked() - before, 2, "what is there is not asked for again");
        test.tick_at("2026-11-24T03:00:00Z").await;
        assert_eq!(send_due(test).await.state, EditionState::Sent);
        assert_eq!(site.asked() - before, 2);
        let letter = room.letters().remove(0);
        assert!(!letter.html.contains("pictures.example.org"), "{}", letter.html);
        for (alt, most, size) in [
            ("What /hero.jpg shows", 1072, (3200.0, 2100.0)),
            ("What /photo.webp shows", 256, (700.0, 400.0)),
            ("Readers in the hall", 976, (700.0, 400.0)),
            ("Our mark", 200, (100.0, 57.0)),
        ] {
            let tag = tag(&letter.html, alt);
            let (kind, bytes) = file(&test.engine, attribute(tag, "src")).await;
            assert_eq!(kind, "image/jpeg");
            assert!(bytes.len() <= 200 * 1024, "{alt}: {}", bytes.len());
            let picture = image::load_from_memory_with_format(&bytes, image::ImageFormat::Jpeg).unwrap();
            assert!(picture.width() <= most, "{alt}: {}", picture.width());
            // The shape is known, and so is the height of the place.
            let number = |name| attribute(tag, name).parse::<f64>().unwrap();
            assert!((number("height") - number("width") * size.1 / size.0).abs() < 1.5, "{tag:.300}");
        }
        // The archive shows the same.
        let edition = newest(test).await;
        let mut tx = test.engine.db.read().await.unwrap();
        let stored =
            newsletterd::store::archive::letter(&mut tx, "daily", edition.id).await.unwrap().unwrap();
        let web: serde_json::Value = serde_json::from_slice(&stored).unwrap();
        let web = web["web_html"].as_str().unwrap();
        let sources = |html: &str| -> Vec<String> {
            html.split("<img").skip(1).map(|tag| attribute(tag, "src").to_owned()).collect()
        };
        assert_eq!(sources(web), sources(&letter.html));
        let story = &fixed(test).await.blocks[0].stories[0];
        assert_eq!(story.reading_minutes, Some(4));
        assert!(story.image.as_ref().unwrap().url.ends_with("/hero.jpg"), "the source stays known");
    }
}

#[tokio::test]
async fn what_cannot_be_had_is_shown_from_its_source_and_holds_up_nothing() {
    let site = PictureSite::start().await;
    let room = newsroom(&site, BLOCKS).await;
    let paths = ["/hero.jpg", "/missing.jpg", "/inside.jpg", "/page.html", "/slow.jpg"];
    for test in &room.engines {
        open_edition(test, &with_pictures(test, &site, &paths)).await;
        // Nobody has looked before its time has come.
        let started = Instant::now();
        test.tick_at("2026-11-24T03:00:00Z").await;
        let took = started.elapsed();
        assert!(took < pictures::ON_TIME + Duration::from_secs(20), "{took:?}");
        assert_eq!(send_due(test).await.state, EditionState::Sent);
        let letter = room.letters().remove(0);
        let source =
            |path: &str| attribute(tag(&letter.html, &format!("What {path} shows")), "src").to_owned();
        assert!(
            source("/hero.jpg").starts_with("https://letters.example.org/media/"),
            "{}",
            source("/hero.jpg")
        );
        for path in &paths[1..] {
            assert_eq!(source(path), site.url(path));
        }
        let mut tx = test.engine.db.read().await.unwrap();
        for (path, why) in [
            ("/missing.jpg", "it answered 404"),
            ("/inside.jpg", "127.0.0.1, a loopback address"),
            ("/page.html", "a page, not a picture"),
            ("/slow.jpg", "it did not come within 5 s"),
        ] {
            let wanted = media::Wanted { source_url: site.url(path), width: 128 };
            let found = media::source(&mut tx, &wanted).await.unwrap().unwrap();
            assert!(found.picture.is_none() && found.failures == 1, "{path}: {found:?}");
            assert!(found.error.as_ref().unwrap().contains(why), "{path}: {found:?}");
        }
    }
}

#[tokio::test]
async fn what_failed_is_asked_for_again_after_a_pause() {
    let site = PictureSite::start().await;
    let room = newsroom(&site, BLOCKS).await;
    for test in &room.engines {
        site.repair(false);
        open_edition(test, &with_pictures(test, &site, &["/missing.jpg"])).await;
        let mut asked = Vec::new();
        // Twenty minutes, looked at each ten seconds.
        for _ in 0..120 {
            let before = site.asked();
            pictures::tick(&test.engine).await.unwrap();
            if site.asked() > before {
                asked.push(test.engine.clock.now().timestamp());
            }
            test.engine.clock.advance(chrono::TimeDelta::seconds(10));
        }
        let pauses: Vec<i64> = asked.windows(2).map(|two| two[1] - two[0]).collect();
        assert_eq!(pauses, [30, 120, 480]);
        site.repair(true);
        test.engine.clock.advance(chrono::TimeDelta::minutes(30));
        pictures::tick(&test.engine).await.unwrap();
        test.tick_at("2026-11-24T03:00:00Z").await;
        assert!(fixed(test).await.blocks[0].stories[0].picture.is_some());
    }
}

#[tokio::test]
async fn a_command_that_sends_now_fetches_first() {
    let site = PictureSite::start().await;
    let room = newsroom(&site, BLOCKS).await;
    for test in &room.engines {
        open_edition(test, &with_pictures(test, &site, &["/photo.webp"])).await;
        let edition = newest(test).await;
        control::send_now(&test.engine, edition.id, "test").await.unwrap();
        let story = &fixed(test).await.blocks[0].stories[0];
        let picture = story.picture.as_ref().unwrap();
        assert_eq!((picture.width, picture.height), (700, 400), "{picture:?}");
    }
}

/// A picture that is under way when the process dies is asked for again by the next.
#[tokio::test]
async fn killed_while_it_fetches_it_goes_on() {
    let site = PictureSite::start().await;
    let room = newsroom(&site, BLOCKS).await;
    for test in &room.engines {
        open_edition(test, &with_pictures(test, &site, &["/slow.jpg", "/photo.webp", "/hero.jpg"])).await;
        let fetching = pictures::tick(&test.engine);
        assert!(tokio::time::timeout(Duration::from_millis(1500), fetching).await.is_err());
        let engine = super::restarted(&test.engine).await;
        let edition = newest(test).await;
        pictures::before_lock(&engine, &edition, Duration::from_secs(15)).await.unwrap();
        let mut tx = engine.db.read().await.unwrap();
        for (path, there) in [("/slow.jpg", false), ("/photo.webp", true), ("/hero.jpg", true)] {
            let width = if path == "/slow.jpg" { 536 } else { 128 };
            let wanted = media::Wanted { source_url: site.url(path), width };
            let found = media::source(&mut tx, &wanted).await.unwrap().unwrap();
            assert_eq!(found.picture.is_some(), there, "{path}: {found:?}");
        }
    }
}

/// What was fixed before there were kept pictures can still be read.
#[test]
fn a_revision_of_an_earlier_version_is_read() {
    let old = serde_json::json!({
        "newsletter": "daily", "title": "T", "list_title": "L", "language": "en", "number": 1, "date": "2026-11-24",
        "subject": "S", "preheader": "", "note": null,
        "blocks": [
            {"kind": "latest", "title": null, "house": null, "stories": [{
                "article": 1, "url": "https://example.org/1", "headline": "H", "summary": "", "kicker": null, "authors": [],
                "image": {"url": "https://example.org/1.jpg", "alt": "", "width": null, "height": null},
                "language": null, "origin": "latest"}]},
            {"kind": "house", "title": null, "stories": [],
             "house": {"text": "t", "image": null, "button_label": null, "button_url": null}},
        ],
    });
    let content: Content = serde_json::from_value(old.clone()).unwrap();
    assert_eq!(content.blocks[0].stories[0].picture, None);
    // What has none is written as ever, so that its hash is the same.
    assert_eq!(serde_json::to_value(&content).unwrap(), old);
}

/// The look decides which pictures are shown, and how wide.
#[tokio::test]
async fn only_what_the_look_shows_is_fetched() {
    let site = PictureSite::start().await;
    for (look, expected) in
        [("compact", vec![("/hero.jpg", 224), ("/photo.webp", 80)]), ("text-first", vec![])]
    {
        let blocks = format!("[newsletters.theme]\nlook = \"{look}\"\n\n{BLOCKS}");
        let room = newsroom(&site, &blocks).await;
        for test in &room.engines {
            open_edition(test, &with_pictures(test, &site, &["/hero.jpg", "/photo.webp"])).await;
            let before = site.asked();
            pictures::tick(&test.engine).await.unwrap();
            assert_eq!(site.asked() - before, expected.len(), "{look}");
            let mut tx = test.engine.db.read().await.unwrap();
            for &(path, width) in &expected {
                let wanted = media::Wanted { source_url: site.url(path), width };
                let found = media::source(&mut tx, &wanted).await.unwrap().unwrap();
                assert_eq!(found.picture.unwrap().width, 2 * width, "{look} {path}");
            }
        }
    }
}
