//! The receiver over real sockets: whole conversations, hostile ones, limits, shutdown, speed.

mod abuse;
mod lmtp;
mod tls;

use std::sync::Mutex;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;

/// Keeps what it gets, and refuses what its recipient's name asks it to.
#[derive(Default)]
struct Keeper(Mutex<Vec<Received>>);

impl Handler for Keeper {
    async fn receive(&self, message: Received) -> Verdict {
        match message.rcpt_to[0].split('@').next() {
            Some("spam") => Verdict::Reject("no\r\n250 thanks".to_owned()),
            Some("later") => Verdict::TryLater("not now".to_owned()),
            _ => {
                self.0.lock().unwrap().push(message);
                Verdict::Accept
            }
        }
    }

    fn recipient(&self, recipient: &str) -> Verdict {
        match recipient {
            "nobody@example.org" => Verdict::Reject("no such mailbox".to_owned()),
            "busy@example.org" => Verdict::TryLater("not now".to_owned()),
            _ => Verdict::Accept,
        }
    }
}

struct Running {
    receiver: Arc<Receiver<Keeper>>,
    address: SocketAddr,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

async fn start(limits: Limits) -> Running {
    start_with(limits, None).await
}

async fn start_with(limits: Limits, tls: Option<ServerTls>) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let receiver = Receiver::with_tls("mail.example", limits, Keeper::default(), tls);
    let shutdown = CancellationToken::new();
    let task = tokio::spawn(Arc::clone(&receiver).serve(listener, shutdown.clone()));
    Running { receiver, address, shutdown, task }
}

impl Running {
    fn messages(&self) -> Vec<Received> {
        self.receiver.handler().0.lock().unwrap().clone()
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Everything that the receiver says to `said`, written at once, until it closes; each reply is
    /// cut to its code, and all but the last line of each is left out.
    async fn codes(&self, said: &[u8]) -> Vec<String> {
        codes_of(&self.hears(said).await)
    }

    async fn hears(&self, said: &[u8]) -> String {
        let mut socket = self.connect().await;
        // The receiver may close before all is written.
        let _ = socket.write_all(said).await;
        let mut heard = Vec::new();
        let _ = timeout(Duration::from_secs(20), socket.read_to_end(&mut heard)).await.unwrap();
        String::from_utf8(heard).unwrap()
    }
}

/// The codes of replies.
fn codes_of(heard: &str) -> Vec<String> {
    let last_lines = heard.split_terminator("\r\n").filter(|line| line.as_bytes().get(3) != Some(&b'-'));
    last_lines.map(|line| line.chars().take(3).collect()).collect()
}

#[tokio::test]
async fn a_message_is_taken_whole() {
    let running = start(Limits::default()).await;
    let said = b"EHLO news.example\r\nMAIL FROM:<return@bounces.example> SIZE=30 BODY=8BITMIME\r\n\
        RCPT TO:<ana@example.org>\r\nRCPT TO:<@hop.example:bo@example.org>\r\nDATA\r\n\
        Subject: Today\r\n\r\n..one\r\n...two\r\nbare\n.\nlf\r\n.\r\n\
        MAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\n.\r\nQUIT\r\n";
    let codes = running.codes(said).await;
    assert_eq!(codes, ["220", "250", "250", "250", "250", "354", "250", "250", "250", "354", "250", "221"]);
    let [first, second] = &running.messages()[..] else { panic!("{:?}", running.messages()) };
    assert_eq!(first.mail_from.as_deref(), Some("return@bounces.example"));
    assert_eq!(first.rcpt_to, ["ana@example.org", "bo@example.org"]);
    assert_eq!(first.bytes, b"Subject: Today\r\n\r\n.one\r\n..two\r\nbare\n.\nlf\r\n");
    assert_eq!((second.mail_from.as_deref(), second.rcpt_to.len(), second.bytes.len()), (None, 1, 0));
}

#[tokio::test]
async fn the_offers_are_told() {
    let running = start(Limits::default()).await;
    let heard = running.hears(b"EHLO x\r\nHELO x\r\nQUIT\r\n").await;
    assert_eq!(
        heard,
        "220 mail.example ESMTP\r\n250-mail.example\r\n250-PIPELINING\r\n250-SIZE 26214400\r\n250-8BITMIME\r\n\
         250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n250 mail.example\r\n221 2.0.0 good-bye\r\n"
    );
}

#[tokio::test]
async fn commands_have_an_order() {
    for (said, expected) in [
        ("MAIL FROM:<a@b>\r\n", "503"),
        ("EHLO x\r\nRCPT TO:<a@b>\r\n", "250 503"),
        ("EHLO x\r\nDATA\r\n", "250 503"),
        ("EHLO x\r\nMAIL FROM:<a@b>\r\nDATA\r\n", "250 250 554"),
        ("EHLO x\r\nMAIL FROM:<a@b>\r\nMAIL FROM:<a@b>\r\n", "250 250 503"),
        ("EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<a@b>\r\nRSET\r\nDATA\r\n", "250 250 250 250 503"),
        ("EHLO x\r\nMAIL FROM:<a@b>\r\nEHLO x\r\nRCPT TO:<a@b>\r\n", "250 250 250 503"),
        ("NOOP x\r\nVRFY ana\r\nHELP\r\nEXPN x\r\nXYZZY\r\n", "250 252 214 502 500"),
        ("EHLO\r\nNOOP\n\r\n", "501 501 500"),
        ("EHLO x\r\nMAIL FROM:<a@b> SIZE=99999999999\r\nMAIL FROM:<a@b> X=1\r\n", "250 552 555"),
        (
            "EHLO x\r\nMAIL FROM:<> RET=HDRS ENVID=a+2Bb\r\nRCPT TO:<a@b> NOTIFY=NEVER ORCPT=rfc822;a@b\r\n",
            "250 250 250",
        ),
        ("EHLO x\r\nSTARTTLS\r\n", "250 502"),
        // A recipient that is refused leaves DATA nothing to do (RFC 2920 3.1).
        ("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<nobody@example.org>\r\nDATA\r\n", "250 250 550 554"),
        ("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<busy@example.org>\r\n", "250 250 451"),
        ("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<დავითი@example.org>\r\n", "250 250 553"),
        ("EHLO x\r\nMAIL FROM:<> SMTPUTF8\r\nRCPT TO:<დავითი@example.org>\r\n", "250 250 250"),
        ("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<later@x>\r\nDATA\r\n.\r\n", "250 250 250 354 451"),
    ] {
        let running = start(Limits::default()).await;
        let codes = running.codes(format!("{said}QUIT\r\n").as_bytes()).await;
        assert_eq!(codes.join(" "), format!("220 {expected} 221"), "{said}");
    }
}

/// What a handler says must not be able to end the reply.
#[tokio::test]
async fn a_reply_stays_one_line() {
    let running = start(Limits::default()).await;
    let heard = running.hears(b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<spam@x>\r\nDATA\r\n.\r\nQUIT\r\n").await;
    assert!(heard.ends_with("554 5.0.0 no  250 thanks\r\n221 2.0.0 good-bye\r\n"), "{heard}");
}

/// SMTP smuggling: whatever stands around a dot, only CR LF . CR LF ends a message.
#[tokio::test]
async fn no_other_end_of_data_is_taken() {
    for end in ["\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n", "\r\n.\r", "\r.\r\n", "\r\n\0.\r\n", "\r\n.\r\r\n"] {
        let running = start(Limits::default()).await;
        let said = format!(
            "EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nfirst{end}MAIL FROM:<x@y>\r\nRCPT TO:<z@y>\r\n\
             DATA\r\nsecond\r\n.\r\nQUIT\r\n"
        );
        let codes = running.codes(said.as_bytes()).await;
        assert_eq!(codes, ["220", "250", "250", "250", "354", "250", "221"], "{end:?}");
        let messages = running.messages();
        assert_eq!(messages.len(), 1, "{end:?}");
        assert!(messages[0].bytes.ends_with(b"second\r\n"));
    }
}

#[tokio::test]
async fn limits_hold() {
    let limits = Limits {
        message_size: 1_000,
        recipients: 2,
        command_line: 100,
        bad_commands: 3,
        idle: Duration::from_millis(200),
        ..Limits::default()
    };
    let running = start(limits).await;
    let big = [
        b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\n".as_slice(),
        &[b'x'; 5_000],
        b"\r\n.\r\nQUIT\r\n",
    ];
    assert_eq!(running.codes(&big.concat()).await, ["220", "250", "250", "250", "354", "552", "221"]);
    let many = b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nRCPT TO:<b@b>\r\nRCPT TO:<c@b>\r\nQUIT\r\n";
    assert_eq!(running.codes(many).await, ["220", "250", "250", "250", "250", "452", "221"]);
    let long = [b"NOOP ".as_slice(), &[b'x'; 100_000], b"\r\nQUIT\r\n"].concat();
    assert_eq!(running.codes(&long).await, ["220", "501", "221"]);
    assert_eq!(running.codes(&b"x\r\n".repeat(10)).await, ["220", "500", "500", "500", "500", "421"]);
    assert_eq!(running.codes(b"EHLO x\r\nNO").await, ["220", "250", "421"]);
    assert_eq!(
        running.codes(b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nhalf").await.last().unwrap(),
        "421"
    );
    assert!(running.messages().is_empty());

    let limits = Limits { total: Duration::from_millis(200), ..Limits::default() };
    assert_eq!(start(limits).await.codes(b"EHLO x\r\n").await, ["220", "250", "421"]);

    let running = start(Limits { connections: 1, ..Limits::default() }).await;
    let mut first = TcpStream::connect(running.address).await.unwrap();
    first.read_u8().await.unwrap();
    assert_eq!(running.codes(b"").await, ["421"]);
}

#[tokio::test]
async fn a_message_under_way_survives_the_shutdown() {
    let running = start(Limits::default()).await;
    let mut idle = TcpStream::connect(running.address).await.unwrap();
    let mut sender = TcpStream::connect(running.address).await.unwrap();
    sender.write_all(b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nhalf").await.unwrap();
    let mut heard = String::new();
    while !heard.contains("354 ") {
        let mut buffer = [0; 1_000];
        let read = sender.read(&mut buffer).await.unwrap();
        heard.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    running.shutdown.cancel();
    let mut said = String::new();
    idle.read_to_string(&mut said).await.unwrap();
    assert!(said.ends_with("421 4.3.2 closing down\r\n"), "{said}");
    sender.write_all(b" and half\r\n.\r\n").await.unwrap();
    let mut rest = String::new();
    sender.read_to_string(&mut rest).await.unwrap();
    assert!(rest.starts_with("250 ") && rest.contains("421 "), "{rest}");
    assert_eq!(running.messages()[0].bytes, b"half and half\r\n");
    running.task.await.unwrap();
}

#[tokio::test]
async fn captured_messages_are_files() {
    let folder = tempfile::tempdir().unwrap();
    let received = |bytes: &[u8]| Received {
        peer: ([127, 0, 0, 1], 1).into(),
        mail_from: None,
        rcpt_to: vec!["ana@example.org".to_owned()],
        bytes: bytes.to_vec(),
    };
    let capture = Arc::new(Capture::open(&folder.path().join("mail")).unwrap());
    assert_eq!(capture.receive(received(b"one\r\n")).await, Verdict::Accept);
    assert_eq!(capture.receive(received(b"two\n")).await, Verdict::Accept);
    // Another run goes on where the last one ended, and leaves other files alone.
    std::fs::write(folder.path().join("mail/notes.txt"), "mine").unwrap();
    let capture = Arc::new(Capture::open(&folder.path().join("mail")).unwrap());
    assert_eq!(capture.receive(received(b"three")).await, Verdict::Accept);
    let list = capture.list().unwrap();
    assert_eq!(list.iter().map(|captured| captured.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(list[0].envelope.rcpt_to, ["ana@example.org"]);
    assert!(list[2].file.ends_with("000003.eml"));
    assert_eq!(std::fs::read(&list[1].file).unwrap(), b"two\n");
    assert_eq!(capture.message(3).unwrap().as_deref(), Some(&b"three"[..]));
    assert_eq!(capture.message(4).unwrap(), None);
    // A mailbox that cannot be written keeps the mail with the sender.
    std::fs::remove_dir_all(folder.path().join("mail")).unwrap();
    assert!(matches!(capture.receive(received(b"four")).await, Verdict::TryLater(_)));
}
