//! Links: numbered within their edition, repaired with a memory, counted by day and nothing more.

use newsletterd::domain::ids::{ArticleId, EditionId, LinkNo};
use newsletterd::domain::link::NumberedLink;
use newsletterd::store::Db;
use newsletterd::store::StoreError;
use newsletterd::store::links::{self, Counting, Followed, Link};

use super::given::{minute, newsroom, open};
use super::{execute, number, on_both};

on_both!(
    links_are_found_by_their_number,
    a_repaired_link_keeps_its_number_and_remembers,
    counts_add_up_by_day,
    an_edition_without_links_has_none,
);

fn link(no: i64, target: &str) -> NumberedLink {
    NumberedLink { no: LinkNo(no), target: target.to_owned(), article: Some(ArticleId(no * 10)) }
}

/// An edition with two links that are counted.
async fn edition(db: &Db) -> EditionId {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let id = open(&mut tx, room.newsletter, minute(60)).await.id;
    let new = [link(1, "https://news.test/a"), link(2, "https://news.test/b?c=1#d")];
    links::add(&mut tx, id, &new, Counting::Counted).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn links_are_found_by_their_number(db: &Db) {
    let id = edition(db).await;
    let mut tx = db.begin().await.unwrap();
    let external = NumberedLink { no: LinkNo(3), target: "https://else.test/".to_owned(), article: None };
    links::add(&mut tx, id, std::slice::from_ref(&external), Counting::NotCounted).await.unwrap();
    let found = Followed {
        target: "https://news.test/b?c=1#d".to_owned(),
        counting: Counting::Counted,
        newsletter: "morning".to_owned(),
    };
    assert_eq!(links::find(&mut tx, id, LinkNo(2)).await.unwrap(), Some(found));
    let third = links::find(&mut tx, id, LinkNo(3)).await.unwrap().unwrap();
    assert_eq!(third.counting, Counting::NotCounted);
    assert_eq!(links::find(&mut tx, id, LinkNo(4)).await.unwrap(), None);
    assert_eq!(links::find(&mut tx, EditionId(id.0 + 1), LinkNo(1)).await.unwrap(), None);
    let all = links::of_edition(&mut tx, id).await.unwrap();
    let numbered: Vec<_> = all.iter().map(Link::numbered).collect();
    assert_eq!(numbered, [link(1, "https://news.test/a"), link(2, "https://news.test/b?c=1#d"), external]);
    assert_eq!(links::newsletter_name(&mut tx, id).await.unwrap().as_deref(), Some("morning"));
    // A number stands for one link.
    assert!(links::add(&mut tx, id, &[link(1, "https://news.test/z")], Counting::Counted).await.is_err());
}

async fn a_repaired_link_keeps_its_number_and_remembers(db: &Db) {
    let id = edition(db).await;
    let mut tx = db.begin().await.unwrap();
    for target in ["https://news.test/new", "https://news.test/newer"] {
        links::retarget(&mut tx, id, LinkNo(1), target).await.unwrap();
        assert_eq!(links::find(&mut tx, id, LinkNo(1)).await.unwrap().unwrap().target, target);
    }
    let all = links::of_edition(&mut tx, id).await.unwrap();
    assert_eq!(all[0].target, "https://news.test/newer");
    assert_eq!(all[0].first_target.as_deref(), Some("https://news.test/a"));
    assert_eq!(all[0].numbered(), link(1, "https://news.test/a"));
    assert_eq!((all[1].first_target.as_deref(), all.len()), (None, 2));
    let missing = links::retarget(&mut tx, id, LinkNo(9), "https://news.test/x").await;
    assert!(matches!(missing, Err(StoreError::RowsAffected { .. })), "{missing:?}");
}

async fn counts_add_up_by_day(db: &Db) {
    let id = edition(db).await;
    let mut tx = db.begin().await.unwrap();
    for (no, day, n) in [(1, 20_514, 3), (1, 20_514, 4), (1, 20_515, 1), (2, 20_514, 10)] {
        links::add_clicks(&mut tx, id, LinkNo(no), day, n).await.unwrap();
    }
    for (day, n) in [(20_514, 5), (20_514, 6), (20_516, 1)] {
        links::add_openings(&mut tx, id, day, n).await.unwrap();
    }
    assert_eq!(number(&mut tx, "SELECT n FROM link_clicks WHERE no = 1 AND day = 20514").await, 7);
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM link_clicks").await, 3);
    assert_eq!(number(&mut tx, "SELECT n FROM edition_openings WHERE day = 20514").await, 11);
    let clicks: Vec<i64> =
        links::of_edition(&mut tx, id).await.unwrap().iter().map(|link| link.clicks).collect();
    assert_eq!(clicks, [8, 10]);
    assert_eq!(links::clicks(&mut tx, id).await.unwrap(), 18);
    assert_eq!(links::openings(&mut tx, id).await.unwrap(), 12);
    tx.commit().await.unwrap();
    // What is no link of the edition is not counted.
    let mut tx = db.begin().await.unwrap();
    assert!(links::add_clicks(&mut tx, id, LinkNo(9), 20_514, 1).await.is_err());
}

async fn an_edition_without_links_has_none(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let id = open(&mut tx, room.newsletter, minute(60)).await.id;
    assert_eq!(links::of_edition(&mut tx, id).await.unwrap(), []);
    assert_eq!(links::clicks(&mut tx, id).await.unwrap(), 0);
    assert_eq!(links::openings(&mut tx, id).await.unwrap(), 0);
    assert_eq!(links::newsletter_name(&mut tx, EditionId(99)).await.unwrap(), None);
    assert_eq!(execute(&mut tx, "UPDATE links SET counted = 1").await, 0);
}
