//! The check of each letter before it is sent: what is broken waits for a person, what could be
//! better goes out and is written down.

use newsletterd::domain::edition::EditionState::{Draft, Held, Sending, Sent};
use newsletterd::domain::picture::{Picture, PictureKind};
use newsletterd::pipeline::{PipelineError, advance, control, preview};
use newsletterd::store::editions::Edition;
use newsletterd::store::events;
use newsletterd::store::media::{self, Wanted};

use super::{Newsroom, newest, send_due};
use crate::support::engine::{TestEngine, stories};
use crate::support::pictures::PictureSite;

/// Twenty stories in a block of twenty.
const TWENTY: &str = "[[newsletters.blocks]]\nkind = \"latest\"\nmax = 20\n";

/// An open edition, and two readers; each story's summary has so many Georgian letters.
async fn open(test: &TestEngine, letters: usize) -> Edition {
    test.tick_at("2026-11-24T00:00:00Z").await;
    let mut stories = stories(20, test.engine.clock.now());
    for story in &mut stories {
        story.content.summary = "ხიდი ღიაა ".repeat(letters / 10);
    }
    test.import_articles(&stories).await;
    test.add_subscribers("readers", &["ana@example.org", "gio@example.org"]).await;
    test.tick_at("2026-11-24T01:00:00Z").await;
    let edition = newest(test).await;
    assert_eq!(edition.state, Draft);
    edition
}

/// What the check wrote down about an edition.
async fn checked(test: &TestEngine, edition: &Edition) -> Vec<String> {
    let mut tx = test.engine.db.read().await.unwrap();
    let events = events::of_edition(&mut tx, edition.id).await.unwrap();
    let checked = events.iter().filter(|event| event.name == "edition.letter_checked");
    checked.map(|event| event.detail.to_string()).collect()
}

#[tokio::test]
async fn a_letter_that_would_be_clipped_waits_for_a_person() {
    let room = Newsroom::open("", "", TWENTY).await;
    for test in &room.engines {
        let edition = open(test, 1_000).await;
        test.tick_at("2026-11-24T03:00:00Z").await;
        let held = send_due(test).await;
        assert_eq!(held.state, Held, "{:?}", held.reason);
        let reason = held.reason.clone().unwrap();
        assert!(reason.starts_with("its letter falls short: html-size (HTML part: "), "{reason}");
        let advised = format!("`newsletterd letter check {}`", edition.id);
        assert!(reason.contains(&advised) && reason.contains("--despite-check"), "{reason}");
        let alerts = super::alerts::keys(test).await;
        assert_eq!(alerts.iter().filter(|key| key.starts_with("log:held")).count(), 1);
        assert_eq!(room.letters().len(), 0);
        // A person is told the same, and may insist.
        let refused = control::send_now(&test.engine, edition.id, "editor").await;
        let Err(PipelineError::Refused(why)) = refused else { panic!("{refused:?}") };
        assert!(why.contains("html-size") && why.contains("--despite-check"), "{why}");
        assert_eq!(newest(test).await.state, Held);
        control::send_despite_check(&test.engine, edition.id, "editor").await.unwrap();
        advance::tick(&test.engine).await.unwrap();
        assert_eq!(send_due(test).await.state, Sent);
        assert_eq!(room.letters().len(), 2);
        let written = checked(test, &edition).await;
        assert_eq!(written.len(), 3, "each time it was to be locked: {written:?}");
        assert!(written.iter().all(|detail| detail.contains("\"broken\":[\"html-size\"]")), "{written:?}");
    }
}

#[tokio::test]
async fn a_newsletter_may_only_want_to_be_warned() {
    let room = Newsroom::open("", "letter_check = \"warn\"", TWENTY).await;
    for test in &room.engines {
        let edition = open(test, 1_000).await;
        test.tick_at("2026-11-24T03:00:00Z").await;
        assert_eq!(newest(test).await.state, Sending);
        assert_eq!(send_due(test).await.state, Sent);
        assert_eq!(room.letters().len(), 2);
        assert_eq!(checked(test, &edition).await.len(), 1);
    }
}

#[tokio::test]
async fn advice_is_written_down_and_holds_nothing() {
    // The preheader is the lead story's summary, which is too long for one here.
    let room = Newsroom::open("", "preheader = \"Short.\"", TWENTY).await;
    for test in &room.engines {
        let edition = open(test, 100).await;
        test.tick_at("2026-11-24T03:00:00Z").await;
        assert_eq!(send_due(test).await.state, Sent);
        assert_eq!(room.letters().len(), 2);
        assert_eq!(checked(test, &edition).await, ["{\"advice\":[\"preheader\"],\"broken\":[]}"]);
    }
}

#[tokio::test]
async fn the_check_of_twenty_stories_takes_no_time_that_a_lock_would_feel() {
    let room = Newsroom::open("", "", TWENTY).await;
    let test = &room.engines[0];
    let edition = open(test, 300).await;
    let preview = preview::of_edition(&test.engine, edition.id).await.unwrap();
    assert!(preview.text.matches("https://example.org/news/story-").count() >= 20);
    let began = std::time::Instant::now();
    for _ in 0..10 {
        newsletterd::mail::letter::check(&preview.message);
    }
    let each = began.elapsed() / 10;
    println!("{} bytes of HTML, unoptimised: {each:?} for each check", preview.html_size);
    assert!(each < std::time::Duration::from_secs(2), "{each:?}");
}

#[tokio::test]
async fn a_preview_is_the_letter_and_changes_nothing() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let edition = open(test, 100).await;
        let draft = preview::of_edition(&test.engine, edition.id).await.unwrap();
        let next = preview::of_next(&test.engine, "daily").await.unwrap();
        assert_eq!(next.message, draft.message, "the next edition is the open one");
        assert_eq!(newest(test).await, edition);
        test.tick_at("2026-11-24T03:00:00Z").await;
        assert_eq!(send_due(test).await.state, Sent);
        let sent = room.letters().remove(0);
        let after = preview::of_edition(&test.engine, edition.id).await.unwrap();
        assert_eq!(after.subject, sent.subject);
        // But for the reader's own places it is what went out.
        let common =
            |html: &str| html.split("https://letters.example.org/").next().unwrap().replace("\r\n", "\n");
        assert!(common(&sent.html).len() > 1_000);
        assert_eq!(common(&after.html), common(&sent.html));
        assert!(after.html.contains("/unsubscribe/preview") && after.text.contains("/unsubscribe/preview"));
        assert!(!after.web_html.contains("/unsubscribe/"));
    }
}

#[tokio::test]
async fn a_page_for_a_picture_of_the_letter_holds_its_pictures() {
    let site = PictureSite::start().await;
    let mut room = Newsroom::open("", "", "").await;
    for test in &mut room.engines {
        test.engine.fetcher = site.fetcher.clone();
        let engine = &test.engine;
        let own = Picture::new(PictureKind::Png, 1, 1, b"kept".to_vec());
        let wanted = Wanted { source_url: "https://example.org/a.png".to_owned(), width: 128 };
        let mut tx = engine.db.begin().await.unwrap();
        let now = engine.clock.now();
        media::keep(&mut tx, &wanted, &own, now, now).await.unwrap();
        tx.commit().await.unwrap();
        let (ours, theirs) = (engine.links().picture(&own.stored.hash), site.url("/photo.webp"));
        let lost = [site.url("/missing.jpg"), site.url("/page.html"), site.url("/inside.jpg")];
        let pictures = [&ours, &theirs, &theirs].into_iter().chain(&lost);
        let html = pictures.map(|url| format!("<p><img src=\"{url}\" alt=\"\"></p>")).collect::<String>();
        let (page, missing) = preview::self_contained(engine, &html).await;
        assert_eq!(missing, lost.len());
        assert!(
            page.starts_with("<p><img src=\"data:image/png;base64,a2VwdA==\" alt=\"\"></p>"),
            "{page:.100}"
        );
        assert_eq!(page.matches("src=\"data:image/webp;base64,").count(), 2);
        assert!(lost.iter().all(|url| page.contains(url)) && !page.contains(&theirs));
        assert_eq!(page.matches("</p>").count(), 6);
    }
}
