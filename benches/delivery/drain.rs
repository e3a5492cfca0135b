//! A relay that only drains: it takes every message, reads it and forgets it, at next to no cost, so
//! that the sender is what is measured. It knows when each message was whole.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use memchr::memmem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::Result;

/// What was drained so far.
#[derive(Default)]
pub struct Drained {
    /// When the first MAIL came.
    pub first_mail: Option<Instant>,
    /// When each message was whole.
    pub whole: Vec<Instant>,
    /// Octets of all messages, without the final dots.
    pub octets: u64,
}

impl Drained {
    fn add(&mut self, news: Self) {
        self.first_mail = self.first_mail.or(news.first_mail);
        self.whole.extend(news.whole);
        self.octets += news.octets;
    }

    /// Octets of a message, on average.
    pub fn size(&self) -> u64 {
        self.octets / u64::try_from(self.whole.len()).unwrap_or(1).max(1)
    }

    /// Messages a second between two of them, counted from the first.
    pub fn rate(&self, from: usize, to: usize) -> f64 {
        let time = self.whole[to] - self.whole[from];
        let count = u32::try_from(to - from).unwrap_or(u32::MAX);
        f64::from(count) / time.max(Duration::from_nanos(1)).as_secs_f64()
    }
}

/// The relay, on threads of its own for as long as the process lasts: as many as there are processors,
/// so that it is not what is measured.
pub struct Drain {
    /// Where it listens.
    pub address: SocketAddr,
    drained: Arc<Mutex<Drained>>,
}

impl Drain {
    /// Starts one on a free loopback port.
    pub fn start() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let drained = Arc::new(Mutex::new(Drained::default()));
        let all = Arc::clone(&drained);
        std::thread::spawn(move || {
            runtime.block_on(async move {
                while let Ok((socket, _)) = listener.accept().await {
                    tokio::spawn(talk(socket, Arc::clone(&all)));
                }
            });
        });
        Ok(Self { address, drained })
    }

    /// What was drained since the last [`Drain::forget`].
    pub fn drained(&self) -> MutexGuard<'_, Drained> {
        self.drained.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins anew.
    pub fn forget(&self) {
        *self.drained() = Drained::default();
    }
}

async fn talk(mut socket: TcpStream, drained: Arc<Mutex<Drained>>) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    socket.write_all(b"220 drain.test ESMTP\r\n").await?;
    let mut session = Session::default();
    let mut buffer = vec![0; 256 * 1024];
    let mut replies = Vec::new();
    while !session.over {
        let length = socket.read(&mut buffer).await?;
        if length == 0 {
            break;
        }
        let mut news = Drained::default();
        session.take(&buffer[..length], &mut replies, &mut news);
        drained.lock().unwrap_or_else(PoisonError::into_inner).add(news);
        socket.write_all(&replies).await?;
        replies.clear();
    }
    Ok(())
}

const END: &[u8] = b"\r\n.\r\n";

/// One connection's state.
#[derive(Default)]
struct Session {
    line: Vec<u8>,
    /// Within a message: its last octets so far, as many as can be the beginning of its end.
    tail: Option<Vec<u8>>,
    /// Its octets so far.
    octets: usize,
    over: bool,
}

impl Session {
    fn take(&mut self, mut bytes: &[u8], replies: &mut Vec<u8>, drained: &mut Drained) {
        while !bytes.is_empty() && !self.over {
            let used = match self.tail.take() {
                Some(tail) => self.data(tail, bytes, replies, drained),
                None => self.command(bytes, replies, drained),
            };
            bytes = &bytes[used..];
        }
    }

    /// Reads on in a message; gives how many of the octets belong to it.
    fn data(
        &mut self,
        mut tail: Vec<u8>,
        bytes: &[u8],
        replies: &mut Vec<u8>,
        drained: &mut Drained,
    ) -> usize {
        let held = tail.len();
        tail.extend_from_slice(&bytes[..bytes.len().min(END.len() - 1)]);
        let across = memmem::find(&tail, END).map(|at| at + END.len() - held);
        let end = across.or_else(|| memmem::find(bytes, END).map(|at| at + END.len()));
        let Some(end) = end else {
            if bytes.len() >= END.len() {
                tail = bytes[bytes.len() - (END.len() - 1)..].to_vec();
            }
            tail.drain(..tail.len().saturating_sub(END.len() - 1));
            self.octets += bytes.len();
            self.tail = Some(tail);
            return bytes.len();
        };
        // The dot and its line end are no part of the message.
        drained.octets += u64::try_from(std::mem::take(&mut self.octets) + end - 3).unwrap_or(0);
        drained.whole.push(Instant::now());
        replies.extend_from_slice(b"250 2.0.0 drained\r\n");
        end
    }

    /// Reads on in a command; gives how many of the octets belong to it.
    fn command(&mut self, bytes: &[u8], replies: &mut Vec<u8>, drained: &mut Drained) -> usize {
        let Some(end) = memchr::memchr(b'\n', bytes) else {
            self.line.extend_from_slice(bytes);
            return bytes.len();
        };
        self.line.extend_from_slice(&bytes[..end]);
        let verb: Vec<u8> = self.line.iter().take(4).map(u8::to_ascii_uppercase).collect();
        let reply: &[u8] = match verb.as_slice() {
            b"EHLO" => {
                b"250-drain.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250 SIZE 10000000\r\n"
            }
            b"DATA" => {
                self.tail = Some(b"\r\n".to_vec());
                b"354 go on\r\n"
            }
            b"QUIT" => {
                self.over = true;
                b"221 2.0.0 bye\r\n"
            }
            b"MAIL" => {
                drained.first_mail.get_or_insert_with(Instant::now);
                b"250 2.1.0 ok\r\n"
            }
            _ => b"250 2.0.0 ok\r\n",
        };
        replies.extend_from_slice(reply);
        self.line.clear();
        end + 1
    }
}

/// Holds the session to what it has to count, however its octets are cut.
pub fn prove() -> Result<()> {
    let talk = b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nSubject: x\r\n\r\n..\r\nbody\r\n.\r\n\
                 MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\nQUIT\r\n";
    for cut in 1..=talk.len() {
        let (mut session, mut drained, mut replies) = (Session::default(), Drained::default(), Vec::new());
        for piece in talk.chunks(cut) {
            session.take(piece, &mut replies, &mut drained);
        }
        let lines = memmem::find_iter(&replies, "\r\n").count();
        if (drained.whole.len(), drained.octets, lines, session.over) != (2, 24, 15, true) {
            let found = (drained.whole.len(), drained.octets, lines);
            return Err(format!("the draining relay counts wrongly in pieces of {cut}: {found:?}").into());
        }
    }
    Ok(())
}
