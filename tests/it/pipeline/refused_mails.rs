//! Mails to a reader that their server does not take: given up when it is for good, tried again
//! when it is for now, and never with the reader's address in the records.

use newsletterd::pipeline::{consent, outbox};
use newsletterd::store::Tx;

use crate::support::engine::{TestEngine, daily_config};
use crate::support::scripted_smtp::{Script, ScriptedSmtp};

/// State, attempts and reply of the only mail in the outbox.
async fn mail(test: &TestEngine) -> (String, i64, Option<String>) {
    const SELECT: &str = "SELECT state, attempts, reply FROM mails";
    let mut tx = test.engine.db.read().await.unwrap();
    match &mut tx {
        Tx::Sqlite(tx) => sqlx::query_as(SELECT).fetch_one(&mut **tx).await.unwrap(),
        Tx::Postgres(tx) => sqlx::query_as(SELECT).fetch_one(&mut **tx).await.unwrap(),
    }
}

#[tokio::test]
async fn a_confirmation_that_is_refused_for_good_is_given_up_and_one_for_now_comes_later() {
    let replies = "gone@example.org\talways\tRCPT\t550 5.1.1 <gone@example.org> is nobody here\n\
                   later@example.org\t1\tRCPT\t450 4.2.1 <later@example.org> is greylisted";
    let server = ScriptedSmtp::start(Script::table(replies)).await;
    let config = daily_config(server.address);
    for address in ["gone@example.org", "later@example.org"] {
        let mut engines = vec![TestEngine::sqlite(&config).await];
        // The second engine would be the script's second attempt.
        if address.starts_with("gone") {
            engines.extend(TestEngine::postgres(&config).await);
        }
        for test in &engines {
            let engine = &test.engine;
            consent::ask(engine, &address.parse().unwrap(), None, None, "readers", "test").await.unwrap();
            outbox::send_due(engine).await.unwrap();
            let (state, attempts, reply) = mail(test).await;
            let expected = if address.starts_with("gone") {
                ("failed", "given up: the relay answered 550 5.1.1")
            } else {
                ("queued", "the relay answered 450 4.2.1")
            };
            assert_eq!((state.as_str(), attempts, reply.as_deref()), (expected.0, 1, Some(expected.1)));
            engine.clock.advance(chrono::TimeDelta::minutes(1));
            outbox::send_due(engine).await.unwrap();
            let (state, attempts, _) = mail(test).await;
            let expected = if address.starts_with("gone") { ("failed", 1) } else { ("sent", 2) };
            assert_eq!((state.as_str(), attempts), expected, "{address}");
        }
    }
}
