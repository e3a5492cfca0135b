//! The built program as a process: what it prints, how it ends, what it changes, and that no input
//! makes it panic.

mod backup;
mod bad_input;
mod bounce;
mod check;
mod import;
mod letter;
mod links;
mod serve;
mod subscriber;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::daemon::newsletterd;
use crate::support::engine::{NO_RELAY, daily_config};

/// No command takes longer than this, whatever it is given.
const LIMIT: Duration = Duration::from_secs(60);

/// A folder with a configuration and a SQLite database, in which the program is run.
pub struct Place {
    folder: TempDir,
}

/// What a command came to.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Place {
    pub fn new() -> Self {
        Self::with(&daily_config(NO_RELAY))
    }

    pub fn sending_to(relay: SocketAddr) -> Self {
        Self::with(&daily_config(relay))
    }

    pub fn with(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config.replacen("public_url", "listen = \"127.0.0.1:0\"\npublic_url", 1);
        std::fs::write(folder.path().join("newsletter.toml"), config).unwrap();
        Self { folder }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        crate::support::file(self.path(), name, bytes)
    }

    /// Runs the program; it must end by itself in good time, without a panic.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[], b"")
    }

    pub fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)], input: &[u8]) -> Ran {
        let mut command = newsletterd();
        command.envs(environment.iter().copied());
        self.end(command, arguments, input)
    }

    /// Runs the program as the user nobody, which only root can.
    pub fn run_as_nobody(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=nobody", "--clear-groups", "--", env!("CARGO_BIN_EXE_newsletterd")]);
        self.end(command, arguments, input)
    }

    fn end(&self, mut command: Command, arguments: &[&str], input: &[u8]) -> Ran {
        let started = Instant::now();
        let mut child = command
            .args(arguments)
            .current_dir(self.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_owned());
        // A program that reads no further closes its end: no failure of the test.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let ran = Ran { code: status.code(), stdout: text(stdout), stderr: text(stderr) };
        let shown = arguments.join(" ");
        assert!(!ran.stderr.contains("panicked"), "{shown}: {}", ran.stderr);
        assert!(matches!(ran.code, Some(0..=2 | 75)), "{shown}: {:?} {}", ran.code, ran.stderr);
        assert!(started.elapsed() < LIMIT, "{shown}: {:?}", started.elapsed());
        ran
    }

    /// Runs the program, which must succeed.
    pub fn ok(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{}: {}", arguments.join(" "), ran.stderr);
        ran
    }

    /// How many rows each table has.
    pub async fn rows(&self) -> Vec<(String, i64)> {
        const TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' \
            AND name NOT LIKE 'sqlite%' ORDER BY name";
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.path().join("newsletterd.db"));
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        let mut rows = Vec::new();
        for table in sqlx::query_scalar::<_, String>(TABLES).fetch_all(&pool).await.unwrap() {
            let count = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{table}\""));
            rows.push((table, sqlx::query_scalar(count).fetch_one(&pool).await.unwrap()));
        }
        pool.close().await;
        rows
    }
}

/// An RSS feed of so many stories of today.
pub fn feed(count: u32) -> String {
    let items = (1..=count).map(|n| {
        format!(
            "<item><title>Story number {n}</title><link>https://example.org/news/story-{n}</link>\
             <description>What happened.</description><pubDate>{}</pubDate></item>",
            (newsletterd::clock::Clock::System.now() - chrono::TimeDelta::minutes(n.into())).to_rfc2822()
        )
    });
    crate::pipeline::rss(&items.collect::<String>())
}
