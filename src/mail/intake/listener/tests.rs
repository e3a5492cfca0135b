//! The listener over real sockets, with a keeper that says what it is told to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::super::{Kept, NotNow};
use super::*;

/// Keeps in memory; `later-…@` is ours but cannot be kept now.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<Incoming>>>);

impl Keeper for Memory {
    async fn keep(&self, incoming: Incoming) -> Result<Kept, NotNow> {
        if incoming.came_to.as_ref().is_some_and(|to| to.starts_with("later-")) {
            return Err(NotNow("the database is away: secret".to_owned()));
        }
        self.0.lock().unwrap().push(incoming);
        Ok(Kept::Report)
    }

    fn is_ours(&self, address: &str) -> bool {
        address.ends_with("@bounces.example.org") || address.eq_ignore_ascii_case("postmaster")
    }
}

impl Memory {
    fn came_to(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().filter_map(|incoming| incoming.came_to.clone()).collect()
    }
}

struct Running {
    keeper: Memory,
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

async fn start() -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limits = Limits { message_size: 10_000, ..Limits::default() };
    let settings = Settings { name: "bounces.example.org".to_owned(), limits, tls: None };
    let (keeper, stop) = (Memory::default(), CancellationToken::new());
    let task = tokio::spawn(serve(listener, settings, keeper.clone(), stop.clone()));
    Running { keeper, address, stop, task }
}

impl Running {
    async fn hears(&self, said: &str) -> String {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(said.as_bytes()).await.unwrap();
        let mut heard = String::new();
        timeout(Duration::from_secs(10), socket.read_to_string(&mut heard)).await.unwrap().unwrap();
        heard
    }
}

#[tokio::test]
async fn only_what_is_ours_is_taken() {
    let running = start().await;
    for (hello, data) in [("EHLO", "250 2.0.0 taken\r\n"), ("LHLO", "250 2.0.0 taken\r\n250 2.0.0 taken\r\n")]
    {
        let said = format!(
            "{hello} mx.example\r\nMAIL FROM:<anybody@example.net>\r\nRCPT TO:<bounce-1@bounces.example.org>\r\n\
             RCPT TO:<ana@example.net>\r\nRCPT TO:<PostMaster>\r\nDATA\r\nA\0B\r\n.\r\nQUIT\r\n"
        );
        let heard = running.hears(&said).await;
        assert!(heard.contains("550 5.1.1 no such address here\r\n"), "{heard}");
        assert!(heard.contains(data), "{heard}");
    }
    let came_to = ["bounce-1@bounces.example.org", "PostMaster"].repeat(2);
    assert_eq!(running.keeper.came_to(), came_to);
    let kept = running.keeper.0.lock().unwrap();
    assert!(kept.iter().all(|one| one.content == Content::Mail(b"A\0B\r\n".to_vec())));
    assert!(kept.iter().all(|one| one.intake == Intake::Listener));
}

/// What is not kept is left with the peer, which is not told why.
#[tokio::test]
async fn what_cannot_be_kept_now_is_left_there() {
    let running = start().await;
    let said = |hello| {
        format!(
            "{hello} x\r\nMAIL FROM:<>\r\nRCPT TO:<later-1@bounces.example.org>\r\n\
             RCPT TO:<bounce-2@bounces.example.org>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n"
        )
    };
    let heard = running.hears(&said("EHLO")).await;
    assert!(heard.ends_with("451 4.3.0 it cannot be kept now\r\n221 2.0.0 good-bye\r\n"), "{heard}");
    assert!(running.keeper.came_to().is_empty());
    let heard = running.hears(&said("LHLO")).await;
    assert!(heard.contains("451 4.3.0 it cannot be kept now\r\n250 2.0.0 taken\r\n"), "{heard}");
    assert_eq!(running.keeper.came_to(), ["bounce-2@bounces.example.org"]);
}

#[tokio::test]
async fn it_stops_when_it_is_told_to() {
    let running = start().await;
    let mut idle = TcpStream::connect(running.address).await.unwrap();
    idle.read_u8().await.unwrap();
    running.stop.cancel();
    timeout(Duration::from_secs(10), running.task).await.unwrap().unwrap();
    let mut heard = String::new();
    idle.read_to_string(&mut heard).await.unwrap();
    assert!(heard.ends_with("421 4.3.2 closing down\r\n"), "{heard}");
}

/// A peer that never ends its message does not keep us from stopping.
#[tokio::test(start_paused = true)]
async fn it_does_not_wait_for_ever() {
    let running = start().await;
    let mut endless = TcpStream::connect(running.address).await.unwrap();
    endless
        .write_all(b"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<bounce-1@bounces.example.org>\r\nDATA\r\nx")
        .await
        .unwrap();
    let mut heard = String::new();
    while !heard.contains("354 ") {
        heard.push(char::from(endless.read_u8().await.unwrap()));
    }
    running.stop.cancel();
    timeout(GRACE * 2, running.task).await.unwrap().unwrap();
    assert!(running.keeper.came_to().is_empty());
}
