//! What single reports come to.

use newsletterd::domain::subscriber::{EndReason, SubscriptionState};
use newsletterd::pipeline::readers;

use super::*;

#[tokio::test]
async fn a_hard_bounce_suppresses_at_once_and_ends_its_delivery() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 3).await;
        let report = returned(test, &edition, readers[0], hard(1));
        assert_eq!(comes_in(test, Intake::Listener, report).await, "suppressed_hard");
        assert_eq!(suppressed(test, 1).await, [SuppressionReason::Hard]);
        assert_eq!(state(test, &edition, readers[0]).await, DeliveryState::Bounced);
        assert_eq!(state(test, &edition, readers[1]).await, DeliveryState::Accepted);
        // The next edition goes to the others.
        let (next, _) = sent(test, 25, 3).await;
        assert_eq!(next.audience_count, Some(2));
        let report = newsletterd::pipeline::report::report(&test.engine, edition.id).await.unwrap();
        assert!(report.adds_up());
        assert_eq!(report.count(DeliveryState::Bounced), 1);
    }
}

#[tokio::test]
async fn the_same_is_counted_once() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 2).await;
        let report = returned(test, &edition, readers[0], full(1));
        assert_eq!(comes_in(test, Intake::Listener, report.clone()).await, "counted_soft");
        assert_eq!(comes_in(test, Intake::Imap, report.clone()).await, "repeated");
        later(test, TimeDelta::days(1));
        assert_eq!(comes_in(test, Intake::Imap, report).await, "repeated", "replayed on another day");
        let mut tx = test.engine.db.read().await.unwrap();
        assert_eq!(reports::score(&mut tx, readers[0]).await.unwrap().unwrap().thousandths, 1000);
    }
}

#[tokio::test]
async fn a_complaint_ends_the_subscription_and_suppresses() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 2).await;
        let report = returned(test, &edition, readers[0], complaint(1));
        assert_eq!(comes_in(test, Intake::Listener, report).await, "suppressed_complaint");
        assert_eq!(suppressed(test, 1).await, [SuppressionReason::Complaint]);
        let dossier =
            readers::dossier(&test.engine, &EmailAddress::parse(&address(1)).unwrap()).await.unwrap();
        let standing = &dossier.subscriptions["readers"];
        assert_eq!(standing.state, SubscriptionState::Ended);
        assert_eq!(standing.end_reason, Some(EndReason::Complaint));
        // The letter had arrived: that is no failure.
        assert_eq!(state(test, &edition, readers[0]).await, DeliveryState::Accepted);
        let mut tx = test.engine.db.read().await.unwrap();
        assert_eq!(
            number(&mut tx, "SELECT COUNT(*) FROM deliveries WHERE complained_at IS NOT NULL").await,
            1
        );
    }
}

#[tokio::test]
async fn leaving_by_mail_ends_that_subscription_alone() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 2).await;
        let list = test.list("readers").await;
        let token = test.engine.keys.unsubscribe(readers[0], list, Some(edition.id));
        let leave = Report {
            kind: ReportKind::Unsubscribe,
            traces: Traces { unsubscribe: vec![token], ..Traces::default() },
            recipients: Vec::new(),
            ..complaint(1)
        };
        assert_eq!(comes_in(test, Intake::Listener, leave.clone()).await, "left");
        assert_eq!(comes_in(test, Intake::Listener, leave.clone()).await, "not_subscribed");
        assert!(!readers::is_on(&test.engine, readers[0], list).await.unwrap());
        assert!(readers::is_on(&test.engine, readers[1], list).await.unwrap());
        assert_eq!(suppressed(test, 1).await, []);
        // A token for another purpose ends nothing.
        let token = test.engine.keys.preferences(readers[1], list, None);
        let forged = Traces { unsubscribe: vec![token], ..Traces::default() };
        let forged = Report { traces: forged, ..leave };
        assert_eq!(comes_in(test, Intake::Listener, forged).await, "unattributed");
    }
}

#[tokio::test]
async fn warnings_and_answers_change_nothing() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 2).await;
        for kind in [ReportKind::Delayed, ReportKind::Autoreply, ReportKind::NotABounce, ReportKind::Unknown]
        {
            let report = returned(test, &edition, readers[0], Report { kind, ..full(1) });
            assert_eq!(comes_in(test, Intake::Listener, report).await, "nothing", "{kind}");
        }
        assert_eq!(state(test, &edition, readers[0]).await, DeliveryState::Accepted);
        assert_eq!(suppressed(test, 1).await, []);
        let mut tx = test.engine.db.read().await.unwrap();
        assert_eq!(reports::score(&mut tx, readers[0]).await.unwrap(), None);
    }
}

#[tokio::test]
async fn what_is_ours_counts_against_nobody_and_is_told() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 3).await;
        let spam = |n| told(ReportKind::Soft, BounceReason::Reputation, "5.7.1", &address(n));
        for n in [1, 2] {
            let report = returned(test, &edition, readers[n - 1], spam(n));
            assert_eq!(comes_in(test, Intake::Listener, report).await, "ours");
            assert_eq!(suppressed(test, n).await, []);
            assert_eq!(state(test, &edition, readers[n - 1]).await, DeliveryState::Rejected);
        }
        let mut tx = test.engine.db.read().await.unwrap();
        assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM bounce_scores").await, 0);
        let told = "SELECT COUNT(*) FROM mails WHERE dedupe_key LIKE 'log:refused:%'";
        assert_eq!(number(&mut tx, told).await, 1, "once for a domain");
    }
}

#[tokio::test]
async fn a_report_that_is_faster_than_the_record_waits_for_it() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 2).await;
        set_state(test, "UPDATE deliveries SET state = 'claimed'").await;
        let report = returned(test, &edition, readers[0], hard(1));
        assert_eq!(comes_in(test, Intake::Listener, report).await, "waits");
        later(test, TimeDelta::seconds(3));
        assert_eq!(track::tick(&test.engine).await.unwrap(), 0);
        set_state(test, "UPDATE deliveries SET state = 'accepted'").await;
        later(test, TimeDelta::seconds(3));
        assert_eq!(track::tick(&test.engine).await.unwrap(), 1);
        assert_eq!(suppressed(test, 1).await, [SuppressionReason::Hard]);

        // It does not wait for ever.
        set_state(test, "UPDATE deliveries SET state = 'queued'").await;
        let report = returned(test, &edition, readers[1], hard(2));
        assert_eq!(comes_in(test, Intake::Listener, report).await, "waits");
        later(test, TimeDelta::minutes(16));
        assert_eq!(track::tick(&test.engine).await.unwrap(), 1);
        assert_eq!(suppressed(test, 2).await, []);
    }
}

async fn set_state(test: &TestEngine, sql: &'static str) {
    let mut tx = test.engine.db.begin().await.unwrap();
    match &mut tx {
        Tx::Sqlite(tx) => drop(sqlx::query(sql).execute(&mut **tx).await.unwrap()),
        Tx::Postgres(tx) => drop(sqlx::query(sql).execute(&mut **tx).await.unwrap()),
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn who_leaves_by_a_providers_page_leaves_the_list_of_that_letter() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 2).await;
        let list = test.list("readers").await;
        let leave = Report { kind: ReportKind::Unsubscribe, ..complaint(1) };
        assert_eq!(
            comes_in(test, Intake::Listener, leave.clone()).await,
            "unproven",
            "anybody could write that"
        );
        let by_letter = returned(test, &edition, readers[0], leave.clone());
        assert_eq!(comes_in(test, Intake::Webhook, by_letter).await, "left");
        assert_eq!(comes_in(test, Intake::Webhook, leave).await, "repeated");
        assert!(!readers::is_on(&test.engine, readers[0], list).await.unwrap());
        let other = Report { kind: ReportKind::Unsubscribe, ..complaint(2) };
        assert_eq!(comes_in(test, Intake::Webhook, other).await, "left", "by its reader's name");
        assert_eq!(suppressed(test, 1).await, []);
    }
}
