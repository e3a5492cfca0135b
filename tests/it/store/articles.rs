//! Articles: identity by page and by the source's own id, what an update keeps, who may be news.

use chrono::TimeDelta;
use newsletterd::domain::article::{Access, ArticleStatus, Image, IncomingArticle};
use newsletterd::domain::article_key::{UrlKeyRules, external_key, url_key};
use newsletterd::domain::ids::{ArticleId, SourceId};
use newsletterd::store::articles::{self, ArticleKeys, Stored};
use newsletterd::store::{Db, StoreError, Tx};

use super::given::{keys, minute, newsroom, start, story};
use super::{number, on_both};

on_both!(
    all_that_a_source_says_comes_back,
    either_key_finds_the_known_article,
    where_the_keys_disagree_the_address_wins,
    an_update_keeps_when_it_was_first_seen,
    a_site_that_moves_to_https_brings_nothing_back,
    undated_items_of_a_first_poll_are_never_eligible,
    flags_are_set_and_cleared,
    candidates_are_recent_and_newest_first,
    an_article_without_identity_is_refused,
    two_daemons_that_poll_at_once_store_an_article_once,
);

async fn put(tx: &mut Tx, source: SourceId, keys: &ArticleKeys, story: &IncomingArticle, at: i64) -> Stored {
    articles::store(tx, source, keys, story, false, minute(at)).await.unwrap()
}

fn id(stored: Stored) -> ArticleId {
    let (Stored::New(id) | Stored::Updated(id) | Stored::Unchanged(id)) = stored;
    id
}

async fn all_that_a_source_says_comes_back(db: &Db) {
    let source = newsroom(db).await.source;
    let mut full = story("ხიდი “გაიხსნა” — 🌉", "https://news.test/bridge");
    full.flagged = true;
    let content = &mut full.content;
    content.summary = "It’s open.\nAt last.".to_owned();
    content.section = Some("City".to_owned());
    content.authors = vec!["Ana B.".to_owned(), "Δ".to_owned()];
    content.tags = vec!["bridge".to_owned(), "it's \"quoted\"".to_owned()];
    content.language = Some("ka".to_owned());
    content.translation_group = Some("77".to_owned());
    content.image = Some(Image {
        url: "https://news.test/b.jpg".to_owned(),
        alt: "The bridge".to_owned(),
        width: Some(1200),
        height: None,
    });
    content.updated_at = Some(minute(1));
    content.embargo_until = Some(minute(2));
    content.status = ArticleStatus::Withdrawn;
    content.access = Access::Paid;
    content.related = vec!["https://news.test/river".to_owned()];
    content.reading_minutes = Some(4);

    let mut tx = db.begin().await.unwrap();
    let page = keys(Some("news.test/bridge"), None);
    let stored = put(&mut tx, source, &page, &full, 3).await;
    assert!(matches!(stored, Stored::New(_)));
    assert_eq!(put(&mut tx, source, &page, &full, 4).await, Stored::Unchanged(id(stored)));
    tx.commit().await.unwrap();

    let mut tx = db.read().await.unwrap();
    let article = articles::get(&mut tx, id(stored)).await.unwrap().unwrap();
    assert_eq!(article.content, full.content);
    assert_eq!(
        (article.url.as_deref(), article.url_key.as_deref()),
        (full.url.as_deref(), page.url.as_deref())
    );
    assert_eq!((article.first_seen_at, article.flagged_at), (minute(3), Some(minute(3))));
    assert!(article.eligible);
    assert_eq!(articles::find_by_url_key(&mut tx, "news.test/bridge").await.unwrap(), Some(article));
    assert_eq!(articles::find_by_url_key(&mut tx, "news.test/other").await.unwrap(), None);
    assert_eq!(articles::get(&mut tx, ArticleId(99)).await.unwrap(), None);
}

async fn either_key_finds_the_known_article(db: &Db) {
    let source = newsroom(db).await.source;
    let mut tx = db.begin().await.unwrap();
    let one = story("One", "https://news.test/1");
    let known = id(put(&mut tx, source, &keys(Some("n/1"), Some("a")), &one, 0).await);
    let moved = story("One", "https://news.test/one");
    assert_eq!(
        put(&mut tx, source, &keys(Some("n/one"), Some("a")), &moved, 1).await,
        Stored::Updated(known)
    );
    for key in ["n/1", "n/one"] {
        let found = articles::find_by_url_key(&mut tx, key).await.unwrap().unwrap();
        assert_eq!((found.id, found.url_key.as_deref()), (known, Some("n/one")));
    }
    // A page is a page whoever names it; an id is its own source's.
    let other = newsletterd::store::catalog::source_id(&mut tx, "agency").await.unwrap();
    assert_eq!(id(put(&mut tx, other, &keys(Some("n/1"), None), &moved, 2).await), known);
    let theirs = put(&mut tx, other, &keys(None, Some("a")), &story("Theirs", ""), 3).await;
    assert!(matches!(theirs, Stored::New(_)));
    assert_eq!(articles::count(&mut tx).await.unwrap(), 2);
}

async fn where_the_keys_disagree_the_address_wins(db: &Db) {
    let source = newsroom(db).await.source;
    let mut tx = db.begin().await.unwrap();
    let one = id(put(&mut tx, source, &keys(Some("n/1"), Some("a")), &story("One", "1"), 0).await);
    let two = id(put(&mut tx, source, &keys(Some("n/2"), Some("b")), &story("Two", "2"), 0).await);
    let mixed = put(&mut tx, source, &keys(Some("n/1"), Some("b")), &story("Mixed", "1"), 1).await;
    assert_eq!(mixed, Stored::Updated(one));
    let mut title = async |id| articles::get(&mut tx, id).await.unwrap().unwrap().content.title;
    assert_eq!((title(one).await.as_str(), title(two).await.as_str()), ("Mixed", "Two"));
    let still = put(&mut tx, source, &keys(None, Some("b")), &story("Two", "2"), 2).await;
    assert_eq!(id(still), two, "the id stays with the article that had it first");
}

async fn an_update_keeps_when_it_was_first_seen(db: &Db) {
    let source = newsroom(db).await.source;
    let mut tx = db.begin().await.unwrap();
    let page = keys(Some("n/1"), None);
    let mut told = story("Told", "https://news.test/1");
    told.content.language = Some("hy".to_owned());
    let id = id(put(&mut tx, source, &page, &told, 0).await);
    told.content.title = "Retold".to_owned();
    told.content.published_at = None;
    told.content.language = None;
    assert_eq!(put(&mut tx, source, &page, &told, 60).await, Stored::Updated(id));
    let article = articles::get(&mut tx, id).await.unwrap().unwrap();
    assert_eq!((article.content.title.as_str(), article.first_seen_at), ("Retold", start()));
    // What a later visit no longer says is not forgotten: a date or a language does not go away.
    assert_eq!(
        (article.content.published_at, article.content.language.as_deref()),
        (Some(start()), Some("hy"))
    );
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM articles WHERE search_text LIKE '%retold%'").await, 1);
}

async fn a_site_that_moves_to_https_brings_nothing_back(db: &Db) {
    let source = newsroom(db).await.source;
    let feed = |scheme: &str, items: &[(i64, &str)]| -> Vec<(ArticleKeys, IncomingArticle)> {
        let item = |(p, title): &(i64, &str)| {
            let link = format!("{scheme}://www.harbour.test/?p={p}");
            let mut story = story(title, &link);
            story.external_id = Some(link.clone());
            let keys = ArticleKeys {
                url: url_key(&link, &UrlKeyRules::default()),
                external: Some(external_key(&link)),
            };
            (keys, story)
        };
        items.iter().map(item).collect()
    };
    let monday = feed("http", &[(101, "Bridge opens"), (102, "Harbour tax: council votes")]);
    let tuesday = feed(
        "https",
        &[(101, "Bridge opens"), (102, "Harbour tax: council said yes"), (103, "Ferry timetable halved")],
    );
    let mut new = Vec::new();
    for (day, feed) in [(0, &monday), (1440, &tuesday), (1500, &tuesday)] {
        let mut tx = db.begin().await.unwrap();
        let mut found = 0;
        for (keys, story) in feed {
            found += i64::from(matches!(put(&mut tx, source, keys, story, day).await, Stored::New(_)));
        }
        tx.commit().await.unwrap();
        new.push(found);
    }
    assert_eq!(new, [2, 1, 0]);
    let mut tx = db.read().await.unwrap();
    assert_eq!(articles::count(&mut tx).await.unwrap(), 3);
    let all = articles::candidates(&mut tx, start(), 10).await.unwrap();
    let tax = all.iter().find(|article| article.content.title == "Harbour tax: council said yes").unwrap();
    assert_eq!(tax.first_seen_at, start());
    let after_the_digest: Vec<_> = all.iter().filter(|article| article.first_seen_at > minute(60)).collect();
    assert_eq!(after_the_digest.len(), 1);
    assert_eq!(after_the_digest[0].content.title, "Ferry timetable halved");
}

async fn undated_items_of_a_first_poll_are_never_eligible(db: &Db) {
    let source = newsroom(db).await.source;
    let mut tx = db.begin().await.unwrap();
    let (dated, mut undated) = (story("Dated", "1"), story("Undated", "2"));
    undated.content.published_at = None;
    let mut eligible = Vec::new();
    for (key, story, first_poll) in
        [("1", &dated, true), ("2", &undated, true), ("3", &undated, false), ("2", &dated, false)]
    {
        let keys = keys(Some(key), None);
        let stored = articles::store(&mut tx, source, &keys, story, first_poll, start()).await.unwrap();
        eligible.push(articles::get(&mut tx, id(stored)).await.unwrap().unwrap().eligible);
    }
    assert_eq!(eligible, [true, false, true, false], "the last is the second again, with a date");
}

async fn flags_are_set_and_cleared(db: &Db) {
    let source = newsroom(db).await.source;
    let mut tx = db.begin().await.unwrap();
    let page = keys(Some("n/1"), None);
    let mut flags = Vec::new();
    for (at, flagged, title) in
        [(0, false, "a"), (1, true, "a"), (2, true, "b"), (3, false, "b"), (4, true, "b")]
    {
        let mut story = story(title, "1");
        story.flagged = flagged;
        let id = id(put(&mut tx, source, &page, &story, at).await);
        flags.push(articles::get(&mut tx, id).await.unwrap().unwrap().flagged_at);
    }
    assert_eq!(flags, [None, Some(minute(1)), Some(minute(1)), None, Some(minute(4))]);
}

async fn candidates_are_recent_and_newest_first(db: &Db) {
    let source = newsroom(db).await.source;
    let mut tx = db.begin().await.unwrap();
    // An archive: published long ago, first seen long ago.
    let ago = |days| start() - TimeDelta::days(days);
    for (title, published, seen, flagged) in [
        ("old", Some(ago(30)), ago(30), false),
        ("old but flagged now", Some(ago(30)), start(), true),
        ("old and found now", Some(ago(20)), start(), false),
        ("undated", None, minute(-5), false),
        ("fresh", Some(minute(-1)), minute(0), false),
        ("late", Some(minute(-2)), ago(9), false),
    ] {
        let mut story = story(title, title);
        story.content.published_at = published;
        story.flagged = flagged;
        let keys = keys(Some(title), None);
        articles::store(&mut tx, source, &keys, &story, false, seen).await.unwrap();
    }
    let mut titles = async |limit| -> Vec<String> {
        let found = articles::candidates(&mut tx, ago(3), limit).await.unwrap();
        found.into_iter().map(|article| article.content.title).collect()
    };
    assert_eq!(titles(10).await, ["fresh", "late", "undated", "old and found now", "old but flagged now"]);
    assert_eq!(titles(2).await, ["fresh", "late"]);
}

async fn an_article_without_identity_is_refused(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let refused =
        articles::store(&mut tx, SourceId(1), &keys(None, None), &story("x", "x"), false, start()).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))));
}

async fn two_daemons_that_poll_at_once_store_an_article_once(db: &Db) {
    let source = newsroom(db).await.source;
    let poll = |db: Db| async move {
        let mut tx = db.begin().await.unwrap();
        let mut new = 0;
        for n in 0..20 {
            let keys = keys(Some(&format!("n/{n}")), Some(&format!("{n}")));
            let stored = put(&mut tx, source, &keys, &story("Same", "same"), 0).await;
            new += usize::from(matches!(stored, Stored::New(_)));
        }
        tx.commit().await.unwrap();
        new
    };
    let polls: Vec<_> = (0..4).map(|_| tokio::spawn(poll(db.clone()))).collect();
    let mut new = 0;
    for poll in polls {
        new += poll.await.unwrap();
    }
    let mut tx = db.read().await.unwrap();
    assert_eq!((new, articles::count(&mut tx).await.unwrap()), (20, 20));
}
