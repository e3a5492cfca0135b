//! What reports come to, once they are laid to letters that went out: the fair judge. The reports are
//! written down as understood; how they are read is tested with the reader.

mod effects;
mod fairness;
mod forward;
mod many;
mod undone;

use chrono::{DateTime, TimeDelta, Utc};
use newsletterd::domain::address::EmailAddress;
use newsletterd::domain::bounce::{
    Action, BounceReason, Intake, Report, ReportKind, ReportedRecipient, Rule, SuppressionReason, Traces,
};
use newsletterd::domain::delivery::DeliveryState;
use newsletterd::domain::ids::SubscriberId;
use newsletterd::mail::intake::{Content, Incoming, Keeper as _};
use newsletterd::pipeline::intake::Inbox;
use newsletterd::pipeline::track;
use newsletterd::store::editions::Edition;
use newsletterd::store::reports::{self, Letter};
use newsletterd::store::{Tx, suppressions};

use super::{Newsroom, newest, send_due};
use crate::support::engine::{TestEngine, stories};

/// An edition that went out to `n` readers, `reader001@example.org` and so on, on a day of November 2026.
async fn sent(test: &TestEngine, day: u32, n: usize) -> (Edition, Vec<SubscriberId>) {
    test.tick_at(&format!("2026-11-{day:02}T00:00:00Z")).await;
    let addresses: Vec<_> = (1..=n).map(address).collect();
    let addresses: Vec<_> = addresses.iter().map(String::as_str).collect();
    let readers = if newest_day(test).await { Vec::new() } else { addresses };
    if !readers.is_empty() {
        test.add_subscribers("readers", &readers).await;
    }
    let mut tx = test.engine.db.read().await.unwrap();
    let mut ids = Vec::new();
    for n in 1..=n {
        let address = EmailAddress::parse(&address(n)).unwrap();
        let found = newsletterd::store::subscribers::find(&mut tx, &address).await.unwrap();
        ids.push(found.unwrap().id);
    }
    drop(tx);
    let mut stories = stories(4, test.engine.clock.now());
    for (n, story) in stories.iter_mut().enumerate() {
        story.external_id = Some(format!("story-{day}-{n}"));
        story.url = Some(format!("https://example.org/news/{day}/{n}"));
    }
    test.import_articles(&stories).await;
    test.tick_at(&format!("2026-11-{day:02}T01:00:00Z")).await;
    test.tick_at(&format!("2026-11-{day:02}T03:00:00Z")).await;
    (send_due(test).await, ids)
}

/// Whether an edition went out before.
async fn newest_day(test: &TestEngine) -> bool {
    test.editions().await.iter().any(|edition| edition.audience_count.is_some())
}

fn address(n: usize) -> String {
    format!("reader{n:03}@example.org")
}

/// A report as it is understood, about the reader at `address`.
fn told(kind: ReportKind, reason: BounceReason, status: &str, address: &str) -> Report {
    let recipient = ReportedRecipient {
        address: address.to_owned(),
        action: Some(Action::Failed),
        status: status.parse().ok(),
        reason: Some(reason),
        ..ReportedRecipient::default()
    };
    Report {
        reason: Some(reason),
        recipients: vec![recipient],
        status: status.parse().ok(),
        diagnostic: Some(format!("550 {status} for a test")),
        reporting_mta: Some("mx.example.org".to_owned()),
        ..Report::bare(kind, Rule("test".to_owned()), Traces::default())
    }
}

fn hard(n: usize) -> Report {
    told(ReportKind::Hard, BounceReason::UserUnknown, "5.1.1", &address(n))
}

fn full(n: usize) -> Report {
    told(ReportKind::Soft, BounceReason::MailboxFull, "5.2.2", &address(n))
}

fn complaint(n: usize) -> Report {
    Report {
        reason: None,
        status: None,
        ..told(ReportKind::Complaint, BounceReason::Undefined, "", &address(n))
    }
}

/// With the signed return path of a letter.
fn returned(test: &TestEngine, edition: &Edition, reader: SubscriberId, report: Report) -> Report {
    let path = test.engine.keys.return_path(edition.id, reader);
    Report { traces: Traces { return_paths: vec![path], ..Traces::default() }, ..report }
}

/// Keeps a report that came in so, and looks at all that wait.
async fn comes_in(test: &TestEngine, intake: Intake, report: Report) -> String {
    let mut tx = test.engine.db.read().await.unwrap();
    let key = format!("test:{}", number(&mut tx, "SELECT COUNT(*) FROM reports").await);
    drop(tx);
    let content = Content::Told { key, report: Box::new(report) };
    Inbox::new(&test.engine).keep(Incoming { intake, came_to: None, content }).await.unwrap();
    while track::tick(&test.engine).await.unwrap() > 0 {}
    let mut tx = test.engine.db.read().await.unwrap();
    text(&mut tx, "SELECT COALESCE(effect, 'waits') FROM reports ORDER BY id DESC LIMIT 1").await
}

async fn number(tx: &mut Tx, sql: &'static str) -> i64 {
    match tx {
        Tx::Sqlite(tx) => sqlx::query_scalar(sql).fetch_one(&mut **tx).await.unwrap(),
        Tx::Postgres(tx) => sqlx::query_scalar(sql).fetch_one(&mut **tx).await.unwrap(),
    }
}

async fn text(tx: &mut Tx, sql: &'static str) -> String {
    match tx {
        Tx::Sqlite(tx) => sqlx::query_scalar(sql).fetch_one(&mut **tx).await.unwrap(),
        Tx::Postgres(tx) => sqlx::query_scalar(sql).fetch_one(&mut **tx).await.unwrap(),
    }
}

async fn suppressed(test: &TestEngine, n: usize) -> Vec<SuppressionReason> {
    let hash = test.engine.keys.address_hash(&EmailAddress::parse(&address(n)).unwrap());
    let mut tx = test.engine.db.read().await.unwrap();
    suppressions::standing(&mut tx, &hash).await.unwrap().iter().map(|found| found.reason).collect()
}

async fn letter(test: &TestEngine, edition: &Edition, reader: SubscriberId) -> Letter {
    let mut tx = test.engine.db.begin().await.unwrap();
    reports::letter(&mut tx, edition, reader).await.unwrap().unwrap()
}

async fn state(test: &TestEngine, edition: &Edition, reader: SubscriberId) -> DeliveryState {
    letter(test, edition, reader).await.state
}

fn later(test: &TestEngine, by: TimeDelta) -> DateTime<Utc> {
    let then = test.engine.clock.now() + by;
    test.engine.clock.set(then);
    then
}
