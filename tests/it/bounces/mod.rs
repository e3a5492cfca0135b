//! Reports of failed delivery end to end: from letters that really went out, through real mail servers
//! and every way in, to what stands in the database.

mod cases;
mod hostile;
mod killed;
mod mailboxes;
mod nine_outcomes;
mod submit;

use newsletterd::domain::address::EmailAddress;
use newsletterd::domain::bounce::Intake;
use newsletterd::domain::ids::SubscriberId;
use newsletterd::mail::intake::{Content, Incoming, Keeper as _, Kept};
use newsletterd::pipeline::intake::Inbox;
use newsletterd::pipeline::{Engine, track};
use newsletterd::store::editions::Edition;
use newsletterd::store::subscribers;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;

use crate::pipeline::{Letter, letters, newest, send_due};
use crate::support::engine::{TestEngine, capturing_relay, daily_config, stories};

/// The lines that a query gives on the database of an engine that has a SQLite file.
async fn lines(engine: &Engine, query: &'static str) -> Vec<String> {
    let file = engine.config.database.url.sqlite_file().unwrap();
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let lines = sqlx::query_scalar(query).fetch_all(&pool).await.unwrap();
    pool.close().await;
    lines
}

/// What became of each reader: delivery, suppressions, score, subscription.
const READERS: &str = "SELECT s.address || ': ' || CASE d.state WHEN 'claimed' THEN 'deferred' ELSE d.state END \
    || CASE WHEN d.delayed_at IS NULL THEN '' ELSE ' delayed' END \
    || CASE WHEN d.complained_at IS NULL THEN '' ELSE ' complained' END \
    || COALESCE((SELECT ' suppressed ' || group_concat(x.reason) FROM suppressions x \
       WHERE x.address = s.address AND x.lifted_at IS NULL), '') \
    || COALESCE((SELECT ' score ' || b.score FROM bounce_scores b WHERE b.subscriber_id = s.id), '') \
    || ', ' || n.state || COALESCE(' ' || n.end_reason, '') \
    FROM subscribers s JOIN deliveries d ON d.subscriber_id = s.id JOIN subscriptions n ON n.subscriber_id = s.id \
    ORDER BY s.address";

/// What each mail that came in was understood to be, and what followed from it.
const REPORTS: &str = "SELECT COALESCE(s.address, 'nobody') || ': ' || r.kind || ' ' || COALESCE(r.reason, '-') || ' ' \
    || COALESCE(r.status, '-') || ' ' || COALESCE(r.attribution, '-') || ' ' || COALESCE(r.effect, '-') || ' ' || r.counted \
    FROM reports r LEFT JOIN subscribers s ON s.id = r.subscriber_id \
    WHERE r.intake <> 'session' AND r.processed_at IS NOT NULL ORDER BY 1";

/// An edition that went out to a few readers, and the letters as they arrived.
struct Sent {
    test: TestEngine,
    edition: Edition,
    letters: Vec<Letter>,
}

impl Sent {
    async fn to(readers: &[&str]) -> Self {
        let mailbox = tempfile::tempdir().unwrap();
        let test = TestEngine::sqlite(&daily_config(capturing_relay(mailbox.path()).await)).await;
        let edition = send(&test, readers).await;
        Self { test, edition, letters: letters(mailbox.path()) }
    }

    /// The signed return path of the letter to a reader.
    async fn return_path(&self, reader: &str) -> String {
        let id = subscriber(&self.test.engine, reader).await;
        let local = self.test.engine.keys.return_path(self.edition.id, id);
        format!("{local}@{}", self.test.engine.config.bounces.return_path.as_str())
    }

    /// A header of the letter to a reader, as the letter has it.
    fn header(&self, reader: &str, name: &str) -> String {
        let letter = self.letters.iter().find(|letter| letter.to == reader).unwrap();
        let mail = mailparse::parse_mail(&letter.raw).unwrap();
        mailparse::MailHeaderMap::get_first_value(&mail.headers[..], name).unwrap()
    }

    /// A mail comes in by a mailbox, and is looked at.
    async fn comes_in(&self, mail: impl AsRef<[u8]>) -> Kept {
        let content = Content::Mail(mail.as_ref().to_vec());
        let incoming = Incoming { intake: Intake::Imap, came_to: None, content };
        let kept = Inbox::new(&self.test.engine).keep(incoming).await.unwrap();
        while track::tick(&self.test.engine).await.unwrap() > 0 {}
        kept
    }

    async fn readers(&self) -> Vec<String> {
        lines(&self.test.engine, READERS).await
    }

    async fn reports(&self) -> Vec<String> {
        lines(&self.test.engine, REPORTS).await
    }
}

async fn subscriber(engine: &Engine, reader: &str) -> SubscriberId {
    let mut tx = engine.db.read().await.unwrap();
    subscribers::find(&mut tx, &EmailAddress::parse(reader).unwrap()).await.unwrap().unwrap().id
}

/// Sends an edition to readers.
async fn send(test: &TestEngine, readers: &[&str]) -> Edition {
    test.tick_at("2026-11-24T00:00:00Z").await;
    test.add_subscribers("readers", readers).await;
    test.import_articles(&stories(4, test.engine.clock.now())).await;
    test.tick_at("2026-11-24T01:00:00Z").await;
    test.tick_at("2026-11-24T03:00:00Z").await;
    send_due(test).await;
    newest(test).await
}

/// A report of a mail server (RFC 3464) about one reader.
fn report(return_path: &str, reader: &str, action: &str, status: &str, said: &str) -> String {
    format!(
        "From: Mail Delivery System <MAILER-DAEMON@mx.example.net>\r\nTo: {return_path}\r\n\
         Subject: Undelivered Mail Returned to Sender\r\nDate: Tue, 24 Nov 2026 03:00:09 +0000\r\n\
         Message-ID: <{reader}.{status}@mx.example.net>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b0\"\r\n\r\n\
         --b0\r\nContent-Type: text/plain\r\n\r\nThis is the mail system at host mx.example.net.\r\n\r\n\
         --b0\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n\
         Final-Recipient: rfc822; {reader}\r\nAction: {action}\r\nStatus: {status}\r\n\
         Diagnostic-Code: smtp; {said}\r\n\r\n\
         --b0\r\nContent-Type: text/rfc822-headers\r\n\r\nReturn-Path: <{return_path}>\r\nTo: {reader}\r\n\
         Subject: Today in Example\r\n\r\n--b0--\r\n"
    )
}
