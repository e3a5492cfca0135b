//! Migrations: several processes at once, an older program on a newer schema, both folders alike.

use std::collections::BTreeSet;
use std::fs;

use newsletterd::store::Db;

use crate::store::{Fresh, execute, number};
use crate::support::{postgres, root};

/// Opens and migrates from many sides at once, each with connections of its own.
async fn migrate_at_once(url: &str) {
    let start = |url: String| async move {
        let db = Db::open(&url).await.unwrap();
        db.migrate().await.unwrap();
        db.close().await;
    };
    let tasks: Vec<_> = (0..8).map(|_| tokio::spawn(start(url.to_owned()))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    let db = Db::open(url).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    let files = i64::try_from(names("sqlite").len()).unwrap();
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM _sqlx_migrations").await, files);
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM editions").await, 0);
    drop(tx);
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_start_at_once_on_one_file() {
    let folder = tempfile::tempdir().unwrap();
    migrate_at_once(&format!("sqlite:{}", folder.path().join("news.db").display())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_start_at_once_on_one_server() {
    let Some(database) = postgres::fresh_database().await else { return };
    migrate_at_once(&database.url()).await;
}

/// What a newer program leaves behind when this one is started again.
async fn a_newer_schema_is_left_alone(fresh: Fresh, applied: &'static str) {
    let mut tx = fresh.db.begin().await.unwrap();
    assert_eq!(execute(&mut tx, applied).await, 1);
    execute(&mut tx, "ALTER TABLE articles ADD COLUMN mood TEXT").await;
    tx.commit().await.unwrap();
    fresh.db.migrate().await.unwrap();
    let mut tx = fresh.db.begin().await.unwrap();
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM _sqlx_migrations WHERE version = 9000").await, 1);
    drop(tx);
    // And it works: statements name their columns.
    let room = crate::store::given::newsroom(&fresh.db).await;
    let mut tx = fresh.db.begin().await.unwrap();
    let keys = crate::store::given::keys(Some("n/1"), None);
    let story = crate::store::given::story("One", "https://news.test/1");
    let at = crate::store::given::start();
    newsletterd::store::articles::store(&mut tx, room.source, &keys, &story, false, at).await.unwrap();
    tx.commit().await.unwrap();
    fresh.db.close().await;
}

#[tokio::test]
async fn an_older_program_works_on_a_newer_file() {
    let applied = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        VALUES (9000, 'later', 1, x'00', 0)";
    a_newer_schema_is_left_alone(Fresh::sqlite().await, applied).await;
}

#[tokio::test]
async fn an_older_program_works_on_a_newer_server() {
    let Some(fresh) = Fresh::postgres().await else { return };
    let applied = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        VALUES (9000, 'later', true, '\\x00', 0)";
    a_newer_schema_is_left_alone(fresh, applied).await;
}

fn names(side: &str) -> BTreeSet<String> {
    let folder = root().join("migrations").join(side);
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn both_sides_have_the_same_migrations() {
    let (lite, pg) = (names("sqlite"), names("postgres"));
    assert!(!lite.is_empty());
    assert_eq!(lite, pg);
    let versions: BTreeSet<&str> = lite.iter().map(|name| name.split('_').next().unwrap()).collect();
    assert_eq!(versions.len(), lite.len(), "each version once");
    assert!(versions.iter().all(|version| version.len() == 4 && version.parse::<u32>().is_ok()));
}
