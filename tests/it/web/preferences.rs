//! The page of a reader's choices: a GET shows, a POST changes what the reader changed, and
//! nobody's but theirs.

use newsletterd::domain::address::EmailAddress;
use newsletterd::domain::bounce::SuppressionReason;
use newsletterd::domain::delivery::DeliveryState;
use newsletterd::domain::ids::{ListId, SubscriberId};
use newsletterd::pipeline::{readers, report};

use super::confirm::suppress;
use super::unsubscribe::{FORM, known};
use super::{Answered, Site, path_of};

const ANA: &str = "ana@example.org";

/// Besides `readers`: `club`, which is offered, and `staff`, which is not, each with a newsletter.
fn three_lists(config: &str) -> String {
    let (head, newsletter) = config.split_once("[[newsletters]]").unwrap();
    let another = |name: &str, list: &str, title: &str, language: &str| {
        let newsletter = newsletter
            .replace("\"daily\"", &format!("{name:?}"))
            .replace("\"readers\"", &format!("{list:?}"))
            .replace("Today in Example", title)
            .replace("\"en\"", &format!("{language:?}"));
        format!("[[newsletters]]{newsletter}")
    };
    format!(
        "{head}[[lists]]\nname = \"club\"\noffered = true\n[[lists]]\nname = \"staff\"\n\
         [[newsletters]]{newsletter}\n{}\n{}",
        another("weekly", "club", "კვირის ამბები", "ka"),
        another("internal", "staff", "For the staff", "en")
    )
}

/// A site with three lists and a reader of the first, the reader's link, and the lists.
struct Choosing {
    site: Site,
    ana: SubscriberId,
    path: String,
    readers: ListId,
    club: ListId,
    staff: ListId,
}

impl Choosing {
    async fn on_each_database() -> Vec<Self> {
        let mut all = Vec::new();
        for site in Site::on_each_database_with(|config| three_lists(&config)).await {
            site.test.tick_at("2026-11-24T00:00:00Z").await;
            let ana = site.test.add_subscribers("readers", &[ANA, "gio@example.org"]).await[0];
            let (readers, club, staff) = (
                site.test.list("readers").await,
                site.test.list("club").await,
                site.test.list("staff").await,
            );
            let path = format!("/preferences/{}", site.test.engine.keys.preferences(ana, readers, None));
            all.push(Self { site, ana, path, readers, club, staff });
        }
        all
    }

    async fn page(&self) -> Answered {
        self.site.get(&self.path).await
    }

    async fn save(&self, fields: &str) -> Answered {
        self.site.post(&self.path, FORM, format!("save=1{fields}")).await
    }

    /// The states of Ana's subscriptions, by list.
    async fn states(&self) -> String {
        let address = EmailAddress::parse(ANA).unwrap();
        let dossier = readers::dossier(&self.site.test.engine, &address).await.unwrap();
        dossier.subscriptions.iter().map(|(list, standing)| format!("{list} {}; ", standing.state)).collect()
    }
}

/// The list fields that are ticked on a page.
fn ticked(page: &Answered) -> Vec<String> {
    let boxes =
        page.body.split("<input type=\"checkbox\"").skip(1).map(|rest| rest.split('>').next().unwrap());
    boxes
        .filter(|attributes| attributes.contains(" checked"))
        .map(|attributes| attributes.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn it_shows_what_the_reader_gets_and_no_address() {
    for choosing in Choosing::on_each_database().await {
        let page = choosing.page().await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("a…@example.org") && !page.body.contains(ANA), "{}", page.body);
        assert!(
            page.body.contains("Readers &amp; friends") && page.body.contains("კვირის ამბები"),
            "{}",
            page.body
        );
        assert!(!page.body.contains("For the staff"), "what is not offered is not told: {}", page.body);
        assert_eq!(ticked(&page), [choosing.readers.to_string()]);
        assert_eq!(page.body.matches("<button").count(), 1);
        assert_eq!(page.attribute("action"), [choosing.path.as_str()]);
        let before = known(&choosing.site, ANA).await;
        for method in ["GET", "HEAD", "OPTIONS", "PUT"] {
            choosing.site.request(method, &format!("{}?save=1&all=1", choosing.path)).await;
        }
        assert_eq!(known(&choosing.site, ANA).await, before);
    }
}

#[tokio::test]
async fn a_tick_joins_and_a_missing_one_leaves() {
    for choosing in Choosing::on_each_database().await {
        let Choosing { readers, club, .. } = choosing;
        let page = choosing.save(&format!("&shown={readers}&list={readers}&list={club}")).await;
        assert!(page.status == 200 && page.body.contains("Saved."), "{}", page.body);
        assert_eq!(ticked(&page), [readers.to_string(), club.to_string()]);
        assert_eq!(choosing.states().await, "club active; readers active; ");
        let after = known(&choosing.site, ANA).await;
        assert!(after.contains(r#""source":"preferences page""#), "{after}");
        // Saved again as it is: nothing changes, and nothing is claimed.
        let same = choosing.save(&format!("&shown={readers}&shown={club}&list={readers}&list={club}")).await;
        assert!(same.body.contains("Nothing had to be changed."), "{}", same.body);
        assert_eq!(known(&choosing.site, ANA).await, after);

        let page = choosing.save(&format!("&shown={readers}&shown={club}&list={club}")).await;
        assert_eq!(ticked(&page), [club.to_string()]);
        assert_eq!(choosing.states().await, "club active; readers ended; ");
        // The way back stays on the page.
        let page = choosing.save(&format!("&shown={club}&list={club}&list={readers}")).await;
        assert_eq!(ticked(&page), [readers.to_string(), club.to_string()]);
    }
}

#[tokio::test]
async fn everything_is_left_at_once_and_what_is_queued_does_not_go_out() {
    for choosing in Choosing::on_each_database().await {
        let Choosing { site, readers, club, .. } = &choosing;
        choosing.save(&format!("&shown={readers}&list={readers}&list={club}")).await;
        site.test.import_articles(&crate::support::engine::stories(4, site.test.engine.clock.now())).await;
        site.test.tick_at("2026-11-24T01:00:00Z").await;
        site.test.tick_at("2026-11-24T03:00:00Z").await;
        // The ticks are not looked at.
        let page =
            choosing.save(&format!("&all=1&shown={readers}&shown={club}&list={readers}&list={club}")).await;
        assert!(page.body.contains("Saved.") && ticked(&page).is_empty(), "{}", page.body);
        assert_eq!(choosing.states().await, "club ended; readers ended; ");
        let edition =
            site.test.editions().await.into_iter().find(|edition| edition.config["name"] == "daily").unwrap();
        site.test.deliver(edition.id).await;
        let report = report::report(&site.test.engine, edition.id).await.unwrap();
        assert_eq!(report.count(DeliveryState::Cancelled), 1);
        assert_eq!(report.count(DeliveryState::Accepted), 1, "another reader's letter goes out");
    }
}

#[tokio::test]
async fn nobody_joins_what_is_not_theirs_to_choose() {
    for choosing in Choosing::on_each_database().await {
        let Choosing { site, readers, club, staff, .. } = &choosing;
        let gio = known(site, "gio@example.org").await;
        let page =
            choosing.save(&format!("&shown={readers}&list={readers}&list={staff}&list=404&list=-1")).await;
        assert!(page.body.contains("Nothing had to be changed."), "{}", page.body);
        assert_eq!(choosing.states().await, "readers active; ");
        // Whom the newsroom took off a list does not come back by an old letter; one may be joined
        // again that is offered to everybody.
        site.test.add_subscribers("staff", &[ANA]).await;
        site.test.add_subscribers("club", &[ANA]).await;
        assert_eq!(ticked(&choosing.page().await).len(), 3);
        let address = EmailAddress::parse(ANA).unwrap();
        for list in ["staff", "club"] {
            readers::remove(&site.test.engine, &address, Some(list), "test").await.unwrap();
        }
        let page = choosing.page().await;
        assert!(!page.body.contains("For the staff"), "{}", page.body);
        choosing.save(&format!("&shown={readers}&list={readers}&list={staff}&list={club}")).await;
        assert_eq!(choosing.states().await, "club active; readers active; staff ended; ");
        assert_eq!(known(site, "gio@example.org").await, gio, "nobody else is touched");
    }
}

#[tokio::test]
async fn a_stale_page_undoes_nothing() {
    for choosing in Choosing::on_each_database().await {
        let Choosing { site, readers, club, .. } = &choosing;
        // Shown before the reader joined the club elsewhere; saved after.
        site.test.add_subscribers("club", &[ANA]).await;
        let page = choosing.save(&format!("&shown={readers}&list={readers}")).await;
        assert!(page.body.contains("Nothing had to be changed."), "{}", page.body);
        assert_eq!(ticked(&page), [readers.to_string(), club.to_string()]);
    }
}

#[tokio::test]
async fn a_tick_confirms_what_waited_and_lifts_what_stood_against_it_but_the_law() {
    for choosing in Choosing::on_each_database().await {
        let Choosing { site, readers, .. } = &choosing;
        suppress(site, ANA, SuppressionReason::Hard).await;
        let page = choosing.page().await;
        assert!(page.body.contains("Stopped") && ticked(&page).is_empty(), "{}", page.body);
        choosing.save("").await;
        assert_eq!(choosing.states().await, "readers active; ", "what was not touched stays");
        let page = choosing.save(&format!("&list={readers}")).await;
        assert_eq!(ticked(&page), [readers.to_string()]);
        assert!(known(site, ANA).await.contains(r#""suppressions":[]"#));

        let nino = EmailAddress::parse("nino@example.org").unwrap();
        site.ask_to_confirm("nino@example.org").await;
        let id = readers::dossier(&site.test.engine, &nino).await.unwrap().subscriber;
        let path = format!("/preferences/{}", site.test.engine.keys.preferences(id, *readers, None));
        let page = site.get(&path).await;
        assert!(page.body.contains("Not confirmed yet") && ticked(&page).is_empty(), "{}", page.body);
        let page = site.post(&path, FORM, format!("save=1&list={readers}")).await;
        assert_eq!(ticked(&page), [readers.to_string()]);

        suppress(site, ANA, SuppressionReason::Legal).await;
        let before = known(site, ANA).await;
        for answer in [choosing.page().await, choosing.save("&all=1").await] {
            assert!(
                answer.status == 200 && answer.body.contains("This address gets no letters"),
                "{}",
                answer.body
            );
            assert!(!answer.body.contains("<button"));
        }
        assert_eq!(known(site, ANA).await, before);
    }
}

#[tokio::test]
async fn an_erased_reader_has_no_choices() {
    for choosing in Choosing::on_each_database().await {
        readers::erase(&choosing.site.test.engine, &EmailAddress::parse(ANA).unwrap(), "test").await.unwrap();
        for answer in [choosing.page().await, choosing.save("&all=1").await] {
            assert_eq!(answer.status, 200);
            assert!(answer.body.contains("Nothing is stored for this link any more."), "{}", answer.body);
            assert!(!answer.body.contains("<button"));
        }
    }
}

#[tokio::test]
async fn no_other_body_changes_anything_and_no_other_token_is_one() {
    let choosing = Choosing::on_each_database().await.remove(0);
    let Choosing { site, path, ana, readers, .. } = &choosing;
    let before = known(site, ANA).await;
    for (kind, body) in [
        (FORM, ""),
        (FORM, "all=1"),
        (FORM, "save=0&all=1"),
        (FORM, "save=1&shown=x"),
        (FORM, "save=1&list=1%20or%201"),
        (FORM, "save=1&list=99999999999999999999"),
        ("text/plain", "save=1&all=1"),
    ] {
        let answer = site.post(path, kind, body).await;
        assert_eq!(answer.status, 400, "{kind} {body}");
    }
    let keys = &site.test.engine.keys;
    let expected = site.get("/preferences/x").await;
    assert_eq!(expected.status, 404);
    for token in
        [keys.unsubscribe(*ana, *readers, None), keys.confirm(*ana, *readers, None), "%ff".to_owned()]
    {
        let path = format!("/preferences/{token}");
        for answer in [site.get(&path).await, site.post(&path, FORM, "save=1&all=1").await] {
            assert_eq!((answer.status, &answer.body), (expected.status, &expected.body), "{path}");
        }
    }
    assert_eq!(known(site, ANA).await, before);
}

#[tokio::test]
async fn the_link_in_the_letter_leads_there_in_the_letters_language() {
    for site in
        Site::on_each_database_with(|config| config.replace("language = \"en\"", "language = \"hy\"")).await
    {
        site.test.tick_at("2026-11-24T00:00:00Z").await;
        let mut stories = crate::support::engine::stories(4, site.test.engine.clock.now());
        for story in &mut stories {
            story.content.language = Some("hy".to_owned());
        }
        site.test.import_articles(&stories).await;
        site.test.add_subscribers("readers", &[ANA]).await;
        site.test.tick_at("2026-11-24T01:00:00Z").await;
        site.test.tick_at("2026-11-24T03:00:00Z").await;
        site.deliver().await;
        let letter = site.message(ANA);
        let link = letter.links().into_iter().find(|link| link.contains("/preferences/")).unwrap();
        let page = site.get(path_of(&link)).await;
        assert!(page.status == 200 && page.body.contains("<html lang=\"hy\""), "{}", page.body);
        let edition = site.test.editions().await.remove(0);
        // The archive has no reader's link.
        let archived = site.get(&format!("/archive/daily/{}", edition.id)).await;
        assert!(archived.status == 200 && !archived.body.contains("/preferences/"));
        let list = site.test.list("readers").await;
        let left = site.post(path_of(&link), FORM, format!("save=1&shown={list}")).await;
        assert_eq!(left.status, 200);
        let after = known(&site, ANA).await;
        assert!(after.contains(&format!(r#"{{"edition":"{}"}}"#, edition.id)), "{after}");
    }
}
