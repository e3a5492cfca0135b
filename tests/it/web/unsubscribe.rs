//! Leaving a list: a GET asks, a POST acts, and no page says what is not so.

use newsletterd::domain::address::EmailAddress;
use newsletterd::domain::delivery::DeliveryState;
use newsletterd::domain::edition::EditionState;
use newsletterd::domain::ids::{ListId, SubscriberId};
use newsletterd::pipeline::{readers, report};

use super::{Site, path_of};

pub(super) const FORM: &str = "application/x-www-form-urlencoded";
pub(super) const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// All that the database knows of somebody, as one text.
pub(super) async fn known(site: &Site, address: &str) -> String {
    let address = EmailAddress::parse(address).unwrap();
    let dossier = readers::dossier(&site.test.engine, &address).await.unwrap();
    serde_json::to_string(&dossier).unwrap()
}

pub(super) async fn is_active(site: &Site, address: &str) -> bool {
    known(site, address).await.contains(r#""state":"active""#)
}

/// The path of a genuine link.
async fn link(site: &Site, subscriber: SubscriberId) -> String {
    let list = site.test.list("readers").await;
    format!("/unsubscribe/{}", site.test.engine.keys.unsubscribe(subscriber, list, None))
}

/// Scenario 23 of the field: a one-click POST that was answered OK and did nothing.
#[tokio::test]
async fn who_leaves_in_mid_run_gets_nothing_that_was_queued_and_no_next_letter() {
    for site in Site::on_each_database().await {
        site.enqueue(&["ana@example.org", "gio@example.org"]).await;
        let address = EmailAddress::parse("ana@example.org").unwrap();
        let dossier = readers::dossier(&site.test.engine, &address).await.unwrap();
        let edition = site.test.editions().await.remove(0);
        let list = site.test.list("readers").await;
        let url = site.test.engine.links().unsubscribe(dossier.subscriber, list, edition.id);
        assert_eq!(site.post(path_of(&url), FORM, ONE_CLICK).await.status, 200);
        site.deliver().await;
        let report = report::report(&site.test.engine, edition.id).await.unwrap();
        assert_eq!((report.state, report.audience), (EditionState::Sent, 2));
        assert_eq!(report.count(DeliveryState::Cancelled), 1);
        assert_eq!(report.count(DeliveryState::Accepted), 1);
        assert!(report.adds_up());
        let got: Vec<_> = site.mailbox.list().unwrap().into_iter().map(|one| one.envelope.rcpt_to).collect();
        assert_eq!(got, [["gio@example.org"]]);

        site.test.engine.clock.set("2026-11-25T00:00:00Z".parse().unwrap());
        site.test.import_articles(&crate::support::engine::stories(8, site.test.engine.clock.now())).await;
        site.test.tick_at("2026-11-25T01:00:00Z").await;
        site.test.tick_at("2026-11-25T03:00:00Z").await;
        site.deliver().await;
        assert_eq!(site.test.editions().await[0].audience_count, Some(1));
        assert!(site.mailbox.list().unwrap().iter().all(|one| one.envelope.rcpt_to == ["gio@example.org"]));
    }
}

#[tokio::test]
async fn both_body_forms_of_a_one_click_post_act() {
    let site = Site::new().await;
    site.test.tick_at("2026-11-24T00:00:00Z").await;
    let bodies = [
        (FORM, ONE_CLICK.to_owned()),
        ("application/x-www-form-urlencoded; charset=UTF-8", format!("{ONE_CLICK}\r\n")),
        ("", ONE_CLICK.to_owned()),
        ("multipart/form-data; boundary=\"b\"", multipart("List-Unsubscribe", "One-Click")),
        ("Multipart/Form-Data; boundary=b", multipart("List-Unsubscribe", "One-Click")),
        (FORM, "leave=1".to_owned()),
        ("multipart/form-data; boundary=b", multipart("leave", "1")),
    ];
    for (n, (kind, body)) in bodies.into_iter().enumerate() {
        let address = format!("reader{n}@example.org");
        let ids = site.test.add_subscribers("readers", &[&address]).await;
        let link = link(&site, ids[0]).await;
        assert!(is_active(&site, &address).await);
        let answer = site.post(&link, kind, body.clone()).await;
        assert_eq!(answer.status, 200, "{kind} {body:?}");
        assert!(!is_active(&site, &address).await, "{kind} {body:?}");
    }
}

fn multipart(name: &str, value: &str) -> String {
    format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--b--\r\n")
}

#[tokio::test]
async fn no_other_body_and_no_other_method_acts() {
    let site = Site::new().await;
    site.test.tick_at("2026-11-24T00:00:00Z").await;
    let ids = site.test.add_subscribers("readers", &["ana@example.org"]).await;
    let link = link(&site, ids[0]).await;
    let before = known(&site, "ana@example.org").await;
    for (kind, body) in [
        (FORM, String::new()),
        (FORM, "List-Unsubscribe".to_owned()),
        (FORM, "List-Unsubscribe=Two-Clicks".to_owned()),
        (FORM, "list=1&leave=0".to_owned()),
        ("text/plain", ONE_CLICK.to_owned()),
        ("application/json", "{\"leave\":1}".to_owned()),
        ("multipart/form-data", multipart("leave", "1")),
        ("multipart/form-data; boundary=b", multipart("leave", "0")),
        ("multipart/form-data; boundary=b", "--b\r\nbroken".to_owned()),
    ] {
        let answer = site.post(&link, kind, body.clone()).await;
        assert_eq!(answer.status, 400, "{kind} {body:?}");
        assert!(answer.body.contains("Nothing has been changed"), "{}", answer.body);
    }
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "LEAVE"] {
        let answer = site.request(method, &format!("{link}?List-Unsubscribe=One-Click&leave=1")).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), "GET,HEAD,POST");
    }
    assert_eq!(known(&site, "ana@example.org").await, before);
}

#[tokio::test]
async fn what_is_no_genuine_token_gets_one_and_the_same_answer() {
    let site = Site::new().await;
    site.test.tick_at("2026-11-24T00:00:00Z").await;
    let ids = site.test.add_subscribers("readers", &["ana@example.org"]).await;
    let before = known(&site, "ana@example.org").await;
    let link = link(&site, ids[0]).await;
    let (head, last) = link.split_at(link.len() - 1);
    let forged = format!("{head}{}", if last == "a" { "b" } else { "a" });
    // A genuine token of ours, for another purpose.
    let edition = newsletterd::domain::ids::EditionId(1);
    let return_path = format!("/unsubscribe/{}", site.test.engine.keys.return_path(edition, ids[0]));
    let expected = site.get(&forged).await;
    assert_eq!(expected.status, 404);
    assert!(expected.body.contains("This link is not complete"), "{}", expected.body);
    for path in [
        forged.clone(),
        return_path,
        link[..link.len() - 3].to_owned(),
        "/unsubscribe/x".to_owned(),
        format!("/unsubscribe/{}", "a".repeat(10_240)),
        "/unsubscribe/%ff%fe".to_owned(),
        "/unsubscribe/%00".to_owned(),
        "/unsubscribe/..%2f..%2fetc%2fpasswd".to_owned(),
        "/unsubscribe/%D0%B0".to_owned(),
    ] {
        let asked = site.get(&path).await;
        let posted = site.post(&path, FORM, ONE_CLICK).await;
        for answer in [asked, posted] {
            assert_eq!((answer.status, &answer.body), (expected.status, &expected.body), "{path}");
        }
    }
    assert_eq!(known(&site, "ana@example.org").await, before);
    // Mail programs may change the case of an address.
    assert_eq!(site.get(&link.to_uppercase().replace("/UNSUBSCRIBE/", "/unsubscribe/")).await.status, 200);
}

#[tokio::test]
async fn a_genuine_token_of_somebody_unknown_is_an_answer_in_words() {
    let site = Site::new().await;
    let token = site.test.engine.keys.unsubscribe(SubscriberId(404), ListId(404), None);
    let path = format!("/unsubscribe/{token}");
    for answer in [site.get(&path).await, site.post(&path, FORM, ONE_CLICK).await] {
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("You are not on this list") && !answer.body.contains("<button"));
    }
}

#[tokio::test]
async fn the_page_speaks_the_language_of_the_letter_and_names_the_list_alone() {
    let site = Site::with(|config| {
        let (head, newsletter) = config.split_once("[[newsletters]]").unwrap();
        let georgian = newsletter.replace("\"daily\"", "\"dge\"").replace("\"en\"", "\"ka\"");
        format!("{head}[[newsletters]]{newsletter}\n[[newsletters]]{georgian}")
    })
    .await;
    site.enqueue(&["ana@example.org"]).await;
    let list = site.test.list("readers").await;
    let georgian =
        site.test.editions().await.into_iter().find(|edition| edition.config["name"] == "dge").unwrap();
    let mut tx = site.test.engine.db.read().await.unwrap();
    let address = EmailAddress::parse("ana@example.org").unwrap();
    let ana = newsletterd::store::subscribers::find(&mut tx, &address).await.unwrap().unwrap().id;
    let url = site.test.engine.links().unsubscribe(ana, list, georgian.id);
    let page = site.get(path_of(&url)).await;
    assert!(
        page.body.contains("<html lang=\"ka\"") && page.body.contains("Readers &amp; friends"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("ana@"));
    assert!(site.get(&link(&site, ana).await).await.body.contains("<html lang=\"en\""));
}
