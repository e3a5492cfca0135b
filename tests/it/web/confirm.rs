//! Double opt-in: who is asked, who becomes active by it, and what a link can no longer do.

use newsletterd::domain::address::EmailAddress;
use newsletterd::domain::bounce::SuppressionReason;
use newsletterd::domain::ids::{ListId, SubscriberId};
use newsletterd::domain::language::Language;
use newsletterd::pipeline::consent::{self, Asked};
use newsletterd::pipeline::readers;
use newsletterd::store::suppressions::{self, NewSuppression};

use super::reader_mail::assert_no_token_is_stored;
use super::unsubscribe::{FORM, is_active, known};
use super::{Site, path_of};

const ANA: &str = "ana@example.org";

pub(super) async fn suppress(site: &Site, address: &str, reason: SuppressionReason) {
    let engine = &site.test.engine;
    let hash = engine.keys.address_hash(&EmailAddress::parse(address).unwrap());
    let new =
        NewSuppression { address_hash: &hash, address: Some(address), reason, edition: None, note: None };
    let mut tx = engine.db.begin().await.unwrap();
    assert!(suppressions::add(&mut tx, &new, engine.clock.now()).await.unwrap());
    tx.commit().await.unwrap();
}

async fn ask(site: &Site, language: Option<Language>, address: &str) -> newsletterd::pipeline::Result<Asked> {
    let address = EmailAddress::parse(address).unwrap();
    consent::ask(&site.test.engine, &address, None, language, "readers", "test").await
}

#[tokio::test]
async fn each_language_has_its_mail_its_page_and_its_consent() {
    for site in Site::on_each_database().await {
        for &language in Language::ALL {
            let address = format!("reader-{language}@example.org");
            assert_eq!(ask(&site, Some(language), &address).await.unwrap(), Asked::Now);
            assert!(known(&site, &address).await.contains(r#""state":"pending""#));
            site.send_mails().await;
            let mail = site.mails_to(&address).remove(0);
            mail.assert_sound(language);
            assert!(mail.subject.contains("Readers & friends"), "{}", mail.subject);
            assert!(mail.text.contains("Readers & friends"), "{}", mail.text);
            let link = mail.link();
            assert_no_token_is_stored(&site, &site.test.engine.keys, &link).await;
            let page = site.get(path_of(&link)).await;
            assert!(page.body.contains(&format!("<html lang=\"{language}\"")), "{}", page.body);
            assert!(!page.body.contains(&address), "a link may be passed on: {}", page.body);
            let done = site.post(path_of(&link), FORM, "confirm=1").await;
            assert!(
                done.body.contains(&format!("<html lang=\"{language}\"")) && !done.body.contains("<button")
            );
            let after = known(&site, &address).await;
            assert!(is_active(&site, &address).await, "{after}");
            for part in [
                r#""event":"pending""#,
                r#""event":"active""#,
                r#""source":"confirm page""#,
                r#"{"mail":"confirmation"}"#,
            ] {
                assert!(after.contains(part), "{part} in {after}");
            }
        }
    }
}

#[tokio::test]
async fn without_a_language_of_their_own_readers_are_asked_in_that_of_the_list() {
    let site = Site::with(|config| config.replace("language = \"en\"", "language = \"ka\"")).await;
    let link = site.ask_to_confirm(ANA).await;
    site.mails_to(ANA)[0].assert_sound(Language::Georgian);
    assert!(site.get(path_of(&link)).await.body.contains("<html lang=\"ka\""));
}

#[tokio::test]
async fn who_is_asked_again_within_the_hour_gets_no_second_mail() {
    for site in Site::on_each_database().await {
        let link = site.ask_to_confirm(ANA).await;
        assert_eq!(ask(&site, None, ANA).await.unwrap(), Asked::Before);
        site.send_mails().await;
        assert_eq!(site.mails_to(ANA).len(), 1);
        site.test.engine.clock.set("2026-11-24T02:30:00Z".parse().unwrap());
        // Both links work: the later one was asked for because the first was not found.
        let later = site.ask_to_confirm(ANA).await;
        for link in [&later, &link] {
            assert_eq!(site.post(path_of(link), FORM, "confirm=1").await.status, 200);
        }
        assert_eq!(ask(&site, None, ANA).await.unwrap(), Asked::NotNeeded);
        assert!(is_active(&site, ANA).await);
    }
}

#[tokio::test]
async fn two_posts_at_once_are_one_consent() {
    for site in Site::on_each_database().await {
        let link = site.ask_to_confirm(ANA).await;
        let post = || site.post(path_of(&link), FORM, "confirm=1");
        let (one, other, third) = tokio::join!(post(), post(), post());
        assert_eq!([one.status, other.status, third.status], [200, 200, 200]);
        let after = known(&site, ANA).await;
        assert_eq!(after.matches(r#""event":"active""#).count(), 1, "{after}");
    }
}

#[tokio::test]
async fn a_fresh_opt_in_lifts_every_suppression_but_a_legal_one() {
    for site in Site::on_each_database().await {
        for reason in [
            SuppressionReason::Hard,
            SuppressionReason::Soft,
            SuppressionReason::Complaint,
            SuppressionReason::Manual,
        ] {
            suppress(&site, ANA, reason).await;
        }
        let link = site.ask_to_confirm(ANA).await;
        assert_eq!(site.post(path_of(&link), FORM, "confirm=1").await.status, 200);
        let after = known(&site, ANA).await;
        assert!(after.contains(r#""suppressions":[]"#) && is_active(&site, ANA).await, "{after}");

        suppress(&site, "gio@example.org", SuppressionReason::Legal).await;
        let refused = ask(&site, None, "gio@example.org").await.unwrap_err();
        assert!(refused.to_string().contains("legal"), "{refused}");
        // It came while the mail waited: that is not sent. It came after the mail: the link does nothing.
        assert_eq!(ask(&site, None, "eka@example.org").await.unwrap(), Asked::Now);
        suppress(&site, "eka@example.org", SuppressionReason::Legal).await;
        site.send_mails().await;
        assert_eq!(site.mails_to("eka@example.org").len(), 0);
        let link = site.ask_to_confirm("lia@example.org").await;
        suppress(&site, "lia@example.org", SuppressionReason::Legal).await;
        let before = known(&site, "lia@example.org").await;
        for answer in [site.get(path_of(&link)).await, site.post(path_of(&link), FORM, "confirm=1").await] {
            assert_eq!(answer.status, 200);
            assert!(answer.body.contains("This address gets no letters") && !answer.body.contains("<button"));
        }
        assert_eq!(known(&site, "lia@example.org").await, before);
    }
}

#[tokio::test]
async fn a_reader_who_bounced_and_asks_again_is_written_to_again() {
    let site = Site::new().await;
    site.test.tick_at("2026-11-24T00:00:00Z").await;
    site.test.add_subscribers("readers", &[ANA]).await;
    suppress(&site, ANA, SuppressionReason::Hard).await;
    let link = site.ask_to_confirm(ANA).await;
    assert!(site.get(path_of(&link)).await.body.contains("<button"));
    site.post(path_of(&link), FORM, "confirm=1").await;
    let after = known(&site, ANA).await;
    assert!(after.contains(r#""suppressions":[]"#) && is_active(&site, ANA).await, "{after}");
}

#[tokio::test]
async fn what_has_ended_or_was_erased_is_not_revived_by_its_old_link() {
    for site in Site::on_each_database().await {
        let link = site.ask_to_confirm(ANA).await;
        let address = EmailAddress::parse(ANA).unwrap();
        readers::remove(&site.test.engine, &address, Some("readers"), "test").await.unwrap();
        let before = known(&site, ANA).await;
        for answer in [site.get(path_of(&link)).await, site.post(path_of(&link), FORM, "confirm=1").await] {
            assert_eq!(answer.status, 200);
            assert!(answer.body.contains("There is nothing to confirm") && !answer.body.contains("<button"));
        }
        assert_eq!(known(&site, ANA).await, before);

        // Erased while its mail waits, and after it came.
        let link = site.ask_to_confirm("gio@example.org").await;
        assert_eq!(ask(&site, None, "eka@example.org").await.unwrap(), Asked::Now);
        for erased in ["gio@example.org", "eka@example.org"] {
            readers::erase(&site.test.engine, &EmailAddress::parse(erased).unwrap(), "test").await.unwrap();
        }
        site.send_mails().await;
        assert_eq!(site.mails_to("eka@example.org").len(), 0);
        for answer in [site.get(path_of(&link)).await, site.post(path_of(&link), FORM, "confirm=1").await] {
            assert!(
                answer.status == 200 && answer.body.contains("There is nothing to confirm"),
                "{}",
                answer.body
            );
        }
        assert_no_token_is_stored(&site, &site.test.engine.keys, &link).await;
    }
}

#[tokio::test]
async fn no_other_body_confirms_and_no_other_token_is_one() {
    let site = Site::new().await;
    let link = site.ask_to_confirm(ANA).await;
    let path = path_of(&link).to_owned();
    let before = known(&site, ANA).await;
    for (kind, body) in [
        (FORM, ""),
        (FORM, "confirm=0"),
        (FORM, "leave=1"),
        (FORM, "List-Unsubscribe=One-Click"),
        ("text/plain", "confirm=1"),
        ("application/json", "{\"confirm\":1}"),
    ] {
        assert_eq!(site.post(&path, kind, body).await.status, 400, "{kind} {body}");
    }
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        assert_eq!(site.request(method, &format!("{path}?confirm=1")).await.status, 405, "{method}");
    }
    let keys = &site.test.engine.keys;
    let list = site.test.list("readers").await;
    let ana =
        readers::dossier(&site.test.engine, &EmailAddress::parse(ANA).unwrap()).await.unwrap().subscriber;
    let expected = site.get("/confirm/x").await;
    assert_eq!(expected.status, 404);
    for token in [
        format!("{}a", path.trim_start_matches("/confirm/")),
        keys.unsubscribe(ana, list, None),
        keys.preferences(ana, list, None),
        keys.return_path(newsletterd::domain::ids::EditionId(1), ana),
        "%ff".to_owned(),
    ] {
        let path = format!("/confirm/{token}");
        for answer in [site.get(&path).await, site.post(&path, FORM, "confirm=1").await] {
            assert_eq!((answer.status, &answer.body), (expected.status, &expected.body), "{path}");
        }
    }
    assert_eq!(known(&site, ANA).await, before);
    // Genuine, but of nobody: an answer in words.
    let nobody = format!("/confirm/{}", keys.confirm(SubscriberId(404), ListId(404), None));
    for answer in [site.get(&nobody).await, site.post(&nobody, FORM, "confirm=1").await] {
        assert!(answer.status == 200 && answer.body.contains("There is nothing to confirm"));
    }
}

#[tokio::test]
async fn a_list_without_a_newsletter_cannot_ask() {
    let site = Site::with(|config| format!("{config}\n[[lists]]\nname = \"quiet\"\n")).await;
    let address = EmailAddress::parse(ANA).unwrap();
    let refused = consent::ask(&site.test.engine, &address, None, None, "quiet", "test").await.unwrap_err();
    assert!(refused.to_string().contains("no newsletter goes to quiet"), "{refused}");
    let refused = consent::ask(&site.test.engine, &address, None, None, "reader", "test").await.unwrap_err();
    assert!(refused.to_string().contains("there are: readers, quiet"), "{refused}");
}
