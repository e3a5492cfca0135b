//! What daemons tell each other: instances, relays, the outbox, events.

use chrono::TimeDelta;
use newsletterd::domain::ids::{EditionId, NewsletterId, SubscriberId};
use newsletterd::domain::mail::MailKind;
use newsletterd::store::events::{self, About};
use newsletterd::store::instances::{self, Instance};
use newsletterd::store::mails::{self, ClaimedMail, MailOutcome, NewMail};
use newsletterd::store::relays::{self, Down};
use newsletterd::store::{Db, Tx};
use serde_json::{Value, json};

use super::given::{minute, start};
use super::{number, on_both};

on_both!(
    instances_announce_themselves_and_leave,
    a_relay_is_down_until_it_works,
    a_mail_with_the_same_key_is_one,
    a_mail_is_claimed_once_until_its_lease_is_over,
    a_mail_of_a_newer_version_stops_no_other,
    what_became_of_a_mail_is_recorded_by_who_has_it,
    many_senders_claim_each_mail_once,
    events_are_told_in_order_by_whom_they_are_about,
);

async fn instances_announce_themselves_and_leave(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let one = Instance {
        incarnation: "one".to_owned(),
        host: "h".to_owned(),
        pid: i64::from(u32::MAX),
        roles: "scheduler,worker".to_owned(),
        version: "0.1.0".to_owned(),
        config_hash: "a".to_owned(),
        heartbeat_at: start(),
        journal: None,
    };
    let two = Instance { incarnation: "two".to_owned(), ..one.clone() };
    for instance in [&one, &two] {
        instances::announce(&mut tx, instance, start()).await.unwrap();
    }
    assert_eq!(instances::all(&mut tx).await.unwrap(), [one.clone(), two.clone()]);
    let later = Instance { config_hash: "b".to_owned(), heartbeat_at: minute(1), ..one };
    instances::announce(&mut tx, &later, minute(1)).await.unwrap();
    assert_eq!(instances::all(&mut tx).await.unwrap(), [later.clone(), two]);
    instances::remove(&mut tx, "two").await.unwrap();
    instances::remove(&mut tx, "three").await.unwrap();
    assert_eq!(instances::all(&mut tx).await.unwrap(), [later]);
}

async fn a_relay_is_down_until_it_works(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    assert_eq!(relays::down(&mut tx, "main").await.unwrap(), None);
    assert!(!relays::set_up(&mut tx, "main", start()).await.unwrap());
    for failures in [1, 2] {
        let down = Down { until: minute(failures), failures, reply: Some("421 later".to_owned()) };
        relays::set_down(&mut tx, "main", &down, start()).await.unwrap();
        assert_eq!(relays::down(&mut tx, "main").await.unwrap(), Some(down));
        assert_eq!(relays::down(&mut tx, "other").await.unwrap(), None);
    }
    assert!(relays::set_up(&mut tx, "main", minute(3)).await.unwrap());
    assert!(!relays::set_up(&mut tx, "main", minute(3)).await.unwrap());
    assert_eq!(relays::down(&mut tx, "main").await.unwrap(), None);
}

async fn add(tx: &mut Tx, key: &str, params: &Value) -> bool {
    let mail = NewMail { kind: MailKind::Alert, recipient: "ops@news.test", params, dedupe_key: key };
    mails::add(tx, &mail, start()).await.unwrap()
}

async fn claim(tx: &mut Tx, lease: &str, at: i64) -> Vec<ClaimedMail> {
    mails::claim(tx, lease, TimeDelta::minutes(5), 10, minute(at)).await.unwrap()
}

async fn a_mail_with_the_same_key_is_one(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let params = json!({"text": "It’s „late“", "n": [1, null]});
    assert!(!mails::is_known(&mut tx, "k").await.unwrap());
    assert!(add(&mut tx, "k", &params).await);
    assert!(mails::is_known(&mut tx, "k").await.unwrap());
    assert!(!add(&mut tx, "k", &json!({})).await);
    let claimed = claim(&mut tx, "a", 0).await;
    assert_eq!(claimed.len(), 1);
    let mail = &claimed[0];
    assert_eq!(
        (mail.kind, mail.recipient.as_str(), &mail.params),
        (MailKind::Alert, "ops@news.test", &params)
    );
    assert_eq!((mail.attempts, mail.created_at), (1, start()));
    mails::record(&mut tx, mail.id, "a", MailOutcome::Sent, "ok", minute(1)).await.unwrap();
    assert!(!add(&mut tx, "k", &params).await, "also once it is out");
}

async fn a_mail_is_claimed_once_until_its_lease_is_over(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    for key in ["a", "b", "c"] {
        add(&mut tx, key, &json!({})).await;
    }
    let two = mails::claim(&mut tx, "one", TimeDelta::minutes(5), 2, minute(0)).await.unwrap();
    let rest = claim(&mut tx, "two", 0).await;
    assert_eq!((two.len(), rest.len()), (2, 1));
    assert!(two[0].id < two[1].id && two[1].id < rest[0].id, "in the order in which they were caused");
    assert!(!mails::any_due(&mut tx, minute(5)).await.unwrap());
    assert_eq!(claim(&mut tx, "three", 5).await.len(), 0, "the leases hold");
    assert!(mails::any_due(&mut tx, minute(6)).await.unwrap());
    let over = claim(&mut tx, "three", 6).await;
    assert_eq!(over.iter().map(|mail| mail.attempts).collect::<Vec<_>>(), [2, 2, 2]);
}

async fn a_mail_of_a_newer_version_stops_no_other(db: &Db) {
    const UPDATE: &str = "UPDATE mails SET kind = 'postcard' WHERE dedupe_key = 'a'";
    let mut tx = db.begin().await.unwrap();
    for key in ["a", "b"] {
        add(&mut tx, key, &json!({})).await;
    }
    match &mut tx {
        Tx::Sqlite(tx) => drop(sqlx::query(UPDATE).execute(&mut **tx).await.unwrap()),
        Tx::Postgres(tx) => drop(sqlx::query(UPDATE).execute(&mut **tx).await.unwrap()),
    }
    let claimed = claim(&mut tx, "one", 0).await;
    assert_eq!(claimed.iter().map(|mail| mail.id.0).collect::<Vec<_>>(), [2]);
}

async fn what_became_of_a_mail_is_recorded_by_who_has_it(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    for key in ["a", "b", "c"] {
        add(&mut tx, key, &json!({})).await;
    }
    let claimed = claim(&mut tx, "one", 0).await;
    let outcomes = [MailOutcome::Sent, MailOutcome::Again(minute(10)), MailOutcome::Failed];
    for (mail, outcome) in claimed.iter().zip(outcomes) {
        // Who lost the lease changes nothing.
        mails::record(&mut tx, mail.id, "other", MailOutcome::Failed, "no", minute(1)).await.unwrap();
        mails::record(&mut tx, mail.id, "one", outcome, "yes", minute(1)).await.unwrap();
    }
    assert_eq!(claim(&mut tx, "two", 9).await.len(), 0);
    let again = claim(&mut tx, "two", 10).await;
    assert_eq!((again.len(), again[0].id, again[0].attempts), (1, claimed[1].id, 2));
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM mails WHERE reply = 'yes'").await, 3);
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM mails WHERE ended_at IS NOT NULL").await, 2);
}

async fn many_senders_claim_each_mail_once(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    for n in 0..100 {
        add(&mut tx, &n.to_string(), &json!({})).await;
    }
    tx.commit().await.unwrap();
    let sender = |db: Db, name: String| async move {
        let mut mine = Vec::new();
        loop {
            let mut tx = db.begin().await.unwrap();
            let claimed = mails::claim(&mut tx, &name, TimeDelta::minutes(5), 7, start()).await.unwrap();
            tx.commit().await.unwrap();
            if claimed.is_empty() {
                // Another sender may have been given these: look whether any is left.
                let mut tx = db.read().await.unwrap();
                if number(&mut tx, "SELECT COUNT(*) FROM mails WHERE state = 'queued'").await == 0 {
                    return mine;
                }
            }
            mine.extend(claimed.iter().map(|mail| mail.id));
        }
    };
    let tasks: Vec<_> = (0..4).map(|n| tokio::spawn(sender(db.clone(), format!("s{n}")))).collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 100);
    let mut tx = db.read().await.unwrap();
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM mails WHERE attempts = 1").await, 100);
}

async fn events_are_told_in_order_by_whom_they_are_about(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (edition, reader) = (EditionId(1), SubscriberId(2));
    let abouts = [
        About::edition(edition),
        About::subscriber(reader, Some(edition)),
        About::newsletter(NewsletterId(3)),
        About::subscriber(reader, None),
        About::edition(edition),
    ];
    for (n, about) in (0..).zip(abouts) {
        events::record(&mut tx, minute(n), &format!("e.{n}"), about, &json!({"n": n})).await.unwrap();
    }
    let of_edition = events::of_edition(&mut tx, edition).await.unwrap();
    let told =
        |events: &[events::Event]| -> Vec<String> { events.iter().map(|event| event.name.clone()).collect() };
    assert_eq!(told(&of_edition), ["e.0", "e.4"], "what happened to readers is not told of the edition");
    assert_eq!((of_edition[1].at, &of_edition[1].detail), (minute(4), &json!({"n": 4})));
    assert!(of_edition[0].id < of_edition[1].id);
    assert_eq!(told(&events::of_subscriber(&mut tx, reader).await.unwrap()), ["e.1", "e.3"]);
}
