//! What is bounded, and what is answered when something of ours is away.

use axum::http::StatusCode;

use super::providers::mac;
use super::{Hooked, SECRET};

#[tokio::test]
async fn the_body_is_bounded_and_events_are() {
    let site = Hooked::new().await;
    let padded = |length: usize| format!("[{}]", " ".repeat(length - 2));
    assert_eq!(site.generic(SECRET, 0, &padded(1 << 20)).await.0, StatusCode::OK);
    let (status, text) = site.generic(SECRET, 0, &padded((1 << 20) + 1)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{text}");
    let event = r#"{"id":"1","kind":"delayed","recipient":"a@b.c","at":"2026-11-24T00:00:00Z"}"#;
    let (status, text) = site.generic(SECRET, 0, &format!("[{}]", vec![event; 1001].join(","))).await;
    assert_eq!(
        (status, text.as_str()),
        (StatusCode::PAYLOAD_TOO_LARGE, "there are more than 1,000 events in one call\n")
    );
    assert!(site.kept().await.is_empty());
}

#[tokio::test]
async fn what_is_no_call_is_told_so() {
    let site = Hooked::new().await;
    assert_eq!(site.post("nobody", &[], "{}").await.0, StatusCode::NOT_FOUND);
    let time = site.now().to_string();
    let signature = format!("sha256={}", mac(SECRET, &[&time, ".", "[]"]));
    let headers = [
        ("newsletterd-timestamp", &*time),
        ("newsletterd-signature", &*signature),
        ("content-type", "text/csv"),
    ];
    assert_eq!(site.post("generic", &headers, "[]").await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let (status, text) = site.generic(SECRET, 0, "[{]").await;
    assert_eq!((status, text.as_str()), (StatusCode::BAD_REQUEST, "body, line 1, column 3: is not JSON\n"));
}

#[tokio::test]
async fn a_second_takes_so_many_calls() {
    let site = Hooked::new().await;
    for _ in 0..200 {
        assert_eq!(site.generic(SECRET, 0, "[]").await.0, StatusCode::OK);
    }
    assert_eq!(site.generic(SECRET, 0, "[]").await.0, StatusCode::TOO_MANY_REQUESTS);
    site.test.engine.clock.advance(chrono::TimeDelta::seconds(1));
    assert_eq!(site.generic(SECRET, 0, "[]").await.0, StatusCode::OK);
}

#[tokio::test]
async fn who_calls_comes_again_while_something_of_ours_is_away() {
    let site = Hooked::new().await;
    let event = r#"{"id":"1","kind":"delayed","recipient":"a@b.c","at":"2026-11-24T00:00:00Z"}"#;
    let secret = site.secrets.path().join("secret");
    std::fs::rename(&secret, secret.with_extension("away")).unwrap();
    let (status, text) = site.generic(SECRET, 0, event).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!text.contains("secret"), "{text}");
    // It is read anew for each call: another secret holds from the next one on.
    std::fs::write(&secret, "another\n").unwrap();
    assert_eq!(site.generic(SECRET, 0, event).await.0, StatusCode::FORBIDDEN);
    assert_eq!(site.generic("another", 0, event).await.0, StatusCode::OK);
    site.test.engine.db.close().await;
    let (status, text) = site.generic("another", 0, event).await;
    assert_eq!(
        (status, text.as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "it cannot be kept at the moment; try again shortly\n")
    );
}

#[tokio::test]
async fn a_missing_secret_is_found_before_the_daemon_serves() {
    let site = Hooked::new().await;
    let config = &site.test.engine.config;
    assert!(newsletterd::web::webhooks::check(config).is_ok());
    std::fs::remove_file(site.secrets.path().join("secret")).unwrap();
    let message = newsletterd::web::webhooks::check(config).unwrap_err().to_string();
    assert!(message.contains("cannot be read"), "{message}");
}
