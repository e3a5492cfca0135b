//! Past letters, as strangers see them.

use std::collections::BTreeSet;

use newsletterd::domain::edition::EditionState;
use newsletterd::pipeline::control;

use super::{Message, Site, path_of};
use crate::support::engine::stories;

/// Case c43: the archive holds nobody's links, and each of its own links leads somewhere, wherever
/// the links of letters lead.
#[tokio::test]
async fn the_archive_holds_nothing_of_any_subscriber() {
    for (keys, over_us) in [
        ("", false),
        ("links = \"redirect\"\n[newsletters.utm]", true),
        ("links = \"counted\"\nopen_pixel = \"on\"", true),
    ] {
        for site in Site::on_each_database_with_keys(keys).await {
            nothing_personal_in_the_archive(&site, over_us).await;
        }
    }
}

async fn nothing_personal_in_the_archive(site: &Site, over_us: bool) {
    let readers = ["anna@example.org", "olaf@example.org"];
    site.enqueue(&readers).await;
    site.deliver().await;
    let messages = readers.map(|reader| site.message(reader));
    let edition = site.test.editions().await.remove(0);
    let letter_url = site.test.engine.links().letter("daily", edition.id);
    let list = site.get("/archive/daily").await;
    let letter = site.get(path_of(&letter_url)).await;

    // Whatever differs between the two messages belongs to one reader.
    let token = |url: &String| url.rsplit('/').next().unwrap().to_owned();
    let all = messages.each_ref().map(Message::addresses);
    let personal: Vec<String> = (0..2)
        .flat_map(|one| {
            all[one].iter().filter(|url| !all[1 - one].contains(*url)).map(token).collect::<Vec<_>>()
        })
        .chain(messages.iter().map(|message| token(&message.one_click)))
        .collect();
    assert!(personal.len() >= 4, "{personal:?}");
    let pixel = site.test.engine.links().pixel(edition.id);
    let forbidden = ["/unsubscribe/", "/preferences/", "/o/", pixel.as_str()];
    for page in [&list, &letter] {
        assert_eq!(page.status, 200);
        for secret in personal.iter().map(String::as_str).chain(readers).chain(forbidden) {
            assert!(!page.body.contains(secret), "{secret}");
        }
    }
    for message in &messages {
        assert!(message.links().contains(&letter_url) && message.text.contains(&letter_url));
    }

    // Every link answers, or leads to its article.
    assert!(list.attribute("href").contains(&path_of(&letter_url).to_owned()), "{}", list.body);
    for link in list.attribute("href") {
        match link.strip_prefix('/') {
            Some(_) => assert_eq!(site.get(&link).await.status, 200, "{link}"),
            None => assert_eq!(link, "https://example.org/"),
        }
    }
    let is_article = |link: &String| {
        link.starts_with(if over_us { "https://letters.example.org/r/" } else { "https://example.org/news/" })
    };
    let shown: BTreeSet<String> = letter.attribute("href").into_iter().filter(is_article).collect();
    assert_eq!(shown.len(), 4);
    let mut articles = BTreeSet::new();
    for link in &shown {
        let article = if over_us {
            let answer = site.get(path_of(link)).await;
            assert_eq!(answer.status, 302, "{link}");
            answer.header("location").to_owned()
        } else {
            link.clone()
        };
        articles.insert(article.split('?').next().unwrap().to_owned());
    }
    let expected: BTreeSet<String> = (1..=4).map(|n| format!("https://example.org/news/story-{n}")).collect();
    assert_eq!(articles, expected);

    // The article links are those of the mails, in both of their forms.
    for message in &messages {
        let linked: BTreeSet<String> = message.links().into_iter().filter(is_article).collect();
        assert_eq!(shown, linked);
        assert!(shown.iter().all(|link| message.text.contains(link.as_str())), "{}", message.text);
    }
    for other in letter.attribute("href").into_iter().filter(|link| !shown.contains(link)) {
        assert_eq!(other, "https://example.org/");
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
