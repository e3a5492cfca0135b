//! DATA: the message itself, and the answers to it: one by SMTP, one for each recipient by LMTP.

use std::io;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite};
use tokio::time::timeout_at;

use super::conversation::{Conversation, Protocol, Then, Transaction};
use super::lines::Unstuffer;
use super::room::Room;
use super::{Handler, Received, Verdict};

/// How many times the allowed size is read, and thrown away, to see the end of a message that is too
/// big.
const ENDLESS: usize = 4;

/// What came behind DATA.
enum Body<'a> {
    /// A message, with the room that it takes.
    Whole(Vec<u8>, Room<'a>),
    /// A message beyond the limit.
    TooBig,
    /// A message for which there was no room.
    NoRoom,
    /// More than we care to hear.
    Endless,
}

impl<'a, H: Handler, S: AsyncRead + AsyncWrite + Unpin + Send> Conversation<'a, H, S> {
    /// Takes a message and answers for it.
    pub(super) async fn data(&mut self) -> io::Result<Then> {
        let by_lmtp = self.protocol == Some(Protocol::Lmtp);
        let Some(transaction) = self.transaction.take() else {
            return Ok(self.bad(503, "5.5.1 say MAIL first"));
        };
        if transaction.recipients.is_empty() {
            // RFC 2033 4.2 wants another code than RFC 5321 3.3.
            return Ok(self.bad(if by_lmtp { 503 } else { 554 }, "5.5.1 there is no recipient"));
        }
        self.reply(354, "go on, and end with a lone dot");
        self.flush().await?;
        let answers = if by_lmtp { transaction.recipients.len() } else { 1 };
        match self.body().await? {
            Body::Whole(bytes, room) => {
                self.hand_over(transaction, bytes).await?;
                drop(room);
                Ok(Then::GoOn)
            }
            Body::TooBig => Ok(self.refuse_all(answers, 552, "5.3.4 the message is too big")),
            Body::NoRoom => Ok(self.refuse_all(answers, 452, "4.3.1 no room now, try again later")),
            Body::Endless => {
                self.refuse_all(answers, 552, "5.3.4 the message is too big");
                self.reply(421, "4.7.0 a message without an end");
                Ok(Then::Close)
            }
        }
    }

    fn refuse_all(&mut self, answers: usize, code: u16, text: &str) -> Then {
        for _ in 1..answers {
            self.reply(code, text);
        }
        self.bad(code, text)
    }

    async fn hand_over(&mut self, transaction: Transaction, mut bytes: Vec<u8>) -> io::Result<()> {
        let Transaction { mail, recipients } = transaction;
        let groups: Vec<_> = match self.protocol {
            Some(Protocol::Lmtp) => recipients.into_iter().map(|one| vec![one]).collect(),
            _ => vec![recipients],
        };
        let last = groups.len() - 1;
        for (index, rcpt_to) in groups.into_iter().enumerate() {
            let bytes = if index == last { std::mem::take(&mut bytes) } else { bytes.clone() };
            let message = Received { peer: self.peer, mail_from: mail.from.clone(), rcpt_to, bytes };
            match self.receiver.handler.receive(message).await {
                Verdict::Accept => self.reply(250, "2.0.0 taken"),
                Verdict::Reject(why) => self.reply(554, &format!("5.0.0 {why}")),
                Verdict::TryLater(why) => self.reply(451, &format!("4.3.0 {why}")),
            }
            // What is kept is told at once, so that a break loses as few answers as can be.
            self.flush().await?;
        }
        Ok(())
    }

    async fn body(&mut self) -> io::Result<Body<'a>> {
        let limits = &self.receiver.limits;
        let mut message = Unstuffer::new(limits.message_size);
        let mut room = Room::new(&self.receiver.held, limits.held);
        let mut no_room = false;
        loop {
            let by = self.patience();
            let available = timeout_at(by, self.socket.fill_buf()).await??;
            if available.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let (taken, ended) = message.take(available);
            self.socket.consume(taken);
            if !room.grow(message.held()) {
                no_room = true;
                message.forget();
            }
            if ended {
                break;
            }
            if message.size() > limits.message_size.saturating_mul(ENDLESS) {
                return Ok(Body::Endless);
            }
        }
        Ok(match message.message() {
            Some(bytes) if !no_room => Body::Whole(bytes, room),
            _ if no_room => Body::NoRoom,
            _ => Body::TooBig,
        })
    }
}
