//! A throw-away newsroom: its configuration, its stories, its readers, and copies of its database, so
//! that each run finds the same.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::TimeDelta;
use newsletterd::clock::Clock;

use super::Result;
use super::database::Database;

/// With these, and [`SUMMARY`], a letter has about 40 KB as it is sent; more than a newsroom's usual ten.
const STORIES: usize = 12;

/// A sentence or two more than newsrooms write; as long as the program keeps it.
const SUMMARY: &str = "The city hall advises people to walk while the works go on, for longer than a week, \
    says the mayor, and for twice the money that was planned when the council voted on them in the spring; \
    the ferries are full, and who takes the road over the hills stands in line from six in the morning. \
    “We knew that it would be hard,” said one of those who wait, “but nobody told us for how long.” ";

/// How letters are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// By the relay, if at all.
    Not,
    /// With Ed25519 alone.
    Ed25519,
    /// With RSA-2048 and with Ed25519.
    Both,
}

impl Signed {
    /// As the table and the command line name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Not => "unsigned",
            Self::Ed25519 => "ed25519",
            Self::Both => "rsa+ed25519",
        }
    }
}

/// The newsroom.
pub struct Newsroom {
    folder: PathBuf,
    database: Database,
}

impl Newsroom {
    /// Sets one up in `folder` on `database`, with stories and no readers yet.
    pub fn new(folder: &Path, mut database: Database) -> Result<Self> {
        fs::create_dir_all(folder)?;
        database.create()?;
        let newsroom = Self { folder: folder.to_owned(), database };
        newsroom.configure(SocketAddr::from(([127, 0, 0, 1], 9)), 4, Signed::Not)?;
        let stories = newsroom.folder.join("feed.xml");
        fs::write(&stories, feed())?;
        let dkim = ["dkim", "new", "--domain", "news.test", "--selector", "bench", "--dir"];
        newsroom.run(&[&dkim[..], &[path(&newsroom.folder)?]].concat())?;
        newsroom.run(&["import", "articles", path(&stories)?, "--source", "site", "--language", "en"])?;
        Ok(newsroom)
    }

    /// Readers by the program's own import.
    pub fn import_readers(&self, n: u32) -> Result<()> {
        let mut lines = String::from("email\n");
        for number in 1..=n {
            writeln!(lines, "reader{number:07}@reader{}.test", number % 97)?;
        }
        let file = self.folder.join("readers.csv");
        fs::write(&file, lines)?;
        self.run(&["import", "subscribers", path(&file)?, "--list", "readers"])
    }

    /// The database, to look into it and to fill it.
    pub fn database(&mut self) -> &mut Database {
        &mut self.database
    }

    /// Writes the configuration for one run.
    pub fn configure(&self, relay: SocketAddr, connections: usize, signed: Signed) -> Result<()> {
        let keys: &[&str] = match signed {
            Signed::Not => &[],
            Signed::Ed25519 => &["ed25519"],
            Signed::Both => &["rsa", "ed25519"],
        };
        let mut dkim = String::new();
        for key in keys {
            write!(
                dkim,
                "[[dkim]]\ndomain = \"news.test\"\nselector = \"bench-{key}\"\n\
                 key_file = \"dkim-news.test-bench-{key}.pem\"\n"
            )?;
        }
        let toml = format!(
            r#"
[site]
name = "The Example Post"
url = "https://example.org"
postal_address = "The Example Post, 1 Example Street, Tbilisi 0105, Georgia"
[database]
url = "{}"
[web]
public_url = "https://letters.example.org"
[secrets]
key_file = "newsletterd.key"
[[relays]]
name = "main"
url = "smtp://{relay}"
connections = {connections}
[bounces]
return_path = "bounces.news.test"
{dkim}
[[lists]]
name = "readers"
[[newsletters]]
name = "daily"
list = "readers"
title = "Today in Example"
language = "en"
schedule = "0 7 1 1 *"
from = "The Example Post <news@news.test>"
[[newsletters.blocks]]
kind = "latest"
max = {STORIES}
"#,
            self.database.url(),
        );
        Ok(fs::write(self.folder.join("newsletter.toml"), toml)?)
    }

    /// The program with arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_newsletterd"));
        command.current_dir(&self.folder).args(["-c", "newsletter.toml"]).args(arguments);
        command.stdin(Stdio::null());
        command
    }

    /// A run of an edition, as an operator begins it.
    pub fn send(&self) -> Command {
        self.command(&["edition", "send", "--newsletter", "daily", "--now", "--wait", "--json"])
    }

    fn run(&self, arguments: &[&str]) -> Result<()> {
        let output = self.command(arguments).output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!("{arguments:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)).into())
    }
}

/// A path as an argument.
fn path(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| "a path that is no text".into())
}

/// An RSS feed of long stories, half an hour apart.
fn feed() -> String {
    let now = Clock::System.now();
    let mut items = String::new();
    let mut minutes = 0;
    for number in 1..=STORIES {
        minutes += 30;
        let at = (now - TimeDelta::minutes(minutes)).to_rfc2822();
        let link = format!("https://example.org/news/2026/11/25/what-becomes-of-the-bridge-part-{number}");
        let title = format!("The bridge closes on Tuesday and the ferries are full, part {number}");
        items += &format!(
            "<item><title>{title}</title><link>{link}</link><guid>{link}</guid><pubDate>{at}</pubDate>\
             <author>Ana Beridze</author><category>News</category>\
             <description>{number}. {SUMMARY}{SUMMARY}</description></item>\n"
        );
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>Example</title>\
         <link>https://example.org/</link><description>News</description>\n{items}</channel></rss>\n"
    )
}
