//! Case c38: the filters of mail systems open every link, from several machines, before the reader
//! sees it. None of it may change anything, in either direction.

use axum::body::Body;
use axum::http::Request;

use super::unsubscribe::{FORM, ONE_CLICK, is_active, known};
use super::{Site, path_of};
use crate::support::shared::shared;

/// What a scanner asks for, with the links of this site in the case's places.
async fn scan(site: &Site, requests: &str, links: &[(&str, &str)]) {
    let mut asked = 0;
    for line in requests.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (method, place) = line.split_once(' ').unwrap();
        let (_, url) = links.iter().find(|(name, _)| *name == place).unwrap_or_else(|| panic!("{place}"));
        for agent in ["", "curl/8.0", "Mozilla/5.0 (compatible; link checker; HEAD)"] {
            let request = Request::builder().method(method).uri(path_of(url)).header("user-agent", agent);
            let answer = site.ask(request.body(Body::empty()).unwrap()).await;
            asked += 1;
            match method {
                "GET" => {
                    assert_eq!(answer.status, 200, "{line}");
                    assert_eq!(answer.body.matches("<button").count(), 1, "{line}: {}", answer.body);
                }
                "HEAD" => assert!(answer.status == 200 && answer.body.is_empty(), "{line}"),
                _ => assert_eq!(answer.status, 405, "{line}"),
            }
        }
    }
    assert_eq!(asked, 18, "all of the case's requests, three times each");
}

#[tokio::test]
async fn case_c38_scanners_that_follow_every_link_change_nothing_and_use_up_nothing() {
    let Some(requests) = shared("cases/c38-link-scanner/requests.txt") else { return };
    let requests = String::from_utf8(requests).unwrap();
    for site in Site::on_each_database().await {
        site.enqueue(&["ana@example.org", "gio@example.org"]).await;
        site.deliver().await;
        let confirm = site.ask_to_confirm("nino@example.org").await;
        let letter = site.message("ana@example.org");
        let preferences = letter.links().into_iter().find(|link| link.contains("/preferences/")).unwrap();
        assert!(letter.text.lines().any(|line| line == preferences), "{}", letter.text);
        let links = [
            ("@@CONFIRM_URL@@", confirm.as_str()),
            ("@@UNSUB_URL@@", &letter.one_click),
            ("@@PREFS_URL@@", &preferences),
        ];
        let before = (known(&site, "ana@example.org").await, known(&site, "nino@example.org").await);
        assert!(before.1.contains(r#""state":"pending""#), "{}", before.1);
        scan(&site, &requests, &links).await;
        assert_eq!(known(&site, "ana@example.org").await, before.0);
        assert_eq!(known(&site, "nino@example.org").await, before.1);

        // The confirm page's own button; the second POST changes nothing.
        let page = site.get(path_of(&confirm)).await;
        assert_eq!(page.attribute("action"), [path_of(&confirm)]);
        assert!(page.body.contains(r#"<input type="hidden" name="confirm" value="1">"#), "{}", page.body);
        let confirmed = site.post(path_of(&confirm), FORM, "confirm=1").await;
        assert!(
            confirmed.status == 200 && confirmed.body.contains("You are subscribed"),
            "{}",
            confirmed.body
        );
        assert!(is_active(&site, "nino@example.org").await);
        let after = known(&site, "nino@example.org").await;
        let again = site.post(path_of(&confirm), FORM, "confirm=1").await;
        assert!(again.status == 200 && again.body.contains("You already get"), "{}", again.body);
        assert_eq!(known(&site, "nino@example.org").await, after);

        // The unsubscribe page's own button.
        let page = site.get(path_of(&letter.one_click)).await;
        assert_eq!(page.attribute("action"), [path_of(&letter.one_click)]);
        assert!(page.body.contains(r#"<input type="hidden" name="leave" value="1">"#), "{}", page.body);
        let left = site.post(path_of(&letter.one_click), FORM, "leave=1").await;
        assert!(left.status == 200 && left.body.contains("You have left"), "{}", left.body);
        assert!(!is_active(&site, "ana@example.org").await);

        // The one-click POST, for another reader: at once, without cookie or further page.
        let url = site.message("gio@example.org").one_click;
        let left = site.post(path_of(&url), FORM, ONE_CLICK).await;
        assert_eq!(left.status, 200);
        assert!(left.headers.get("set-cookie").is_none() && left.headers.get("location").is_none());
        let after = known(&site, "gio@example.org").await;
        assert!(after.contains(r#""end_reason":"unsubscribed""#), "{after}");
        // Again: 200, nothing changed, and no page claims that it was.
        let again = site.post(path_of(&url), FORM, ONE_CLICK).await;
        assert!(again.status == 200 && again.body.contains("has already ended"), "{}", again.body);
        assert_eq!(known(&site, "gio@example.org").await, after);
        let page = site.get(path_of(&url)).await;
        assert!(page.status == 200 && !page.body.contains("<button"), "{}", page.body);
    }
}
