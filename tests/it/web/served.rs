//! The pages on a real port.

use std::time::Duration;

use newsletterd::web;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Site;

const LIMIT: Duration = Duration::from_secs(60);

/// Serves the pages of `site`; gives a connection to them.
async fn served(site: &Site) -> (TcpStream, CancellationToken, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let server = tokio::spawn(web::serve(listener, site.router.clone(), stop.clone()));
    (TcpStream::connect(address).await.unwrap(), stop, server)
}

/// Reads until `end` was read.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains(end) {
        let mut piece = [0; 4096];
        let length = tokio::time::timeout(LIMIT, stream.read(&mut piece)).await.unwrap().unwrap();
        assert_ne!(length, 0, "closed after {:?}", String::from_utf8_lossy(&read));
        read.extend_from_slice(&piece[..length]);
    }
    String::from_utf8(read).unwrap()
}

#[tokio::test]
async fn a_stop_waits_for_no_idle_connection() {
    let site = Site::new().await;
    let (mut connection, stop, server) = served(&site).await;
    let address = connection.peer_addr().unwrap();
    connection.write_all(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let answer = read_until(&mut connection, "Disallow: /mailbox\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    stop.cancel();
    tokio::time::timeout(LIMIT, server).await.unwrap().unwrap();
    assert_eq!(connection.read(&mut [0; 16]).await.unwrap(), 0);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_head_that_does_not_end_is_cut_off() {
    let site = Site::new().await;
    let (mut connection, _stop, _server) = served(&site).await;
    connection.write_all(b"GET / HTTP/1.1\r\nX: ").await.unwrap();
    let mut sent = 0;
    // Writes until the server no longer listens.
    while connection.write_all(&[b'x'; 4096]).await.is_ok() {
        sent += 4096;
        assert!(sent < 16 << 20, "a head of {sent} bytes was taken");
    }
}

#[tokio::test]
async fn who_dawdles_is_cut_off() {
    let site = Site::new().await;
    let (mut connection, _stop, _server) = served(&site).await;
    connection.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
    // From here on, time passes as soon as nothing else happens.
    tokio::time::pause();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(LIMIT, connection.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "still open after {LIMIT:?}");
}
