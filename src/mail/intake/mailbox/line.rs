//! The line to a mailbox's server: bytes and lines in, commands out, bounded in size. How long it may
//! take is up to whoever asks.

use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::settings::Settings;
use super::trouble::Trouble;
use crate::config::Security;
use crate::mail::tls::Tls;

/// What is said on, encrypted or not.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// An open line.
pub(super) struct Line {
    io: BufReader<Box<dyn Stream>>,
}

impl Line {
    /// Opens the connection, encrypted at once where the mailbox asks for it.
    pub(super) async fn open(settings: &Settings) -> Result<Self, Trouble> {
        let url = &settings.mailbox.url;
        let opened =
            timeout(settings.limits.connect, TcpStream::connect((url.host.as_str(), url.port))).await;
        let socket = opened.map_err(|_| slow(settings.limits.connect))??;
        socket.set_nodelay(true)?;
        let line = Self { io: BufReader::new(Box::new(socket)) };
        if url.security == Security::Tls { line.encrypt(settings).await } else { Ok(line) }
    }

    /// Goes on under TLS. What the server said in plain text beyond its answer would be taken for words
    /// under TLS (CVE-2011-0411), so such a connection is given up.
    pub(super) async fn encrypt(self, settings: &Settings) -> Result<Self, Trouble> {
        if !self.io.buffer().is_empty() {
            return Err(Trouble::Line("the server went on in plain text after STARTTLS".to_owned()));
        }
        let tls = Tls::new(settings.mailbox.url.host.as_str(), settings.mailbox.ca_file.as_deref())?;
        let shaken = timeout(settings.limits.connect, tls.connect(self.io.into_inner())).await;
        let encrypted = shaken.map_err(|_| slow(settings.limits.connect))?;
        let encrypted = encrypted.map_err(|error| Trouble::Line(format!("TLS: {error}")))?;
        Ok(Self { io: BufReader::new(Box::new(encrypted)) })
    }

    /// Writes a command, without its line end, and sees it off.
    pub(super) async fn say(&mut self, command: &str) -> Result<(), Trouble> {
        self.io.write_all(format!("{command}\r\n").as_bytes()).await?;
        Ok(self.io.flush().await?)
    }

    /// Waits until the server says something. May be given up at any time.
    pub(super) async fn ready(&mut self) -> Result<(), Trouble> {
        if self.io.fill_buf().await?.is_empty() { Err(closed()) } else { Ok(()) }
    }

    /// Reads one line, with its end, onto `into`: at most `most` bytes.
    pub(super) async fn line(&mut self, into: &mut Vec<u8>, most: usize) -> Result<(), Trouble> {
        let start = into.len();
        loop {
            let heard = self.io.fill_buf().await?;
            if heard.is_empty() {
                return Err(closed());
            }
            let end = memchr::memchr(b'\n', heard).map(|at| at + 1);
            let taken = end.unwrap_or(heard.len());
            if into.len() - start + taken > most {
                return Err(Trouble::TooMuch(most));
            }
            into.extend_from_slice(&heard[..taken]);
            self.io.consume(taken);
            if end.is_some() {
                return Ok(());
            }
        }
    }

    /// Reads so many bytes onto `into`. Memory grows with what came, not with what was announced.
    pub(super) async fn bytes(&mut self, into: &mut Vec<u8>, count: usize) -> Result<(), Trouble> {
        let wanted = u64::try_from(count).unwrap_or(u64::MAX);
        let read = (&mut self.io).take(wanted).read_to_end(into).await?;
        if read == count { Ok(()) } else { Err(closed()) }
    }
}

fn closed() -> Trouble {
    Trouble::Line("the server closed the connection".to_owned())
}

/// What is said of a server that takes too long.
pub(super) fn slow(limit: std::time::Duration) -> Trouble {
    Trouble::Line(format!("no full answer within {:.0} seconds", limit.as_secs_f64()))
}
