//! The time that a run is to be done by: told once, as soon as it cannot be kept, and never of a
//! run that keeps it.

use chrono::{DateTime, TimeDelta, Utc};
use newsletterd::domain::edition::EditionState;
use newsletterd::domain::setback::Setback;
use newsletterd::pipeline::alerts::{self, Alert};
use newsletterd::pipeline::{newsletter_of, outbox};
use newsletterd::store::Tx;

use super::{Newsroom, newest};
use crate::support::engine::{TestEngine, stories};

const READERS: i64 = 40;

/// What the log was told of a time that is not kept.
async fn told(test: &TestEngine) -> Vec<String> {
    const SELECT: &str = "SELECT params FROM mails WHERE dedupe_key LIKE 'log:delayed:%'";
    let mut tx = test.engine.db.read().await.unwrap();
    let params: Vec<sqlx::types::Json<serde_json::Value>> = match &mut tx {
        Tx::Sqlite(tx) => sqlx::query_scalar(SELECT).fetch_all(&mut **tx).await.unwrap(),
        Tx::Postgres(tx) => sqlx::query_scalar(SELECT).fetch_all(&mut **tx).await.unwrap(),
    };
    params.into_iter().map(|params| params["text"].as_str().unwrap().to_owned()).collect()
}

/// The first `n` letters have been accepted.
async fn accepted(test: &TestEngine, n: i64) {
    let sql = format!("UPDATE deliveries SET state = 'accepted', attempt = 1 WHERE subscriber_id <= {n}");
    let sql = sqlx::AssertSqlSafe(sql);
    let mut tx = test.engine.db.begin().await.unwrap();
    match &mut tx {
        Tx::Sqlite(tx) => drop(sqlx::query(sql).execute(&mut **tx).await.unwrap()),
        Tx::Postgres(tx) => drop(sqlx::query(sql).execute(&mut **tx).await.unwrap()),
    }
    tx.commit().await.unwrap();
}

/// An edition to [`READERS`], to be done half an hour after 03:00, of which one letter leaves every
/// `pace`. Gives when the log was told that it will not be, if it was, and in what words.
async fn told_at_a_pace_of(test: &TestEngine, pace: TimeDelta) -> Option<(DateTime<Utc>, String)> {
    test.tick_at("2026-11-24T00:00:00Z").await;
    test.import_articles(&stories(4, test.engine.clock.now())).await;
    let readers: Vec<_> = (1..=READERS).map(|n| format!("reader{n:02}@example.org")).collect();
    let readers: Vec<_> = readers.iter().map(String::as_str).collect();
    test.add_subscribers("readers", &readers).await;
    let start: DateTime<Utc> = "2026-11-24T03:00:00Z".parse().unwrap();
    let mut first = None;
    for tick in 0..280 {
        let now = start + TimeDelta::seconds(10 * tick);
        if tick > 0 {
            accepted(test, ((now - start).num_seconds() / pace.num_seconds()).min(READERS - 1)).await;
        }
        test.tick_at(&now.to_rfc3339()).await;
        assert_eq!(newest(test).await.state, EditionState::Sending);
        let told = told(test).await;
        assert!(told.len() <= 1, "told once: {told:?}");
        first = first.or_else(|| told.into_iter().next().map(|text| (now, text)));
    }
    first
}

async fn room() -> Newsroom {
    Newsroom::open("", "finish_within = \"30m\"", "").await
}

#[tokio::test]
async fn a_run_that_will_be_late_is_told_as_soon_as_that_is_known() {
    for test in &room().await.engines {
        // Forty minutes for forty letters.
        let (at, text) = told_at_a_pace_of(test, TimeDelta::seconds(60)).await.unwrap();
        let known: DateTime<Utc> = "2026-11-24T03:05:00Z".parse().unwrap();
        assert!(at <= known, "{at}: {text}");
        assert!(text.contains("it will be done about 2026-11-24 03:"), "{text}");
        assert!(text.contains("wanted by 2026-11-24 03:30 UTC"), "{text}");
    }
}

#[tokio::test]
async fn a_run_that_keeps_its_time_is_not_told_until_it_does_not() {
    for test in &room().await.engines {
        // Twenty minutes for all but the last letter, which then does not go out.
        let (at, text) = told_at_a_pace_of(test, TimeDelta::seconds(30)).await.unwrap();
        let due: DateTime<Utc> = "2026-11-24T03:30:00Z".parse().unwrap();
        assert!(at > due && at <= due + TimeDelta::seconds(40), "{at}: {text}");
        assert!(text.contains("it is not done by 2026-11-24 03:30 UTC"), "{text}");
    }
}

#[tokio::test]
async fn where_nothing_moves_nobody_pretends_to_know() {
    for test in &room().await.engines {
        let (at, text) = told_at_a_pace_of(test, TimeDelta::days(1)).await.unwrap();
        assert!(at > "2026-11-24T03:30:00Z".parse::<DateTime<Utc>>().unwrap(), "{at}");
        assert!(text.contains("it is not done by"), "{text}");
    }
}

#[tokio::test]
async fn what_delivery_tells_is_told_in_the_language_of_its_readers() {
    let told = [
        (
            "en",
            "“Today in Example” will be done too late",
            "expected to be done: Tuesday, 24 November 2026, 07:42",
        ),
        (
            "ka",
            "„Today in Example“ – გაგზავნა დროულად ვერ დასრულდება",
            "მოსალოდნელი დასასრული – სამშაბათი, 24 ნოემბერი, 2026, 07:42",
        ),
        (
            "hy",
            "«Today in Example». ուղարկումը ժամանակին չի ավարտվի",
            "սպասվող ավարտը՝ 2026 թ. նոյեմբերի 24, երեքշաբթի, 07:42",
        ),
        (
            "az",
            "“Today in Example”: göndərmə vaxtında bitməyəcək",
            "gözlənilən bitmə vaxtı – 24 noyabr 2026, çərşənbə axşamı, 07:42",
        ),
        (
            "ru",
            "«Today in Example»: отправка не успеет к сроку",
            "ожидаемое окончание – вторник, 24 ноября 2026 г., 07:42",
        ),
    ];
    for (language, title, forecast) in told {
        let top = format!("[alerts]\nmail = [\"ops@example.org\"]\nlanguage = \"{language}\"\n");
        let room = Newsroom::open(&top, "finish_within = \"30m\"", "").await;
        let test = &room.engines[0];
        test.tick_at("2026-11-24T01:30:00Z").await;
        let edition = newest(test).await;
        let newsletter = newsletter_of(&edition).unwrap();
        let (now, at) = (test.engine.clock.now(), |text: &str| text.parse::<DateTime<Utc>>().unwrap());
        let forecast_at = Some(at("2026-11-24T03:42:00Z"));
        let refused = Setback::RefusedAgain { times: 50, reply: "550 5.7.1 Blocked by policy".to_owned() };
        let failed =
            Setback::CanaryFailed { failed: 3, of: 77, reply: Some("554 Looks like spam".to_owned()) };
        let late = Setback::TooSlow { forecast: forecast_at, due: at("2026-11-24T03:30:00Z") };
        let mut tx = test.engine.db.begin().await.unwrap();
        let mut other = edition.clone();
        for alert in
            [Alert::delayed(&newsletter, &edition, late), Alert::paused(&newsletter, &edition, refused), {
                other.version += 1;
                Alert::paused(&newsletter, &other, failed)
            }]
        {
            alerts::raise(&test.engine, &mut tx, &alert, now).await.unwrap();
        }
        tx.commit().await.unwrap();
        while outbox::send_due(&test.engine).await.unwrap() > 0 {}
        let letters = room.letters();
        assert_eq!(letters.len(), 3);
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let find =
            |text: &str| letters.iter().find(|letter| squeezed(&letter.text).contains(&squeezed(text)));
        let delayed = find(forecast).unwrap_or_else(|| panic!("{language}: {}", letters[0].text));
        assert_eq!(delayed.subject, title);
        assert!(delayed.html.contains(&format!("newsletterd edition report {}", edition.id)));
        let refused = find("550 5.7.1 Blocked by policy").unwrap();
        assert!(refused.text.contains("50"), "{}", refused.text);
        let failed = find("554 Looks like spam").unwrap();
        assert!(failed.text.contains('3') && failed.text.contains("77"), "{}", failed.text);
    }
}
