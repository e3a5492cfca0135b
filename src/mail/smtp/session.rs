//! One connection to a relay and the conversation on it, in lock-step.
//!
//! Answers with the step at which a conversation ended and the reply that ended it; what that means
//! is `classify`'s. After a refusal the transaction is reset and the connection stays usable; after
//! a broken or senseless reply, silence, or a 421 it is not. Keeping connections is `relay`'s.

use std::fmt::Display;
use std::io;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{self, Mechanism};
use lettre::transport::smtp::commands::{Auth, Data, Ehlo, Mail, Quit, Rcpt, Starttls};
use lettre::transport::smtp::extension::{ClientId, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::time::{Instant, timeout};

use super::classify::Step;
use super::data::{FINAL_DOT, MailData};
use super::parcel::Envelope;
use super::reply::{no_reply, reply};
use super::settings::{Credentials, Proof, RelaySettings, Timeouts};
use super::wire::{Tls, Wire, in_words};
use crate::config::Security;
use crate::domain::address::EmailAddress;
use crate::domain::delivery::Reply;

/// How long a relay may take to answer our good-bye.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long we listen for a reply after the relay broke off in the middle of a message.
const LAST_WORDS_TIMEOUT: Duration = Duration::from_secs(1);
/// LOGIN asks twice; a server that asks for ever is cut off.
const CHALLENGES_MAX: usize = 4;

/// Where a conversation ended, and with what.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) step: Step,
    pub(super) reply: Reply,
}

impl Answer {
    /// Whether a connection that had lain idle turned out to be closed by the relay: no reply to
    /// MAIL, or a 421 that was waiting there (RFC 5321 3.8).
    pub(super) const fn is_stale(&self) -> bool {
        matches!(self.step, Step::Mail) && matches!(self.reply.code, 0 | 421)
    }
}

/// What the relay offers (RFC 5321 4.1.1.1), as far as it matters to us.
#[derive(Debug, Default)]
struct Offers {
    start_tls: bool,
    eight_bit: bool,
    utf8: bool,
    /// `Some(0)` is a limit that is not told.
    size: Option<usize>,
    mechanisms: Vec<Mechanism>,
}

impl Offers {
    fn read(ehlo: &Response) -> Self {
        let mut offers = Self::default();
        for line in ehlo.message().skip(1) {
            let line = line.to_ascii_uppercase();
            // `AUTH=LOGIN` is how servers before the standard wrote it.
            let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
            match words.next() {
                Some("STARTTLS") => offers.start_tls = true,
                Some("8BITMIME") => offers.eight_bit = true,
                Some("SMTPUTF8") => offers.utf8 = true,
                Some("SIZE") => {
                    offers.size = Some(words.next().and_then(|size| size.parse().ok()).unwrap_or(0));
                }
                Some("AUTH") => offers.mechanisms.extend(words.filter_map(|word| match word {
                    "PLAIN" => Some(Mechanism::Plain),
                    "LOGIN" => Some(Mechanism::Login),
                    _ => None,
                })),
                _ => {}
            }
        }
        offers
    }
}

/// An open, greeted and authenticated connection.
pub(super) struct Session {
    wire: Wire,
    timeouts: Timeouts,
    offers: Offers,
    usable: bool,
    transactions: usize,
    last_used: Instant,
}

impl Session {
    /// Connects, encrypts and authenticates as `settings` say. `tls` is there exactly when they
    /// want it.
    pub(super) async fn open(settings: &RelaySettings, tls: Option<&Tls>) -> Result<Self, Answer> {
        let limit = settings.timeouts.connect;
        let mut wire =
            within(limit, Wire::open(&settings.host, settings.port)).await.map_err(at(Step::Connect))?;
        if let (Security::Tls, Some(tls)) = (settings.security, tls) {
            wire = within(limit, wire.encrypt(tls)).await.map_err(at(Step::Connect))?;
        }
        let mut session = Self {
            wire,
            timeouts: settings.timeouts,
            offers: Offers::default(),
            usable: true,
            transactions: 0,
            last_used: Instant::now(),
        };
        session.hear(Step::Connect, settings.timeouts.command, &[2]).await?;
        session.greet(&settings.hello).await?;
        if let (Security::StartTls, Some(tls)) = (settings.security, tls) {
            if !session.offers.start_tls {
                return Err(failed(
                    Step::StartTls,
                    "the relay does not offer STARTTLS; nothing goes to it unencrypted",
                ));
            }
            session.say(Step::StartTls, Starttls, &[2]).await?;
            session.wire = within(limit, session.wire.encrypt(tls)).await.map_err(at(Step::StartTls))?;
            session.greet(&settings.hello).await?;
        }
        if let Some(credentials) = &settings.credentials {
            session.authenticate(credentials).await?;
        }
        Ok(session)
    }

    async fn greet(&mut self, hello: &str) -> Result<(), Answer> {
        let response = self.say(Step::Ehlo, Ehlo::new(ClientId::Domain(hello.to_owned())), &[2]).await?;
        self.offers = Offers::read(&response);
        Ok(())
    }

    async fn authenticate(&mut self, credentials: &Credentials) -> Result<(), Answer> {
        let offered = |mechanism: &Mechanism| self.offers.mechanisms.contains(mechanism);
        let Some(mechanism) = [Mechanism::Plain, Mechanism::Login].into_iter().find(offered) else {
            return Err(failed(Step::Auth, "the relay offers neither AUTH PLAIN nor LOGIN"));
        };
        let secret = match &credentials.proof {
            Proof::Password(password) => password.clone(),
            Proof::Token(source) => source.read().map_err(|why| failed(Step::Auth, &why))?,
        };
        let secrets = authentication::Credentials::new(credentials.user.clone(), secret.reveal().to_owned());
        let unusual = |_| failed(Step::Auth, "the relay asks something else than user and password");
        let mut command = Auth::new(mechanism, secrets.clone(), None).map_err(unusual)?;
        for _ in 0..CHALLENGES_MAX {
            let response = self.say(Step::Auth, command, &[2, 3]).await?;
            if !response.has_code(334) {
                return Ok(());
            }
            command = Auth::new_from_response(mechanism, secrets.clone(), &response).map_err(unusual)?;
        }
        Err(failed(Step::Auth, "the relay does not stop asking for credentials"))
    }

    /// Whether the connection can carry another transaction.
    pub(super) const fn is_usable(&self) -> bool {
        self.usable
    }

    /// How many transactions were begun on it.
    pub(super) const fn transactions(&self) -> usize {
        self.transactions
    }

    /// How long it has lain idle.
    pub(super) fn idle(&self) -> Duration {
        self.last_used.elapsed()
    }

    /// Why this relay cannot carry this message, if it cannot. Asked before [`Session::transact`].
    pub(super) fn obstacle(&self, envelope: &Envelope, message: &MailData) -> Option<Reply> {
        if needs_utf8(envelope) && !self.offers.utf8 {
            return Some(no_reply(
                "the address has letters beyond ASCII before its @, and the relay does not offer SMTPUTF8",
            ));
        }
        if message.is_eight_bit() && !self.offers.eight_bit {
            return Some(no_reply("the message has 8-bit characters, and the relay does not offer 8BITMIME"));
        }
        match self.offers.size {
            Some(limit) if limit > 0 && message.size() > limit => Some(no_reply(&format!(
                "the message has {} bytes, and the relay takes at most {limit}",
                message.size()
            ))),
            _ => None,
        }
    }

    /// One transaction. Leaves the connection ready for the next one, or unusable.
    pub(super) async fn transact(&mut self, envelope: &Envelope, message: &MailData) -> Answer {
        self.transactions += 1;
        let answer = match self.converse(envelope, message).await {
            Ok(response) => Answer { step: Step::Dot, reply: in_domain(&response) },
            Err(answer) => answer,
        };
        // Before the message ended, the recipient that was or was not taken must be forgotten.
        if self.usable
            && matches!(answer.step, Step::Rcpt | Step::Data)
            && self.say(Step::Mail, "RSET\r\n", &[2]).await.is_err()
        {
            self.usable = false;
        }
        self.last_used = Instant::now();
        answer
    }

    async fn converse(&mut self, envelope: &Envelope, message: &MailData) -> Result<Response, Answer> {
        let mail = Mail::new(envelope.from.as_ref().map(in_lettre), self.mail_parameters(envelope, message));
        self.say(Step::Mail, mail, &[2]).await?;
        self.say(Step::Rcpt, Rcpt::new(in_lettre(&envelope.to), Vec::new()), &[2]).await?;
        self.say(Step::Data, Data, &[3]).await?;
        let bytes = message.bytes();
        // The final dot is held back until all else has left this process: a relay that breaks off
        // before it cannot have taken the message.
        let (body, dot) = bytes.split_at(bytes.len() - FINAL_DOT.len());
        if let Err(error) = within(self.timeouts.body, self.wire.write(body)).await {
            self.usable = false;
            return Err(self.last_words().await.unwrap_or_else(|| at(Step::Body)(error)));
        }
        let limit = self.timeouts.after_dot;
        if let Err(error) = within(limit, self.wire.write(dot)).await {
            self.usable = false;
            return Err(at(Step::Dot)(error));
        }
        self.hear(Step::Dot, limit, &[2]).await
    }

    fn mail_parameters(&self, envelope: &Envelope, message: &MailData) -> Vec<MailParameter> {
        let mut parameters = Vec::new();
        if self.offers.size.is_some() {
            parameters.push(MailParameter::Size(message.size()));
        }
        if message.is_eight_bit() {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        if needs_utf8(envelope) {
            parameters.push(MailParameter::SmtpUtfEight);
        }
        parameters
    }

    /// A relay that refuses a message before its end says why, and then breaks off.
    async fn last_words(&mut self) -> Option<Answer> {
        let response = timeout(LAST_WORDS_TIMEOUT, self.wire.read_reply()).await.ok()?.ok()?;
        let reply = in_domain(&response);
        (reply.code >= 400).then_some(Answer { step: Step::Body, reply })
    }

    /// Takes leave and closes. What the relay says to it does not matter any more.
    pub(super) async fn quit(mut self) {
        if self.usable {
            let good_bye = async {
                self.wire.write(Quit.to_string().as_bytes()).await?;
                self.wire.read_reply().await
            };
            let _ = timeout(QUIT_TIMEOUT, good_bye).await;
        }
    }

    /// Sends one command and reads its reply, which must begin with one of the digits `wanted`.
    async fn say(&mut self, step: Step, command: impl Display, wanted: &[u16]) -> Result<Response, Answer> {
        let limit = self.timeouts.command;
        if let Err(error) = within(limit, self.wire.write(command.to_string().as_bytes())).await {
            self.usable = false;
            return Err(at(step)(error));
        }
        self.hear(step, limit, wanted).await
    }

    async fn hear(&mut self, step: Step, limit: Duration, wanted: &[u16]) -> Result<Response, Answer> {
        let response = within(limit, self.wire.read_reply()).await.map_err(|error| {
            self.usable = false;
            at(step)(error)
        })?;
        let code = u16::from(response.code());
        if wanted.contains(&(code / 100)) {
            return Ok(response);
        }
        if code < 400 {
            // Out of step: whatever comes next would be taken for the reply to something else.
            self.usable = false;
            return Err(failed(step, &format!("the relay's reply {code} makes no sense at this step")));
        }
        self.usable &= code != 421;
        Err(Answer { step, reply: in_domain(&response) })
    }
}

fn needs_utf8(envelope: &Envelope) -> bool {
    envelope.to.needs_smtputf8() || envelope.from.as_ref().is_some_and(EmailAddress::needs_smtputf8)
}

/// Our addresses were parsed more strictly than lettre would.
fn in_lettre(address: &EmailAddress) -> Address {
    Address::new_dangerous(address.local(), address.domain())
}

fn in_domain(response: &Response) -> Reply {
    reply(response.code().into(), response.message())
}

async fn within<T>(limit: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(limit, work).await.unwrap_or_else(|_| {
        let silence = format!("nothing for {:.1} seconds", limit.as_secs_f64());
        Err(io::Error::new(io::ErrorKind::TimedOut, silence))
    })
}

fn at(step: Step) -> impl Fn(io::Error) -> Answer {
    move |error| failed(step, &in_words(&error))
}

fn failed(step: Step, what: &str) -> Answer {
    Answer { step, reply: no_reply(&format!("{step}: {what}")) }
}
