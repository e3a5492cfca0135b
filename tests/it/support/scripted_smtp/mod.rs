//! A scripted SMTP server: for each recipient and each attempt it answers what a table says, at the
//! step that the table says, also with silence, garbage or a broken connection. It counts what it
//! was told, so that a test can see who got what, how often and when.
//!
//! It depends on nothing of the crate, so that unit tests can include it by path.

mod script;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use data_encoding::BASE64;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

pub use script::{Act, At, Rule, Script};

/// A message that the server took.
#[derive(Clone, Debug)]
pub struct Taken {
    /// When its end was seen.
    pub at: Instant,
    /// The MAIL command.
    pub mail: String,
    /// The message as it came over the line, dots still doubled, without the final one.
    pub message: Vec<u8>,
}

/// What the server has seen so far.
#[derive(Default)]
pub struct Seen {
    /// By recipient: when each attempt came to RCPT, or was refused before by the script.
    pub attempts: HashMap<String, Vec<Instant>>,
    /// By recipient: what was taken.
    pub taken: HashMap<String, Vec<Taken>>,
    /// Connections in all, open now, and open at most at one time.
    pub connections: usize,
    /// Open now.
    pub open: usize,
    /// Open at most at one time.
    pub peak: usize,
    /// Every command line.
    pub commands: Vec<String>,
    reached: HashMap<At, usize>,
}

impl Seen {
    /// How many messages `address` got.
    pub fn taken_by(&self, address: &str) -> usize {
        self.taken.get(address).map_or(0, Vec::len)
    }

    /// How many attempts at `address` there were.
    pub fn attempts_at(&self, address: &str) -> usize {
        self.attempts.get(address).map_or(0, Vec::len)
    }

    /// How many command lines begin with `verb`.
    pub fn count(&self, verb: &str) -> usize {
        self.commands.iter().filter(|line| line.starts_with(verb)).count()
    }
}

/// A running server, which ends when it is dropped.
pub struct ScriptedSmtp {
    /// Where it listens.
    pub address: SocketAddr,
    server: Arc<Server>,
    task: JoinHandle<()>,
}

struct Server {
    script: Script,
    seen: Mutex<Seen>,
}

impl ScriptedSmtp {
    /// Starts a server on a free port of the loopback address.
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Arc::new(Server { script, seen: Mutex::default() });
        let task = tokio::spawn(Arc::clone(&server).serve(listener));
        Self { address, server, task }
    }

    /// What it has seen so far. Let go of it before anything is awaited.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.server.seen.lock().unwrap()
    }
}

impl Drop for ScriptedSmtp {
    fn drop(&mut self) {
        self.task.abort();
    }
}

trait Line: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

/// The end of a connection, wanted or not.
struct Gone;

type Talk<T> = Result<T, Gone>;

impl From<std::io::Error> for Gone {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

impl Server {
    async fn serve(self: Arc<Self>, listener: TcpListener) {
        let mut connections = tokio::task::JoinSet::new();
        while let Ok((socket, _)) = listener.accept().await {
            let server = Arc::clone(&self);
            connections.spawn(async move {
                {
                    let mut seen = server.seen.lock().unwrap();
                    seen.connections += 1;
                    seen.open += 1;
                    seen.peak = seen.peak.max(seen.open);
                }
                let _ = Arc::clone(&server).talk(socket).await;
                server.seen.lock().unwrap().open -= 1;
            });
        }
    }

    async fn talk(self: Arc<Self>, socket: TcpStream) -> Talk<()> {
        socket.set_nodelay(true)?;
        let mut io: Box<dyn Line> = Box::new(socket);
        let mut encrypted = false;
        if let Some((config, true)) = &self.script.tls {
            io = Box::new(TlsAcceptor::from(Arc::clone(config)).accept(io).await?);
            encrypted = true;
        }
        let mut peer = Peer { server: Arc::clone(&self), io: BufReader::new(io) };
        if self.script.connections.is_some_and(|most| peer.seen().open > most) {
            return peer.act(&Act::Say("421 4.7.0 too many connections".to_owned())).await;
        }
        let mut mail: Option<String> = None;
        // Whom the message is for, the attempt's number, and whether he was taken.
        let mut recipient: Option<((String, usize), bool)> = None;
        peer.answer(peer.rule(At::Connect, None), "220 scripted.example ESMTP").await?;
        loop {
            let line = peer.line().await?;
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    let reply = self.offers(encrypted);
                    peer.answer(peer.rule(At::Ehlo, None), &reply).await?;
                }
                "STARTTLS" => {
                    peer.answer(peer.rule(At::StartTls, None), "220 go on").await?;
                    let Some((config, _)) = &self.script.tls else { return Err(Gone) };
                    let encrypted_io =
                        TlsAcceptor::from(Arc::clone(config)).accept(peer.io.into_inner()).await?;
                    peer = Peer { server: Arc::clone(&self), io: BufReader::new(Box::new(encrypted_io)) };
                    encrypted = true;
                }
                "AUTH" => {
                    let reply =
                        if peer.knows(&line).await? { "235 2.7.0 welcome" } else { "535 5.7.8 wrong" };
                    peer.answer(peer.rule(At::Auth, None), reply).await?;
                }
                "MAIL" => {
                    let act = peer.rule(At::Mail, None);
                    mail = (!refuses(act.as_ref())).then_some(line);
                    peer.answer(act, "250 2.1.0 ok").await?;
                }
                "RCPT" if mail.is_none() => peer.say("503 5.5.1 MAIL first").await?,
                "RCPT" => {
                    let address = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    let attempt = peer.begin(&address);
                    let to = (address, attempt);
                    let act = peer.rule(At::Rcpt, Some(&to));
                    recipient = Some((to, !refuses(act.as_ref())));
                    peer.answer(act, "250 2.1.5 ok").await?;
                }
                "DATA" => {
                    let (Some(mail), Some((to, welcome))) = (&mail, recipient.clone()) else {
                        peer.say("503 5.5.1 RCPT first").await?;
                        continue;
                    };
                    let usual = if welcome { "354 go on" } else { "554 5.5.1 no valid recipients" };
                    let act = peer.rule(At::Data, Some(&to));
                    let act = act.unwrap_or_else(|| Act::Say(usual.to_owned()));
                    peer.act(&act).await?;
                    if !matches!(&act, Act::Say(reply) | Act::Drip(reply) if reply.starts_with('3')) {
                        continue;
                    }
                    peer.message(mail, &to).await?;
                    recipient = None;
                }
                "RSET" => {
                    (mail, recipient) = (None, None);
                    peer.say("250 2.0.0 ok").await?;
                }
                "QUIT" => return peer.act(&Act::SayAndClose("221 2.0.0 bye".to_owned())).await,
                _ => peer.say("500 5.5.2 what?").await?,
            }
        }
    }

    fn offers(&self, encrypted: bool) -> String {
        let mut lines = vec!["scripted.example".to_owned()];
        lines.extend(self.script.offers.iter().cloned());
        if self.script.tls.is_some() && !encrypted {
            lines.push("STARTTLS".to_owned());
        }
        if let Some((_, _, mechanisms)) = &self.script.user {
            lines.push(format!("AUTH {mechanisms}"));
        }
        format!("250 {}", lines.join("|250 "))
    }
}

/// Whether a command that is answered so comes to nothing.
fn refuses(act: Option<&Act>) -> bool {
    !matches!(act, None | Some(Act::Say(_) | Act::Drip(_)))
        || matches!(act, Some(Act::Say(reply) | Act::Drip(reply)) if !reply.starts_with('2'))
}

struct Peer {
    server: Arc<Server>,
    io: BufReader<Box<dyn Line>>,
}

impl Peer {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.server.seen.lock().unwrap()
    }

    /// Counts an attempt at `address` and gives its number.
    fn begin(&self, address: &str) -> usize {
        let mut seen = self.seen();
        let attempts = seen.attempts.entry(address.to_owned()).or_default();
        attempts.push(Instant::now());
        attempts.len()
    }

    /// What the script has for this step.
    fn rule(&self, at: At, recipient: Option<&(String, usize)>) -> Option<Act> {
        let mut seen = self.seen();
        let reached = seen.reached.entry(at).or_default();
        *reached += 1;
        let reached = *reached;
        let fits = |rule: &&Rule| {
            let number = match recipient {
                Some((address, number)) if rule.address == "*" || rule.address == *address => *number,
                Some(_) => return false,
                None if rule.address == "*" => reached,
                None => seen.attempts_at(&rule.address) + 1,
            };
            rule.at == at && rule.attempt.is_none_or(|attempt| attempt == number)
        };
        let rule = self.server.script.rules.iter().find(fits)?.clone();
        if recipient.is_none() && rule.address != "*" {
            seen.attempts.entry(rule.address).or_default().push(Instant::now());
        }
        Some(rule.act)
    }

    async fn answer(&mut self, act: Option<Act>, usual: &str) -> Talk<()> {
        match act {
            Some(act) => self.act(&act).await,
            None => self.say(usual).await,
        }
    }

    async fn act(&mut self, act: &Act) -> Talk<()> {
        match act {
            Act::Say(reply) => {
                self.say(reply).await?;
                if reply.starts_with("421") { self.close().await } else { Ok(()) }
            }
            Act::SayAndClose(reply) => {
                self.say(reply).await?;
                self.close().await
            }
            Act::Close | Act::TakeAndClose => self.close().await,
            Act::Silence => std::future::pending().await,
            Act::Garbage => Ok(self.write(b"\x16\x03\x01 no reply at all\r\n").await?),
            Act::Drip(reply) => {
                for byte in format!("{reply}\r\n").bytes() {
                    self.write(&[byte]).await?;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Ok(())
            }
        }
    }

    /// Says one reply; `|` stands between its lines.
    async fn say(&mut self, reply: &str) -> Talk<()> {
        let lines: Vec<_> = reply.split('|').collect();
        let mut text = String::new();
        for (number, line) in lines.iter().enumerate() {
            let more = number + 1 < lines.len();
            text.push_str(&if more { line.replacen(' ', "-", 1) } else { (*line).to_owned() });
            text.push_str("\r\n");
        }
        Ok(self.write(text.as_bytes()).await?)
    }

    async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.io.write_all(bytes).await?;
        self.io.flush().await
    }

    async fn close(&mut self) -> Talk<()> {
        self.io.shutdown().await?;
        Err(Gone)
    }

    async fn raw_line(&mut self) -> Talk<Vec<u8>> {
        let mut line = Vec::new();
        self.io.read_until(b'\n', &mut line).await?;
        if line.is_empty() { Err(Gone) } else { Ok(line) }
    }

    async fn line(&mut self) -> Talk<String> {
        let line = String::from_utf8_lossy(&self.raw_line().await?).trim_end().to_owned();
        self.seen().commands.push(line.clone());
        Ok(line)
    }

    /// The message after DATA, and the reply to it.
    async fn message(&mut self, mail: &str, to: &(String, usize)) -> Talk<()> {
        let mut message = Vec::new();
        if let Some(act) = self.rule(At::Body, Some(to)) {
            self.raw_line().await?;
            return self.act(&act).await;
        }
        loop {
            let line = self.raw_line().await?;
            if line == b".\r\n" {
                break;
            }
            message.extend(line);
        }
        let act = self.rule(At::Dot, Some(to)).unwrap_or_else(|| Act::Say("250 2.0.0 queued".to_owned()));
        let takes = match &act {
            Act::Say(reply) | Act::Drip(reply) | Act::SayAndClose(reply) => reply.starts_with('2'),
            act => *act == Act::TakeAndClose,
        };
        if takes {
            let taken = Taken { at: Instant::now(), mail: mail.to_owned(), message };
            self.seen().taken.entry(to.0.clone()).or_default().push(taken);
        }
        self.act(&act).await?;
        match self.rule(At::After, Some(to)) {
            Some(act) => self.act(&act).await,
            None => Ok(()),
        }
    }

    /// Whether AUTH, as begun in `line`, names the user of the script.
    async fn knows(&mut self, line: &str) -> Talk<bool> {
        let Some((user, password, _)) = self.server.script.user.clone() else { return Ok(false) };
        let words: Vec<_> = line.split(' ').collect();
        if words.get(1) == Some(&"PLAIN") {
            let expected = BASE64.encode(format!("\0{user}\0{password}").as_bytes());
            return Ok(words.get(2) == Some(&expected.as_str()));
        }
        if words.get(1) == Some(&"XOAUTH2") {
            let expected = BASE64.encode(format!("user={user}\x01auth=Bearer {password}\x01\x01").as_bytes());
            let knows = words.get(2) == Some(&expected.as_str());
            if !knows {
                self.say("334 eyJzdGF0dXMiOiI0MDEifQ==").await?;
                return if self.line().await?.is_empty() { Ok(false) } else { Err(Gone) };
            }
            return Ok(true);
        }
        self.say("334 VXNlcm5hbWU6").await?;
        let told_user = self.line().await?;
        self.say("334 UGFzc3dvcmQ6").await?;
        let told_password = self.line().await?;
        Ok(told_user == BASE64.encode(user.as_bytes()) && told_password == BASE64.encode(password.as_bytes()))
    }
}
