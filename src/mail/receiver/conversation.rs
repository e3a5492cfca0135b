//! One peer's conversation with the receiver: commands in order, replies, and the hand-over of each
//! message.
//!
//! A handler that has been given a message is never interrupted; every wait for the peer is.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::command::{Command, Greeting, Mail, Refusal};
use super::lines::{Line, line};
use super::{Handler, Receiver, Verdict};

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
    let deadline = Instant::now() + receiver.limits.total;
    let mut plain = Conversation::new(receiver, peer, deadline, socket, receiver.tls.is_some());
    plain.reply(220, &format!("{} ESMTP", receiver.name));
    if plain.talk(shutdown).await? != Then::Encrypt {
        return Ok(());
    }
    let Some(tls) = &receiver.tls else { return Ok(()) };
    let by = plain.patience();
    // What came in plain text behind STARTTLS would be taken for words under TLS: it goes with the
    // buffer (CVE-2011-0411). All else is forgotten as well (RFC 3207 4.2).
    let encrypted = timeout_at(by, tls.accept(plain.socket.into_inner())).await??;
    Box::pin(Conversation::new(receiver, peer, deadline, encrypted, false).talk(shutdown)).await?;
    Ok(())
}

/// How a peer talks to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// RFC 5321: one answer for a message.
    Smtp,
    /// RFC 2033: one answer for each of its recipients.
    Lmtp,
}

/// What a peer has told us of a message so far.
pub(super) struct Transaction {
    pub(super) mail: Mail,
    pub(super) recipients: Vec<String>,
}

/// Whether the conversation goes on after a reply.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    GoOn,
    Close,
    /// The peer begins TLS.
    Encrypt,
}

pub(super) struct Conversation<'a, H, S> {
    pub(super) receiver: &'a Receiver<H>,
    pub(super) peer: SocketAddr,
    pub(super) socket: BufReader<S>,
    /// Set by the peer's first greeting.
    pub(super) protocol: Option<Protocol>,
    pub(super) transaction: Option<Transaction>,
    deadline: Instant,
    offers_tls: bool,
    replies: Vec<u8>,
    bad_commands: usize,
}

impl<'a, H: Handler, S: AsyncRead + AsyncWrite + Unpin + Send> Conversation<'a, H, S> {
    fn new(
        receiver: &'a Receiver<H>,
        peer: SocketAddr,
        deadline: Instant,
        socket: S,
        offers_tls: bool,
    ) -> Self {
        Self {
            receiver,
            peer,
            socket: BufReader::with_capacity(READ_BUFFER, socket),
            protocol: None,
            transaction: None,
            deadline,
            offers_tls,
            replies: Vec::new(),
            bad_commands: 0,
        }
    }

    /// Talks until the end, or until TLS begins, and sees the last words off.
    async fn talk(&mut self, shutdown: &CancellationToken) -> io::Result<Then> {
        let ended = self.run(shutdown).await;
        if ended.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            self.reply(421, "4.4.2 that took too long");
        }
        // They are worth one try.
        timeout(TURN_AWAY_TIMEOUT, self.flush()).await??;
        ended
    }

    async fn run(&mut self, shutdown: &CancellationToken) -> io::Result<Then> {
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
                    return Ok(Then::Close);
                }
                read = timeout_at(by, line(&mut self.socket, self.receiver.limits.command_line)) => read??,
            };
            let parsed = match read {
                Line::Closed => return Ok(Then::Close),
                Line::Endless => {
                    self.reply(421, "4.7.0 a line without an end");
                    return Ok(Then::Close);
                }
                Line::TooLong => Err(Refusal::Syntax("the line is too long")),
                Line::LoneLf => Err(Refusal::Syntax("lines end in CR LF")),
                Line::Whole(line) => Command::parse(&line),
            };
            let then = match parsed {
                Ok(command) => self.obey(command).await?,
                Err(refusal) => self.refuse(refusal),
            };
            if then != Then::GoOn {
                return Ok(then);
            }
        }
    }

    async fn obey(&mut self, command: Command) -> io::Result<Then> {
        match command {
            Command::Hello(greeting) => return Ok(self.hello(greeting)),
            Command::Mail(mail) => return Ok(self.mail(mail)),
            Command::Rcpt { to } => return Ok(self.rcpt(to)),
            Command::Data => return self.data().await,
            Command::StartTls if self.offers_tls => {
                self.reply(220, "2.0.0 go on under TLS");
                return Ok(Then::Encrypt);
            }
            Command::StartTls if self.receiver.tls.is_some() => return Ok(self.bad(503, "5.5.1 it is on")),
            Command::StartTls => return Ok(self.refuse(Refusal::NotImplemented)),
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

    fn hello(&mut self, greeting: Greeting) -> Then {
        let (protocol, other) = match greeting {
            Greeting::Helo | Greeting::Ehlo => (Protocol::Smtp, "LHLO"),
            Greeting::Lhlo => (Protocol::Lmtp, "EHLO"),
        };
        if self.protocol.is_some_and(|begun| begun != protocol) {
            return self.bad(500, &format!("5.5.1 this conversation began with {other}"));
        }
        self.protocol = Some(protocol);
        self.transaction = None;
        let name = &self.receiver.name;
        let offers = if greeting == Greeting::Helo {
            format!("250 {name}\r\n")
        } else {
            let size = self.receiver.limits.message_size;
            let tls = if self.offers_tls { "250-STARTTLS\r\n" } else { "" };
            format!(
                "250-{name}\r\n250-PIPELINING\r\n250-SIZE {size}\r\n{tls}250-8BITMIME\r\n250-SMTPUTF8\r\n\
                 250 ENHANCEDSTATUSCODES\r\n"
            )
        };
        self.replies.extend_from_slice(offers.as_bytes());
        Then::GoOn
    }

    fn mail(&mut self, mail: Mail) -> Then {
        if self.protocol.is_none() {
            return self.bad(503, "5.5.1 say EHLO or LHLO first");
        }
        if self.transaction.is_some() {
            return self.bad(503, "5.5.1 one message after the other");
        }
        if mail.size.is_some_and(|size| size > self.receiver.limits.message_size) {
            return self.bad(552, "5.3.4 the message is too big");
        }
        if !self.receiver.guests.may_send(self.peer.ip()) {
            return self.bad(451, "4.7.1 too many messages, try again in a minute");
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
    pub(super) fn bad(&mut self, code: u16, text: &str) -> Then {
        self.reply(code, text);
        self.bad_commands += 1;
        if self.bad_commands <= self.receiver.limits.bad_commands {
            return Then::GoOn;
        }
        self.reply(421, "4.7.0 too many errors");
        Then::Close
    }

    pub(super) fn reply(&mut self, code: u16, text: &str) {
        let line: String = text
            .chars()
            .map(|c| if c.is_ascii() && !c.is_ascii_control() { c } else { ' ' })
            .take(TEXT_MAX)
            .collect();
        self.replies.extend_from_slice(format!("{code} {line}\r\n").as_bytes());
    }

    /// Until when the peer may keep us waiting.
    pub(super) fn patience(&self) -> Instant {
        self.deadline.min(Instant::now() + self.receiver.limits.idle)
    }

    pub(super) async fn flush(&mut self) -> io::Result<()> {
        let by = self.patience();
        timeout_at(by, async {
            self.socket.write_all(&self.replies).await?;
            // TLS holds back what was written.
            self.socket.flush().await
        })
        .await??;
        self.replies.clear();
        Ok(())
    }
}
