//! Whole editions on the test engine: what readers get when everything works together, and what
//! happens when it does not. Each step is called by the test, at the time the test says.

mod alerts;
mod articles;
mod canary;
mod crashes;
mod curation;
mod failover;
mod finish;
mod late;
mod letter_check;
mod links;
mod pictures;
mod policies;
mod readers;
mod reads;
mod refused_mails;
mod rows;
mod sources;
mod track;

use std::path::Path;
use std::sync::Arc;

use newsletterd::domain::edition::EditionState;
use newsletterd::mail::receiver::Capture;
use newsletterd::pipeline::import::{self, ArticleCounts, Mode};
use newsletterd::pipeline::{Engine, advance, deliver};
use newsletterd::sources::articles::{ArticlesFile, Format, ReadOptions, read};
use newsletterd::store::Db;
use newsletterd::store::editions::{self, Edition};
use newsletterd::store::journal::Journal;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::support::engine::{TestEngine, capturing_relay, daily_config, relays};

/// A configuration whose newsletter has `keys` besides and `blocks` in place of its own.
pub fn config_with(base: &str, keys: &str, blocks: &str) -> String {
    let (head, usual) = base.split_once("[[newsletters.blocks]]").unwrap();
    let usual = format!("[[newsletters.blocks]]{usual}");
    format!("{head}{keys}\n{}", if blocks.is_empty() { &usual } else { blocks })
}

/// A mailbox, and test engines on each database that there is, which send there.
pub struct Newsroom {
    pub mailbox: TempDir,
    pub engines: Vec<TestEngine>,
}

impl Newsroom {
    /// With `keys` and `blocks` as of [`config_with`]; `top` stands before everything else.
    pub async fn open(top: &str, keys: &str, blocks: &str) -> Self {
        Self::with(|base| format!("{top}\n{}", config_with(&base, keys, blocks))).await
    }

    /// With what `config` makes of the usual configuration.
    pub async fn with(config: impl FnOnce(String) -> String) -> Self {
        let mailbox = tempfile::tempdir().unwrap();
        let config = config(daily_config(capturing_relay(mailbox.path()).await));
        let mut engines = vec![TestEngine::sqlite(&config).await];
        engines.extend(TestEngine::postgres(&config).await);
        Self { mailbox, engines }
    }

    /// Takes the letters that came since the last call.
    pub fn letters(&self) -> Vec<Letter> {
        letters(self.mailbox.path())
    }
}

/// A letter as it arrived.
pub struct Letter {
    pub to: String,
    pub subject: String,
    pub types: Vec<String>,
    pub text: String,
    pub html: String,
    pub raw: Vec<u8>,
}

/// Takes all letters out of a mailbox.
pub fn letters(folder: &Path) -> Vec<Letter> {
    let captured = Capture::open(folder).unwrap().list().unwrap();
    captured
        .iter()
        .map(|captured| {
            let raw = std::fs::read(&captured.file).unwrap();
            std::fs::remove_file(&captured.file).unwrap();
            let mail = mailparse::parse_mail(&raw).unwrap();
            let header = |name| mailparse::MailHeaderMap::get_first_value(&mail.headers[..], name).unwrap();
            let body =
                |n: usize| mail.subparts.get(n).map_or_else(String::new, |part| part.get_body().unwrap());
            Letter {
                to: captured.envelope.rcpt_to.join(","),
                subject: header("Subject"),
                types: std::iter::once(&mail)
                    .chain(&mail.subparts)
                    .map(|part| part.ctype.mimetype.clone())
                    .collect(),
                text: body(0).replace("\r\n", "\n"),
                html: body(1),
                raw: raw.clone(),
            }
        })
        .collect()
}

/// Reads a file of articles as of now.
pub fn read_articles(test: &TestEngine, name: &str, bytes: &[u8]) -> ArticlesFile {
    let format = Format::guess(bytes, Some(name), None).unwrap();
    let options = ReadOptions {
        base_url: Some("https://example.org/feeds/all.atom".parse().unwrap()),
        zone: chrono_tz::UTC,
        now: test.engine.clock.now(),
        language: None,
    };
    read(bytes, format, &options).unwrap()
}

/// Imports a file of articles as of now.
pub async fn import_file(test: &TestEngine, name: &str, text: &str) -> ArticleCounts {
    let file = read_articles(test, name, text.as_bytes());
    import::articles(&test.engine, "site", &file.articles, Mode::Real).await.unwrap()
}

/// An RSS feed of these items.
pub fn rss(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>News</title>\
         <link>https://example.org/</link><description>News</description>{items}</channel></rss>"
    )
}

/// The same program started anew: nothing is shared with the old one but the database.
pub async fn restarted(engine: &Engine) -> Engine {
    let db = Db::open(&engine.config.database.url.driver_url()).await.unwrap();
    let relays = relays(&engine.config);
    let incarnation = format!("{}+", engine.incarnation);
    Engine {
        db,
        relays,
        journal: Arc::new(Journal::new(engine.journal.base().parent().unwrap(), &incarnation)),
        incarnation: Arc::from(incarnation),
        wake: Arc::default(),
        forecasts: Arc::default(),
        windows: Arc::default(),
        ..engine.clone()
    }
}

/// One look at the clock, and everything sent that may be.
pub async fn tick(engine: &Engine) {
    advance::tick(engine).await.unwrap();
    let mut tx = engine.db.read().await.unwrap();
    let unfinished = editions::unfinished(&mut tx).await.unwrap();
    drop(tx);
    for edition in unfinished.iter().filter(|edition| edition.state == EditionState::Sending) {
        deliver::run(engine, edition.id, &CancellationToken::new()).await.unwrap();
        deliver::settle(engine, edition.id).await.unwrap();
    }
}

/// The newest edition.
pub async fn newest(test: &TestEngine) -> Edition {
    test.editions().await.remove(0)
}

/// Sends the edition that is due, if there is one, and gives the newest.
pub async fn send_due(test: &TestEngine) -> Edition {
    let edition = newest(test).await;
    if edition.state == EditionState::Sending {
        test.deliver(edition.id).await;
    }
    newest(test).await
}
