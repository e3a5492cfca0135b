//! One connection to a relay and the conversation on it.
//!
//! Answers with the step at which a conversation ended and the reply that ended it; what that means
//! is `classify`'s. After a refusal the transaction is reset and the connection stays usable; after
//! a broken or senseless reply, silence, or a 421 it is not. What goes over it, and when, is
//! `relay`'s.

mod answer;
mod envelope;
mod offers;
mod sign_in;
mod transaction;
mod xtext;

use std::time::Duration;

use tokio::time::timeout;

use super::classify::Step;
use super::settings::{RelaySettings, Timeouts};
use super::wire::{Heard, Wire};
use crate::config::{Extension, Security};
use crate::domain::delivery::Reply;
use crate::mail::tls::Tls;
use offers::Offers;

pub(super) use answer::{Answer, Fault};
pub(super) use transaction::Verdict;

/// How long a relay may take to answer our good-bye.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);

/// An open, greeted and authenticated connection.
pub(super) struct Session {
    wire: Wire,
    timeouts: Timeouts,
    offers: Offers,
    pipelining: bool,
    dsn: bool,
    usable: bool,
    /// Whether the server still has an envelope in mind that came to nothing.
    dirty: bool,
    /// Whether a RSET went out whose reply was not read yet.
    resetting: bool,
    begun: usize,
    accepted: usize,
    /// Commands that wait for their write; kept for its memory.
    commands: Vec<u8>,
}

impl Session {
    /// Connects, encrypts and authenticates as `settings` say. `tls` is there exactly when they
    /// want it.
    pub(super) async fn open(settings: &RelaySettings, tls: Option<&Tls>) -> Result<Self, Answer> {
        let limit = settings.timeouts.connect;
        let mut wire =
            Wire::open(&settings.host, settings.port, limit).await.map_err(Answer::broken(Step::Connect))?;
        if let (Security::Tls, Some(tls)) = (settings.security, tls) {
            wire = wire.encrypt(tls, limit).await.map_err(Answer::broken(Step::Connect))?;
        }
        let mut session = Self {
            wire,
            timeouts: settings.timeouts,
            offers: Offers::default(),
            pipelining: false,
            dsn: false,
            usable: true,
            dirty: false,
            resetting: false,
            begun: 0,
            accepted: 0,
            commands: Vec::new(),
        };
        session.hear(Step::Connect, settings.timeouts.command, &[2]).await?;
        session.greet(settings).await?;
        if let (Security::StartTls, Some(tls)) = (settings.security, tls) {
            if !session.offers.start_tls {
                return Err(Answer::failed(
                    Step::StartTls,
                    Fault::Nonsense,
                    "the relay does not offer STARTTLS; nothing goes to it unencrypted",
                ));
            }
            session.say(Step::StartTls, b"STARTTLS\r\n", &[2]).await?;
            session.wire = session.wire.encrypt(tls, limit).await.map_err(Answer::broken(Step::StartTls))?;
            session.greet(settings).await?;
        }
        if let Some(credentials) = &settings.credentials {
            session.sign_in(credentials).await?;
        }
        Ok(session)
    }

    async fn greet(&mut self, settings: &RelaySettings) -> Result<(), Answer> {
        let command = format!("EHLO {}\r\n", settings.hello);
        self.write(Step::Ehlo, command.as_bytes()).await?;
        let limit = self.timeouts.command;
        let heard = self.hear(Step::Ehlo, limit, &[2]).await?;
        self.offers = Offers::read(heard.lines());
        self.pipelining = self.offers.pipelining && settings.pipelining == Extension::Use;
        self.dsn = self.offers.dsn && settings.dsn == Extension::Use;
        Ok(())
    }

    /// Whether the connection can carry another transaction.
    pub(super) const fn is_usable(&self) -> bool {
        self.usable
    }

    /// Whether commands go out in groups.
    pub(super) const fn is_pipelining(&self) -> bool {
        self.pipelining
    }

    /// How many transactions were begun on it.
    pub(super) const fn begun(&self) -> usize {
        self.begun
    }

    /// Whether the relay has taken a message over it, so that its end is no sign that the relay has
    /// no place for us.
    pub(super) const fn has_proved_itself(&self) -> bool {
        self.accepted > 0
    }

    /// Waits until the relay closes the idle connection, or says something unasked; then it is
    /// spent. May be given up at any time.
    pub(super) async fn unasked(&mut self) {
        self.wire.unasked().await;
        self.usable = false;
    }

    /// Gives it up: the relay waits for what it must not get.
    pub(super) const fn abandon(&mut self) {
        self.usable = false;
    }

    /// Takes leave and closes. What the relay says to it does not matter any more.
    pub(super) async fn quit(mut self) {
        if self.usable {
            let good_bye = async {
                self.wire.write(b"QUIT\r\n", QUIT_TIMEOUT).await?;
                self.wire.read_reply(QUIT_TIMEOUT).await.map(|_| ())
            };
            let _ = timeout(QUIT_TIMEOUT, good_bye).await;
        }
    }

    /// Sends one command and reads its reply, which must begin with one of the digits `wanted`.
    async fn say(&mut self, step: Step, command: &[u8], wanted: &[u16]) -> Result<Reply, Answer> {
        self.write(step, command).await?;
        let limit = self.timeouts.command;
        self.hear(step, limit, wanted).await.map(|heard| heard.reply())
    }

    async fn write(&mut self, step: Step, command: &[u8]) -> Result<(), Answer> {
        let written = self.wire.write(command, self.timeouts.command).await;
        self.usable &= written.is_ok();
        written.map_err(Answer::broken(step))
    }

    /// Reads a reply that must begin with one of the digits `wanted`.
    async fn hear(&mut self, step: Step, limit: Duration, wanted: &[u16]) -> Result<Heard<'_>, Answer> {
        let heard = self.wire.read_reply(limit).await.map_err(|error| {
            self.usable = false;
            Answer::broken(step)(error)
        })?;
        if wanted.contains(&(heard.code / 100)) {
            return Ok(heard);
        }
        if heard.code < 400 {
            // Out of step: whatever comes next would be taken for the reply to something else.
            self.usable = false;
            let what = format!("the relay's reply {} makes no sense at this step", heard.code);
            return Err(Answer::failed(step, Fault::Nonsense, &what));
        }
        self.usable &= heard.code != 421;
        Err(Answer::replied(step, heard.reply()))
    }
}
