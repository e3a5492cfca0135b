//! An IMAP session in one folder: commands, and what the server says of them.

use std::collections::BTreeSet;
use std::time::Duration;

use imap_proto::{AttributeValue, Capability, MailboxDatum, Response};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::super::line::{Line, slow};
use super::super::memory::Memory;
use super::super::settings::Settings;
use super::super::trouble::Trouble;
use super::response::{self, Answer};
use super::{name, sign_in};
use crate::config::Secret;

/// What a mail is called in its folder, as long as the folder lives.
pub(in super::super) type Uid = u32;

/// The most bytes of any response that carries no mail.
const RESPONSE_MOST: usize = 256 * 1024;
/// What stands around a mail in its response.
const AROUND: usize = 64 * 1024;
/// IDLE is renewed before a server would end it after 30 minutes (RFC 2177).
const IDLE_MOST: Duration = Duration::from_secs(28 * 60);

/// A mail as it is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) uid: Uid,
    pub(super) size: usize,
}

/// What came of fetching a mail.
pub(super) enum Fetched {
    Mail(Vec<u8>),
    /// It is not there any more.
    Gone,
    /// The server does not give it.
    Refused,
}

/// A session.
pub(in super::super) struct Session<'a> {
    settings: &'a Settings,
    line: Line,
    tag: u32,
    offered: BTreeSet<String>,
    /// How many mails there are.
    exists: u32,
    /// Whether mail has come since the last look.
    news: bool,
}

impl<'a> Session<'a> {
    /// Connects, signs in, and goes to the folder.
    pub(in super::super) async fn open(settings: &'a Settings, password: &Secret) -> Result<Self, Trouble> {
        let line = sign_in::greeted(settings).await?;
        let session = Self { settings, line, tag: 0, offered: BTreeSet::new(), exists: 0, news: false };
        let mut session = session.sign_in(password).await?;
        session.must("SELECT", &format!("SELECT {}", name::folder(settings.mailbox.url.folder()))).await?;
        Ok(session)
    }

    pub(super) const fn settings(&self) -> &'a Settings {
        self.settings
    }

    /// How many mails the folder has.
    pub(in super::super) fn count(&self) -> usize {
        usize::try_from(self.exists).unwrap_or(usize::MAX)
    }

    /// Says goodbye; whether the server hears it does not matter.
    pub(in super::super) async fn end(mut self) {
        let _ = self.command("LOGOUT").await;
    }

    /// A look through the folder begins: what comes from now on is news. Gives how many mails there are.
    pub(super) const fn begin(&mut self) -> u32 {
        self.news = false;
        self.exists
    }

    /// Lists at most `count` mails from the `first` one on, counted from 1.
    pub(super) async fn list(&mut self, first: u32, count: u32) -> Result<Vec<Listed>, Trouble> {
        if first > self.exists {
            return Ok(Vec::new());
        }
        let last = self.exists.min(first.saturating_add(count - 1));
        let mut listed = Vec::new();
        let see = &mut |response: &Response<'_>| {
            let Response::Fetch(_, values) = response else { return };
            let uid = values.iter().find_map(|value| match value {
                AttributeValue::Uid(uid) => Some(*uid),
                _ => None,
            });
            let size = values.iter().find_map(|value| match value {
                AttributeValue::Rfc822Size(size) => usize::try_from(*size).ok(),
                _ => None,
            });
            // A server may tell of changes to others at any time; such words carry no size.
            if let (Some(uid), Some(size), true) = (uid, size, listed.len() < AROUND) {
                listed.push(Listed { uid, size });
            }
        };
        let command = format!("FETCH {first}:{last} (UID RFC822.SIZE)");
        let limits = self.settings.limits;
        match self.command_with(&command, limits.command, RESPONSE_MOST, see).await? {
            Answer::Done => Ok(listed),
            answer => Err(refused("FETCH", answer)),
        }
    }

    /// Fetches a whole mail without marking it as read.
    pub(super) async fn fetch(&mut self, uid: Uid) -> Result<Fetched, Trouble> {
        let mut mail = None;
        let see = &mut |response: &Response<'_>| {
            let Response::Fetch(_, values) = response else { return };
            let same =
                values.iter().any(|value| matches!(value, AttributeValue::Uid(theirs) if *theirs == uid));
            for value in values {
                if let AttributeValue::BodySection { section: None, data, .. } = value
                    && same
                {
                    mail = Some(data.as_ref().map(|data| data.to_vec()));
                }
            }
        };
        let command = format!("UID FETCH {uid} (UID BODY.PEEK[])");
        let limits = self.settings.limits;
        let answer =
            self.command_with(&command, limits.message, limits.most.saturating_add(AROUND), see).await?;
        Ok(match (answer, mail) {
            (Answer::Done, Some(Some(mail))) => Fetched::Mail(mail),
            (Answer::Done, None) => Fetched::Gone,
            _ => Fetched::Refused,
        })
    }

    /// Moves mails to a folder, which is made when there is none, and gives how many have left. What
    /// cannot be moved stays, and is remembered.
    pub(super) async fn move_to(
        &mut self,
        folder: &str,
        uids: &[Uid],
        memory: &mut Memory<Uid>,
    ) -> Result<u32, Trouble> {
        if uids.is_empty() {
            return Ok(0);
        }
        let verb = if self.offers("MOVE") { "MOVE" } else { "COPY" };
        let command = format!("UID {verb} {} {}", set(uids), name::folder(folder));
        let mut answer = self.command(&command).await?;
        if matches!(answer, Answer::No(_)) {
            // Whether it was there already shows when the command is tried again.
            self.command(&format!("CREATE {}", name::folder(folder))).await?;
            answer = self.command(&command).await?;
        }
        match answer {
            Answer::Done if verb == "MOVE" => Ok(count(uids)),
            Answer::Done => self.delete(uids, memory).await,
            answer => {
                let trouble = refused("a move to another folder", answer);
                let mailbox = &self.settings.mailbox.name;
                tracing::warn!(%mailbox, mails = uids.len(), "Mails stay in the mailbox: {trouble}");
                uids.iter().for_each(|uid| memory.leave(*uid));
                Ok(0)
            }
        }
    }

    /// Deletes these mails and no others, and gives how many have left.
    pub(super) async fn delete(&mut self, uids: &[Uid], memory: &mut Memory<Uid>) -> Result<u32, Trouble> {
        if uids.is_empty() {
            return Ok(0);
        }
        self.must("STORE", &format!("UID STORE {} +FLAGS.SILENT (\\Deleted)", set(uids))).await?;
        if self.offers("UIDPLUS") {
            self.must("EXPUNGE", &format!("UID EXPUNGE {}", set(uids))).await?;
            return Ok(count(uids));
        }
        // EXPUNGE takes all that are marked: it is used where those are ours alone.
        let mut marked = BTreeSet::new();
        let see = &mut |response: &Response<'_>| {
            if let Response::MailboxData(MailboxDatum::Search(found)) = response {
                marked.extend(found.iter().copied());
            }
        };
        let limits = self.settings.limits;
        match self.command_with("UID SEARCH DELETED", limits.command, RESPONSE_MOST, see).await? {
            Answer::Done => {}
            answer => return Err(refused("SEARCH", answer)),
        }
        if marked.iter().all(|uid| uids.contains(uid) || memory.is_left(uid)) {
            self.must("EXPUNGE", "EXPUNGE").await?;
            return Ok(count(&marked.into_iter().collect::<Vec<_>>()));
        }
        uids.iter().for_each(|uid| memory.leave(*uid));
        Ok(0)
    }

    /// Waits for news, for at most so long.
    pub(in super::super) async fn wait(&mut self, limit: Duration) -> Result<(), Trouble> {
        if !self.offers("IDLE") {
            sleep(limit).await;
            return self.must("NOOP", "NOOP").await;
        }
        let until = Instant::now() + limit.min(IDLE_MOST);
        let answer = self.command("IDLE").await?;
        if answer != Answer::More {
            return Err(refused("IDLE", answer));
        }
        let tag = self.current_tag();
        while !self.news && Instant::now() < until {
            match timeout_at(until, self.line.ready()).await {
                Err(_) => break,
                Ok(ready) => ready?,
            }
            self.hear(&tag, self.settings.limits.command, RESPONSE_MOST, &mut |_| ()).await?;
        }
        match self.go_on("DONE").await? {
            Answer::Done => Ok(()),
            answer => Err(refused("IDLE", answer)),
        }
    }

    /// Asks what the server can do.
    pub(super) async fn ask_what_is_offered(&mut self) -> Result<(), Trouble> {
        let mut offered = BTreeSet::new();
        let see = &mut |response: &Response<'_>| {
            if let Response::Capabilities(capabilities) = response {
                offered.extend(capabilities.iter().take(200).map(|capability| match capability {
                    Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
                    Capability::Auth(mechanism) => format!("AUTH={}", mechanism.to_ascii_uppercase()),
                    Capability::Atom(atom) => atom.to_ascii_uppercase(),
                }));
            }
        };
        let limits = self.settings.limits;
        match self.command_with("CAPABILITY", limits.command, RESPONSE_MOST, see).await? {
            Answer::Done => self.offered = offered,
            answer => return Err(refused("CAPABILITY", answer)),
        }
        Ok(())
    }

    pub(super) fn offers(&self, capability: &str) -> bool {
        self.offered.contains(capability)
    }

    /// Goes on under TLS.
    pub(super) async fn encrypted(self) -> Result<Self, Trouble> {
        Ok(Self { line: self.line.encrypt(self.settings).await?, ..self })
    }

    /// Gives a command that has to be done.
    pub(super) async fn must(&mut self, verb: &'static str, command: &str) -> Result<(), Trouble> {
        match self.command(command).await? {
            Answer::Done => Ok(()),
            answer => Err(refused(verb, answer)),
        }
    }

    /// Gives a command and hears its answer.
    pub(super) async fn command(&mut self, command: &str) -> Result<Answer, Trouble> {
        self.command_with(command, self.settings.limits.command, RESPONSE_MOST, &mut |_| ()).await
    }

    /// Gives the rest of a command that the server asked for.
    pub(super) async fn go_on(&mut self, rest: &str) -> Result<Answer, Trouble> {
        let tag = self.current_tag();
        self.exchange(rest, &tag, self.settings.limits.command, RESPONSE_MOST, &mut |_| ()).await
    }

    async fn command_with(
        &mut self,
        command: &str,
        limit: Duration,
        most: usize,
        each: &mut (dyn FnMut(&Response<'_>) + Send),
    ) -> Result<Answer, Trouble> {
        self.tag = self.tag.wrapping_add(1);
        let tag = self.current_tag();
        self.exchange(&format!("{tag} {command}"), &tag, limit, most, each).await
    }

    /// Says something and hears until it is answered, within `limit` for all of it.
    async fn exchange(
        &mut self,
        words: &str,
        tag: &str,
        limit: Duration,
        most: usize,
        each: &mut (dyn FnMut(&Response<'_>) + Send),
    ) -> Result<Answer, Trouble> {
        let until = Instant::now() + limit;
        timeout_at(until, self.line.say(words)).await.map_err(|_| slow(limit))??;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            // What is there already is heard without waiting, however late it is.
            if left.is_zero() {
                return Err(slow(limit));
            }
            if let Some(answer) = self.hear(tag, left, most, each).await? {
                return Ok(answer);
            }
        }
    }

    /// Hears one response.
    async fn hear(
        &mut self,
        tag: &str,
        limit: Duration,
        most: usize,
        each: &mut (dyn FnMut(&Response<'_>) + Send),
    ) -> Result<Option<Answer>, Trouble> {
        let heard = timeout(limit, response::read(&mut self.line, most)).await;
        let heard = heard.map_err(|_| slow(self.settings.limits.command))??;
        let (exists, news) = (&mut self.exists, &mut self.news);
        response::take(&heard, tag, &self.settings.mailbox.url.user, &mut |response| {
            match response {
                Response::MailboxData(MailboxDatum::Exists(now)) => {
                    *news |= *now > *exists;
                    *exists = *now;
                }
                Response::Expunge(_) => *exists = exists.saturating_sub(1),
                _ => {}
            }
            each(response);
        })
    }

    fn current_tag(&self) -> String {
        format!("n{}", self.tag)
    }
}

fn refused(command: &'static str, answer: Answer) -> Trouble {
    let said = match answer {
        Answer::No(said) => said,
        Answer::Done | Answer::More => "it answers what nobody asked".to_owned(),
    };
    Trouble::Refused { command, said }
}

fn count(uids: &[Uid]) -> u32 {
    u32::try_from(uids.len()).unwrap_or(u32::MAX)
}

fn set(uids: &[Uid]) -> String {
    uids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
