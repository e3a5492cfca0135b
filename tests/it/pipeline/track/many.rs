//! What many reports together come to: the guard, the shares that ops are told of, the relay's rest.

use newsletterd::domain::edition::EditionState;
use newsletterd::pipeline::control::{self, Bounces};
use newsletterd::store::relays;

use super::*;

async fn told_of(test: &TestEngine, like: &'static str) -> Vec<String> {
    let mut tx = test.engine.db.read().await.unwrap();
    let sql = "SELECT dedupe_key FROM mails WHERE dedupe_key LIKE $1 ORDER BY id";
    match &mut tx {
        Tx::Sqlite(tx) => sqlx::query_scalar(sql).bind(like).fetch_all(&mut **tx).await.unwrap(),
        Tx::Postgres(tx) => sqlx::query_scalar(sql).bind(like).fetch_all(&mut **tx).await.unwrap(),
    }
}

#[tokio::test]
async fn so_many_hard_bounces_suppress_nobody_until_a_person_confirms() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 40).await;
        let mut effects = Vec::new();
        for n in (3..=33).step_by(5) {
            let report = returned(test, &edition, readers[n - 1], hard(n));
            effects.push(comes_in(test, Intake::Listener, report).await);
        }
        // The fifth is more than a tenth of the 40.
        let mut expected = vec!["suppressed_hard"; 5];
        expected.extend(["doubtful"; 2]);
        assert_eq!(effects, expected);
        for n in (3..=33).step_by(5) {
            assert_eq!(suppressed(test, n).await, []);
            assert_eq!(state(test, &edition, readers[n - 1]).await, DeliveryState::Bounced);
        }
        let key = format!("log:reported:doubtful:{}", edition.id);
        assert_eq!(told_of(test, "log:reported:doubtful:%").await, [key], "it had gone out already");
        control::resume(&test.engine, edition.id, Bounces::Confirmed, "ana").await.unwrap();
        assert_eq!(newest(test).await.state, EditionState::Sent);
        for n in (3..=33).step_by(5) {
            assert_eq!(suppressed(test, n).await, [SuppressionReason::Hard]);
        }
    }
}

#[tokio::test]
async fn a_run_that_goes_on_is_paused_by_the_guard() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 20).await;
        back_to_sending(test).await;
        for n in 1..=5 {
            comes_in(test, Intake::Listener, returned(test, &edition, readers[n - 1], hard(n))).await;
        }
        let paused = newest(test).await;
        assert_eq!(paused.state, EditionState::Paused);
        assert!(paused.reason.unwrap().contains("5 suppressions lifted"));
        assert_eq!(told_of(test, "log:paused:%").await.len(), 1);
    }
}

/// As if the run went on: its last letter has yet to go out.
async fn back_to_sending(test: &TestEngine) {
    let mut tx = test.engine.db.begin().await.unwrap();
    let sql = "UPDATE editions SET state = 'sending' WHERE state = 'sent'";
    match &mut tx {
        Tx::Sqlite(tx) => drop(sqlx::query(sql).execute(&mut **tx).await.unwrap()),
        Tx::Postgres(tx) => drop(sqlx::query(sql).execute(&mut **tx).await.unwrap()),
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn ops_are_told_once_when_complaints_pass_their_share_and_the_run_is_paused() {
    let keys = "warn_complaints = \"5%\"\npause_complaints = \"10%\"";
    let with = |base: String| base.replace("return_path = ", &format!("{keys}\nreturn_path = "));
    let room = Newsroom::with(with).await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 40).await;
        back_to_sending(test).await;
        for n in 1..=5 {
            let report = returned(test, &edition, readers[n - 1], complaint(n));
            assert_eq!(comes_in(test, Intake::Listener, report).await, "suppressed_complaint");
            let told = told_of(test, "log:reported:complaints:%").await.len();
            assert_eq!(told, usize::from(n >= 3), "{n} of 40");
            let state = if n < 5 { EditionState::Sending } else { EditionState::Paused };
            assert_eq!(newest(test).await.state, state, "{n} of 40");
        }
    }
}

#[tokio::test]
async fn ops_are_told_once_when_hard_bounces_pass_their_share() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 60).await;
        for n in [1, 20, 40, 60] {
            comes_in(test, Intake::Listener, returned(test, &edition, readers[n - 1], hard(n))).await;
        }
        assert_eq!(told_of(test, "log:reported:bounces:%").await.len(), 1);
        assert_eq!(suppressed(test, 1).await, [SuppressionReason::Hard]);
    }
}

#[tokio::test]
async fn a_relay_rests_when_many_of_its_letters_come_back_for_reasons_of_ours() {
    let with = |base: String| base.replace("return_path = ", "rest_after = 3\nreturn_path = ");
    let room = Newsroom::with(with).await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 10).await;
        for n in 1..=4 {
            let report = told(ReportKind::Soft, BounceReason::Reputation, "5.7.1", &address(n));
            comes_in(test, Intake::Listener, returned(test, &edition, readers[n - 1], report)).await;
            let mut tx = test.engine.db.read().await.unwrap();
            let down = relays::down(&mut tx, "main").await.unwrap();
            assert_eq!(down.is_some(), n >= 3, "{n}");
        }
        assert_eq!(told_of(test, "log:relay:main:%").await.len(), 1);
    }
}
