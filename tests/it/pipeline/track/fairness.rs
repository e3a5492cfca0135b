//! Who may not be harmed by a report, and by whom.

use newsletterd::domain::bounce::EnhancedStatus;
use newsletterd::store::subscribers;

use super::*;

#[tokio::test]
async fn a_forged_or_borrowed_report_is_kept_and_harms_nobody() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 3).await;
        // No token at all: anybody can write that.
        assert_eq!(comes_in(test, Intake::Listener, hard(1)).await, "unproven");
        // A token that is not ours.
        let mut path = test.engine.keys.return_path(edition.id, readers[0]);
        let last = if path.pop() == Some('a') { 'b' } else { 'a' };
        path.push(last);
        let traces = Traces { return_paths: vec![path], ..Traces::default() };
        assert_eq!(comes_in(test, Intake::Listener, Report { traces, ..hard(1) }).await, "unproven");
        // One's own token, and another's address.
        let borrowed = returned(test, &edition, readers[2], hard(1));
        assert_eq!(comes_in(test, Intake::Listener, borrowed).await, "somebody_else");
        // Of nobody that we know.
        let stranger = told(ReportKind::Hard, BounceReason::UserUnknown, "5.1.1", "eve@example.net");
        assert_eq!(comes_in(test, Intake::Listener, stranger).await, "unattributed");
        for n in 1..=3 {
            assert_eq!(suppressed(test, n).await, []);
            assert_eq!(state(test, &edition, readers[n - 1]).await, DeliveryState::Accepted);
        }
        let mut tx = test.engine.db.read().await.unwrap();
        assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM reports WHERE raw IS NOT NULL").await, 4);
        drop(tx);
        // And the true one counts afterwards.
        let report = returned(test, &edition, readers[0], hard(1));
        assert_eq!(comes_in(test, Intake::Listener, report).await, "suppressed_hard");
    }
}

#[tokio::test]
async fn a_signed_call_may_name_the_reader_alone() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 2).await;
        assert_eq!(comes_in(test, Intake::Webhook, hard(1)).await, "suppressed_hard");
        assert_eq!(state(test, &edition, readers[0]).await, DeliveryState::Bounced);
        later(test, TimeDelta::days(8));
        assert_eq!(comes_in(test, Intake::Webhook, hard(2)).await, "unattributed", "too long ago");
    }
}

#[tokio::test]
async fn envelope_id_and_message_id_lead_to_the_letter_too() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 2).await;
        let keys = &test.engine.keys;
        let envelope_ids = vec![keys.return_path(edition.id, readers[0])];
        let report = Report { traces: Traces { envelope_ids, ..Traces::default() }, ..hard(1) };
        assert_eq!(comes_in(test, Intake::Listener, report).await, "suppressed_hard");
        let raw = room.letters().into_iter().find(|letter| letter.to == address(2)).unwrap().raw;
        let mail = mailparse::parse_mail(&raw).unwrap();
        let id = mailparse::MailHeaderMap::get_first_value(&mail.headers[..], "Message-ID").unwrap();
        let message_ids = vec![id.trim_matches(['<', '>']).to_owned()];
        let report = Report { traces: Traces { message_ids, ..Traces::default() }, ..hard(2) };
        assert_eq!(comes_in(test, Intake::Listener, report).await, "suppressed_hard");
        let mut tx = test.engine.db.read().await.unwrap();
        for (by, n) in [("envelope_id", 1), ("message_id", 1)] {
            let sql = match by {
                "envelope_id" => "SELECT COUNT(*) FROM reports WHERE attribution = 'envelope_id'",
                _ => "SELECT COUNT(*) FROM reports WHERE attribution = 'message_id'",
            };
            assert_eq!(number(&mut tx, sql).await, n, "{by}");
        }
    }
}

#[tokio::test]
async fn soft_bounces_suppress_when_they_last_and_a_letter_that_arrives_begins_anew() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let mut outcomes = Vec::new();
        for day in 1..=12 {
            let (edition, readers) = sent(test, day, 2).await;
            if edition.audience_count == Some(2) {
                let report = returned(test, &edition, readers[0], full(1));
                outcomes.push(comes_in(test, Intake::Listener, report).await);
            }
            // Every letter to the other came back but the one of the sixth day.
            if day != 6 {
                let report = returned(test, &edition, readers[1], full(2));
                assert_eq!(comes_in(test, Intake::Listener, report).await, "counted_soft", "day {day}");
            }
        }
        let mut expected = vec!["counted_soft"; 10];
        expected.push("suppressed_soft");
        assert_eq!(outcomes, expected);
        assert_eq!(suppressed(test, 1).await, [SuppressionReason::Soft]);
        assert_eq!(suppressed(test, 2).await, []);
        let mut tx = test.engine.db.read().await.unwrap();
        let id = subscribers::find(&mut tx, &EmailAddress::parse(&address(2)).unwrap()).await.unwrap();
        let score = reports::score(&mut tx, id.unwrap().id).await.unwrap().unwrap();
        assert_eq!(score.last_day - score.first_day, 5, "begun anew on the seventh day");
    }
}

#[tokio::test]
async fn who_came_back_is_not_judged_by_an_old_letter() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 2).await;
        later(test, TimeDelta::hours(1));
        let address = EmailAddress::parse(&address(1)).unwrap();
        newsletterd::pipeline::readers::remove(&test.engine, &address, None, "test").await.unwrap();
        newsletterd::pipeline::readers::add(&test.engine, &address, None, "readers", "test").await.unwrap();
        let report = returned(test, &edition, readers[0], hard(1));
        assert_eq!(comes_in(test, Intake::Listener, report).await, "stale");
        let report = returned(test, &edition, readers[0], complaint(1));
        assert_eq!(comes_in(test, Intake::Listener, report).await, "stale");
        assert_eq!(suppressed(test, 1).await, []);
    }
}

#[tokio::test]
async fn a_host_is_unknown_only_when_the_dns_agrees() {
    use newsletterd::mail::smtp::{Dns, DnsAnswer};
    let mut room = Newsroom::open("", "", "").await;
    for test in &mut room.engines {
        let (edition, readers) = sent(test, 24, 2).await;
        let unknown = |n| told(ReportKind::Hard, BounceReason::HostUnknown, "5.1.2", &address(n));
        let report = returned(test, &edition, readers[0], unknown(1));
        assert_eq!(comes_in(test, Intake::Listener, report).await, "counted_soft");
        let gone = [("example.org".to_owned(), DnsAnswer::DoesNotExist)].into();
        test.engine.dns = Dns::Table(std::sync::Arc::new(gone));
        let report = returned(test, &edition, readers[1], unknown(2));
        assert_eq!(comes_in(test, Intake::Listener, report).await, "suppressed_hard");
    }
}

#[tokio::test]
async fn each_of_several_recipients_is_judged_alone() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 2).await;
        let mut report = hard(1);
        report.recipients.extend(full(2).recipients);
        let report = returned(test, &edition, readers[1], report);
        assert_eq!(comes_in(test, Intake::Listener, report).await, "counted_soft");
        assert_eq!(suppressed(test, 1).await, [], "the token is the other's");
        let mut tx = test.engine.db.read().await.unwrap();
        let status = text(&mut tx, "SELECT status FROM reports").await;
        assert_eq!(status.parse::<EnhancedStatus>(), "5.2.2".parse());
    }
}
