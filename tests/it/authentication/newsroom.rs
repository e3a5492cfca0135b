//! A newsroom that signs, and sends at the hour that the clock on the wall shows: spam filters
//! compare a letter's Date with that of its arrival.

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use chrono::{DurationRound as _, TimeDelta, Timelike as _};
use newsletterd::clock::Clock;
use newsletterd::domain::edition::EditionState;
use newsletterd::mail::dkim::{Algorithm, generate};
use newsletterd::pipeline::advance;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::others::Imap;
use crate::support::engine::{TestEngine, daily_config, stories};
use crate::support::file;
use crate::support::postfix::MailServer;

/// Two selectors with the PEM text of their keys and their records, made once for all tests: making
/// an RSA key takes seconds.
pub static KEYS: LazyLock<[(&str, String, String); 2]> = LazyLock::new(|| {
    [("r1", Algorithm::Rsa), ("e1", Algorithm::Ed25519)].map(|(selector, algorithm)| {
        let new = generate(algorithm).unwrap();
        (selector, new.pem.reveal().to_owned(), new.record("example.org", selector).text)
    })
});

/// `[[dkim]]` sections for both keys, which are written to `folder`.
pub fn sections(folder: &Path) -> String {
    let section = |(selector, pem, _): &(&str, String, String)| {
        let path = file(folder, &format!("{selector}.pem"), pem);
        let path = path.display();
        format!("[[dkim]]\ndomain = \"example.org\"\nselector = \"{selector}\"\nkey_file = \"{path}\"\n")
    };
    KEYS.iter().map(section).collect()
}

/// The DNS as receivers see it: both keys' records.
pub fn zone() -> Map<String, Value> {
    KEYS.iter()
        .map(|(selector, _, record)| (format!("{selector}._domainkey.example.org"), json!(record)))
        .collect()
}

/// The usual configuration with both keys, whose edition is due in the minute that has just begun.
/// Gives the cron expression, too.
pub fn signing_config(server: &MailServer, keys: &Path) -> String {
    let slot = Clock::System.now();
    let schedule = format!("{} {} * * *", slot.minute(), slot.hour());
    let config = daily_config(server.smtp.parse().unwrap())
        .replace("0 7 * * *", &schedule)
        .replace("Asia/Tbilisi", "UTC")
        .replace("from = ", "reply_to = \"newsroom@example.org\"\nfrom = ");
    format!("{}\n{config}", sections(keys))
}

/// Moves the clock to an hour ago and does what that hour asks for, calls `stock`, and sends what is
/// due now.
pub async fn send(test: &TestEngine, stock: impl AsyncFnOnce(&TestEngine)) {
    let now = Clock::System.now();
    test.engine.clock.set(now.duration_trunc(TimeDelta::minutes(1)).unwrap() - TimeDelta::hours(1));
    advance::tick(&test.engine).await.unwrap();
    stock(test).await;
    advance::tick(&test.engine).await.unwrap();
    test.engine.clock.set(now);
    // Compiled anew with what came, then locked and enqueued.
    for _ in 0..3 {
        advance::tick(&test.engine).await.unwrap();
    }
    for edition in test.editions().await {
        test.deliver(edition.id).await;
    }
    for edition in test.editions().await {
        assert_eq!(edition.state, EditionState::Sent, "{:?}", edition.reason);
    }
}

/// A letter that came through Postfix and lies in the reader's mailbox.
pub struct Received {
    /// Where files for the programs of others go.
    pub folder: TempDir,
    /// As Dovecot hands it out: with CR LF.
    pub fetched: Vec<u8>,
    /// As it lies in the Maildir: with LF.
    pub on_disk: Vec<u8>,
}

impl Received {
    /// Sends one letter with several stories and fetches it.
    pub async fn letter(server: &MailServer) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let test = TestEngine::sqlite(&signing_config(server, folder.path())).await;
        let to = format!("ana.beridze@{}", server.domain);
        send(&test, async |test| {
            test.import_articles(&stories(6, test.engine.clock.now())).await;
            test.add_subscribers("readers", &[&to]).await;
        })
        .await;
        let on_disk = server.inbox().wait_for(1, LIMIT).remove(0);
        let fetched = Imap::readers(server).fetch(&to);
        Self { folder, fetched, on_disk }
    }
}

/// How long anything may take before a test gives up.
pub const LIMIT: Duration = Duration::from_secs(60);
