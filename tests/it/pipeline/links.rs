//! Links on their way through an edition: numbered at the lock, the same in every form, repaired by
//! editors, and what the report says of them.

use newsletterd::domain::edition::EditionState::Sent;
use newsletterd::domain::ids::LinkNo;
use newsletterd::domain::link::Destination;
use newsletterd::pipeline::{Engine, PipelineError, advance, control, links, lock, report};
use newsletterd::store::links::Link;
use newsletterd::store::{editions, events};
use serde_json::json;

use super::{Newsroom, newest, send_due};
use crate::support::engine::{TestEngine, stories};

const UTM: &str = "\n[newsletters.utm]\ncontent = \"no {edition}\"\n";
const ADDED: &str = "utm_source=daily&utm_medium=email&utm_campaign=2026-11-24&utm_content=no%201";

/// With four stories, an edition that is open, and one reader.
async fn open(test: &TestEngine) -> editions::Edition {
    test.tick_at("2026-11-24T00:00:00Z").await;
    let mut four = stories(4, test.engine.clock.now());
    four[0].url = Some("https://example.org/news/story-1?id=7&lang=ka#comments".to_owned());
    four[1].url = Some("https://example.org/news/story-2?utm_source=feed".to_owned());
    test.import_articles(&four).await;
    test.add_subscribers("readers", &["ana@example.org"]).await;
    test.tick_at("2026-11-24T01:00:00Z").await;
    newest(test).await
}

fn hrefs(html: &str) -> Vec<&str> {
    html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// UTM parameters on every article link and on no other; `&` escaped; a query and a fragment that
/// were there are kept.
#[tokio::test]
async fn point_49_utm_parameters_stand_on_article_links_alone() {
    let house = "[[newsletters.blocks]]\nkind = \"latest\"\nmax = 10\n[[newsletters.blocks]]\nkind = \"house\"\n\
        text = \"Join us.\"\nlink = \"https://example.org/membership?from=letter\"\nbutton = \"Become a member\"\n";
    let room = Newsroom::open("", UTM, house).await;
    for test in &room.engines {
        open(test).await;
        test.tick_at("2026-11-24T03:00:00Z").await;
        assert_eq!(send_due(test).await.state, Sent);
        let letter = room.letters().remove(0);
        let without_source = ADDED.split_once('&').unwrap().1;
        let expected = [
            format!("https://example.org/news/story-1?id=7&lang=ka&{ADDED}#comments"),
            format!("https://example.org/news/story-2?utm_source=feed&{without_source}"),
            format!("https://example.org/news/story-3?{ADDED}"),
            format!("https://example.org/news/story-4?{ADDED}"),
        ];
        for url in &expected {
            assert!(letter.html.contains(&format!("\"{}\"", url.replace('&', "&amp;"))), "{url}");
            assert!(letter.text.contains(url.as_str()), "{url} in {}", letter.text);
        }
        let articles = expected.map(|url| url.replace('&', "&amp;"));
        let others: Vec<_> =
            hrefs(&letter.html).into_iter().filter(|url| !articles.contains(&(*url).to_owned())).collect();
        assert!(others.contains(&"https://example.org/membership?from=letter"), "{others:?}");
        assert!(others.iter().any(|url| url.contains("/unsubscribe/")), "{others:?}");
        assert!(others.iter().any(|url| url.contains("/archive/daily/")), "{others:?}");
        assert!(others.iter().all(|url| !url.contains("utm_")), "{others:?}");
        let raw = String::from_utf8(letter.raw).unwrap();
        let head = raw.split("\r\n\r\n").next().unwrap();
        assert!(head.contains("List-Unsubscribe:") && !head.contains("utm_"), "{head}");
    }
}

#[tokio::test]
async fn without_the_section_nothing_is_added() {
    let room = Newsroom::open("", "", "").await;
    let test = &room.engines[0];
    open(test).await;
    test.tick_at("2026-11-24T03:00:00Z").await;
    send_due(test).await;
    let letter = room.letters().remove(0);
    for form in [&letter.html, &letter.text] {
        assert!(form.contains("https://example.org/news/story-3") && !form.contains("utm_medium"), "{form}");
    }
    assert!(!letter.html.contains("/r/") && !letter.html.contains("/o/"));
}

#[tokio::test]
async fn the_picture_stands_in_the_letter_alone_and_only_when_switched_on() {
    for (keys, there) in [("open_pixel = \"on\"", true), ("links = \"counted\"", false)] {
        let room = Newsroom::open("", keys, "").await;
        let test = &room.engines[0];
        let edition = open(test).await;
        test.tick_at("2026-11-24T03:00:00Z").await;
        send_due(test).await;
        let letter = room.letters().remove(0);
        let pixel = test.engine.links().pixel(edition.id);
        assert_eq!(letter.html.contains(&pixel), there);
        assert!(!letter.text.contains(&pixel));
    }
}

async fn lock(engine: &Engine, id: newsletterd::domain::ids::EditionId) {
    let mut tx = engine.db.begin().await.unwrap();
    let edition = editions::get(&mut tx, id).await.unwrap().unwrap();
    let locked = lock::lock(engine, &mut tx, &edition, lock::Decision::Person("ed")).await.unwrap();
    assert!(matches!(locked, lock::Locked::Revision(_)), "{locked:?}");
    tx.commit().await.unwrap();
}

fn targets(links: &[Link]) -> Vec<(i64, &str)> {
    links.iter().map(|link| (link.no.0, link.target.rsplit('/').next().unwrap())).collect()
}

#[tokio::test]
async fn a_second_revision_keeps_the_numbers_of_the_first_and_its_repairs() {
    let room = Newsroom::open("", "links = \"redirect\"", "").await;
    for test in &room.engines {
        let engine = &test.engine;
        let id = open(test).await.id;
        lock(engine, id).await;
        let first = links::list(engine, id).await.unwrap();
        let numbered = [
            (1, "story-4"),
            (2, "story-3"),
            (3, "story-2?utm_source=feed"),
            (4, "story-1?id=7&lang=ka#comments"),
        ];
        assert_eq!(targets(&first), numbered);
        let moved: Destination = "https://example.org/news/moved".parse().unwrap();
        links::relink(engine, id, LinkNo(2), &moved, "ed").await.unwrap();
        control::unlock(engine, id, "ed").await.unwrap();
        // A story more, which comes first.
        test.import_articles(&stories(5, engine.clock.now())[4..]).await;
        lock(engine, id).await;
        let second = links::list(engine, id).await.unwrap();
        assert_eq!(targets(&second)[4], (5, "story-5"));
        assert_eq!(targets(&second)[1], (2, "moved"));
        assert_eq!(targets(&second)[2..4], numbered[2..]);
        advance::tick(engine).await.unwrap();
        assert_eq!(send_due(test).await.state, Sent);
        let letter = room.letters().remove(0);
        let order: Vec<usize> = [5, 1, 2, 3, 4]
            .map(|no| {
                letter.text.find(&engine.links().story(id, LinkNo(no))).unwrap_or_else(|| panic!("{no}"))
            })
            .to_vec();
        assert!(order.is_sorted(), "{order:?}");
        assert!(!letter.html.contains("https://example.org/news/"), "every story leads over us");
    }
}

#[tokio::test]
async fn a_repair_is_recorded_with_who_and_what_was_before() {
    let room = Newsroom::open("", &format!("links = \"counted\"{UTM}"), "").await;
    for test in &room.engines {
        let engine = &test.engine;
        let id = open(test).await.id;
        let moved: Destination = "https://example.org/moved".parse().unwrap();
        let refused = |result: Result<String, PipelineError>| match result {
            Err(PipelineError::Refused(why)) => why,
            other => panic!("{other:?}"),
        };
        let early = refused(links::relink(engine, id, LinkNo(1), &moved, "ed").await);
        assert!(early.contains("is draft and has no links yet"), "{early}");
        lock(engine, id).await;
        let wrong = refused(links::relink(engine, id, LinkNo(5), &moved, "ed").await);
        assert!(wrong.contains("links 1 to 4, but no link 5"), "{wrong}");
        let target = links::relink(engine, id, LinkNo(1), &moved, "ed").await.unwrap();
        let mut tx = engine.db.read().await.unwrap();
        let happened = events::of_edition(&mut tx, id).await.unwrap();
        drop(tx);
        let repaired: Vec<_> = happened.iter().filter(|event| event.name == "link.repaired").collect();
        assert_eq!(repaired.len(), 1);
        let before = format!("https://example.org/news/story-4?{ADDED}");
        assert_eq!(repaired[0].detail, json!({"no": 1, "from": before, "to": target, "by": "ed"}));
        let report = report::report(engine, id).await.unwrap();
        assert_eq!((report.clicks, report.openings), (Some(0), None));
    }
}

#[tokio::test]
async fn direct_links_cannot_be_repaired_and_it_is_said_why() {
    let room = Newsroom::open("", "", "").await;
    let test = &room.engines[0];
    let id = open(test).await.id;
    lock(&test.engine, id).await;
    let why = links::list(&test.engine, id).await.unwrap_err().to_string();
    assert!(why.contains("links = \"direct\"") && why.contains("redirect"), "{why}");
    let to = "https://example.org/a".parse().unwrap();
    assert_eq!(links::relink(&test.engine, id, LinkNo(1), &to, "ed").await.unwrap_err().to_string(), why);
    let unknown = links::list(&test.engine, newsletterd::domain::ids::EditionId(99)).await.unwrap_err();
    assert_eq!(unknown.to_string(), "there is no edition 99");
}
