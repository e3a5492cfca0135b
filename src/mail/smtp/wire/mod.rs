//! The line to a relay: a socket without Nagle's delay, TLS where it is wanted, commands out and
//! replies in.
//!
//! It bounds what a server may send us and how long it may take, and knows nothing of the order of
//! the conversation.

mod reader;

use std::borrow::Cow;
use std::io::{self, IoSlice};
use std::time::Duration;

use lettre::transport::smtp::extension::ClientId;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::data::{FINAL_DOT, MailData};
use crate::mail::tls::Tls;
use reader::{Reader, invalid};

pub(super) use reader::Heard;

/// This machine's name for EHLO, or its address where it has none.
pub(super) fn machine_name() -> String {
    ClientId::default().to_string()
}

/// One open line.
pub(super) struct Wire {
    io: Io,
    reader: Reader,
}

enum Io {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// Opens the connection; the greeting is not read yet.
    pub(super) async fn open(host: &str, port: u16, limit: Duration) -> io::Result<Self> {
        let socket = within(limit, TcpStream::connect((host, port))).await?;
        // With Nagle's algorithm the end of each message would wait some 40 ms for the relay's
        // delayed acknowledgement.
        socket.set_nodelay(true)?;
        Ok(Self { io: Io::Plain(socket), reader: Reader::new() })
    }

    /// Goes on under TLS. What the server said in plain text beyond its reply to STARTTLS would be
    /// taken for words under TLS (CVE-2011-0411), so such a connection is given up.
    pub(super) async fn encrypt(self, tls: &Tls, limit: Duration) -> io::Result<Self> {
        if !self.reader.is_empty() {
            return Err(invalid("the relay went on in plain text after STARTTLS"));
        }
        let Io::Plain(socket) = self.io else { return Ok(self) };
        let encrypted = within(limit, tls.connect(socket)).await?;
        Ok(Self { io: Io::Tls(Box::new(encrypted)), reader: self.reader })
    }

    /// Writes `bytes` and sees them off.
    pub(super) async fn write(&mut self, bytes: &[u8], limit: Duration) -> io::Result<()> {
        within(limit, self.io.write(bytes)).await
    }

    /// Writes a message with its final dot, and in the same group the commands behind it. `ended`
    /// becomes true when the whole message may have left this process: before that, the relay
    /// cannot have taken it, whatever happens.
    pub(super) async fn write_message(
        &mut self,
        message: &MailData,
        commands: &[u8],
        limit: Duration,
        ended: &mut bool,
    ) -> io::Result<()> {
        within(limit, self.io.write_message(message.bytes(), commands, ended)).await
    }

    /// Reads one reply.
    pub(super) async fn read_reply(&mut self, limit: Duration) -> io::Result<Heard<'_>> {
        match &mut self.io {
            Io::Plain(io) => within(limit, self.reader.read(io)).await,
            Io::Tls(io) => within(limit, self.reader.read(io)).await,
        }
    }

    /// Whether the relay has said nothing beyond the replies that were read.
    pub(super) const fn is_quiet(&self) -> bool {
        self.reader.is_empty()
    }

    /// Waits until the relay says something unasked, or closes: whatever it is, the connection is
    /// spent. May be given up at any time.
    pub(super) async fn unasked(&mut self) {
        if !self.reader.is_empty() {
            return;
        }
        let _ = match &mut self.io {
            Io::Plain(io) => self.reader.fill(io).await,
            Io::Tls(io) => self.reader.fill(io).await,
        };
    }
}

impl Io {
    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(io) => io.write_all(bytes).await,
            Self::Tls(io) => {
                io.write_all(bytes).await?;
                io.flush().await
            }
        }
    }

    async fn write_message(&mut self, message: &[u8], commands: &[u8], ended: &mut bool) -> io::Result<()> {
        match self {
            Self::Plain(io) => {
                let mut written = 0;
                let whole = message.len() + commands.len();
                while written < whole {
                    let slices = [
                        IoSlice::new(message.get(written..).unwrap_or_default()),
                        IoSlice::new(&commands[written.saturating_sub(message.len())..]),
                    ];
                    match io.write_vectored(&slices).await? {
                        0 => return Err(io::ErrorKind::WriteZero.into()),
                        more => written += more,
                    }
                    *ended = written >= message.len();
                }
                Ok(())
            }
            Self::Tls(io) => {
                // What TLS holds back is not known, so the final dot waits until all else is out.
                let (body, dot) = message.split_at(message.len() - FINAL_DOT.len());
                io.write_all(body).await?;
                io.flush().await?;
                *ended = true;
                io.write_all(&[dot, commands].concat()).await?;
                io.flush().await
            }
        }
    }
}

async fn within<T>(limit: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(limit, work).await.unwrap_or_else(|_| {
        let silence = format!("nothing for {:.1} seconds", limit.as_secs_f64());
        Err(io::Error::new(io::ErrorKind::TimedOut, silence))
    })
}

/// What an I/O error says to a person.
pub(super) fn in_words(error: &io::Error) -> Cow<'static, str> {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "nobody listens there (connection refused)".into(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            "the relay broke the connection off".into()
        }
        _ => error.to_string().into(),
    }
}
