//! The beginning of an IMAP session: greeting, STARTTLS, and who we are.

use data_encoding::BASE64;
use imap_proto::{Response, Status};
use tokio::time::timeout;

use super::super::line::{Line, slow};
use super::super::settings::Settings;
use super::super::trouble::Trouble;
use super::name::quoted;
use super::response::{self, Answer};
use super::session::Session;
use crate::config::{Secret, Security};

/// The most bytes of a greeting.
const GREETING_MOST: usize = 8 * 1024;

/// Opens a line and hears the greeting.
pub(super) async fn greeted(settings: &Settings) -> Result<Line, Trouble> {
    let mut line = Line::open(settings).await?;
    let limit = settings.limits.command;
    let greeting = timeout(limit, response::read(&mut line, GREETING_MOST)).await;
    let greeting = greeting.map_err(|_| slow(limit))??;
    match Response::parse(&greeting) {
        Ok((_, Response::Data { status: Status::Ok, .. })) => Ok(line),
        // Somebody else's session, or none: nothing that we asked for.
        _ => Err(Trouble::Line("the server does not greet as an IMAP server does".to_owned())),
    }
}

impl Session<'_> {
    /// Has the line encrypted where that comes after the greeting, and signs in.
    pub(super) async fn sign_in(mut self, password: &Secret) -> Result<Self, Trouble> {
        if self.settings().mailbox.url.security == Security::StartTls {
            self.must("STARTTLS", "STARTTLS").await?;
            self = self.encrypted().await?;
        }
        self.ask_what_is_offered().await?;
        let user = self.settings().mailbox.url.user.clone();
        let answer = if self.offers("AUTH=PLAIN") {
            let proof = BASE64.encode(format!("\0{user}\0{}", password.reveal()).as_bytes());
            if self.offers("SASL-IR") {
                self.command(&format!("AUTHENTICATE PLAIN {proof}")).await?
            } else {
                match self.command("AUTHENTICATE PLAIN").await? {
                    Answer::More => self.go_on(&proof).await?,
                    other => other,
                }
            }
        } else if self.offers("LOGINDISABLED") {
            return Err(Trouble::SignIn("it takes no password on a connection such as this one".to_owned()));
        } else {
            self.command(&format!("LOGIN {} {}", quoted(&user), quoted(password.reveal()))).await?
        };
        match answer {
            Answer::Done => {}
            Answer::No(said) => return Err(Trouble::SignIn(said)),
            Answer::More => return Err(Trouble::SignIn("it asks for more than a password".to_owned())),
        }
        // What is offered to a user is more than what is offered to anybody.
        self.ask_what_is_offered().await?;
        Ok(self)
    }
}
