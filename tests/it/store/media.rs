//! Pictures that are kept, and what is remembered of where they came from.

use newsletterd::domain::picture::{Picture, PictureHash, PictureKind};
use newsletterd::store::Db;
use newsletterd::store::media::{self, Wanted};

use super::given::minute;
use super::{number, on_both};

on_both!(
    a_kept_picture_comes_back_byte_for_byte,
    one_picture_from_two_places_is_kept_once,
    failures_are_counted_until_one_succeeds,
    a_later_failure_costs_no_picture,
    what_nobody_kept_is_not_there,
);

fn wanted(url: &str, width: u32) -> Wanted {
    Wanted { source_url: url.to_owned(), width }
}

fn picture(bytes: &[u8]) -> Picture {
    Picture::new(PictureKind::Jpeg, 1072, 603, bytes.to_vec())
}

async fn a_kept_picture_comes_back_byte_for_byte(db: &Db) {
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| u8::try_from(n * 7 % 256).unwrap()).collect();
    let (kept, place) = (picture(&bytes), wanted("https://news.test/a.webp?x=‘1’", 536));
    let mut tx = db.begin().await.unwrap();
    assert_eq!(media::source(&mut tx, &place).await.unwrap(), None);
    media::keep(&mut tx, &place, &kept, minute(0), minute(60)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.read().await.unwrap();
    let source = media::source(&mut tx, &place).await.unwrap().unwrap();
    assert_eq!(source.picture.as_ref(), Some(&kept.stored));
    assert_eq!((source.failures, source.due_at, source.error), (0, minute(60), None));
    assert_eq!(media::kind(&mut tx, &kept.stored.hash).await.unwrap(), Some(PictureKind::Jpeg));
    assert_eq!(media::file(&mut tx, &kept.stored.hash).await.unwrap(), Some((PictureKind::Jpeg, bytes)));
    // Another width of the same address is another wish.
    assert_eq!(media::source(&mut tx, &wanted(&place.source_url, 128)).await.unwrap(), None);
}

async fn one_picture_from_two_places_is_kept_once(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let kept = picture(b"picture");
    for url in ["https://news.test/a", "https://news.test/b", "https://news.test/a"] {
        media::keep(&mut tx, &wanted(url, 128), &kept, minute(0), minute(60)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = db.read().await.unwrap();
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM media").await, 1);
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM picture_sources").await, 2);
}

async fn failures_are_counted_until_one_succeeds(db: &Db) {
    let place = wanted("https://news.test/a", 128);
    let mut tx = db.begin().await.unwrap();
    for n in 1..=3 {
        media::failed(&mut tx, &place, &format!("no. {n}"), minute(n), minute(n + 10)).await.unwrap();
        let source = media::source(&mut tx, &place).await.unwrap().unwrap();
        let error = Some(format!("no. {n}"));
        assert_eq!((i64::from(source.failures), source.due_at, source.error), (n, minute(n + 10), error));
        assert_eq!(source.picture, None);
    }
    media::keep(&mut tx, &place, &picture(b"at last"), minute(4), minute(60)).await.unwrap();
    let source = media::source(&mut tx, &place).await.unwrap().unwrap();
    assert_eq!((source.failures, source.due_at, source.error), (0, minute(60), None));
    assert!(source.picture.is_some());
}

async fn a_later_failure_costs_no_picture(db: &Db) {
    let place = wanted("https://news.test/a", 128);
    let (old, new) = (picture(b"old"), picture(b"new"));
    let mut tx = db.begin().await.unwrap();
    media::keep(&mut tx, &place, &old, minute(0), minute(60)).await.unwrap();
    media::failed(&mut tx, &place, "gone", minute(60), minute(70)).await.unwrap();
    let source = media::source(&mut tx, &place).await.unwrap().unwrap();
    assert_eq!((source.picture, source.failures), (Some(old.stored.clone()), 1));
    media::keep(&mut tx, &place, &new, minute(70), minute(130)).await.unwrap();
    let source = media::source(&mut tx, &place).await.unwrap().unwrap();
    assert_eq!(source.picture, Some(new.stored));
    // Letters that were sent still show the old one.
    assert!(media::file(&mut tx, &old.stored.hash).await.unwrap().is_some());
}

async fn what_nobody_kept_is_not_there(db: &Db) {
    let mut tx = db.read().await.unwrap();
    let hash = PictureHash::of(b"nothing");
    assert_eq!(media::kind(&mut tx, &hash).await.unwrap(), None);
    assert_eq!(media::file(&mut tx, &hash).await.unwrap(), None);
}
