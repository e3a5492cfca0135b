//! What editors do to the next edition, and what becomes of it.

use chrono::{DateTime, Utc};
use newsletterd::config;
use newsletterd::domain::edition::EditionState::{Approved, Draft, Sent};
use newsletterd::domain::selection::{BlockKind, Item, Origin, Overrides};
use newsletterd::pipeline::curate::{self, Edit};
use newsletterd::pipeline::{Engine, PipelineError, advance, compile, control, schedule};
use newsletterd::store::content;

use super::{Newsroom, newest, send_due};
use crate::support::engine::{NO_RELAY, TestEngine, daily_config, stories, story};

const BLOCKS: &str =
    "[[newsletters.blocks]]\nkind = \"picks\"\nmax = 4\n[[newsletters.blocks]]\nkind = \"latest\"\nmax = 3\n";

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn add(number: u32) -> Edit {
    add_at(number, None)
}

fn add_at(number: u32, position: Option<usize>) -> Edit {
    let what = format!("https://example.org/news/story-{number}?utm_source=chat");
    Edit::Add { what, position, overrides: Overrides::default() }
}

fn headline(text: &str) -> Overrides {
    Overrides { headline: Some(text.to_owned()), ..Overrides::default() }
}

async fn edit(test: &TestEngine, edit: Edit) -> Result<Vec<Item>, PipelineError> {
    curate::edit(&test.engine, "daily", edit, "editor").await.map(|(_, picks)| picks)
}

/// Titles of the picks as they stand in the draft.
async fn picks(test: &TestEngine) -> Vec<String> {
    let id = newest(test).await.id;
    let mut tx = test.engine.db.read().await.unwrap();
    let draft = content::draft(&mut tx, id).await.unwrap();
    let block = draft.into_iter().find(|block| block.kind == BlockKind::Picks).unwrap();
    let mut titles = Vec::new();
    for item in block.items {
        let title = match (item.overrides.headline, item.target) {
            (Some(headline), _) => headline,
            (None, newsletterd::domain::selection::Target::Article(id)) => {
                let article = newsletterd::store::articles::get(&mut tx, id).await.unwrap().unwrap();
                article.content.title.replace("Story number ", "")
            }
            (None, newsletterd::domain::selection::Target::External(url)) => url,
        };
        titles.push(title);
    }
    titles
}

async fn open(test: &TestEngine) {
    test.tick_at("2026-11-24T00:00:00Z").await;
    let mut all = stories(8, test.engine.clock.now());
    all[0].flagged = true;
    all[1].flagged = true;
    test.import_articles(&all).await;
    test.add_subscribers("readers", &["ana@example.org"]).await;
}

#[tokio::test]
async fn picks_are_added_removed_moved_and_worded_and_the_first_touch_adopts_what_stands() {
    let room = Newsroom::open("", "", BLOCKS).await;
    for test in &room.engines {
        open(test).await;
        test.tick_at("2026-11-24T01:00:00Z").await;
        let flagged = picks(test).await;
        assert_eq!(flagged.len(), 2, "what the source flagged: {flagged:?}");
        let items = edit(test, add(5)).await.unwrap();
        assert!(items.iter().all(|item| item.origin == Origin::Editor));
        assert_eq!(picks(test).await, [&flagged[..], &["5".to_owned()]].concat());
        edit(test, add_at(7, Some(1))).await.unwrap();
        edit(test, Edit::Remove { position: 2 }).await.unwrap();
        edit(test, Edit::Move { from: 3, to: 1 }).await.unwrap();
        edit(test, Edit::Words { position: 2, overrides: headline("Seven & more") }).await.unwrap();
        assert_eq!(picks(test).await, ["5", "Seven & more", &flagged[1]]);
        // Compiled again and again, they stand; what they have is in no other block.
        for minute in [10, 20, 30] {
            test.tick_at(&format!("2026-11-24T01:{minute}:00Z")).await;
        }
        assert_eq!(picks(test).await, ["5", "Seven & more", &flagged[1]]);
        test.tick_at("2026-11-24T03:00:00Z").await;
        assert_eq!(send_due(test).await.state, Sent);
        let letter = room.letters().remove(0);
        assert_eq!(letter.subject, "Story number 5");
        assert!(letter.html.contains("Seven &amp; more") && letter.text.contains("Seven & more"));
        assert!(!letter.text.contains("Story number 7"), "the editor's words stand instead");
        assert_eq!(letter.text.matches("https://example.org/news/story-5").count(), 1);
        // The article itself is as it was.
        let mut tx = test.engine.db.read().await.unwrap();
        let found =
            newsletterd::store::articles::find_by_url_key(&mut tx, "example.org/news/story-7").await.unwrap();
        assert_eq!(found.unwrap().content.title, "Story number 7");
    }
}

#[tokio::test]
async fn bad_edits_are_refused_in_words_and_change_nothing() {
    let room = Newsroom::open("", "", BLOCKS).await;
    for test in &room.engines {
        open(test).await;
        test.tick_at("2026-11-24T01:00:00Z").await;
        edit(test, add(5)).await.unwrap();
        edit(test, add(6)).await.unwrap();
        let before = picks(test).await;
        let external = |what: &str, overrides| Edit::Add { what: what.to_owned(), position: None, overrides };
        for (bad, why) in [
            (add(5), "already"),
            (add(7), "takes 4"),
            (add(99), "none of our articles"),
            (external("999999", Overrides::default()), "no article 999999"),
            (external("-1", Overrides::default()), ""),
            (external("javascript:alert(1)", headline("x")), "no address"),
            (external("../../etc/passwd", headline("x")), "no address"),
            (external("", headline("x")), "no address"),
            (Edit::Remove { position: 0 }, "no pick 0"),
            (Edit::Remove { position: 9 }, "no pick 9"),
            (Edit::Move { from: 9, to: 1 }, "no pick 9"),
            (Edit::Words { position: usize::MAX, overrides: headline("x") }, "no pick"),
        ] {
            let shown = format!("{bad:?}");
            let error = edit(test, bad).await.expect_err(&shown);
            assert!(matches!(error, PipelineError::Refused(_)), "{shown}: {error:?}");
            assert!(error.to_string().contains(why), "{shown}: {error}");
            assert_eq!(picks(test).await, before, "{shown}");
        }
        assert!(curate::edit(&test.engine, "nobody", add(5), "e").await.is_err());
    }
}

#[tokio::test]
async fn an_edit_drops_the_approval_and_a_change_at_the_source_does_not() {
    let room = Newsroom::open("", "when_not_approved = \"hold\"", BLOCKS).await;
    for test in &room.engines {
        open(test).await;
        test.tick_at("2026-11-24T01:00:00Z").await;
        let id = newest(test).await.id;
        control::approve(&test.engine, id, "editor").await.unwrap();
        let mut changed = story(8, test.engine.clock.now());
        changed.content.title = "Story number 8, corrected".to_owned();
        test.import_articles(&[changed]).await;
        test.tick_at("2026-11-24T01:10:00Z").await;
        assert_eq!(newest(test).await.state, Approved);
        edit(test, add(4)).await.unwrap();
        let edition = newest(test).await;
        assert_eq!((edition.state, edition.approved_by), (Draft, None));
        control::approve(&test.engine, id, "editor").await.unwrap();
        test.tick_at("2026-11-24T03:00:00Z").await;
        assert_eq!(send_due(test).await.state, Sent);
        assert!(room.letters()[0].text.contains("Story number 8, corrected"));
    }
}

#[tokio::test]
async fn an_approved_edition_keeps_its_blocks_when_newer_stories_come() {
    let room = Newsroom::open("", "", BLOCKS).await;
    for test in &room.engines {
        open(test).await;
        test.tick_at("2026-11-24T01:00:00Z").await;
        control::approve(&test.engine, newest(test).await.id, "editor").await.unwrap();
        test.import_articles(&[story(50, utc("2026-11-24T02:00:00Z"))]).await;
        test.tick_at("2026-11-24T03:00:00Z").await;
        assert_eq!(send_due(test).await.state, Sent);
        assert!(!room.letters()[0].text.contains("Story number 50"));
    }
}

#[tokio::test]
async fn an_edition_opened_early_by_a_pick_keeps_its_slot() {
    let room = Newsroom::open("", "", BLOCKS).await;
    for test in &room.engines {
        open(test).await;
        test.engine.clock.set(utc("2026-11-24T00:10:00Z"));
        edit(test, add(5)).await.unwrap();
        let early = newest(test).await;
        assert_eq!(early.slot_at, Some(utc("2026-11-24T03:00:00Z")));
        for at in ["2026-11-24T00:20:00Z", "2026-11-24T01:00:00Z", "2026-11-24T03:00:00Z"] {
            test.tick_at(at).await;
        }
        assert_eq!(test.editions().await.len(), 1);
        let sent = send_due(test).await;
        assert_eq!((sent.id, sent.state, sent.slot_at), (early.id, Sent, early.slot_at));
        assert!(room.letters()[0].text.contains("Story number 5"));
    }
}

#[tokio::test]
async fn an_edition_opened_before_the_schedule_changed_is_left_alone() {
    let room = Newsroom::open("", "", BLOCKS).await;
    for test in &room.engines {
        open(test).await;
        test.tick_at("2026-11-24T01:30:00Z").await;
        let opened = newest(test).await;
        let text = daily_config(NO_RELAY).replace("0 7 * * *", "30 8 * * *");
        let config = config::parse(&text, "newsletter.toml".as_ref(), std::iter::empty()).unwrap();
        let engine = Engine { config: config.into(), ..test.engine.clone() };
        for at in ["2026-11-24T01:40:00Z", "2026-11-24T03:00:00Z", "2026-11-24T04:30:00Z"] {
            engine.clock.set(utc(at));
            advance::tick(&engine).await.unwrap();
        }
        let slots: Vec<_> = test.editions().await.iter().filter_map(|edition| edition.slot_at).collect();
        assert_eq!(slots, [utc("2026-11-24T04:30:00Z"), opened.slot_at.unwrap()]);
        // The old one went at its time; the new one has nothing that is new.
        test.deliver(opened.id).await;
        assert_eq!(room.letters().len(), 1);
        assert_eq!(
            schedule::upcoming(&engine.config.newsletters[0], engine.clock.now(), 1),
            [utc("2026-11-25T04:30:00Z")]
        );
    }
}

#[tokio::test]
async fn what_would_be_sent_is_shown_and_nothing_is_changed() {
    let room = Newsroom::open("", "", BLOCKS).await;
    for test in &room.engines {
        open(test).await;
        test.tick_at("2026-11-24T01:00:00Z").await;
        let before = newest(test).await;
        test.import_articles(&[story(50, utc("2026-11-24T00:59:00Z"))]).await;
        let mut tx = test.engine.db.begin().await.unwrap();
        let (compiled, _) =
            compile::preview(&test.engine, &mut tx, &before, test.engine.clock.now()).await.unwrap();
        drop(tx);
        assert!(compiled.blocks.iter().flat_map(|block| &block.items).count() >= 3);
        let after = newest(test).await;
        assert_eq!((after.version, after.compiled_at), (before.version, before.compiled_at));
    }
}
