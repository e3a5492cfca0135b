//! One peer's conversation with the receiver: commands in order, replies, and the hand-over of each
//! message.
//!
//! A handler that has been given a message is never interrupted; every wait for the peer is.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::command::{Command, Mail, Refusal};
use super::lines::{Line, Unstuffer, line};
use super::{Handler, Received, Receiver, Verdict};

/// How long a peer that we cannot serve may take to hear so.
const TURN_AWAY_TIMEOUT: Duration = Duration::from_secs(5);
const READ_BUFFER: usize = 64 << 10;
/// Replies to pipelined commands are held back no further than this.
const REPLIES_MAX: usize = 16 << 10;
/// The longest text of a reply; RFC 5321 4.5.3.1.5 allows 512 bytes for the line.
const TEXT_MAX: usize = 400;

/// Tells a peer that there are too many, and closes.
pub(super) async fn turn_away(mut socket: TcpStream, name: &str) -> io::Result<()> {
    let words = format!("421 4.3.2 {name} has too many connections, try again later\r\n");
    timeout(TURN_AWAY_TIMEOUT, socket.write_all(words.as_bytes())).await?
}

/// Talks with a peer until one of the two has had enough.
pub(super) async fn hold<H: Handler>(
    receiver: &Receiver<H>,
    socket: TcpStream,
    peer: SocketAddr,
    shutdown: &CancellationToken,
) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut conversation = Conversation {
        receiver,
        peer,
        deadline: Instant::now() + receiver.limits.total,
        socket: BufReader::with_capacity(READ_BUFFER, socket),
        replies: Vec::new(),
        greeted: false,
        transaction: None,
        bad_commands: 0,
    };
    conversation.reply(220, &format!("{} ESMTP", receiver.name));
    let ended = conversation.run(shutdown).await;
    if ended.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::TimedOut) {
        conversation.reply(421, "4.4.2 that took too long");
    }
    // The last words are worth one try.
    timeout(TURN_AWAY_TIMEOUT, conversation.flush()).await??;
    ended
}

/// What a peer has told us of a message so far.
struct Transaction {
    mail: Mail,
    recipients: Vec<String>,
}

/// Whether the conversation goes on after a reply.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    GoOn,
    Close,
}

struct Conversation<'a, H> {
    receiver: &'a Receiver<H>,
    peer: SocketAddr,
    deadline: Instant,
    socket: BufReader<TcpStream>,
    replies: Vec<u8>,
    greeted: bool,
    transaction: Option<Transaction>,
    bad_commands: usize,
}

impl<H: Handler> Conversation<'_, H> {
    async fn run(&mut self, shutdown: &CancellationToken) -> io::Result<()> {
        loop {
            // Pipelined commands are answered together (RFC 2920 3.2).
            if self.replies.len() > REPLIES_MAX || !self.socket.buffer().contains(&b'\n') {
                self.flush().await?;
            }
            let by = self.patience();
            let read = tokio::select! {
                biased;
                () = shutdown.cancelled() => {
                    self.reply(421, "4.3.2 closing down");
                    return Ok(());
                }
                read = timeout_at(by, line(&mut self.socket, self.receiver.limits.command_line)) => read??,
            };
            let parsed = match read {
                Line::Closed => return Ok(()),
                Line::TooLong => Err(Refusal::Syntax("the line is too long")),
                Line::LoneLf => Err(Refusal::Syntax("lines end in CR LF")),
                Line::Whole(line) => Command::parse(&line),
            };
            let then = match parsed {
                Ok(command) => self.obey(command).await?,
                Err(refusal) => self.refuse(refusal),
            };
            if then == Then::Close {
                return Ok(());
            }
        }
    }

    async fn obey(&mut self, command: Command) -> io::Result<Then> {
        match command {
            Command::Hello { extended } => self.hello(extended),
            Command::Mail(mail) => return Ok(self.mail(mail)),
            Command::Rcpt { to } => return Ok(self.rcpt(to)),
            Command::Data => return self.data().await,
            Command::Rset => {
                self.transaction = None;
                self.reply(250, "2.0.0 forgotten");
            }
            Command::Noop => self.reply(250, "2.0.0 nothing done"),
            Command::Vrfy => self.reply(252, "2.5.2 send it and see"),
            Command::Help => self.reply(214, "2.0.0 RFC 5321"),
            Command::Quit => {
                self.reply(221, "2.0.0 good-bye");
                return Ok(Then::Close);
            }
        }
        Ok(Then::GoOn)
    }

    fn hello(&mut self, extended: bool) {
        self.greeted = true;
        self.transaction = None;
        let name = &self.receiver.name;
        let offers = if extended {
            let size = self.receiver.limits.message_size;
            format!(
                "250-{name}\r\n250-PIPELINING\r\n250-SIZE {size}\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n\
                 250 ENHANCEDSTATUSCODES\r\n"
            )
        } else {
            format!("250 {name}\r\n")
        };
        self.replies.extend_from_slice(offers.as_bytes());
    }

    fn mail(&mut self, mail: Mail) -> Then {
        if !self.greeted {
            return self.bad(503, "5.5.1 say EHLO first");
        }
        if self.transaction.is_some() {
            return self.bad(503, "5.5.1 one message after the other");
        }
        if mail.size.is_some_and(|size| size > self.receiver.limits.message_size) {
            return self.bad(552, "5.3.4 the message is too big");
        }
        self.transaction = Some(Transaction { mail, recipients: Vec::new() });
        self.reply(250, "2.1.0 sender noted");
        Then::GoOn
    }

    fn rcpt(&mut self, to: String) -> Then {
        let Some(transaction) = &mut self.transaction else {
            return self.bad(503, "5.5.1 say MAIL first");
        };
        if !to.is_ascii() && !transaction.mail.utf8 {
            return self.bad(553, "5.6.7 say SMTPUTF8 with MAIL first");
        }
        if transaction.recipients.len() >= self.receiver.limits.recipients {
            return self.bad(452, "4.5.3 too many recipients");
        }
        match self.receiver.handler.recipient(&to) {
            Verdict::Accept => {
                transaction.recipients.push(to);
                self.reply(250, "2.1.5 recipient noted");
                Then::GoOn
            }
            Verdict::Reject(why) => self.bad(550, &format!("5.1.1 {why}")),
            Verdict::TryLater(why) => self.bad(451, &format!("4.3.0 {why}")),
        }
    }

    async fn data(&mut self) -> io::Result<Then> {
        let Some(transaction) = self.transaction.take() else {
            return Ok(self.bad(503, "5.5.1 say MAIL first"));
        };
        if transaction.recipients.is_empty() {
            return Ok(self.bad(554, "5.5.1 there is no recipient"));
        }
        self.reply(354, "go on, and end with a lone dot");
        self.flush().await?;
        let Some(bytes) = self.body().await? else {
            return Ok(self.bad(552, "5.3.4 the message is too big"));
        };
        let Transaction { mail, recipients } = transaction;
        let message = Received { peer: self.peer, mail_from: mail.from, rcpt_to: recipients, bytes };
        match self.receiver.handler.receive(message).await {
            Verdict::Accept => self.reply(250, "2.0.0 taken"),
            Verdict::Reject(why) => self.reply(554, &format!("5.0.0 {why}")),
            Verdict::TryLater(why) => self.reply(451, &format!("4.3.0 {why}")),
        }
        Ok(Then::GoOn)
    }

    /// The message, or `None` when it was beyond the limit.
    async fn body(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut message = Unstuffer::new(self.receiver.limits.message_size);
        loop {
            let by = self.patience();
            let available = timeout_at(by, self.socket.fill_buf()).await??;
            if available.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let (taken, ended) = message.take(available);
            self.socket.consume(taken);
            if ended {
                return Ok(message.message());
            }
        }
    }

    fn refuse(&mut self, refusal: Refusal) -> Then {
        match refusal {
            Refusal::Unknown => self.bad(500, "5.5.2 no such command"),
            Refusal::NotImplemented => self.bad(502, "5.5.1 not done here"),
            Refusal::Syntax(why) => self.bad(501, &format!("5.5.2 {why}")),
            Refusal::Address => self.bad(553, "5.1.3 this is no address"),
            Refusal::Parameter => self.bad(555, "5.5.4 no such parameter"),
        }
    }

    /// A reply to something that a well-behaved peer says now and then, but not for ever.
    fn bad(&mut self, code: u16, text: &str) -> Then {
        self.reply(code, text);
        self.bad_commands += 1;
        if self.bad_commands <= self.receiver.limits.bad_commands {
            return Then::GoOn;
        }
        self.reply(421, "4.7.0 too many errors");
        Then::Close
    }

    fn reply(&mut self, code: u16, text: &str) {
        let line: String = text
            .chars()
            .map(|c| if c.is_ascii() && !c.is_ascii_control() { c } else { ' ' })
            .take(TEXT_MAX)
            .collect();
        self.replies.extend_from_slice(format!("{code} {line}\r\n").as_bytes());
    }

    /// Until when the peer may keep us waiting.
    fn patience(&self) -> Instant {
        self.deadline.min(Instant::now() + self.receiver.limits.idle)
    }

    async fn flush(&mut self) -> io::Result<()> {
        let by = self.patience();
        timeout_at(by, self.socket.write_all(&self.replies)).await??;
        self.replies.clear();
        Ok(())
    }
}
