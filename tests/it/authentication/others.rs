//! The programs of others: an IMAP conversation, and what verifies signatures.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value};

use super::newsroom::LIMIT;
use crate::support::postfix::MailServer;
use crate::support::provided;
use crate::support::{file, root};

/// A mailbox over IMAP.
pub struct Imap {
    stream: BufReader<TcpStream>,
}

impl Imap {
    /// Signs in as the user `readers`.
    pub fn readers(server: &MailServer) -> Self {
        let stream = TcpStream::connect(&server.imap).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let mut imap = Self { stream: BufReader::new(stream) };
        imap.say("a LOGIN readers testpw", "a OK");
        imap.say("b SELECT INBOX", "b OK");
        imap
    }

    /// Says a command and reads up to the line that begins with `end`.
    fn say(&mut self, command: &str, end: &str) -> String {
        self.stream.get_mut().write_all(format!("{command}\r\n").as_bytes()).unwrap();
        loop {
            let line = self.line();
            if line.starts_with(end) {
                return line;
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(self.stream.read_line(&mut line).unwrap(), 0, "the IMAP server broke off");
        line
    }

    /// The one mail that was delivered to `to`, byte for byte.
    pub fn fetch(&mut self, to: &str) -> Vec<u8> {
        let found = self.say(&format!("c SEARCH HEADER Delivered-To {to}"), "* SEARCH");
        let numbers: Vec<_> = found.split_whitespace().skip(2).collect();
        assert_eq!(numbers.len(), 1, "{to}: {found}");
        let head = self.say(&format!("d FETCH {} BODY.PEEK[]", numbers[0]), "* ");
        let head = if head.contains("FETCH") { head } else { self.line() };
        let size = head.rsplit_once('{').and_then(|(_, size)| size.split('}').next()).unwrap();
        let mut mail = vec![0; size.parse().unwrap()];
        self.stream.read_exact(&mut mail).unwrap();
        mail
    }
}

/// Writes messages and a zone where a program can read them.
fn files(folder: &Path, zone: &Map<String, Value>, mails: &[Vec<u8>]) -> (PathBuf, Vec<PathBuf>) {
    let zone = file(folder, "zone.json", serde_json::to_string(zone).unwrap());
    let mails = mails.iter().enumerate().map(|(n, mail)| file(folder, &format!("{n}.eml"), mail));
    (zone, mails.collect())
}

fn objects(mut command: Command) -> Vec<Value> {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// dkimpy's verdict on each message.
pub struct Dkimpy {
    python: String,
}

impl Dkimpy {
    /// `None`, and the test is declared skipped, where there is none.
    pub fn find() -> Option<Self> {
        Some(Self { python: provided("NEWSLETTERD_TEST_PYTHON", "Python with dkimpy")? })
    }

    /// See `tests/tools/dkim_verify.py`.
    pub fn judge(&self, folder: &Path, zone: &Map<String, Value>, mails: &[Vec<u8>]) -> Vec<Value> {
        let (zone, mails) = files(folder, zone, mails);
        let mut command = Command::new(&self.python);
        command.arg(root().join("tests/tools/dkim_verify.py")).arg(zone).args(mails);
        objects(command)
    }
}

/// mailauth's verdict on each message.
pub struct Mailauth {
    folder: PathBuf,
}

impl Mailauth {
    /// `None`, and the test is declared skipped, where there is none.
    pub fn find() -> Option<Self> {
        Some(Self { folder: provided("NEWSLETTERD_TEST_TOOLS", "checkers from npm")?.into() })
    }

    /// See `tests/tools/mailauth.mjs`.
    pub fn judge(
        &self,
        folder: &Path,
        zone: &Map<String, Value>,
        (ip, sender): (&str, &str),
        mails: &[Vec<u8>],
    ) -> Vec<Value> {
        let (zone, mails) = files(folder, zone, mails);
        let mut command = Command::new("node");
        command.arg(self.folder.join("mailauth.mjs")).arg(zone).args([ip, sender]).args(mails);
        objects(command)
    }
}
