//! A POP3 session: commands, and what the server says of them (RFC 1939, RFC 2449, RFC 2595, RFC 5034).

use std::collections::HashMap;
use std::str::FromStr;

use data_encoding::BASE64;
use tokio::time::timeout;

use super::super::line::{Line, slow};
use super::super::settings::Settings;
use super::super::trouble::{Trouble, said};
use crate::config::{Secret, Security};

/// The longest line of an answer; RFC 2449 section 4 says 512.
const LINE_MOST: usize = 4 * 1024;
/// The most lines of a list that are looked at.
const LIST_MOST: usize = 100_000;

/// A mail as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// Its number in this session.
    pub(super) number: u32,
    pub(super) size: usize,
    /// What it is called in every session.
    pub(super) name: String,
}

/// A session.
pub(super) struct Session<'a> {
    settings: &'a Settings,
    line: Line,
    offered: Vec<String>,
}

impl<'a> Session<'a> {
    /// Connects and signs in.
    pub(super) async fn open(settings: &'a Settings, password: &Secret) -> Result<Self, Trouble> {
        let line = Line::open(settings).await?;
        let mut session = Self { settings, line, offered: Vec::new() };
        let limit = settings.limits.command;
        let greeting = timeout(limit, session.answer()).await.map_err(|_| slow(limit))??;
        greeting.map_err(|said| Trouble::Refused { command: "the connection", said })?;
        if settings.mailbox.url.security == Security::StartTls {
            session.must("STLS", "STLS").await?;
            session.line = session.line.encrypt(settings).await?;
        }
        session.sign_in(password).await?;
        Ok(session)
    }

    pub(super) const fn settings(&self) -> &'a Settings {
        self.settings
    }

    async fn sign_in(&mut self, password: &Secret) -> Result<(), Trouble> {
        // A server that knows no CAPA offers nothing beyond RFC 1939.
        if self.command("CAPA").await?.is_ok() {
            self.offered = self.lines().await?;
        }
        let user = &self.settings.mailbox.url.user;
        let sasl = self.offered.iter().find(|line| line.to_ascii_uppercase().starts_with("SASL "));
        let plain = sasl.is_some_and(|line| line.split(' ').any(|word| word.eq_ignore_ascii_case("PLAIN")));
        let answer = if plain {
            let proof = BASE64.encode(format!("\0{user}\0{}", password.reveal()).as_bytes());
            // A line has room for so much (RFC 5034 section 4).
            if proof.len() <= 240 {
                self.command(&format!("AUTH PLAIN {proof}")).await?
            } else {
                match self.command("AUTH PLAIN").await? {
                    Ok(_) => self.command(&proof).await?,
                    refused => refused,
                }
            }
        } else {
            match self.command(&format!("USER {user}")).await? {
                Ok(_) => self.command(&format!("PASS {}", password.reveal())).await?,
                refused => refused,
            }
        };
        match answer {
            Ok(_) => Ok(()),
            // Another reader is there, or the server is busy (RFC 2449 section 8.1.1, RFC 3206).
            Err(said)
                if said.contains("[IN-USE]") || said.contains("[LOGIN-DELAY]") || said.contains("[SYS/") =>
            {
                Err(Trouble::Refused { command: "signing in at this moment", said })
            }
            Err(said) => Err(Trouble::SignIn(said)),
        }
    }

    /// How many mails there are.
    pub(super) async fn count(&mut self) -> Result<usize, Trouble> {
        let told = self.must("STAT", "STAT").await?;
        let count = told.split(' ').next().and_then(|count| count.parse().ok());
        count.ok_or_else(|| Trouble::Line("the server does not tell how many mails there are".to_owned()))
    }

    /// The mails that are there, at most so many as are borne.
    pub(super) async fn list(&mut self) -> Result<Vec<Listed>, Trouble> {
        self.must("LIST", "LIST").await?;
        let sizes = self.lines().await?;
        self.must("UIDL", "UIDL").await?;
        let names: HashMap<u32, String> = self.lines().await?.iter().filter_map(|line| pair(line)).collect();
        let listed = sizes.iter().filter_map(|line| {
            let (number, size) = pair::<usize>(line)?;
            Some(Listed { number, size, name: names.get(&number)?.clone() })
        });
        Ok(listed.collect())
    }

    /// Fetches a whole mail; `None` when the server does not give it.
    pub(super) async fn fetch(&mut self, number: u32) -> Result<Option<Vec<u8>>, Trouble> {
        if self.command(&format!("RETR {number}")).await?.is_err() {
            return Ok(None);
        }
        let limits = self.settings.limits;
        let mail = timeout(limits.message, self.mail(limits.most)).await;
        mail.map_err(|_| slow(limits.message))?.map(Some)
    }

    /// Marks a mail as deleted.
    pub(super) async fn delete(&mut self, number: u32) -> Result<(), Trouble> {
        self.must("DELE", &format!("DELE {number}")).await.map(|_| ())
    }

    /// Ends the session: what is marked is deleted.
    pub(super) async fn quit(mut self) -> Result<(), Trouble> {
        self.must("QUIT", "QUIT").await.map(|_| ())
    }

    async fn mail(&mut self, most: usize) -> Result<Vec<u8>, Trouble> {
        let mut mail = Vec::new();
        loop {
            let start = mail.len();
            // The last dot and one that is doubled are no part of the mail.
            self.line.line(&mut mail, (most + 3).saturating_sub(start)).await?;
            match &mail[start..] {
                b".\r\n" | b".\n" => {
                    mail.truncate(start);
                    return Ok(mail);
                }
                [b'.', ..] => {
                    mail.remove(start);
                }
                _ => {}
            }
            if mail.len() > most {
                return Err(Trouble::TooMuch(most));
            }
        }
    }

    /// Gives a command that has to be done, and gives what the server says of it.
    async fn must(&mut self, verb: &'static str, command: &str) -> Result<String, Trouble> {
        self.command(command).await?.map_err(|said| Trouble::Refused { command: verb, said })
    }

    /// Gives a command; what the server says, and whether it is content.
    async fn command(&mut self, command: &str) -> Result<Result<String, String>, Trouble> {
        let limit = self.settings.limits.command;
        let exchange = async {
            self.line.say(command).await?;
            self.answer().await
        };
        timeout(limit, exchange).await.map_err(|_| slow(limit))?
    }

    /// The first line of an answer.
    async fn answer(&mut self) -> Result<Result<String, String>, Trouble> {
        let mut heard = Vec::new();
        self.line.line(&mut heard, LINE_MOST).await?;
        let text = String::from_utf8_lossy(&heard);
        let said = |rest: &str| said(rest, &self.settings.mailbox.url.user);
        match (text.strip_prefix("+OK"), text.strip_prefix("-ERR"), text.strip_prefix("+ ")) {
            (Some(rest), _, _) | (_, _, Some(rest)) => Ok(Ok(said(rest))),
            (_, Some(rest), _) => Ok(Err(said(rest))),
            _ => Err(Trouble::Line(format!("the server says what is no POP3: {:?}", said(&text)))),
        }
    }

    /// The further lines of an answer, up to the dot that ends them.
    async fn lines(&mut self) -> Result<Vec<String>, Trouble> {
        let limit = self.settings.limits.command;
        let read = async {
            let mut lines = Vec::new();
            loop {
                let mut heard = Vec::new();
                self.line.line(&mut heard, LINE_MOST).await?;
                let text = String::from_utf8_lossy(&heard);
                let text = text.trim_end_matches(['\r', '\n']);
                if text == "." {
                    return Ok(lines);
                }
                if lines.len() < LIST_MOST {
                    lines.push(text.strip_prefix('.').unwrap_or(text).to_owned());
                }
            }
        };
        timeout(limit, read).await.map_err(|_| slow(limit))?
    }
}

/// A line of a list: the number of a mail, and what is told of it.
fn pair<T: FromStr>(line: &str) -> Option<(u32, T)> {
    let (number, told) = line.split_once(' ')?;
    Some((number.parse().ok()?, told.trim().parse().ok()?))
}
