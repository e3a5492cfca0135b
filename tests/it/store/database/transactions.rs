//! Transactions: nothing before the commit, one state throughout a read, no writing by readers.

use newsletterd::store::{Db, StoreError, catalog};

use crate::store::{execute, number, on_both};

on_both!(
    nothing_is_there_before_the_commit,
    a_read_sees_one_state_throughout,
    a_reader_cannot_write,
    a_taken_key_is_told_from_other_failures,
);

const LISTS: &str = "SELECT COUNT(*) FROM lists";

async fn nothing_is_there_before_the_commit(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    catalog::list_id(&mut tx, "dropped").await.unwrap();
    assert_eq!(number(&mut db.read().await.unwrap(), LISTS).await, 0);
    drop(tx);
    let mut tx = db.begin().await.unwrap();
    assert_eq!(number(&mut tx, LISTS).await, 0);
    catalog::list_id(&mut tx, "kept").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(number(&mut db.read().await.unwrap(), LISTS).await, 1);
}

async fn a_read_sees_one_state_throughout(db: &Db) {
    let mut reader = db.read().await.unwrap();
    assert_eq!(number(&mut reader, LISTS).await, 0);
    let mut tx = db.begin().await.unwrap();
    catalog::list_id(&mut tx, "new").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(number(&mut reader, LISTS).await, 0);
    drop(reader);
    assert_eq!(number(&mut db.read().await.unwrap(), LISTS).await, 1);
}

async fn a_reader_cannot_write(db: &Db) {
    let mut reader = db.read().await.unwrap();
    assert!(matches!(catalog::list_id(&mut reader, "new").await, Err(StoreError::Driver(_))));
    drop(reader);
    // Nor does the connection stay broken for the next one.
    for _ in 0..20 {
        assert_eq!(number(&mut db.read().await.unwrap(), LISTS).await, 0);
    }
}

async fn a_taken_key_is_told_from_other_failures(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    execute(&mut tx, "INSERT INTO lists (name) VALUES ('a')").await;
    let insert = "INSERT INTO lists (name) VALUES ('a')";
    let taken = crate::store::raw!(&mut tx, conn => sqlx::query(insert).execute(conn).await.map(|_| ()));
    let taken = StoreError::from(taken.unwrap_err());
    assert!(taken.is_unique_violation() && !taken.is_temporary());
    drop(tx);
    let mut tx = db.begin().await.unwrap();
    let wrong = "SELECT nothing FROM nowhere";
    let wrong = crate::store::raw!(&mut tx, conn => sqlx::query(wrong).execute(conn).await.map(|_| ()));
    let wrong = StoreError::from(wrong.unwrap_err());
    assert!(!wrong.is_unique_violation() && !wrong.is_temporary());
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_its_secrets() {
    let refused = Db::open("mysql://user:secret@host/db").await.unwrap_err();
    assert!(matches!(refused, StoreError::Url(_)));
    assert!(!refused.to_string().contains("secret"));
}
