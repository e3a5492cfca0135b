//! Mails of the outbox find a way wherever there is one: over the first relay that works for us.

use chrono::TimeDelta;
use newsletterd::pipeline::{consent, outbox};
use newsletterd::store::relays::{self, Down};

use crate::support::engine::{TestEngine, daily_config};
use crate::support::scripted_smtp::{Script, ScriptedSmtp};

/// A configuration with three relays: `main`, `second`, `third`.
fn config(relays: [&ScriptedSmtp; 3]) -> String {
    let [main, second, third] = relays.map(|relay| relay.address);
    let more = format!(
        "[[relays]]\nname = \"second\"\nurl = \"smtp://{second}\"\n\
         [[relays]]\nname = \"third\"\nurl = \"smtp://{third}\"\n[bounces]"
    );
    daily_config(main).replacen("[bounces]", &more, 1)
}

async fn ask(test: &TestEngine, address: &str) {
    consent::ask(&test.engine, &address.parse().unwrap(), None, None, "readers", "test").await.unwrap();
}

#[tokio::test]
async fn a_mail_goes_over_the_next_relay_when_one_does_not_work_for_us() {
    for on_postgres in [false, true] {
        let refuses = || ScriptedSmtp::start(Script::table("*\talways\tCONNECT\tclose: 554 5.7.1 not you"));
        let (main, second) = (refuses().await, refuses().await);
        let third = ScriptedSmtp::start(Script::table("")).await;
        let config = config([&main, &second, &third]);
        let test = if on_postgres {
            let Some(test) = TestEngine::postgres(&config).await else { return };
            test
        } else {
            TestEngine::sqlite(&config).await
        };
        for address in ["ana@example.org", "bela@example.org"] {
            ask(&test, address).await;
        }
        outbox::send_due(&test.engine).await.unwrap();
        for address in ["ana@example.org", "bela@example.org"] {
            assert_eq!(third.seen().taken_by(address), 1, "{address}");
        }
        // Who refused the first mail of a batch is not asked again for the second.
        assert_eq!((main.seen().connections, second.seen().connections), (1, 1));
    }
}

#[tokio::test]
async fn a_relay_at_rest_is_asked_only_when_all_others_failed() {
    let (main, second) =
        (ScriptedSmtp::start(Script::table("")).await, ScriptedSmtp::start(Script::table("")).await);
    let refuses = ScriptedSmtp::start(Script::table("*\talways\tMAIL\t451 4.3.0 not now")).await;
    let test = TestEngine::sqlite(&config([&main, &refuses, &second])).await;
    let now = test.engine.clock.now();
    let rest = |until| Down { until, failures: 1, reply: None };
    let mut tx = test.engine.db.begin().await.unwrap();
    relays::set_down(&mut tx, "main", &rest(now + TimeDelta::minutes(1)), now).await.unwrap();
    tx.commit().await.unwrap();
    ask(&test, "ana@example.org").await;
    outbox::send_due(&test.engine).await.unwrap();
    assert_eq!((main.seen().connections, second.seen().taken_by("ana@example.org")), (0, 1));
    let mut tx = test.engine.db.begin().await.unwrap();
    relays::set_down(&mut tx, "third", &rest(now + TimeDelta::minutes(1)), now).await.unwrap();
    tx.commit().await.unwrap();
    ask(&test, "bela@example.org").await;
    outbox::send_due(&test.engine).await.unwrap();
    assert_eq!(main.seen().taken_by("bela@example.org"), 1, "its rest is no reason to keep a mail");
    test.engine.clock.advance(TimeDelta::minutes(2));
    ask(&test, "ceyda@example.org").await;
    outbox::send_due(&test.engine).await.unwrap();
    assert_eq!(main.seen().taken_by("ceyda@example.org"), 1, "its rest is over");
}

#[tokio::test]
async fn what_one_relay_may_have_taken_no_other_gets() {
    let loses = ScriptedSmtp::start(Script::table("ana@example.org\talways\tDOT\ttake and close")).await;
    let (second, third) =
        (ScriptedSmtp::start(Script::table("")).await, ScriptedSmtp::start(Script::table("")).await);
    let test = TestEngine::sqlite(&config([&loses, &second, &third])).await;
    ask(&test, "ana@example.org").await;
    outbox::send_due(&test.engine).await.unwrap();
    assert_eq!((second.seen().connections, third.seen().connections), (0, 0));
}
