//! Peers that want too much: lines and messages without an end, many at once, many a minute.

use super::*;

#[tokio::test]
async fn a_line_without_an_end_ends_the_connection() {
    let running = start(Limits::default()).await;
    let mut socket = running.connect().await;
    let (mut from, mut to) = socket.split();
    let write = async {
        // Until it closes.
        while to.write_all(&[b'x'; 10_000]).await.is_ok() {}
    };
    let read = async {
        let mut heard = Vec::new();
        let _ = from.read_to_end(&mut heard).await;
        String::from_utf8(heard).unwrap()
    };
    let ((), heard) = timeout(Duration::from_secs(20), async { tokio::join!(write, read) }).await.unwrap();
    // The last words may be lost to one that goes on writing.
    assert!(heard.starts_with("220 ") && heard.lines().count() <= 2, "{heard}");
}

#[tokio::test]
async fn a_message_without_an_end_ends_the_connection() {
    let limits = Limits { message_size: 100_000, ..Limits::default() };
    for hello in ["EHLO", "LHLO"] {
        let running = start(limits).await;
        let begun = format!("{hello} x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nRCPT TO:<b@b>\r\nDATA\r\n");
        let said = [begun.as_bytes(), &b"endless\r\n".repeat(50_000)].concat();
        let codes = running.codes(&said).await;
        assert_eq!(codes[..5], ["220", "250", "250", "250", "250"]);
        assert!(running.messages().is_empty());
        // It takes others on.
        assert_eq!(running.codes(b"QUIT\r\n").await, ["220", "221"]);
    }
}

/// One that sends a byte now and then is not idle, but its time ends.
#[tokio::test]
async fn a_trickle_ends_with_the_whole_time() {
    let limits =
        Limits { idle: Duration::from_secs(5), total: Duration::from_millis(600), ..Limits::default() };
    let running = start(limits).await;
    let mut socket = running.connect().await;
    socket.write_all(b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\n").await.unwrap();
    let started = std::time::Instant::now();
    let (mut from, mut to) = socket.split();
    let trickle = async {
        while to.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let read = async {
        let mut heard = String::new();
        let _ = from.read_to_string(&mut heard).await;
        heard
    };
    let heard = tokio::select! {
        heard = read => heard,
        () = trickle => String::new(),
    };
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    assert!(heard.is_empty() || heard.contains("421 4.4.2"), "{heard}");
    assert!(running.messages().is_empty());
}

#[tokio::test]
async fn one_that_goes_in_mid_message_leaves_nothing() {
    let running = start(Limits::default()).await;
    let mut socket = running.connect().await;
    socket.write_all(b"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nhalf\r\n").await.unwrap();
    socket.shutdown().await.unwrap();
    let mut heard = String::new();
    socket.read_to_string(&mut heard).await.unwrap();
    assert_eq!(codes_of(&heard).last().unwrap(), "354");
    assert!(running.messages().is_empty());
}

#[tokio::test]
async fn nuls_are_no_commands_and_part_of_a_message() {
    let running = start(Limits::default()).await;
    let said = b"EHLO x\r\nMAIL FROM:<a\0@b>\r\nMAIL FROM:<>\r\nRCPT TO:<a@b\0>\r\nRCPT TO:<a@b>\r\nDATA\r\n\
        a\0b\r\n\0.\r\n.\r\nQUIT\r\n";
    assert_eq!(running.codes(said).await, ["220", "250", "501", "250", "501", "250", "354", "250", "221"]);
    assert_eq!(running.messages()[0].bytes, b"a\0b\r\n\0.\r\n");
}

#[tokio::test]
async fn one_address_has_its_limits() {
    let own = PerAddress { connections: 2, messages: 3, spares_loopback: false };
    let running = start(Limits { per_address: Some(own), ..Limits::default() }).await;
    let said = b"EHLO x\r\nMAIL FROM:<>\r\nRSET\r\nMAIL FROM:<>\r\nRSET\r\nQUIT\r\n";
    assert_eq!(running.codes(said).await, ["220", "250", "250", "250", "250", "250", "221"]);
    let heard = running.hears(said).await;
    assert_eq!(codes_of(&heard), ["220", "250", "250", "250", "451", "250", "221"]);
    assert!(heard.contains("451 4.7.1 "), "{heard}");

    let mut here = [running.connect().await, running.connect().await];
    for socket in &mut here {
        socket.read_u8().await.unwrap();
    }
    assert_eq!(running.codes(b"").await, ["421"]);
    drop(here);
    // The places are free again as soon as the receiver has seen them go.
    let free = async {
        while running.codes(b"QUIT\r\n").await != ["220", "221"] {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(10), free).await.unwrap();

    let spared = PerAddress { spares_loopback: true, ..own };
    let running = start(Limits { per_address: Some(spared), ..Limits::default() }).await;
    let many = [b"EHLO x\r\n".as_slice(), &b"MAIL FROM:<>\r\nRSET\r\n".repeat(9), b"QUIT\r\n"].concat();
    assert!(!running.codes(&many).await.contains(&"451".to_owned()));
}

/// Messages that are coming in at one time share the memory that there is for them.
#[tokio::test]
async fn memory_is_shared() {
    let running = start(Limits { held: 150_000, ..Limits::default() }).await;
    let begin = b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\n".as_slice();
    let mut first = running.connect().await;
    first.write_all(&[begin, &[b'x'; 100_000]].concat()).await.unwrap();
    let taken = || running.receiver.held.load(std::sync::atomic::Ordering::Relaxed);
    let half = async {
        while taken() < 100_000 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(10), half).await.unwrap();
    let second = [begin, &[b'y'; 100_000], b"\r\n.\r\nQUIT\r\n"].concat();
    assert_eq!(running.codes(&second).await, ["220", "250", "250", "250", "354", "452", "221"]);
    first.write_all(b"\r\n.\r\nQUIT\r\n").await.unwrap();
    let mut heard = String::new();
    first.read_to_string(&mut heard).await.unwrap();
    assert_eq!(codes_of(&heard), ["220", "250", "250", "250", "354", "250", "221"]);
    assert_eq!(running.codes(&second).await, ["220", "250", "250", "250", "354", "250", "221"]);
    assert_eq!((running.messages().len(), taken()), (2, 0));
}
