//! What all answers have, and what no request can do.

use std::io;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use tracing_subscriber::fmt::MakeWriter;

use super::{Site, path_of};

#[tokio::test]
async fn every_answer_has_the_headers_that_keep_readers_safe() {
    let site = Site::new().await;
    site.enqueue(&["ana@example.org"]).await;
    site.deliver().await;
    let letter = site.message("ana@example.org");
    let link = path_of(&letter.one_click).to_owned();
    for path in [
        "/",
        "/archive/daily",
        "/archive/daily/1",
        "/style.css",
        "/robots.txt",
        "/healthz",
        "/nothing",
        "/mailbox",
        "/mailbox/1",
        "/mailbox/1/html",
        "/mailbox/1/text",
        "/mailbox/1/raw",
        "/unsubscribe/x",
        &link,
    ] {
        let answer = site.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("script-src") && !policy.contains('*'), "{path}: {policy}");
        let inline =
            ["/archive/daily/1", "/mailbox/1/html", "/mailbox/1/text", "/mailbox/1/raw"].contains(&path);
        assert_eq!(policy.contains("unsafe-inline"), inline, "{path}: {policy}");
        let head = site.request("HEAD", path).await;
        assert_eq!(head.status, answer.status, "{path}");
    }
    for path in [&link, "/unsubscribe/x", "/mailbox", "/nothing"] {
        assert_eq!(site.get(path).await.header("cache-control"), "no-store", "{path}");
    }
    assert_eq!(site.get("/archive/daily/1").await.header("cache-control"), "public, max-age=60");
    let page = site.get(&link).await;
    let policy =
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    assert_eq!(page.header("content-security-policy"), policy);
    assert_eq!(site.get("/style.css").await.header("content-type"), "text/css; charset=utf-8");
    assert!(site.get("/robots.txt").await.body.contains("Disallow: /unsubscribe/"));
}

#[tokio::test]
async fn the_pages_of_a_readers_choices_are_kept_by_nobody_and_listed_nowhere() {
    let site = Site::new().await;
    let robots = site.get("/robots.txt").await.body;
    for link in links_of_a_reader(&site).await {
        let answer = site.get(path_of(&link)).await;
        assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        );
        assert!(answer.body.contains("<meta name=\"robots\" content=\"noindex\">"), "{}", answer.body);
        let folder = path_of(&link).rsplit_once('/').unwrap().0;
        assert!(robots.contains(&format!("Disallow: {folder}/\n")), "{robots}");
        let long = format!("save=1&confirm=1&x={}", "x".repeat(64 * 1024));
        let kind = "application/x-www-form-urlencoded";
        assert_eq!(site.post(path_of(&link), kind, long).await.status, 413);
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused() {
    let site = Site::new().await;
    site.enqueue(&["ana@example.org"]).await;
    site.deliver().await;
    let url = site.message("ana@example.org").one_click;
    let long = "x".repeat(64 * 1024);
    let form = format!("leave=1&x={long}");
    let multipart = format!(
        "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n{long}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"leave\"\r\n\r\n1\r\n--b--\r\n"
    );
    for (kind, body) in
        [("application/x-www-form-urlencoded", form), ("multipart/form-data; boundary=b", multipart)]
    {
        let answer = site.post(path_of(&url), kind, body.clone()).await;
        assert_eq!(answer.status, 413, "{kind}");
        // In pieces, so that no header tells the length beforehand.
        let pieces = body
            .into_bytes()
            .chunks(1000)
            .map(|piece| Ok::<_, io::Error>(piece.to_vec()))
            .collect::<Vec<_>>();
        let request = Request::builder().method("POST").uri(path_of(&url)).header("content-type", kind);
        let request = request.body(Body::from_stream(futures_util::stream::iter(pieces))).unwrap();
        assert_eq!(site.ask(request).await.status, 413, "{kind}");
    }
    assert!(site.get(path_of(&url)).await.body.contains("<button"), "nothing was changed");
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_token_and_no_address_is_logged_at_any_level() {
    let site = Site::new().await;
    site.enqueue(&["ana@example.org"]).await;
    site.deliver().await;
    let url = site.message("ana@example.org").one_click;
    let token = url.rsplit('/').next().unwrap();
    let log = Log::default();
    // With one subscriber alone, tracing asks the thread that comes by a place first, which may be
    // another test's that has none, and is silent there from then on.
    let _other = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    site.get(path_of(&url)).await;
    site.post(path_of(&url), "application/x-www-form-urlencoded", "leave=1").await;
    site.get(&format!("/unsubscribe/{token}x")).await;
    site.get(&format!("/nothing/{token}")).await;
    let others = links_of_a_reader(&site).await;
    for link in &others {
        site.get(path_of(link)).await;
        site.post(path_of(link), "application/x-www-form-urlencoded", "confirm=1&save=1&all=1").await;
    }
    site.test.engine.db.close().await;
    site.get(path_of(&url)).await;
    drop(guard);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("/unsubscribe/{token}") && text.contains("request failed"), "{text}");
    assert!(text.contains("/confirm/{token}") && text.contains("/preferences/{token}"), "{text}");
    assert!(!text.contains(token) && !text.contains("ana@example.org"), "{text}");
    for link in &others {
        assert!(!text.contains(link.rsplit('/').next().unwrap()), "{text}");
    }
    assert!(!text.contains("nino@example.org"), "{text}");
}

/// Asks somebody to confirm, by a mail that is sent while everything is logged: the link in it, and
/// that to their choices.
async fn links_of_a_reader(site: &Site) -> [String; 2] {
    let confirm = site.ask_to_confirm("nino@example.org").await;
    let nino = "nino@example.org".parse().unwrap();
    let engine = &site.test.engine;
    let id = newsletterd::pipeline::readers::dossier(engine, &nino).await.unwrap().subscriber;
    let list = site.test.list("readers").await;
    [confirm, engine.links().preferences(id, list, newsletterd::domain::ids::EditionId(1))]
}
