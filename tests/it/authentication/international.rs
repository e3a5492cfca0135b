//! Point 30: an address beyond ASCII travels only under SMTPUTF8, and only it does.

use newsletterd::domain::delivery::DeliveryState;
use newsletterd::domain::edition::EditionState;
use newsletterd::store::{deliveries, subscribers};

use super::newsroom::{LIMIT, send, signing_config, zone};
use super::others::Dkimpy;
use crate::support::engine::{TestEngine, daily_config, stories};
use crate::support::postfix::mail_server;
use crate::support::scripted_smtp::{Script, ScriptedSmtp};

const READERS: [&str; 3] = ["ana@example.org", "დავითი@example.org", "gio@bücher.example"];

async fn sent_through(server: &ScriptedSmtp) -> TestEngine {
    let test = TestEngine::sqlite(&daily_config(server.address)).await;
    test.tick_at("2026-11-24T00:00:00Z").await;
    test.import_articles(&stories(4, test.engine.clock.now())).await;
    test.add_subscribers("readers", &READERS).await;
    test.tick_at("2026-11-24T01:00:00Z").await;
    test.tick_at("2026-11-24T03:00:00Z").await;
    let edition = test.editions().await.remove(0);
    test.deliver(edition.id).await;
    assert_eq!(test.editions().await.remove(0).state, EditionState::Sent);
    test
}

#[tokio::test]
async fn point_30_smtputf8_is_asked_for_where_the_address_needs_it_and_nowhere_else() {
    let server = ScriptedSmtp::start(Script::table("")).await;
    sent_through(&server).await;
    let seen = server.seen();
    for (address, needs) in [
        ("ana@example.org", false),
        ("დავითი@example.org", true),
        // A domain has a form in ASCII, which every server takes.
        ("gio@xn--bcher-kva.example", false),
    ] {
        let taken = seen.taken.get(address).unwrap_or_else(|| panic!("{:?}", seen.taken.keys()));
        assert_eq!(taken[0].mail.contains("SMTPUTF8"), needs, "{}", taken[0].mail);
        // The message is ASCII but for that reader's own address.
        assert_eq!(taken[0].message.is_ascii(), !needs, "{address}");
    }
}

#[tokio::test]
async fn point_30_a_relay_without_smtputf8_fails_that_reader_clearly_and_no_other() {
    let script = Script { offers: vec!["8BITMIME".to_owned()], ..Script::table("") };
    let server = ScriptedSmtp::start(script).await;
    let test = sent_through(&server).await;
    let mut tx = test.engine.db.read().await.unwrap();
    for (address, state) in
        READERS.iter().zip([DeliveryState::Accepted, DeliveryState::Rejected, DeliveryState::Accepted])
    {
        let address = newsletterd::domain::address::EmailAddress::parse(address).unwrap();
        let subscriber = subscribers::find(&mut tx, &address).await.unwrap().unwrap();
        let row = deliveries::of_subscriber(&mut tx, subscriber.id, 1).await.unwrap().remove(0);
        assert_eq!(row.state, state, "{row:?}");
        if state == DeliveryState::Rejected {
            let reply = row.reply.unwrap_or_default();
            assert!(reply.contains("does not offer SMTPUTF8"), "{reply}");
        }
    }
    assert_eq!(server.seen().taken.len(), 2);
}

#[tokio::test]
async fn point_30_a_signed_letter_to_an_international_address_arrives_and_verifies() {
    let (Some(server), Some(dkimpy)) = (mail_server(), Dkimpy::find()) else { return };
    let keys = tempfile::tempdir().unwrap();
    let test = TestEngine::sqlite(&signing_config(&server, keys.path())).await;
    let to = format!("დავითი@{}", server.domain);
    send(&test, async |test| {
        test.import_articles(&stories(4, test.engine.clock.now())).await;
        test.add_subscribers("readers", &[&to]).await;
    })
    .await;
    let mail = server.inbox().wait_for(1, LIMIT).remove(0);
    assert!(String::from_utf8_lossy(&mail).contains(&format!("\nTo: {to}\n")));
    let verdict = &dkimpy.judge(keys.path(), &zone(), &[mail])[0];
    let signatures = verdict["signatures"].as_array().unwrap();
    assert_eq!(signatures.len(), 2, "{verdict}");
    assert!(signatures.iter().all(|signature| signature["valid"] == true), "{verdict}");
}
