//! Read counts: parts that are read again, sums over parts, windows.

use chrono::TimeDelta;
use newsletterd::domain::ids::SourceId;
use newsletterd::domain::reads::{ReadCount, ReadsPart, Replaces};
use newsletterd::store::{Db, Tx, articles, catalog, reads};

use super::given::{keys, minute, newsroom, start, story};
use super::{number, on_both};

on_both!(
    a_whole_part_replaces_all_it_said,
    a_table_replaces_only_what_it_names,
    parts_and_sources_add_up,
    a_window_takes_the_spans_that_touch_it,
    a_part_larger_than_a_statement_is_stored_whole,
    the_newest_span_ends_last,
    pages_without_an_article_are_named,
);

fn count(page: &str, hour: i64, views: i64) -> ReadCount {
    let start_at = start() + TimeDelta::hours(hour);
    ReadCount { url_key: page.to_owned(), start_at, span_s: 3600, views, visitors: views / 2 }
}

async fn put(tx: &mut Tx, source: SourceId, part: &str, replaces: Replaces, counts: Vec<ReadCount>) {
    reads::store(tx, source, &ReadsPart { part: part.to_owned(), replaces, counts }).await.unwrap();
}

async fn all(tx: &mut Tx) -> Vec<(String, i64, i64)> {
    let found = reads::between(tx, start(), start() + TimeDelta::days(1)).await.unwrap();
    found.into_iter().map(|count| (count.url_key, count.views, count.visitors)).collect()
}

fn page(page: &str, views: i64, visitors: i64) -> (String, i64, i64) {
    (page.to_owned(), views, visitors)
}

async fn a_whole_part_replaces_all_it_said(db: &Db) {
    let source = newsroom(db).await.source;
    let mut tx = db.begin().await.unwrap();
    put(&mut tx, source, "log", Replaces::WholePart, vec![count("/a", 0, 10), count("/b", 0, 4)]).await;
    put(&mut tx, source, "other", Replaces::WholePart, vec![count("/c", 0, 2)]).await;
    for _ in 0..2 {
        put(&mut tx, source, "log", Replaces::WholePart, vec![count("/a", 0, 12)]).await;
        assert_eq!(all(&mut tx).await, [page("/a", 12, 6), page("/c", 2, 1)]);
    }
    put(&mut tx, source, "log", Replaces::WholePart, Vec::new()).await;
    assert_eq!(all(&mut tx).await, [page("/c", 2, 1)]);
}

async fn a_table_replaces_only_what_it_names(db: &Db) {
    let source = newsroom(db).await.source;
    let mut tx = db.begin().await.unwrap();
    put(&mut tx, source, "csv", Replaces::SameSpans, vec![count("/a", 0, 10), count("/b", 0, 4)]).await;
    put(&mut tx, source, "csv", Replaces::SameSpans, vec![count("/a", 0, 2), count("/a", 1, 6)]).await;
    assert_eq!(all(&mut tx).await, [page("/a", 2, 1), page("/a", 6, 3), page("/b", 4, 2)]);
}

async fn parts_and_sources_add_up(db: &Db) {
    let source = newsroom(db).await.source;
    let mut tx = db.begin().await.unwrap();
    let other = catalog::source_id(&mut tx, "other").await.unwrap();
    let large = i64::from(i32::MAX);
    for (source, part) in [(source, "1"), (source, "2"), (other, "1")] {
        put(&mut tx, source, part, Replaces::WholePart, vec![count("/a", 0, 2 * large)]).await;
    }
    assert_eq!(all(&mut tx).await, [page("/a", 6 * large, 3 * large)]);
}

async fn a_window_takes_the_spans_that_touch_it(db: &Db) {
    let source = newsroom(db).await.source;
    let mut tx = db.begin().await.unwrap();
    let week = ReadCount { span_s: 7 * 86_400, ..count("/week", -24 * 7 + 5, 2) };
    let counts = vec![
        count("/before", 3, 2),
        count("/first", 4, 2),
        count("/last", 6, 2),
        count("/after", 7, 2),
        week,
    ];
    put(&mut tx, source, "log", Replaces::WholePart, counts).await;
    let hour = |n: i64| start() + TimeDelta::hours(n);
    let mut pages = async |from, to| -> Vec<String> {
        let found = reads::between(&mut tx, from, to).await.unwrap();
        found.into_iter().map(|count| count.url_key).collect()
    };
    // A span that ends when the window begins, or begins when it ends, does not touch it.
    assert_eq!(pages(hour(4), hour(7)).await, ["/first", "/last", "/week"]);
    assert_eq!(pages(hour(5), hour(7)).await, ["/last"]);
    let half = TimeDelta::minutes(30);
    assert_eq!(pages(hour(3) + half, hour(4) + half).await, ["/before", "/first", "/week"]);
}

async fn a_part_larger_than_a_statement_is_stored_whole(db: &Db) {
    let source = newsroom(db).await.source;
    let mut tx = db.begin().await.unwrap();
    let counts = (0..2_345).map(|n| count(&format!("/მთავარი/{n}?q='\"\\"), 0, n)).collect();
    put(&mut tx, source, "log", Replaces::WholePart, counts).await;
    let sums = "SELECT CAST(SUM(views) AS BIGINT) FROM reads WHERE url_key LIKE '/მთავარი/%'";
    assert_eq!(number(&mut tx, sums).await, 2_345 * 2_344 / 2);
}

async fn the_newest_span_ends_last(db: &Db) {
    let source = newsroom(db).await.source;
    let mut tx = db.begin().await.unwrap();
    assert_eq!(reads::newest(&mut tx).await.unwrap(), None);
    let day = ReadCount { span_s: 86_400, ..count("/day", 0, 1) };
    put(&mut tx, source, "log", Replaces::WholePart, vec![count("/hour", 5, 1), day]).await;
    assert_eq!(reads::newest(&mut tx).await.unwrap(), Some(minute(24 * 60)));
}

async fn pages_without_an_article_are_named(db: &Db) {
    let source = newsroom(db).await.source;
    let mut tx = db.begin().await.unwrap();
    // The source's own id looks like a page here, and is none.
    let keys = keys(Some("news.test/a"), Some("news.test/b"));
    articles::store(&mut tx, source, &keys, &story("A", "a"), false, start()).await.unwrap();
    let pages = ["news.test/a", "news.test/b", "news.test/c"].map(str::to_owned);
    assert_eq!(reads::unmatched(&mut tx, &pages).await.unwrap(), ["news.test/b", "news.test/c"]);
}
