//! Who gets the next letter after an import of subscribers.

use newsletterd::domain::address::EmailAddress;
use newsletterd::domain::edition::EditionState;
use newsletterd::pipeline::import::{self, Mode, SubscriberCounts};
use newsletterd::pipeline::readers;
use newsletterd::sources::subscribers::{self, ReadOptions};

use super::{Newsroom, send_due};
use crate::support::engine::{TestEngine, stories};

async fn import_subscribers(test: &TestEngine, text: &str) -> SubscriberCounts {
    let options = ReadOptions { zone: chrono_tz::UTC, now: test.engine.clock.now() };
    let file = subscribers::read(text.as_bytes(), &options).unwrap();
    import::subscribers(&test.engine, "readers", &file, "members.csv", Mode::Real).await.unwrap()
}

/// Who got the edition of that morning.
async fn recipients(room: &Newsroom, test: &TestEngine) -> Vec<String> {
    test.import_articles(&stories(3, test.engine.clock.now())).await;
    test.tick_at("2026-11-24T03:00:00Z").await;
    assert_eq!(send_due(test).await.state, EditionState::Sent);
    let mut to: Vec<_> = room.letters().into_iter().map(|letter| letter.to).collect();
    to.sort();
    to
}

#[tokio::test]
async fn case_c10_a_mark_before_the_first_column_costs_nobody_the_letter() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        test.tick_at("2026-11-24T00:00:00Z").await;
        let plain = "\u{feff}email,name\r\nnina.berg@example.org,Nina\r\n";
        let quoted = "\u{feff}\"Email Address\",\"First Name\"\r\ntom.aas@example.net,Tom\r\n";
        for text in [plain, quoted] {
            assert_eq!(import_subscribers(test, text).await.activated, 1);
        }
        for (address, name) in [("nina.berg@example.org", "Nina"), ("tom.aas@example.net", "Tom")] {
            let address = EmailAddress::parse(address).unwrap();
            let dossier = readers::dossier(&test.engine, &address).await.unwrap();
            assert_eq!(dossier.name.as_deref(), Some(name));
        }
        assert_eq!(recipients(&room, test).await, ["nina.berg@example.org", "tom.aas@example.net"]);
    }
}

#[tokio::test]
async fn case_c13_blank_flags_are_no_consent_and_end_nobody() {
    let members = "\
id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers
a1,anna@example.org,Anna Lind,,true,false,,2024-03-01T08:00:00.000Z,,\"Local,Print\",
a2,ben@example.org,Ben Moe,,false,false,,2024-03-02T08:00:00.000Z,,,
a3,cleo@example.org,\"Ness, Cleo\",,TRUE,true,,2024-03-03T08:00:00.000Z,,,Supporter
a4,dora@example.org,Dora Aas,,,false,cus_1,2024-03-04T08:00:00.000Z,,,
a5,emil@example.org,Emil Roth,\"called the desk,
asked about print\",,false,,2024-03-05T08:00:00.000Z,,,
a6,fay@example.org,Fay Holt,,true,false,,2024-03-06T08:00:00.000Z,2025-01-01T00:00:00.000Z,,
";
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        test.tick_at("2026-11-24T00:00:00Z").await;
        test.add_subscribers("readers", &["dora@example.org"]).await;
        let counts = import_subscribers(test, members).await;
        assert_eq!((counts.activated, counts.unchanged), (2, 1), "{counts:?}");
        // Read again, it changes nobody.
        let again = import_subscribers(test, members).await;
        assert_eq!((again.activated, again.ended, again.suppressed), (0, 0, 0), "{again:?}");
        assert_eq!(
            recipients(&room, test).await,
            ["anna@example.org", "cleo@example.org", "dora@example.org"]
        );
    }
}

#[tokio::test]
async fn who_left_is_not_revived_by_an_import_and_gets_nothing() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        test.tick_at("2026-11-24T00:00:00Z").await;
        let ids = test.add_subscribers("readers", &["ana@example.org", "gio@example.org"]).await;
        let list = test.list("readers").await;
        readers::leave(&test.engine, ids[0], list, "test").await.unwrap();
        let counts =
            import_subscribers(test, "email,subscribed\nana@example.org,true\ngio@example.org,true\n").await;
        assert_eq!(counts.activated, 0, "{counts:?}");
        assert_eq!(counts.refused.values().sum::<usize>(), 1, "{counts:?}");
        assert_eq!(recipients(&room, test).await, ["gio@example.org"]);
    }
}
