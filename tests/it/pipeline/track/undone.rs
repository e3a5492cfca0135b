//! Every effect can be undone, per address and per edition.

use newsletterd::domain::subscriber::SubscriptionState;
use newsletterd::pipeline::{bounces, readers, upkeep};

use super::*;

#[tokio::test]
async fn a_person_can_undo_what_one_address_suffered() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 2).await;
        comes_in(test, Intake::Listener, returned(test, &edition, readers[0], complaint(1))).await;
        let address = EmailAddress::parse(&address(1)).unwrap();
        later(test, TimeDelta::hours(1));
        assert_eq!(bounces::lift(&test.engine, &address, "ana").await.unwrap(), 1);
        let dossier = readers::dossier(&test.engine, &address).await.unwrap();
        assert_eq!(dossier.subscriptions["readers"].state, SubscriptionState::Active);
        assert_eq!(dossier.evidence.last().unwrap().source, "complaint undone");
        assert_eq!(suppressed(test, 1).await, []);
        // The same complaint, told again, does not undo the undoing.
        comes_in(test, Intake::Listener, returned(test, &edition, readers[0], complaint(1))).await;
        assert_eq!(suppressed(test, 1).await, []);
    }
}

#[tokio::test]
async fn a_person_can_undo_what_an_edition_did() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (first, readers) = sent(test, 23, 30).await;
        comes_in(test, Intake::Listener, returned(test, &first, readers[0], hard(1))).await;
        let (second, _) = sent(test, 24, 30).await;
        comes_in(test, Intake::Listener, returned(test, &second, readers[1], hard(2))).await;
        comes_in(test, Intake::Listener, returned(test, &second, readers[2], complaint(3))).await;
        assert_eq!(bounces::lift_edition(&test.engine, second.id, "ana").await.unwrap(), 2);
        assert_eq!(suppressed(test, 1).await, [SuppressionReason::Hard], "another edition's");
        assert_eq!(suppressed(test, 2).await, []);
        assert_eq!(suppressed(test, 3).await, []);
        let list = test.list("readers").await;
        assert!(readers::is_on(&test.engine, readers[2], list).await.unwrap());
    }
}

#[tokio::test]
async fn who_leaves_of_their_own_will_is_not_brought_back() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 2).await;
        let list = test.list("readers").await;
        readers::leave(&test.engine, readers[0], list, "test").await.unwrap();
        later(test, TimeDelta::hours(1));
        comes_in(test, Intake::Listener, returned(test, &edition, readers[0], complaint(1))).await;
        bounces::lift_edition(&test.engine, edition.id, "ana").await.unwrap();
        assert!(!readers::is_on(&test.engine, readers[0], list).await.unwrap());
    }
}

#[tokio::test]
async fn the_mails_themselves_are_kept_for_a_while_and_what_they_came_to_for_longer() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        let (edition, readers) = sent(test, 24, 2).await;
        comes_in(test, Intake::Listener, returned(test, &edition, readers[0], hard(1))).await;
        for (days, rows, raws) in [(29, 1, 1), (2, 1, 0), (400, 0, 0)] {
            let now = later(test, TimeDelta::days(days));
            upkeep::forget_reports(&test.engine, now).await.unwrap();
            let mut tx = test.engine.db.read().await.unwrap();
            assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM reports").await, rows);
            assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM reports WHERE raw IS NOT NULL").await, raws);
        }
        assert_eq!(suppressed(test, 1).await, [SuppressionReason::Hard], "what it came to stays");
    }
}
