//! One transaction (RFC 5321 3.3), piece by piece, so that the pieces of the next can go out with
//! those of this one (RFC 2920).

use std::time::Duration;

use super::super::classify::Step;
use super::super::data::{FINAL_DOT, MailData};
use super::super::parcel::Packed;
use super::answer::{Answer, Fault};
use super::envelope::{DATA, RSET, obstacle, push_mail, push_rcpt};
use super::{Heard, Session};
use crate::domain::delivery::Reply;

/// How long we listen for a reply after the relay broke off in the middle of a message.
const LAST_WORDS_TIMEOUT: Duration = Duration::from_secs(1);

/// What the relay said to an envelope.
#[derive(Debug)]
pub(in crate::mail::smtp) enum Verdict {
    /// It waits for the message.
    Go,
    /// It does not want it.
    Refused(Answer),
    /// It does not want it, but took DATA for the start of a message, whose end it must be told.
    RefusedInData(Answer),
}

impl Session {
    /// Why this relay cannot carry this, if it cannot. To be asked before the envelope goes out.
    pub(in crate::mail::smtp) fn obstacle(&self, packed: &Packed) -> Option<Reply> {
        obstacle(&self.offers, packed)
    }

    /// Sends an envelope, by itself.
    pub(in crate::mail::smtp) async fn send_envelope(&mut self, packed: &Packed) -> Result<(), Answer> {
        self.commands.clear();
        self.push_envelope(packed);
        let commands = std::mem::take(&mut self.commands);
        let written = self.write(Step::Mail, &commands).await;
        self.commands = commands;
        written
    }

    /// The relay's verdict on the envelope that went out.
    pub(in crate::mail::smtp) async fn verdict(&mut self) -> Verdict {
        let limit = self.timeouts.command;
        let mut refused = None;
        if std::mem::take(&mut self.resetting)
            && let Err(answer) = self.hear(Step::Mail, limit, &[2]).await
        {
            // A server that does not forget the last envelope cannot be trusted with this one.
            self.usable = false;
            return Verdict::Refused(Answer { fault: Fault::Closed, ..answer });
        }
        for step in [Step::Mail, Step::Rcpt] {
            if let Err(answer) = self.hear(step, limit, &[2]).await {
                let answer = refused.get_or_insert(answer);
                if !self.usable {
                    return Verdict::Refused(answer.clone());
                }
            }
        }
        let data = self.hear(Step::Data, limit, &[3]).await.map(|_| ());
        self.judge(refused, data)
    }

    fn judge(&mut self, refused: Option<Answer>, data: Result<(), Answer>) -> Verdict {
        match (refused, data) {
            // What came before it was asked for would pass for the reply to the message.
            (None, Ok(())) if !self.wire.is_quiet() => {
                self.usable = false;
                Verdict::Refused(Answer::failed(
                    Step::Data,
                    Fault::Nonsense,
                    "the relay says more than it was asked",
                ))
            }
            (None, Ok(())) => Verdict::Go,
            (Some(answer), Ok(())) => Verdict::RefusedInData(answer),
            (Some(answer), Err(_)) | (None, Err(answer)) => {
                self.dirty = true;
                Verdict::Refused(answer)
            }
        }
    }

    /// The envelope, one command after the other.
    pub(in crate::mail::smtp) async fn envelope_in_lock_step(&mut self, packed: &Packed) -> Verdict {
        match self.try_envelope_in_lock_step(packed).await {
            Ok(()) => self.judge(None, Ok(())),
            Err(answer) => self.judge(None, Err(answer)),
        }
    }

    async fn try_envelope_in_lock_step(&mut self, packed: &Packed) -> Result<(), Answer> {
        self.begun += 1;
        if std::mem::take(&mut self.dirty)
            && let Err(answer) = self.say(Step::Mail, RSET, &[2]).await
        {
            self.usable = false;
            return Err(Answer { fault: Fault::Closed, ..answer });
        }
        let mut command = Vec::new();
        push_mail(&mut command, &self.offers, packed, self.dsn);
        self.ask(Step::Mail, &command, &[2]).await?;
        command.clear();
        push_rcpt(&mut command, packed, self.dsn);
        self.ask(Step::Rcpt, &command, &[2]).await?;
        self.ask(Step::Data, DATA, &[3]).await
    }

    async fn ask(&mut self, step: Step, command: &[u8], wanted: &[u16]) -> Result<(), Answer> {
        self.write(step, command).await?;
        let limit = self.timeouts.command;
        self.hear(step, limit, wanted).await.map(|_| ())
    }

    /// Sends the message, and in the same group the envelope of the next. When the message left but
    /// the envelope did not, that is no error, and the connection is unusable after the reply.
    pub(in crate::mail::smtp) async fn send_message(
        &mut self,
        message: &MailData,
        next: Option<&Packed>,
    ) -> Result<(), Answer> {
        self.commands.clear();
        if let Some(next) = next {
            self.push_envelope(next);
        }
        let mut ended = false;
        let limit = self.timeouts.body;
        let Err(error) = self.wire.write_message(message, &self.commands, limit, &mut ended).await else {
            return Ok(());
        };
        self.usable = false;
        if ended {
            return Ok(());
        }
        let answer = Answer::broken(Step::Body)(error);
        match answer.fault {
            Fault::Silence => Err(answer),
            Fault::Reply | Fault::Closed | Fault::Nonsense => Err(self.last_words().await.unwrap_or(answer)),
        }
    }

    /// The relay's reply to a message that has left.
    pub(in crate::mail::smtp) async fn hear_end(&mut self) -> Answer {
        let limit = self.timeouts.after_dot;
        let answer = match self.hear(Step::Dot, limit, &[2]).await {
            Ok(heard) => Answer::replied(Step::Dot, heard.reply()),
            Err(answer) => return answer,
        };
        self.accepted += 1;
        answer
    }

    /// Ends a message that must not be sent: nobody was accepted for it, so the relay must not take
    /// it either, and what it says to the empty one does not matter (RFC 2920 3.1).
    pub(in crate::mail::smtp) async fn send_nothing(&mut self, next: Option<&Packed>) {
        self.commands.clear();
        self.commands.extend_from_slice(FINAL_DOT);
        if let Some(next) = next {
            self.push_envelope(next);
        }
        let commands = std::mem::take(&mut self.commands);
        let written = self.write(Step::Dot, &commands).await;
        self.commands = commands;
        let limit = self.timeouts.after_dot;
        if written.is_ok() {
            let _ = self.hear(Step::Dot, limit, &[2]).await;
        }
    }

    fn push_envelope(&mut self, packed: &Packed) {
        self.begun += 1;
        self.resetting = std::mem::take(&mut self.dirty);
        if self.resetting {
            self.commands.extend_from_slice(RSET);
        }
        push_mail(&mut self.commands, &self.offers, packed, self.dsn);
        push_rcpt(&mut self.commands, packed, self.dsn);
        self.commands.extend_from_slice(DATA);
    }

    /// A relay that refuses a message before its end says why, and then breaks off.
    async fn last_words(&mut self) -> Option<Answer> {
        let heard: Heard<'_> = self.wire.read_reply(LAST_WORDS_TIMEOUT).await.ok()?;
        (heard.code >= 400).then(|| Answer::replied(Step::Body, heard.reply()))
    }
}
