//! From a provider's call to what it comes to, over the letters that went out.

use newsletterd::domain::address::EmailAddress;
use newsletterd::domain::bounce::{Attribution, Effect, SuppressionReason};
use newsletterd::domain::ids::SubscriberId;
use newsletterd::pipeline::track;
use newsletterd::store::suppressions;
use serde_json::json;

use super::Hooked;
use super::sns::{bounce, known, notification, sign};
use crate::support::engine::{capturing_relay, stories};

impl Hooked {
    /// An edition that went out to `addresses`.
    async fn sent(&self, addresses: &[&str]) -> Vec<SubscriberId> {
        let test = &self.test;
        test.tick_at("2026-11-24T00:00:00Z").await;
        test.import_articles(&stories(4, test.engine.clock.now())).await;
        let ids = test.add_subscribers("readers", addresses).await;
        test.tick_at("2026-11-24T01:00:00Z").await;
        test.tick_at("2026-11-24T03:00:00Z").await;
        let edition = test.editions().await.remove(0);
        test.deliver(edition.id).await;
        ids
    }

    async fn suppressed(&self, address: &str) -> Vec<SuppressionReason> {
        let hash = self.test.engine.keys.address_hash(&EmailAddress::parse(address).unwrap());
        let mut tx = self.test.engine.db.read().await.unwrap();
        suppressions::standing(&mut tx, &hash).await.unwrap().iter().map(|found| found.reason).collect()
    }
}

#[tokio::test]
async fn a_call_ends_what_it_may_and_no_more() {
    let mailbox = tempfile::tempdir().unwrap();
    let relay = capturing_relay(mailbox.path()).await;
    for site in Hooked::on_each_database_over(relay, &known()).await {
        let readers = site.sent(&["ana@example.org", "gio@example.org", "nino@example.org"]).await;
        let edition = site.test.editions().await.remove(0);
        // By the return path, which SES tells as the letter's source.
        let path = site.test.engine.keys.return_path(edition.id, readers[0]);
        let mut message = notification(
            &site,
            &bounce("eventType", "ana@example.org", &format!("{path}@bounces.example.org")),
        );
        sign(&mut message);
        assert_eq!(site.sns(&message).await.0, 200);
        // By the recipient alone: a call is signed as a whole.
        let complaint =
            json!([{"event": "spamreport", "email": "gio@example.org", "sg_event_id": "e1"}]).to_string();
        assert_eq!(site.sendgrid(0, &complaint, &complaint).await.0, 200);
        // Of nobody we know.
        let stranger =
            json!([{"event": "spamreport", "email": "levan@example.org", "sg_event_id": "e2"}]).to_string();
        assert_eq!(site.sendgrid(0, &stranger, &stranger).await.0, 200);
        while track::tick(&site.test.engine).await.unwrap() > 0 {}

        assert_eq!(site.suppressed("ana@example.org").await, [SuppressionReason::Hard]);
        assert_eq!(site.suppressed("gio@example.org").await, [SuppressionReason::Complaint]);
        assert_eq!(site.suppressed("nino@example.org").await, []);
        let kept = site.kept().await;
        let came_to: Vec<_> =
            kept.iter().map(|report| (report.attribution.unwrap(), report.effect.unwrap())).collect();
        assert_eq!(
            came_to,
            [
                (Attribution::None, Effect::Unattributed),
                (Attribution::Recipient, Effect::SuppressedComplaint),
                (Attribution::ReturnPath, Effect::SuppressedHard),
            ]
        );
    }
}
