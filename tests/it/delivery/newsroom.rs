//! A small newsroom in a temporary folder: its configuration, its database, its feed, its readers.
//! The built program works for it, as a command or as a daemon.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use newsletterd::clock::Clock;
use newsletterd::domain::address::EmailAddress;
use newsletterd::domain::bounce::SuppressionReason;
use newsletterd::pipeline::Engine;
use newsletterd::store::suppressions::{self, NewSuppression};
use newsletterd::store::{deliveries, subscribers};
use newsletterd::{config, daemon};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::daemon::{Daemon, newsletterd};
use crate::support::postgres::{Database, fresh_database};
use crate::support::{file, wait};

/// How long anything may take before a test gives up.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Titles as feeds have them, in the order of their publication, newest first: accents, ampersands,
/// three scripts, quotes, a long one, one that looks like markup.
pub const TITLES: [&str; 12] = [
    "Café owners & bakers agree on prices",
    "პარლამენტმა ახალი კანონი მიიღო",
    "\"We stay\", says the mayor — and means it",
    "Fish & chips: 5 < 6, but who counts?",
    "Übermorgen wird es in Gdańsk kälter",
    "Երևանում բացվեց նոր գրադարան",
    "Ağ dağın ətəyində qış başladı",
    "Выборы: что известно к утру",
    "A very long headline that goes on and on about one and the same thing until nobody can remember how it began",
    "Naïve résumé of a façade",
    "100 % of trains ran on time = a first",
    "The river’s new bridge opens today",
];

/// Who is told of alerts.
pub const OPS: &str = "ops@news.test";

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    Sqlite,
    Postgres,
}

/// What differs between the newsrooms of these tests.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where letters go.
    pub relay: String,
    /// Connections to it at most.
    pub connections: u8,
    /// The crontab expression; the usual one has no slot while a test runs.
    pub schedule: &'static str,
    /// Further keys of the newsletter.
    pub newsletter: &'static str,
    /// Further keys of `[delivery]`.
    pub delivery: &'static str,
    /// Further keys of the relay.
    pub relay_keys: &'static str,
    /// Further keys of `[bounces]`.
    pub bounces: String,
    /// Further sections.
    pub sections: String,
    /// Where the SQLite file lies, if not in the newsroom's folder.
    pub database_folder: Option<PathBuf>,
}

impl Settings {
    pub fn relay(relay: impl std::fmt::Display) -> Self {
        Self {
            relay: relay.to_string(),
            connections: 4,
            schedule: "0 7 1 1 *",
            newsletter: "",
            delivery: "",
            relay_keys: "",
            bounces: String::new(),
            sections: String::new(),
            database_folder: None,
        }
    }
}

/// The newsroom.
pub struct Newsroom {
    folder: TempDir,
    stories: std::cell::Cell<usize>,
    _database: Option<Database>,
}

impl Newsroom {
    /// Sets one up; `None`, and the test is declared skipped, where there is no PostgreSQL.
    pub async fn open(on: On, settings: &Settings) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let database = match on {
            On::Sqlite => None,
            On::Postgres => Some(fresh_database().await?),
        };
        let sqlite = settings.database_folder.as_deref().unwrap_or(folder.path()).join("news.db");
        let in_folder = || format!("sqlite:{}", sqlite.display());
        let url = database.as_ref().map_or_else(in_folder, Database::url);
        Some(Self::at(&url, folder, database, settings))
    }

    /// The same, with its database elsewhere.
    pub fn on_url(url: &str, settings: &Settings) -> Self {
        Self::at(url, tempfile::tempdir().unwrap(), None, settings)
    }

    fn at(url: &str, folder: TempDir, database: Option<Database>, settings: &Settings) -> Self {
        let key_file = folder.path().join("newsletterd.key");
        file(folder.path(), "newsletter.toml", configuration(url, &key_file, settings));
        Self { folder, stories: std::cell::Cell::new(0), _database: database }
    }

    /// Where it all lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program with arguments, ready to be run beside whatever else runs.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = newsletterd();
        command.current_dir(self.folder.path()).args(["-c", "newsletter.toml"]).args(arguments);
        command
    }

    /// Runs a command whatever becomes of it.
    pub fn try_run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command, which has to succeed, and gives what it printed.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.try_run(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {}\n{stderr}", output.status);
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that prints one JSON object.
    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run(arguments)).unwrap()
    }

    /// Starts the daemon without its web pages, and waits until it is ready.
    pub fn serve(&self) -> Daemon {
        self.serve_with(|_| ())
    }

    /// The same, with its environment prepared by `prepare`.
    pub fn serve_with(&self, prepare: impl FnOnce(&mut Command)) -> Daemon {
        let mut command = self.command(&["serve", "--role", "scheduler", "--role", "worker"]);
        prepare(&mut command);
        let mut daemon = Daemon::start(command, self.folder.path());
        daemon.wait_notice("READY=1", LIMIT);
        daemon
    }

    /// Starts a second daemon, with a folder of its own for its log and socket.
    pub fn serve_in(&self, folder: &TempDir) -> Daemon {
        let mut command = newsletterd();
        command.arg("-c").arg(self.folder.path().join("newsletter.toml"));
        command.args(["serve", "--role", "scheduler", "--role", "worker"]);
        let mut daemon = Daemon::start(command, folder.path());
        daemon.wait_notice("READY=1", LIMIT);
        daemon
    }

    /// Imports a feed of stories that nobody has seen yet, an hour apart, the newest an hour old.
    pub fn import_stories(&self) {
        let batch = self.stories.replace(self.stories.get() + 1);
        let path = file(self.folder.path(), "feed.xml", feed(batch, Clock::System.now()));
        let path = path.to_str().unwrap();
        self.run(&["import", "articles", path, "--source", "site", "--language", "en"]);
    }

    /// Puts addresses on the list.
    pub fn import_readers(&self, addresses: &[String]) {
        let path = file(self.folder.path(), "readers.csv", format!("email\n{}\n", addresses.join("\n")));
        self.run(&["import", "subscribers", path.to_str().unwrap(), "--list", "readers"]);
    }

    /// Suppresses many addresses at once.
    pub async fn suppress(&self, addresses: &[String]) {
        let engine = self.engine().await;
        let mut tx = engine.db.begin().await.unwrap();
        for address in addresses {
            let parsed = EmailAddress::parse(address).unwrap();
            let suppression = NewSuppression {
                address_hash: &engine.keys.address_hash(&parsed),
                address: Some(address),
                reason: SuppressionReason::Manual,
                edition: None,
                note: None,
            };
            suppressions::add(&mut tx, &suppression, engine.clock.now()).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// When the last delivery of each of these readers ended, sorted.
    pub async fn ended(&self, readers: &[String]) -> Vec<DateTime<Utc>> {
        let engine = self.engine().await;
        let mut tx = engine.db.read().await.unwrap();
        let mut ended = Vec::new();
        for reader in readers {
            let address = EmailAddress::parse(reader).unwrap();
            let id = subscribers::find(&mut tx, &address).await.unwrap().unwrap().id;
            ended.extend(deliveries::of_subscriber(&mut tx, id, 1).await.unwrap().remove(0).ended_at);
        }
        ended.sort();
        ended
    }

    /// Makes an edition of fresh stories and lets it go; whoever serves sends it.
    pub fn start_edition(&self) -> i64 {
        self.import_stories();
        self.run(&["edition", "send", "--newsletter", "daily", "--now"]);
        self.editions()[0]["edition"].as_i64().unwrap()
    }

    /// All editions, newest first.
    pub fn editions(&self) -> Vec<Value> {
        let lines = self.run(&["edition", "list", "--json"]);
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// An edition's report, whose numbers must add up whenever it is asked for.
    pub fn report(&self, edition: i64) -> Value {
        let report = self.json(&["edition", "report", &edition.to_string(), "--json"]);
        let states = report["accounting"].as_object().unwrap().values();
        let sum: i64 = states.map(|count| count.as_i64().unwrap()).sum();
        assert_eq!(report["audience"].as_i64(), Some(sum), "promise 6: {report}");
        report
    }

    /// Waits until an edition stands where it should, and gives its report.
    pub fn wait_state(&self, edition: i64, state: &str) -> Value {
        wait::until(&format!("edition {edition} to be {state}"), LIMIT, || {
            Some(self.report(edition)).filter(|report| report["state"] == state)
        })
    }

    /// The program's own view of this newsroom, for what no command tells or does.
    pub async fn engine(&self) -> Engine {
        let file = self.folder.path().join("newsletter.toml");
        let config =
            config::load(Some(&file), std::iter::empty()).unwrap_or_else(|errors| panic!("{errors}"));
        daemon::engine(Arc::new(config), Clock::System).await.unwrap()
    }
}

/// How many deliveries of a report stand in a state.
pub fn count(report: &Value, state: &str) -> usize {
    usize::try_from(report["accounting"][state].as_i64().unwrap_or(0)).unwrap()
}

/// `n` addresses of a domain.
pub fn addresses(n: usize, domain: &str) -> Vec<String> {
    (1..=n).map(|number| format!("reader{number:03}@{domain}")).collect()
}

/// A loopback address that nobody listens at.
pub fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn configuration(url: &str, key_file: &Path, settings: &Settings) -> String {
    let key_file = key_file.display();
    let Settings {
        relay, connections, schedule, newsletter, delivery, relay_keys, bounces, sections, ..
    } = settings;
    format!(
        r#"
[site]
name = "The Example Post"
url = "https://example.org"
postal_address = "1 Example Street, Tbilisi"

[database]
url = "{url}"

[web]
public_url = "https://letters.example.org"

[[relays]]
name = "main"
url = "smtp://{relay}"
connections = {connections}
{relay_keys}
{sections}

[bounces]
return_path = "bounces.news.test"
{bounces}

[alerts]
mail = ["{OPS}"]

[secrets]
key_file = "{key_file}"

[delivery]
retry_first = "1s"
{delivery}

[[lists]]
name = "readers"
title = "Readers & friends"

[[newsletters]]
name = "daily"
list = "readers"
title = "Today in Example"
language = "en"
schedule = "{schedule}"
time_zone = "UTC"
from = "The Example Post <news@news.test>"
{newsletter}

[[newsletters.blocks]]
kind = "latest"
max = 12
"#
    )
}

/// An RSS feed of [`TITLES`], its markup escaped once as XML asks for; `batch` tells it from others.
fn feed(batch: usize, now: DateTime<Utc>) -> String {
    let mut items = String::new();
    for (number, title) in TITLES.iter().enumerate() {
        let title = escaped(title);
        let link = story_link(batch, number);
        let at = (now - TimeDelta::hours(i64::try_from(number).unwrap() + 1)).to_rfc2822();
        writeln!(
            items,
            "<item><title>{title}</title><link>{link}</link><guid>{link}</guid>\
             <description>What is behind “{title}”, told in a sentence &amp; a half.</description>\
             <pubDate>{at}</pubDate></item>"
        )
        .unwrap();
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>Example</title>\
         <link>https://example.org/</link><description>News</description>\n{items}</channel></rss>\n"
    )
}

fn story_link(batch: usize, number: usize) -> String {
    format!("https://example.org/news/{batch}/story-{number}")
}

fn escaped(text: &str) -> String {
    // Twice: a title is HTML inside XML, as newsrooms write it.
    let html = text.replace('&', "&amp;").replace('<', "&lt;");
    html.replace('&', "&amp;")
}
