//! Sources of one gathering run: one that misbehaves never costs the others.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use newsletterd::pipeline::gather;
use newsletterd::sources::fetch::{FetchRules, Fetcher, Resolver};
use newsletterd::store::{articles, catalog};

use super::{Newsroom, rss};
use crate::support::engine::TestEngine;

/// A web server for `feeds.example.org`, and the fetcher that finds it there.
async fn feeds() -> (SocketAddr, Fetcher) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = axum::Router::new().fallback(move |uri: axum::http::Uri| async move {
        let to = |location: String| (StatusCode::FOUND, [(header::LOCATION, location)]).into_response();
        match uri.path() {
            "/inside" => to(format!("http://127.0.0.1:{}/secret", address.port())),
            "/metadata" => to("http://169.254.169.254/latest/".to_owned()),
            "/loop" => to("/loop".to_owned()),
            "/huge" => vec![b'x'; 3_000_000].into_response(),
            "/html" => "<!doctype html><html><body>Log in".into_response(),
            "/error" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            "/secret" => {
                rss("<item><title>do not print me</title><link>https://example.org/secret</link></item>")
                    .into_response()
            }
            path => {
                let link = format!("https://example.org{path}");
                rss(&format!("<item><title>Fine {path}</title><link>{link}</link></item>")).into_response()
            }
        }
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    let table = BTreeMap::from([
        ("feeds.example.org".to_owned(), vec![address]),
        ("inside.example.org".to_owned(), vec![SocketAddr::from(([127, 0, 0, 1], 0))]),
    ]);
    let rules = FetchRules {
        allow_hosts: vec!["feeds.example.org".to_owned()],
        max_bytes: 1_000_000,
        timeout: Duration::from_secs(5),
        ..FetchRules::default()
    };
    (address, Fetcher::with_resolver(rules, Resolver::Fixed(table)).unwrap())
}

fn source(name: &str, url: &str) -> String {
    format!("[[sources]]\nname = \"{name}\"\nurl = \"{url}\"\n")
}

async fn titles(test: &TestEngine) -> Vec<String> {
    let mut tx = test.engine.db.read().await.unwrap();
    let long_ago = test.engine.clock.now() - chrono::TimeDelta::days(3650);
    let all = articles::candidates(&mut tx, long_ago, 1000).await.unwrap();
    let mut titles: Vec<_> = all.into_iter().map(|article| article.content.title).collect();
    titles.sort();
    titles
}

async fn error(test: &TestEngine, name: &str) -> Option<String> {
    let mut tx = test.engine.db.read().await.unwrap();
    let id = catalog::find_source(&mut tx, name).await.unwrap().unwrap();
    catalog::source_state(&mut tx, id).await.unwrap().error
}

#[tokio::test]
async fn case_c45_a_source_that_points_inside_is_refused_and_the_others_are_read() {
    let (address, fetcher) = feeds().await;
    let port = address.port();
    let bad = [
        ("inside", "http://feeds.example.org/inside".to_owned(), "refused"),
        ("metadata", "http://feeds.example.org/metadata".to_owned(), "refused"),
        ("mapped", format!("http://[::ffff:127.0.0.1]:{port}/secret"), "refused"),
        ("number", format!("http://2130706433:{port}/secret"), "refused"),
        ("name", format!("http://inside.example.org:{port}/secret"), "refused"),
        ("loop", "http://feeds.example.org/loop".to_owned(), "redirect"),
        ("huge", "http://feeds.example.org/huge".to_owned(), "1000000"),
        ("html", "http://feeds.example.org/html".to_owned(), "not a feed"),
        ("error", "http://feeds.example.org/error".to_owned(), "500"),
    ];
    let mut top = source("first", "http://feeds.example.org/first");
    for (name, url, _) in &bad {
        top += &source(name, url);
    }
    top += &source("last", "http://feeds.example.org/last");
    let room = Newsroom::with(|base| base + &top).await;
    for test in &room.engines {
        let mut engine = test.engine.clone();
        engine.fetcher = fetcher.clone();
        let started = Instant::now();
        gather::tick(&engine).await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(20));
        assert_eq!(titles(test).await, ["Fine /first", "Fine /last"]);
        for (name, _, why) in &bad {
            let error = error(test, name).await.unwrap_or_default();
            assert!(error.replace(['_', ','], "").contains(why), "{name}: {error}");
            assert!(!error.contains("do not print me"));
        }
        assert_eq!(error(test, "first").await, None);
        // Not due yet: nobody is asked again. Due again: the same articles, none of them new.
        gather::tick(&engine).await.unwrap();
        engine.clock.advance(chrono::TimeDelta::minutes(11));
        gather::tick(&engine).await.unwrap();
        assert_eq!(titles(test).await.len(), 2);
    }
}

#[tokio::test]
async fn case_c46_a_source_that_explodes_or_asks_for_a_file_costs_nothing_but_itself() {
    let mut bomb = String::from("<?xml version=\"1.0\"?>\n<!DOCTYPE rss [\n<!ENTITY e0 \"ha \">\n");
    for n in 1..=10 {
        bomb += &format!("<!ENTITY e{n} \"{}\">\n", format!("&e{};", n - 1).repeat(10));
    }
    bomb += "]>\n<rss version=\"2.0\"><channel><title>t</title><item><title>&e10;</title>\
             <link>https://example.org/bomb</link></item></channel></rss>";
    let outside = "<?xml version=\"1.0\"?>\n<!DOCTYPE rss [<!ENTITY f SYSTEM \"secret.txt\">]>\n\
        <rss version=\"2.0\"><channel><title>t</title><item><title>&f;</title>\
        <link>https://example.org/outside</link></item></channel></rss>";
    let good = "<?xml version=\"1.0\"?>\n<!DOCTYPE rss [<!ENTITY paper \"The Paper\">]>\n\
        <rss version=\"2.0\"><channel><title>&paper;</title><item><title>All quiet</title>\
        <link>https://example.org/good</link></item></channel></rss>";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret.txt"), "do not print me").unwrap();
    let mut top = String::new();
    for name in ["bomb", "outside", "good"] {
        top += &source(name, &folder.path().join(format!("{name}.xml")).display().to_string());
    }
    let room = Newsroom::with(|base| base + &top).await;
    for test in &room.engines {
        for name in ["bomb", "outside", "good"] {
            let item = format!(
                "<item><title>Earlier {name}</title><link>https://example.org/{name}/1</link>\
                 <pubDate>Mon, 23 Nov 2026 06:10:00 +0000</pubDate></item>"
            );
            std::fs::write(folder.path().join(format!("{name}.xml")), rss(&item)).unwrap();
        }
        gather::tick(&test.engine).await.unwrap();
        let earlier = ["Earlier bomb", "Earlier good", "Earlier outside"];
        assert_eq!(titles(test).await, earlier);
        for (name, text) in [("bomb", bomb.as_str()), ("outside", outside), ("good", good)] {
            std::fs::write(folder.path().join(format!("{name}.xml")), text).unwrap();
        }
        test.engine.clock.advance(chrono::TimeDelta::minutes(11));
        let started = Instant::now();
        gather::tick(&test.engine).await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        let after = titles(test).await;
        assert!(after.contains(&"All quiet".to_owned()), "{after:?}");
        assert!(earlier.iter().all(|title| after.contains(&(*title).to_owned())), "{after:?}");
        assert!(
            after.iter().all(|title| title.len() < 1000 && !title.contains("do not print me")),
            "{after:?}"
        );
        assert!(error(test, "outside").await.is_none_or(|error| !error.contains("do not print me")));
    }
}
