//! Tests against real listeners on loopback that count their connections. They stand for public
//! hosts: the resolver's table leads names to them, and the rules allow just those names.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// What a listener answers to a request, of which it is given the head and the body.
type Answer = fn(&str) -> Vec<u8>;

struct Listener {
    at: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Listener {
    fn count(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn listen(answer: Answer, tls: Option<TlsAcceptor>) -> Listener {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            match &tls {
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => drop(tokio::spawn(serve(stream, answer))),
                    Err(error) => println!("TLS: {error}"),
                },
                None => drop(tokio::spawn(serve(stream, answer))),
            }
        }
    });
    Listener { at, connections }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: Answer) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&request).contains("\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(read) => request.extend_from_slice(&buffer[..read]),
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    if request.starts_with("GET /slow") {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    if stream.write_all(&answer(&request)).await.is_err() {
        return;
    }
    while request.starts_with("GET /huge") {
        if stream.write_all(&[b'x'; 65_536]).await.is_err() {
            return;
        }
    }
    let _ = stream.shutdown().await;
}

fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    [
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n", body.len())
            .as_bytes(),
        body,
    ]
    .concat()
}

fn redirect(status: u16, to: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .into_bytes()
}

fn status(status: u16) -> Vec<u8> {
    format!("HTTP/1.1 {status} Status\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
}

/// The public host of case c45 and of the other tests.
fn feeds(request: &str) -> Vec<u8> {
    let path = request.split_whitespace().nth(1).unwrap();
    match path {
        "/a.xml" => redirect(301, "https://feeds.example.org/a.xml"),
        "/c.xml" => redirect(302, "http://169.254.169.254/latest/"),
        "/d.xml" => redirect(302, "http://[::1]:9/"),
        "/e.xml" => redirect(302, "http://10.0.0.5/"),
        "/f.xml" => redirect(302, "file:///etc/passwd"),
        "/loop" => redirect(302, "/loop"),
        "/huge" => b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec(),
        "/length" => b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n".to_vec(),
        "/bomb" => {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            packed.write_all(&vec![0; 5_000_000]).unwrap();
            ok("Content-Encoding: gzip\r\n", &packed.finish().unwrap())
        }
        "/gone" => status(410),
        "/busy" => status(503),
        "/nowhere" => status(302),
        "/hook" if request.starts_with("POST ") && request.ends_with("{\"text\":\"late\"}") => status(204),
        "/moved-hook" => redirect(307, "/hook"),
        "/lost-hook" => redirect(302, "/ok.xml"),
        _ if request.to_ascii_lowercase().contains("if-none-match: \"v1\"") => status(304),
        _ if path.starts_with("/to/") => redirect(302, &format!("http://{}", &path[4..])),
        _ => ok("ETag: \"v1\"\r\nContent-Type: application/rss+xml\r\n", b"<rss/>"),
    }
}

fn rules() -> FetchRules {
    FetchRules {
        allow_hosts: vec!["feeds.example.org".to_owned()],
        max_bytes: 1_000_000,
        timeout: Duration::from_secs(5),
        ..FetchRules::default()
    }
}

/// A fetcher for which `feeds.example.org` is at `at` and `inside.example.org` at 127.0.0.1.
fn fetcher(rules: FetchRules, at: SocketAddr) -> Fetcher {
    Fetcher::with_resolver(rules, table(at)).unwrap()
}

fn table(at: SocketAddr) -> Resolver {
    let inside = SocketAddr::from(([127, 0, 0, 1], 0));
    let mixed = vec![SocketAddr::from(([10, 0, 0, 1], 0)), SocketAddr::from(([192, 168, 0, 1], 0))];
    let names =
        [("feeds.example.org", vec![at]), ("inside.example.org", vec![inside]), ("mixed.example.org", mixed)];
    Resolver::Fixed(BTreeMap::from(names.map(|(name, addresses)| (name.to_owned(), addresses))))
}

async fn get(fetcher: &Fetcher, url: &str) -> Result<Fetched, FetchError> {
    fetcher.get(url, &Validators::default()).await
}

#[tokio::test]
async fn case_c45_feed_that_points_inside() {
    let public = listen(feeds, None).await;
    let private = listen(|_| ok("", b"secret"), None).await;
    let fetcher = fetcher(rules(), public.at);
    let port = private.at.port();
    for url in [
        format!("http://feeds.example.org/to/127.0.0.1:{port}/"),
        format!("http://feeds.example.org/to/localhost.:{port}/"),
        format!("http://feeds.example.org/to/[::ffff:127.0.0.1]:{port}/"),
        format!("http://feeds.example.org/to/inside.example.org:{port}/"),
        "http://feeds.example.org/c.xml".to_owned(),
        "http://feeds.example.org/d.xml".to_owned(),
        "http://feeds.example.org/e.xml".to_owned(),
        "http://feeds.example.org/f.xml".to_owned(),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f.1:{port}/"),
        format!("http://127.0.0.1:{port}/"),
        "file:secret.txt".to_owned(),
        format!("http://inside.example.org:{port}/"),
        "http://mixed.example.org/".to_owned(),
    ] {
        let error = get(&fetcher, &url).await.unwrap_err();
        // `localhost.` is in nobody's table here; the system would lead it to 127.0.0.1.
        let is_refused = matches!(error, FetchError::Refused { .. } | FetchError::Scheme { .. })
            || url.contains("localhost");
        assert!(
            is_refused && (error.to_string().starts_with("refused: ") || url.contains("localhost")),
            "{url}: {error}"
        );
    }
    let error = get(&fetcher, &format!("http://inside.example.org:{port}/?token=secret")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "refused: inside.example.org leads to 127.0.0.1, a loopback address; only hosts that the configuration allows may be there"
    );
    assert_eq!(private.count(), 0, "a refused address got a connection");

    let started = std::time::Instant::now();
    assert!(matches!(
        get(&fetcher, "http://feeds.example.org/loop").await,
        Err(FetchError::TooManyRedirects { max: 5, .. })
    ));
    assert!(matches!(
        get(&fetcher, "http://feeds.example.org/huge").await,
        Err(FetchError::TooLarge { max: 1_000_000, .. })
    ));
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(
        matches!(get(&fetcher, "http://feeds.example.org/ok.xml").await, Ok(Fetched::Body { bytes, .. }) if bytes == b"<rss/>")
    );
}

#[tokio::test]
async fn case_c45_a_permanent_redirect_to_https_is_followed() {
    let certified = rcgen::generate_simple_self_signed(vec!["feeds.example.org".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let secure = listen(|_| ok("", b"<rss/>"), Some(TlsAcceptor::from(Arc::new(server)))).await;
    // One name has one entry in the table, so the redirect names the port.
    let plain = listen(
        |request| {
            redirect(
                301,
                &format!(
                    "https://feeds.example.org:{}/a.xml",
                    request.split("port=").nth(1).unwrap().split(' ').next().unwrap()
                ),
            )
        },
        None,
    )
    .await;
    // This fetcher must not check the self-made certificate; everything else stays in force.
    let fetcher =
        Fetcher::build(rules(), table(plain.at), |builder| builder.tls_danger_accept_invalid_certs(true))
            .unwrap();
    let fetched =
        get(&fetcher, &format!("http://feeds.example.org/a.xml?port={}", secure.at.port())).await.unwrap();
    let Fetched::Body { bytes, final_url, .. } = fetched else { panic!("no body") };
    assert_eq!((bytes.as_slice(), final_url.scheme(), secure.count()), (b"<rss/>".as_slice(), "https", 1));
    // With its certificate checked, the same server is not trusted.
    let strict = self::fetcher(rules(), plain.at);
    let error =
        get(&strict, &format!("http://feeds.example.org/a.xml?port={}", secure.at.port())).await.unwrap_err();
    assert!(
        matches!(&error, FetchError::Connection { reason, .. } if reason.contains("certificate")),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_pinned_comes_from_where_it_was_asked_for_or_not_at_all() {
    let there = listen(
        |request| {
            if request.starts_with("GET /away") {
                redirect(302, "http://feeds.example.org/here")
            } else {
                ok("", &[b'x'; 100])
            }
        },
        None,
    )
    .await;
    let fetcher = fetcher(rules(), there.at).pinned(100, Duration::from_secs(5));
    assert!(matches!(get(&fetcher, "http://feeds.example.org/here").await, Ok(Fetched::Body { .. })));
    let error = get(&fetcher, "http://feeds.example.org/away").await.unwrap_err();
    assert!(matches!(error, FetchError::TooManyRedirects { max: 0, .. }), "{error}");
    assert!(fetcher.ping("http://feeds.example.org/away").await.is_err());
    assert_eq!(there.count(), 3, "the place that was named is not asked");
    let narrower = fetcher.pinned(99, Duration::from_secs(5));
    let error = get(&narrower, "http://feeds.example.org/here").await.unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { max: 99, .. }), "{error}");
}

#[tokio::test]
async fn what_did_not_change_is_not_fetched_again() {
    let public = listen(feeds, None).await;
    let fetcher = fetcher(rules(), public.at);
    let Fetched::Body { validators, content_type, .. } =
        get(&fetcher, "http://feeds.example.org/x").await.unwrap()
    else {
        panic!("no body")
    };
    assert_eq!(
        (validators.etag.as_deref(), content_type.as_deref()),
        (Some("\"v1\""), Some("application/rss+xml"))
    );
    assert!(matches!(fetcher.get("http://feeds.example.org/x", &validators).await, Ok(Fetched::NotModified)));
    let unusable = Validators { etag: Some("a\nb".to_owned()), last_modified: None };
    assert!(matches!(fetcher.get("http://feeds.example.org/x", &unusable).await, Ok(Fetched::Body { .. })));
}

#[tokio::test]
async fn limits_hold_after_decompression_and_in_time() {
    let public = listen(feeds, None).await;
    let fast = fetcher(FetchRules { timeout: Duration::from_millis(200), ..rules() }, public.at);
    let error = get(&fast, "http://feeds.example.org/slow").await.unwrap_err();
    assert!(matches!(error, FetchError::TimedOut { .. }) && error.is_temporary());
    assert_eq!(error.to_string(), "feeds.example.org: no complete answer within 0.2 s");
    let patient = fetcher(rules(), public.at);
    for path in ["bomb", "length"] {
        let error = get(&patient, &format!("http://feeds.example.org/{path}")).await.unwrap_err();
        assert!(matches!(error, FetchError::TooLarge { .. }) && !error.is_temporary(), "{path}: {error}");
    }
}

#[tokio::test]
async fn failures_say_whether_to_try_again() {
    let public = listen(feeds, None).await;
    let fetcher = fetcher(rules(), public.at);
    for (url, message, temporary) in [
        ("http://feeds.example.org/gone", "feeds.example.org: it answered 410", false),
        ("http://feeds.example.org/busy", "feeds.example.org: it answered 503", true),
        ("http://feeds.example.org/nowhere", "feeds.example.org: it redirects to nowhere", false),
        ("http://unknown.example.org/", "unknown.example.org: the name cannot be resolved", true),
        (
            "feeds",
            "this is no web address (relative URL without a base); write it as https://host/path",
            false,
        ),
    ] {
        let error = get(&fetcher, url).await.unwrap_err();
        assert_eq!((error.to_string().as_str(), error.is_temporary()), (message, temporary), "{url}");
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error =
        get(&self::fetcher(rules(), closed), "http://feeds.example.org/?token=secret").await.unwrap_err();
    assert!(matches!(error, FetchError::Connection { .. }) && error.is_temporary());
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn webhooks_and_heartbeats_keep_the_same_rules() {
    let public = listen(feeds, None).await;
    let fetcher = fetcher(rules(), public.at);
    let late = serde_json::json!({ "text": "late" });
    fetcher.post_json("http://feeds.example.org/hook", &late).await.unwrap();
    fetcher.post_json("http://feeds.example.org/moved-hook", &late).await.unwrap();
    assert!(matches!(
        fetcher.post_json("http://feeds.example.org/lost-hook", &late).await,
        Err(FetchError::Status { status: 302, .. })
    ));
    assert!(matches!(fetcher.post_json("http://127.0.0.1:9/", &late).await, Err(FetchError::Refused { .. })));
    fetcher.ping("http://feeds.example.org/ok.xml").await.unwrap();
    assert!(matches!(fetcher.ping("http://feeds.example.org/e.xml").await, Err(FetchError::Refused { .. })));
}

#[tokio::test]
async fn the_system_resolver_is_guarded_too() {
    let private = listen(|_| ok("", b"inside"), None).await;
    let url = format!("http://localhost:{}/", private.at.port());
    let closed = Fetcher::new(FetchRules { allow_hosts: Vec::new(), ..rules() }).unwrap();
    assert!(matches!(get(&closed, &url).await, Err(FetchError::Refused { .. })));
    assert_eq!(private.count(), 0);
    let open = Fetcher::new(FetchRules { allow_hosts: vec!["127.0.0.0/8".to_owned()], ..rules() }).unwrap();
    assert!(get(&open, &url).await.is_ok());
    assert!(Fetcher::new(FetchRules { allow_hosts: vec!["10.0.0.0/99".to_owned()], ..rules() }).is_err());
}
