//! That everything is signed, and what happens when it cannot be: no reader pays for it.

use newsletterd::domain::delivery::DeliveryState;
use newsletterd::domain::edition::EditionState;
use newsletterd::domain::mail::MailKind;
use newsletterd::pipeline::{advance, control, outbox};
use newsletterd::store::mails::{self, NewMail};
use newsletterd::store::{Tx, deliveries};
use serde_json::json;

use super::newsroom::sections;
use super::others::Dkimpy;
use crate::pipeline::{Newsroom, letters};
use crate::support::engine::{TestEngine, stories};

/// A newsroom with both keys, on each database, with an alert address.
async fn signing(keys: &std::path::Path) -> Newsroom {
    let sections = sections(keys);
    let top = format!("[alerts]\nmail = [\"ops@example.org\"]\n{sections}");
    Newsroom::open(&top, "when_not_approved = \"hold\"", "").await
}

async fn held(test: &TestEngine) -> newsletterd::domain::ids::EditionId {
    test.tick_at("2026-11-24T00:00:00Z").await;
    test.import_articles(&stories(4, test.engine.clock.now())).await;
    test.add_subscribers("readers", &["ana@example.org", "gio@example.org"]).await;
    test.tick_at("2026-11-24T01:00:00Z").await;
    test.tick_at("2026-11-24T03:00:00Z").await;
    test.editions().await.remove(0).id
}

#[tokio::test]
async fn alerts_and_tests_are_signed_like_letters() {
    let Some(dkimpy) = Dkimpy::find() else { return };
    let keys = tempfile::tempdir().unwrap();
    let room = signing(keys.path()).await;
    for test in &room.engines {
        let id = held(test).await;
        let params = json!({
            "from": "The Example Post <news@example.org>", "subject": "A test", "html": "<p>x</p>", "text": "x",
        });
        let mail = NewMail {
            kind: MailKind::Test,
            recipient: "desk@example.org",
            params: &params,
            dedupe_key: "test",
        };
        let mut tx = test.engine.db.begin().await.unwrap();
        mails::add(&mut tx, &mail, test.engine.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        while outbox::send_due(&test.engine).await.unwrap() > 0 {}
        control::send_now(&test.engine, id, "editor").await.unwrap();
        advance::tick(&test.engine).await.unwrap();
        test.deliver(id).await;
        let mut received = letters(room.mailbox.path());
        received.sort_by(|a, b| a.to.cmp(&b.to));
        let to: Vec<_> = received.iter().map(|mail| mail.to.as_str()).collect();
        assert_eq!(to, ["ana@example.org", "desk@example.org", "gio@example.org", "ops@example.org"]);
        let mails: Vec<_> = received.into_iter().map(|mail| mail.raw).collect();
        let verdicts = dkimpy.judge(keys.path(), &super::newsroom::zone(), &mails);
        assert_eq!(verdicts.len(), 4);
        for verdict in verdicts {
            let signatures = verdict["signatures"].as_array().unwrap();
            assert_eq!(signatures.len(), 2, "{verdict}");
            assert!(signatures.iter().all(|signature| signature["valid"] == true), "{verdict}");
        }
    }
}

/// Puts a lone LF into the stored letter, which no server may carry and so nothing can sign.
async fn spoil(test: &TestEngine) {
    const SELECT: &str = "SELECT letter FROM edition_revisions";
    const UPDATE: &str = "UPDATE edition_revisions SET letter = $1";
    let spoiled = |letter: Vec<u8>| {
        let text =
            String::from_utf8(letter).unwrap().replacen("Precedence: bulk\\r\\n", "Precedence: bulk\\n", 1);
        text.into_bytes()
    };
    let mut tx = test.engine.db.begin().await.unwrap();
    match &mut tx {
        Tx::Sqlite(tx) => {
            let letter: Vec<u8> = sqlx::query_scalar(SELECT).fetch_one(&mut **tx).await.unwrap();
            sqlx::query(UPDATE).bind(spoiled(letter)).execute(&mut **tx).await.unwrap();
        }
        Tx::Postgres(tx) => {
            let letter: Vec<u8> = sqlx::query_scalar(SELECT).fetch_one(&mut **tx).await.unwrap();
            sqlx::query(UPDATE).bind(spoiled(letter)).execute(&mut **tx).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_letter_that_cannot_be_signed_pauses_the_run_and_costs_no_reader_an_attempt() {
    let keys = tempfile::tempdir().unwrap();
    let room = signing(keys.path()).await;
    for test in &room.engines {
        let id = held(test).await;
        control::send_now(&test.engine, id, "editor").await.unwrap();
        advance::tick(&test.engine).await.unwrap();
        spoil(test).await;
        test.deliver(id).await;
        let edition = test.editions().await.remove(0);
        assert_eq!(edition.state, EditionState::Paused);
        let reason = edition.reason.clone().unwrap_or_default();
        assert!(reason.contains("does not end in CR LF"), "{reason}");
        let mut tx = test.engine.db.read().await.unwrap();
        let accounting = deliveries::accounting(&mut tx, &edition).await.unwrap();
        drop(tx);
        let queued = accounting.get(&DeliveryState::Queued).copied();
        assert_eq!((queued, accounting.values().sum::<i64>()), (Some(2), 2), "{accounting:?}");
        assert!(room.letters().is_empty());
        // Ops hear of it, in a mail that is signed: it is not the key that failed.
        while outbox::send_due(&test.engine).await.unwrap() > 0 {}
        let told = room.letters();
        assert!(told.iter().any(|mail| mail.subject.contains("is paused")), "{:?}", told.len());
    }
}

#[tokio::test]
async fn where_the_relay_signs_nothing_is_added() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let id = held(test).await;
        test.deliver(id).await;
        let letters = room.letters();
        assert_eq!(letters.len(), 2);
        assert!(letters.iter().all(|letter| letter.raw.starts_with(b"From: ")));
    }
}
