//! Past letters, as strangers see them.

use std::collections::BTreeSet;

use newsletterd::domain::edition::EditionState;
use newsletterd::pipeline::control;

use super::{Site, path_of};
use crate::support::engine::stories;

/// Case c43: the archive holds nobody's links, and each of its own links leads somewhere.
#[tokio::test]
async fn the_archive_holds_nothing_of_any_subscriber() {
    for site in Site::on_each_database().await {
        let readers = ["anna@example.org", "olaf@example.org"];
        site.enqueue(&readers).await;
        site.deliver().await;
        let messages = readers.map(|reader| site.message(reader));
        let personal: Vec<String> =
            messages.iter().map(|message| message.one_click.rsplit('/').next().unwrap().to_owned()).collect();
        assert_ne!(personal[0], personal[1]);
        let edition = site.test.editions().await.remove(0);
        let letter_url = site.test.engine.links().letter("daily", edition.id);
        assert!(messages.iter().all(|message| message.links().contains(&letter_url)));
        assert!(messages.iter().all(|message| message.text.contains(&letter_url)));

        let list = site.get("/archive/daily").await;
        let letter = site.get(path_of(&letter_url)).await;
        for page in [&list, &letter] {
            assert_eq!(page.status, 200);
            for secret in personal.iter().map(String::as_str).chain(readers).chain(["/unsubscribe/"]) {
                assert!(!page.body.contains(secret), "{secret}");
            }
        }
        assert!(list.attribute("href").contains(&path_of(&letter_url).to_owned()), "{}", list.body);
        for link in list.attribute("href") {
            match link.strip_prefix('/') {
                Some(_) => assert_eq!(site.get(&link).await.status, 200, "{link}"),
                None => assert_eq!(link, "https://example.org/"),
            }
        }
        let articles = |links: Vec<String>| -> BTreeSet<String> {
            links.into_iter().filter(|link| link.starts_with("https://example.org/news/")).collect()
        };
        let shown = articles(letter.attribute("href"));
        assert_eq!(shown.len(), 4);
        assert_eq!(shown, articles(messages[0].links()));
        let others: Vec<_> =
            letter.attribute("href").into_iter().filter(|link| !shown.contains(link)).collect();
        assert!(others.iter().all(|link| link == "https://example.org/"), "{others:?}");
    }
}

/// Case c43, its draft half: what has not gone out is neither listed nor reachable by guessing.
#[tokio::test]
async fn what_was_not_sent_is_not_there() {
    let site = Site::new().await;
    site.enqueue(&["anna@example.org"]).await;
    site.deliver().await;
    let sent = site.test.editions().await.remove(0);
    site.test.engine.clock.set("2026-11-25T00:00:00Z".parse().unwrap());
    site.test.import_articles(&stories(9, site.test.engine.clock.now())).await;
    site.test.tick_at("2026-11-25T01:00:00Z").await;
    let edition = site.test.editions().await.remove(0);
    assert_ne!(edition.id, sent.id);
    let nothing = site.get("/archive/daily/999999").await;
    assert_eq!(nothing.status, 404);
    let engine = &site.test.engine;
    for state in [EditionState::Draft, EditionState::Held, EditionState::Approved, EditionState::Skipped] {
        match state {
            EditionState::Held => control::hold(engine, edition.id, None, "test").await.unwrap(),
            EditionState::Approved => control::approve(engine, edition.id, "test").await.unwrap(),
            EditionState::Skipped => control::skip(engine, edition.id, None, "test").await.unwrap(),
            _ => {}
        }
        assert_eq!(site.test.editions().await[0].state, state);
        let guessed = site.get(&format!("/archive/daily/{}", edition.id)).await;
        assert_eq!((guessed.status, &guessed.body), (nothing.status, &nothing.body), "{state}");
        let list = site.get("/archive/daily").await;
        assert!(list.body.contains("1\u{a0}letter<"), "{}", list.body);
    }
    assert_eq!(site.get(&format!("/archive/daily/{}", sent.id)).await.status, 200);
    assert_eq!(site.get(&format!("/archive/weekly/{}", sent.id)).await.status, 404);
}

#[tokio::test]
async fn the_list_is_newest_first_and_empty_before_the_first_letter() {
    let site = Site::new().await;
    let empty = site.get("/archive/daily").await;
    assert!(empty.status == 200 && empty.body.contains("No letter has been sent yet."), "{}", empty.body);
    site.enqueue(&["anna@example.org"]).await;
    site.deliver().await;
    site.test.engine.clock.set("2026-11-25T00:00:00Z".parse().unwrap());
    site.test.import_articles(&stories(8, site.test.engine.clock.now())).await;
    site.test.tick_at("2026-11-25T01:00:00Z").await;
    site.test.tick_at("2026-11-25T03:00:00Z").await;
    site.deliver().await;
    let list = site.get("/archive/daily").await;
    let dates: Vec<_> = list.attribute("datetime");
    assert_eq!(dates, ["2026-11-25", "2026-11-24"]);
    assert!(list.body.contains("2\u{a0}letters") && list.body.contains("Story number 8"), "{}", list.body);
}

#[tokio::test]
async fn addresses_that_lead_nowhere_say_so() {
    let site = Site::new().await;
    for path in [
        "/nothing",
        "/archive",
        "/archive/",
        "/archive/weekly",
        "/archive/daily/1",
        "/archive/daily/one",
        "/archive/daily/-1",
        "/archive/daily/99999999999999999999",
        "/archive/daily/1/2",
        "/archive/%ff",
        "/archive/..%2f..%2fetc%2fpasswd",
        "/archive/../../etc/passwd",
        "/archive/daily%00",
        "/archive/%27%20OR%201=1--",
    ] {
        let answer = site.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body.contains("There is nothing here"), "{path}");
        assert!(!answer.body.contains("passwd"), "{path}");
    }
}

#[tokio::test]
async fn the_front_page_leads_to_every_archive() {
    let site = Site::new().await;
    let front = site.get("/").await;
    assert_eq!(front.status, 200);
    assert!(front.attribute("href").contains(&"/archive/daily".to_owned()), "{}", front.body);
    assert!(front.body.contains("<title>The Example Post</title>"), "{}", front.body);
}

#[tokio::test]
async fn behind_a_prefix_every_link_carries_it() {
    let site = Site::with(|config| {
        config.replace("https://letters.example.org", "https://letters.example.org/post/")
    })
    .await;
    site.enqueue(&["anna@example.org"]).await;
    site.deliver().await;
    let letter = site.message("anna@example.org");
    let unsubscribe = path_of(&letter.one_click).strip_prefix("/post").unwrap().to_owned();
    for path in ["/", "/archive/daily", &unsubscribe, "/nothing", "/mailbox", "/mailbox/1"] {
        let page = site.get(path).await;
        let links = page.attribute("href").into_iter().chain(page.attribute("action"));
        let ours: Vec<_> = links.filter(|link| !link.starts_with("https://example.org")).collect();
        assert!(!ours.is_empty() && ours.iter().all(|link| link.starts_with("/post/")), "{path} {ours:?}");
    }
}
