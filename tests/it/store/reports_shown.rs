//! Reports as people see them, and how many there are.

use newsletterd::domain::bounce::{Attribution, BounceReason, Effect, Form, Intake, ReportKind, Score};
use newsletterd::domain::ids::{EditionId, ReportId, SubscriberId};
use newsletterd::store::reports::{self, Asked, NewReport, Settled, Tally};
use newsletterd::store::{Db, Tx, subscribers};

use super::given::{active, minute, newsroom, start};
use super::on_both;

on_both!(
    the_newest_are_listed_and_what_waits_is_among_them,
    one_is_shown_with_what_came,
    a_subscriber_has_their_own_until_they_are_erased,
    an_edition_is_broken_down_by_domain_kind_and_reason,
    tallies_read_what_was_settled_in_between,
);

/// Keeps a report; nobody has looked at it.
async fn kept(tx: &mut Tx, key: &str, intake: Intake) -> ReportId {
    let new = NewReport {
        intake,
        key,
        form: Form::Mail,
        came_to: Some("bounce-x@bounces.example.org"),
        raw: b"Subject: it came back\r\n\r\n",
        raw_until: minute(1000),
    };
    assert!(reports::keep(tx, &new, minute(1)).await.unwrap());
    let all = Asked { kind: None, unattributed: false, limit: 1 };
    reports::list(tx, &all).await.unwrap()[0].id
}

fn settled(kind: ReportKind, reason: Option<BounceReason>, reader: i64) -> Settled<'static> {
    Settled {
        kind,
        reason,
        status: "5.1.1".parse().ok(),
        rule: "dsn",
        diagnostic: Some("550 5.1.1 No such user"),
        reporting_mta: Some("mx.example.org"),
        attribution: Attribution::ReturnPath,
        delivery: Some((20_514, EditionId(1), SubscriberId(reader))),
        domain: Some("reader.test"),
        relay: Some("main"),
        effect: Effect::SuppressedHard,
    }
}

/// Keeps a report and settles it after so many minutes.
async fn done(tx: &mut Tx, key: &str, what: &Settled<'_>, after: i64) -> ReportId {
    let id = kept(tx, key, Intake::Listener).await;
    reports::settle(tx, id, what, minute(after)).await.unwrap();
    id
}

async fn ids(tx: &mut Tx, kind: Option<ReportKind>, unattributed: bool, limit: i64) -> Vec<ReportId> {
    let found = reports::list(tx, &Asked { kind, unattributed, limit }).await.unwrap();
    found.iter().map(|report| report.id).collect()
}

async fn the_newest_are_listed_and_what_waits_is_among_them(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let hard = done(&mut tx, "a", &settled(ReportKind::Hard, Some(BounceReason::UserUnknown), 1), 2).await;
    let nowhere = Settled {
        attribution: Attribution::None,
        delivery: None,
        domain: None,
        effect: Effect::Unattributed,
        ..settled(ReportKind::Soft, None, 2)
    };
    let soft = done(&mut tx, "b", &nowhere, 2).await;
    let waits = kept(&mut tx, "c", Intake::Webhook).await;
    assert_eq!(ids(&mut tx, None, false, 10).await, [waits, soft, hard]);
    assert_eq!(ids(&mut tx, None, false, 2).await, [waits, soft]);
    assert_eq!(ids(&mut tx, Some(ReportKind::Hard), false, 10).await, [hard]);
    assert_eq!(ids(&mut tx, None, true, 10).await, [soft]);
    assert_eq!(ids(&mut tx, Some(ReportKind::Hard), true, 10).await, []);
    assert_eq!(reports::waiting(&mut tx).await.unwrap(), 1);
}

async fn one_is_shown_with_what_came(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let id = done(&mut tx, "a", &settled(ReportKind::Hard, Some(BounceReason::UserUnknown), 1), 2).await;
    let shown = reports::get(&mut tx, id).await.unwrap().unwrap();
    assert_eq!((shown.intake, shown.received_at, shown.counted), (Intake::Listener, minute(1), true));
    assert_eq!((shown.kind, shown.reason), (Some(ReportKind::Hard), Some(BounceReason::UserUnknown)));
    assert_eq!((shown.status.as_deref(), shown.rule.as_deref()), (Some("5.1.1"), Some("dsn")));
    assert_eq!(shown.diagnostic.as_deref(), Some("550 5.1.1 No such user"));
    assert_eq!((shown.edition, shown.subscriber), (Some(EditionId(1)), Some(SubscriberId(1))));
    assert_eq!((shown.domain.as_deref(), shown.relay.as_deref()), (Some("reader.test"), Some("main")));
    assert_eq!(shown.attribution, Some(Attribution::ReturnPath));
    assert_eq!(shown.effect, Some(Effect::SuppressedHard));
    let raw = reports::raw(&mut tx, id).await.unwrap();
    assert_eq!(raw, Some((Form::Mail, b"Subject: it came back\r\n\r\n".to_vec())));
    assert_eq!(reports::forget_raw(&mut tx, minute(1000), 10).await.unwrap(), 1);
    assert_eq!(reports::raw(&mut tx, id).await.unwrap(), None);
    assert_eq!(reports::get(&mut tx, ReportId(99)).await.unwrap(), None);
    let waits = kept(&mut tx, "b", Intake::Pop3).await;
    let shown = reports::get(&mut tx, waits).await.unwrap().unwrap();
    assert_eq!((shown.kind, shown.status, shown.effect, shown.counted), (None, None, None, false));
}

async fn a_subscriber_has_their_own_until_they_are_erased(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let ana = active(&mut tx, room.list, "ana", start()).await;
    let gio = active(&mut tx, room.list, "gio", start()).await;
    let told = settled(ReportKind::Soft, Some(BounceReason::MailboxFull), ana.0);
    let first = done(&mut tx, "a", &told, 2).await;
    done(&mut tx, "b", &settled(ReportKind::Soft, None, gio.0), 2).await;
    let other = Settled { status: None, ..settled(ReportKind::Complaint, None, ana.0) };
    let second = done(&mut tx, "c", &other, 3).await;
    let found = reports::of_subscriber(&mut tx, ana, 10).await.unwrap();
    assert_eq!(found.iter().map(|report| report.id).collect::<Vec<_>>(), [second, first]);
    assert_eq!(reports::of_subscriber(&mut tx, ana, 1).await.unwrap().len(), 1);
    let score = Score { thousandths: 1000, first_day: 1, last_day: 1 };
    reports::set_score(&mut tx, ana, score).await.unwrap();
    reports::set_score(&mut tx, gio, score).await.unwrap();

    subscribers::erase(&mut tx, ana, "ana", minute(5)).await.unwrap();
    for report in reports::of_subscriber(&mut tx, ana, 10).await.unwrap() {
        assert_eq!((&report.diagnostic, &report.domain), (&None, &None));
        assert_eq!(reports::raw(&mut tx, report.id).await.unwrap(), None);
        // What it came to is nobody's secret, and an edition's counts stay true.
        assert!(report.kind.is_some() && report.counted);
    }
    assert_eq!(reports::score(&mut tx, ana).await.unwrap(), None);
    let others = reports::of_subscriber(&mut tx, gio, 10).await.unwrap();
    assert!(others[0].diagnostic.is_some());
    assert!(reports::raw(&mut tx, others[0].id).await.unwrap().is_some());
    assert_eq!(reports::score(&mut tx, gio).await.unwrap(), Some(score));
}

async fn an_edition_is_broken_down_by_domain_kind_and_reason(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let hard = |reader| settled(ReportKind::Hard, Some(BounceReason::UserUnknown), reader);
    done(&mut tx, "a", &hard(1), 2).await;
    done(&mut tx, "b", &hard(2), 2).await;
    done(&mut tx, "c", &Settled { domain: Some("other.test"), ..hard(3) }, 2).await;
    done(&mut tx, "d", &Settled { domain: Some(""), ..settled(ReportKind::Complaint, None, 4) }, 2).await;
    // Neither what counts for nothing nor what is about another edition.
    done(&mut tx, "e", &Settled { effect: Effect::Stale, ..hard(5) }, 2).await;
    done(&mut tx, "f", &Settled { delivery: Some((20_515, EditionId(2), SubscriberId(1))), ..hard(1) }, 2)
        .await;
    let found = reports::of_edition(&mut tx, EditionId(1)).await.unwrap();
    let found: Vec<_> = found.iter().map(|one| (one.domain.as_str(), one.kind, one.reason, one.n)).collect();
    let unknown = Some(BounceReason::UserUnknown);
    assert_eq!(
        found,
        [
            ("reader.test", ReportKind::Hard, unknown, 2),
            ("", ReportKind::Complaint, None, 1),
            ("other.test", ReportKind::Hard, unknown, 1),
        ]
    );
    assert_eq!(reports::of_edition(&mut tx, EditionId(9)).await.unwrap(), []);
}

async fn tallies_read_what_was_settled_in_between(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let hard = |reader| settled(ReportKind::Hard, None, reader);
    done(&mut tx, "a", &hard(1), 2).await;
    done(&mut tx, "b", &hard(2), 3).await;
    done(&mut tx, "c", &hard(3), 3).await;
    done(&mut tx, "d", &Settled { effect: Effect::Stale, ..hard(4) }, 4).await;
    done(&mut tx, "e", &hard(5), 5).await;
    kept(&mut tx, "f", Intake::Imap).await;
    let tally = |effect, n| Tally { kind: ReportKind::Hard, intake: Intake::Listener, effect, n };
    let found = reports::settled_between(&mut tx, minute(2), minute(4)).await.unwrap();
    assert_eq!(found, [tally(Effect::Stale, 1), tally(Effect::SuppressedHard, 2)]);
    assert_eq!(reports::settled_between(&mut tx, minute(5), minute(9)).await.unwrap(), []);
}
