//! What a monitoring system reads.

use chrono::TimeDelta;
use newsletterd::domain::bounce::{
    Action, BounceReason, Intake, Report, ReportKind, ReportedRecipient, Rule, Traces,
};
use newsletterd::mail::intake::{Content, Incoming, Keeper as _};
use newsletterd::pipeline::intake::Inbox;
use newsletterd::pipeline::track;

use super::Site;

async fn comes_in(site: &Site, key: &str, intake: Intake, kind: ReportKind) {
    let recipient = ReportedRecipient {
        address: "nobody@example.org".to_owned(),
        action: Some(Action::Failed),
        ..ReportedRecipient::default()
    };
    let report = Report {
        reason: Some(BounceReason::UserUnknown),
        recipients: vec![recipient],
        ..Report::bare(kind, Rule("test".to_owned()), Traces::default())
    };
    let content = Content::Told { key: key.to_owned(), report: Box::new(report) };
    Inbox::new(&site.test.engine).keep(Incoming { intake, came_to: None, content }).await.unwrap();
}

async fn settle(site: &Site) {
    while track::tick(&site.test.engine).await.unwrap() > 0 {}
    site.test.engine.clock.advance(TimeDelta::seconds(6));
}

async fn samples(site: &Site) -> Vec<String> {
    let answer = site.get("/metrics").await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    answer.body.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

#[tokio::test]
async fn reports_are_counted_by_kind_and_way_in_and_once() {
    for site in Site::on_each_database().await {
        assert_eq!(samples(&site).await, ["newsletterd_reports_waiting 0"]);
        site.test.engine.clock.advance(TimeDelta::seconds(1));
        comes_in(&site, "a", Intake::Imap, ReportKind::Hard).await;
        comes_in(&site, "b", Intake::Webhook, ReportKind::Hard).await;
        comes_in(&site, "c", Intake::Imap, ReportKind::Autoreply).await;
        assert_eq!(samples(&site).await, ["newsletterd_reports_waiting 3"]);
        settle(&site).await;
        let expected = [
            "newsletterd_reports_total{kind=\"hard\",intake=\"imap\"} 1",
            "newsletterd_reports_total{kind=\"hard\",intake=\"webhook\"} 1",
            "newsletterd_reports_total{kind=\"autoreply\",intake=\"imap\"} 1",
            "newsletterd_report_effects_total{effect=\"nothing\"} 1",
            "newsletterd_report_effects_total{effect=\"unattributed\"} 2",
            "newsletterd_reports_waiting 0",
        ];
        // However often it is asked.
        assert_eq!(samples(&site).await, expected);
        assert_eq!(samples(&site).await, expected);
        comes_in(&site, "d", Intake::Imap, ReportKind::Hard).await;
        settle(&site).await;
        assert_eq!(samples(&site).await[0], "newsletterd_reports_total{kind=\"hard\",intake=\"imap\"} 2");
    }
}
