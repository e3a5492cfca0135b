//! A server whose every word a test writes itself, for what depends on the order of bytes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longer than a write of this machine takes to arrive at itself.
const QUIET: Duration = Duration::from_millis(60);

/// A listener that plays a script on each connection.
pub(super) struct Peer {
    pub(super) port: u16,
    played: Arc<Mutex<Vec<JoinHandle<()>>>>,
    listening: JoinHandle<()>,
}

impl Peer {
    /// `script` is told the number of the connection, from 0.
    pub(super) async fn start<F: Future<Output = ()> + Send + 'static>(
        script: impl Fn(Line, usize) -> F + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let played = Arc::<Mutex<Vec<JoinHandle<()>>>>::default();
        let listening = tokio::spawn({
            let played = Arc::clone(&played);
            async move {
                while let Ok((socket, _)) = listener.accept().await {
                    socket.set_nodelay(true).unwrap();
                    let mut played = played.lock().unwrap();
                    let number = played.len();
                    played.push(tokio::spawn(script(Line(BufReader::new(socket)), number)));
                }
            }
        });
        Self { port, played, listening }
    }

    /// Waits until each connection's script is over, and fails with them. Gives how many there were.
    pub(super) async fn finish(self) -> usize {
        self.listening.abort();
        let played = std::mem::take(&mut *self.played.lock().unwrap());
        let count = played.len();
        for script in played {
            timeout(Duration::from_secs(20), script).await.expect("a script that does not end").unwrap();
        }
        count
    }
}

/// One connection, from the server's side.
pub(super) struct Line(BufReader<TcpStream>);

impl Line {
    /// The next command; empty when the client has closed.
    pub(super) async fn command(&mut self) -> String {
        let mut line = String::new();
        // A reset is an end too.
        let _ = self.0.read_line(&mut line).await;
        line.trim_end().to_owned()
    }

    /// Says these lines, at once.
    pub(super) async fn say(&mut self, lines: &str) {
        let text = lines.lines().map(|line| line.trim().to_owned() + "\r\n").collect::<String>();
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Greeting and EHLO, with these extensions.
    pub(super) async fn greet(&mut self, offers: &[&str]) {
        self.say("220 peer.example ESMTP").await;
        assert_eq!(self.command().await, "EHLO news.example");
        let mut lines: Vec<_> = offers.iter().map(|offer| format!("250-{offer}")).collect();
        lines.insert(0, "250-peer.example".to_owned());
        lines.push("250 HELP".to_owned());
        self.say(&lines.join("\n")).await;
    }

    /// MAIL, RCPT and DATA in one group; gives the recipient's local part.
    pub(super) async fn envelope(&mut self) -> String {
        assert!(self.command().await.starts_with("MAIL FROM:<"));
        let to = self.recipient().await;
        assert_eq!(self.command().await, "DATA");
        to
    }

    /// RCPT; gives the recipient's local part.
    pub(super) async fn recipient(&mut self) -> String {
        let rcpt = self.command().await;
        let to = rcpt.strip_prefix("RCPT TO:<").and_then(|rest| rest.split_once('@'));
        to.unwrap_or_else(|| panic!("{rcpt}")).0.to_owned()
    }

    /// MAIL, RCPT and DATA, each answered before the next may come.
    pub(super) async fn lock_step(&mut self) -> String {
        assert!(self.command().await.starts_with("MAIL FROM:<"));
        self.quiet().await;
        self.say("250 ok").await;
        let to = self.recipient().await;
        self.quiet().await;
        self.say("250 ok").await;
        assert_eq!(self.command().await, "DATA");
        self.quiet().await;
        self.say("354 go on").await;
        to
    }

    /// A message up to its final dot, without it.
    pub(super) async fn message(&mut self) -> String {
        let mut message = String::new();
        loop {
            let before = message.len();
            self.0.read_line(&mut message).await.unwrap();
            if &message[before..] == ".\r\n" {
                message.truncate(before);
                return message;
            }
            assert!(message.len() > before, "the message breaks off");
        }
    }

    /// Nothing more comes from the client for now.
    pub(super) async fn quiet(&mut self) {
        assert!(self.0.buffer().is_empty(), "{}", String::from_utf8_lossy(self.0.buffer()));
        let more = timeout(QUIET, self.0.fill_buf()).await;
        assert!(more.is_err(), "{}", String::from_utf8_lossy(more.unwrap().unwrap()));
    }

    /// All that the client sends until it waits for an answer; empty when it has closed.
    pub(super) async fn round(&mut self) -> String {
        let mut group = String::new();
        loop {
            let bytes = match timeout(QUIET, self.0.fill_buf()).await {
                Ok(bytes) => bytes.unwrap_or_default().to_vec(),
                Err(_) if group.is_empty() => continue,
                Err(_) => return group,
            };
            if bytes.is_empty() {
                return group;
            }
            self.0.consume(bytes.len());
            group.push_str(&String::from_utf8(bytes).unwrap());
        }
    }

    /// QUIT and its answer.
    pub(super) async fn good_bye(&mut self) {
        assert_eq!(self.command().await, "QUIT");
        self.say("221 bye").await;
    }

    /// Waits until the client has closed; it must not say anything more.
    pub(super) async fn closed(&mut self) {
        assert_eq!(self.command().await, "");
    }
}
