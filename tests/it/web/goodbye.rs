//! The mail after leaving: where the list sends one, once for each leaving, and the way back in it.

use newsletterd::domain::address::EmailAddress;
use newsletterd::domain::bounce::SuppressionReason;
use newsletterd::domain::language::Language;
use newsletterd::pipeline::consent;

use super::confirm::suppress;
use super::unsubscribe::{FORM, ONE_CLICK, is_active, known};
use super::{Site, path_of};

fn with_goodbye(config: &str) -> String {
    config.replace("title = \"Readers & friends\"", "title = \"Readers & friends\"\ngoodbye = \"send\"")
}

/// Makes an active reader who is spoken to in `language`, and gives the unsubscribe link.
async fn reader(site: &Site, address: &str, language: Language) -> String {
    let engine = &site.test.engine;
    let parsed = EmailAddress::parse(address).unwrap();
    consent::ask(engine, &parsed, None, Some(language), "readers", "test").await.unwrap();
    site.send_mails().await;
    let link = site.mails_to(address).remove(0).link();
    assert_eq!(site.post(path_of(&link), FORM, "confirm=1").await.status, 200);
    let list = site.test.list("readers").await;
    let subscriber = newsletterd::pipeline::readers::dossier(engine, &parsed).await.unwrap().subscriber;
    format!("/unsubscribe/{}", engine.keys.unsubscribe(subscriber, list, None))
}

#[tokio::test]
async fn who_leaves_is_told_once_in_their_language_and_can_come_back() {
    for site in Site::on_each_database_with(|config| with_goodbye(&config)).await {
        for (&language, body) in Language::ALL.iter().zip([ONE_CLICK, "leave=1"].iter().cycle()) {
            let address = format!("reader-{language}@example.org");
            let leave = reader(&site, &address, language).await;
            assert_eq!(site.post(&leave, FORM, *body).await.status, 200);
            assert!(!is_active(&site, &address).await, "leaving waits for no mail");
            // A second time is no second leaving.
            assert_eq!(site.post(&leave, FORM, *body).await.status, 200);
            site.send_mails().await;
            let mut mails = site.mails_to(&address);
            assert_eq!(mails.len(), 2, "the confirmation and the goodbye");
            let goodbye = mails.remove(1);
            goodbye.assert_sound(language);
            assert!(goodbye.subject.contains("Readers & friends"), "{}", goodbye.subject);

            let back = goodbye.link();
            for _ in 0..3 {
                let page = site.get(path_of(&back)).await;
                assert!(page.body.contains(&format!("<html lang=\"{language}\"")), "{}", page.body);
                assert_eq!(page.body.matches("<button").count(), 1, "{}", page.body);
            }
            assert!(!is_active(&site, &address).await, "looking changes nothing");
            assert_eq!(site.post(path_of(&back), FORM, "confirm=1").await.status, 200);
            let after = known(&site, &address).await;
            assert!(is_active(&site, &address).await && after.contains(r#"{"mail":"goodbye"}"#), "{after}");
            let page = site.post(path_of(&back), FORM, "confirm=1").await;
            assert!(page.status == 200 && !page.body.contains("<button"), "{}", page.body);
            assert_eq!(known(&site, &address).await, after);

            // Who leaves again does not come back by the old way.
            site.test.engine.clock.advance(chrono::TimeDelta::minutes(1));
            assert_eq!(site.post(&leave, FORM, *body).await.status, 200);
            let left = known(&site, &address).await;
            let over = site.post(path_of(&back), FORM, "confirm=1").await;
            assert!(over.status == 200 && !over.body.contains("<button"));
            assert_eq!(known(&site, &address).await, left);
            site.send_mails().await;
            assert_eq!(site.mails_to(&address).len(), 3, "a new leaving has a goodbye of its own");
        }
    }
}

#[tokio::test]
async fn silence_is_the_default() {
    let site = Site::new().await;
    let leave = reader(&site, "ana@example.org", Language::English).await;
    assert_eq!(site.post(&leave, FORM, ONE_CLICK).await.status, 200);
    site.send_mails().await;
    assert_eq!(site.mails_to("ana@example.org").len(), 1, "the confirmation alone");
}

#[tokio::test]
async fn nothing_is_sent_after_a_bounce_or_a_complaint_or_to_who_was_never_on() {
    for site in Site::on_each_database_with(|config| with_goodbye(&config)).await {
        for reason in [SuppressionReason::Hard, SuppressionReason::Complaint] {
            let address = format!("{reason}@example.org");
            let leave = reader(&site, &address, Language::English).await;
            suppress(&site, &address, reason).await;
            assert_eq!(site.post(&leave, FORM, ONE_CLICK).await.status, 200);
            assert!(!is_active(&site, &address).await);
            // The complaint comes while the goodbye waits.
            let late = format!("late-{reason}@example.org");
            let leave = reader(&site, &late, Language::English).await;
            assert_eq!(site.post(&leave, FORM, ONE_CLICK).await.status, 200);
            suppress(&site, &late, reason).await;
            site.send_mails().await;
            assert_eq!((site.mails_to(&address).len(), site.mails_to(&late).len()), (1, 1));
        }
        // One who was asked and refuses: nothing has been left.
        let asked = "asked@example.org";
        let parsed = EmailAddress::parse(asked).unwrap();
        site.ask_to_confirm(asked).await;
        let list = site.test.list("readers").await;
        let engine = &site.test.engine;
        let id = newsletterd::pipeline::readers::dossier(engine, &parsed).await.unwrap().subscriber;
        let leave = format!("/unsubscribe/{}", engine.keys.unsubscribe(id, list, None));
        assert_eq!(site.post(&leave, FORM, ONE_CLICK).await.status, 200);
        site.send_mails().await;
        assert_eq!(site.mails_to(asked).len(), 1);
    }
}

#[tokio::test]
async fn who_comes_back_before_the_goodbye_is_sent_gets_none() {
    let site = Site::with(|config| with_goodbye(&config)).await;
    let leave = reader(&site, "ana@example.org", Language::English).await;
    assert_eq!(site.post(&leave, FORM, ONE_CLICK).await.status, 200);
    site.test.add_subscribers("readers", &["ana@example.org"]).await;
    site.send_mails().await;
    assert_eq!(site.mails_to("ana@example.org").len(), 1);
}
