//! Backups: a copy that is taken while others write, and the way back.

use newsletterd::store::{Db, StoreError};
use tokio::sync::oneshot::error::TryRecvError;

use crate::store::given::{many, newsroom};
use crate::store::{Fresh, execute, number};

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_taken_while_others_write_is_whole_and_can_be_opened() {
    let fresh = Fresh::sqlite().await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("it's a copy.db");
    let room = newsroom(&fresh.db).await;
    many(&fresh.db, room.list, 3_000).await;

    // Each transaction of the writer adds one row to two tables: a copy from its middle would differ.
    let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
    let (begun, first) = tokio::sync::oneshot::channel::<()>();
    let writing = fresh.db.clone();
    let writer = tokio::spawn(async move {
        let (mut begun, mut written) = (Some(begun), 0_i64);
        while stopped.try_recv() == Err(TryRecvError::Empty) {
            let mut tx = writing.begin().await.unwrap();
            execute(&mut tx, "INSERT INTO events (at, type, detail) VALUES (1, 'tick', '{}')").await;
            execute(&mut tx, "INSERT INTO audit (at, actor, action, object) VALUES (1, 'a', 'tick', 'o')")
                .await;
            tx.commit().await.unwrap();
            written += 1;
            begun.take().map(|begun| begun.send(()));
        }
        written
    });
    first.await.unwrap();
    fresh.db.backup(&copy).await.unwrap();
    stop.send(()).unwrap();
    let written = writer.await.unwrap();

    let restored = Db::open(&format!("sqlite:{}", copy.display())).await.unwrap();
    restored.migrate().await.unwrap();
    let mut tx = restored.begin().await.unwrap();
    let events = number(&mut tx, "SELECT COUNT(*) FROM events").await;
    assert_eq!(events, number(&mut tx, "SELECT COUNT(*) FROM audit").await);
    assert!((1..=written).contains(&events), "{events} of {written}");
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM subscriptions").await, 3_000);
    assert_eq!(
        number(&mut tx, "SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'").await,
        1
    );
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM pragma_foreign_key_check").await, 0);
    // It is a database like any other: it can be written to, and backed up again.
    execute(&mut tx, "INSERT INTO lists (name) VALUES ('new')").await;
    tx.commit().await.unwrap();
    restored.backup(&folder.path().join("again.db")).await.unwrap();

    let over = fresh.db.backup(&copy).await;
    assert!(matches!(over, Err(StoreError::Refused(why)) if why.contains("exists")));
    assert!(fresh.db.backup(&folder.path().join("no/such/folder.db")).await.is_err());
    restored.close().await;
    fresh.db.close().await;
}

#[tokio::test]
async fn postgres_says_what_to_run() {
    let Some(fresh) = Fresh::postgres().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    let refused = fresh.db.backup(&file).await;
    assert!(matches!(refused, Err(StoreError::Refused(why)) if why.contains("pg_dump")));
    assert!(!file.exists());
    fresh.db.close().await;
}
