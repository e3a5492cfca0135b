//! The demo's captured mailbox.

use axum::body::Body;
use axum::http::Request;
use newsletterd::web::ops::Health;
use newsletterd::web::{WebState, router};
use tower::ServiceExt;

use super::Site;
use crate::support::engine::{NO_RELAY, TestEngine, daily_config};
use crate::support::file;

/// Puts a message into the mailbox of `site`, as the receiver does.
fn captured(site: &Site, number: u64, message: &str) {
    let folder = site._folder.path();
    let envelope = r#"{"mail_from":null,"rcpt_to":["ana@example.org"]}"#;
    file(folder, &format!("{number:06}.json"), envelope);
    file(folder, &format!("{number:06}.eml"), message);
}

#[tokio::test]
async fn a_letter_is_shown_in_all_its_forms() {
    let site = Site::new().await;
    site.enqueue(&["ana@example.org"]).await;
    site.deliver().await;
    let letter = site.message("ana@example.org");
    let list = site.get("/mailbox").await;
    assert!(list.body.contains("ana@example.org") && list.body.contains("Story number 4"), "{}", list.body);
    assert!(list.attribute("href").contains(&format!("/mailbox/{}", letter.number)));

    let mail = site.get(&format!("/mailbox/{}", letter.number)).await;
    for shown in ["The Example Post &lt;news@example.org&gt;", "List-Unsubscribe-Post", "bounces.example.org"]
    {
        assert!(mail.body.contains(shown), "{shown} in {}", mail.body);
    }
    let path = |form: &str| format!("/mailbox/{}/{form}", letter.number);
    for form in ["html", "text", "raw"] {
        assert!(mail.attribute("href").contains(&path(form)));
    }
    let html = site.get(&path("html")).await;
    assert_eq!(html.body, letter.html);
    assert_eq!(html.header("content-type"), "text/html; charset=utf-8");
    assert!(html.header("content-security-policy").starts_with("sandbox "), "{html:?}");
    let lines = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    let text = site.get(&path("text")).await;
    assert_eq!(lines(&text.body), lines(&letter.text));
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    let raw = site.get(&path("raw")).await;
    assert_eq!(raw.body.as_bytes(), site.mailbox.message(letter.number).unwrap().unwrap());
    assert_eq!(raw.header("content-type"), "text/plain; charset=utf-8");
}

#[tokio::test]
async fn the_list_is_paged_and_newest_first() {
    let site = Site::new().await;
    for number in 1..=120 {
        captured(&site, number, &format!("Subject: Mail {number}\r\n\r\nText\r\n"));
    }
    let first = site.get("/mailbox").await;
    assert!(
        first.body.contains("Mail 120<")
            && first.body.contains("Mail 71<")
            && !first.body.contains("Mail 70<")
    );
    assert!(first.body.contains("120 caught") && !first.body.contains("rel=\"prev\""));
    assert!(first.attribute("href").contains(&"/mailbox?page=2".to_owned()));
    let last = site.get("/mailbox?page=3").await;
    assert!(
        last.body.contains("Mail 20<") && last.body.contains("Mail 1<") && !last.body.contains("Mail 21<")
    );
    assert!(
        last.attribute("href").contains(&"/mailbox?page=2".to_owned()) && !last.body.contains("rel=\"next\"")
    );
    assert_eq!(site.get("/mailbox?page=4").await.status, 200);
    for path in ["/mailbox?page=x", "/mailbox?page=-1", "/mailbox?page=18446744073709551615"] {
        assert_eq!(site.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn hostile_mails_are_shown_harmlessly() {
    let site = Site::new().await;
    captured(
        &site,
        1,
        "Subject: <script>alert(1)</script>\r\nContent-Type: text/html\r\n\r\n<script>alert(2)</script>",
    );
    captured(
        &site,
        5,
        "From: =?utf-8?B?4YOQ4YOc4YOQ?= <ana@example.org>, b@example.org\r\nList-Id: =?utf-8?B?4YOQ4YOc4YOQ?= <x.example.org>\r\n\r\nText\r\n",
    );
    let decoded = site.get("/mailbox/5").await;
    assert!(decoded.body.contains("ანა &lt;ana@example.org&gt;, b@example.org"), "{}", decoded.body);
    assert!(decoded.body.contains("ანა &lt;x.example.org&gt;"), "{}", decoded.body);
    captured(&site, 2, "");
    captured(&site, 3, "\u{0}\u{1} no header at all");
    captured(&site, 4, "Subject: only text\r\n\r\n<b>not HTML</b>\r\n");
    let list = site.get("/mailbox").await;
    assert!(list.status == 200 && !list.body.contains("<script"), "{}", list.body);
    assert!(list.body.contains("<a href=\"/mailbox/2\">(no subject)</a>"), "{}", list.body);
    let one = site.get("/mailbox/1").await;
    assert!(one.status == 200 && !one.body.contains("<script"), "{}", one.body);
    let html = site.get("/mailbox/1/html").await;
    let policy = html.header("content-security-policy");
    assert!(policy.starts_with("sandbox allow-popups") && policy.contains("default-src 'none'"), "{policy}");
    assert!(!policy.contains("allow-scripts") && !policy.contains("allow-same-origin"), "{policy}");
    // No text form is made up of HTML, and none of HTML of text.
    assert_eq!(site.get("/mailbox/1/text").await.status, 404);
    assert_eq!(site.get("/mailbox/4/html").await.status, 404);
    assert!(site.get("/mailbox/4/text").await.body.contains("<b>not HTML</b>"));
    for number in [2, 3] {
        assert_eq!(site.get(&format!("/mailbox/{number}")).await.status, 200);
        assert_eq!(site.get(&format!("/mailbox/{number}/raw")).await.status, 200);
        assert_eq!(site.get(&format!("/mailbox/{number}/html")).await.status, 404);
    }
    for path in ["/mailbox/6", "/mailbox/x", "/mailbox/..%2f1", "/mailbox/6/html", "/mailbox/1/exe"] {
        assert_eq!(site.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn without_a_mailbox_there_is_none_to_see() {
    let test = TestEngine::sqlite(&daily_config(NO_RELAY)).await;
    let bare = router(WebState::new(test.engine.clone(), Health::new(true)));
    let request = Request::builder().uri("/mailbox").body(Body::empty()).unwrap();
    assert_eq!(bare.oneshot(request).await.unwrap().status(), 404);
}
