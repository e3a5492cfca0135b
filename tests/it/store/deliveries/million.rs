//! What many deliveries cost: fifty thousand each time, a million by `NEWSLETTERD_TEST_MILLION=1`. The
//! times are printed (`--nocapture`); only the million is held to its limits, and only in a release build: in another, SQLite
//! itself is not optimised.

use std::time::{Duration, Instant};

use newsletterd::domain::delivery::DeliveryState;
use newsletterd::domain::edition::EditionState;
use newsletterd::domain::lane::{Canary, Lane, LanePlan};
use newsletterd::store::deliveries::{self, Chunk};
use newsletterd::store::editions::Edition;
use newsletterd::store::{Db, claims};

use crate::store::given::{Newsroom, again, go, lock, minute, newsroom, open, start};
use crate::store::{execute, number, on_both};

on_both!(a_million_deliveries);

/// Subscribers looked at in one transaction, as the pipeline does.
const CHUNK: i64 = 10_000;

fn audience() -> (i64, bool) {
    let whole = std::env::var_os("NEWSLETTERD_TEST_MILLION").is_some_and(|value| value == "1");
    (if whole { 1_000_000 } else { 50_000 }, whole)
}

/// Subscribers as a newsroom has them: four in ten with the largest provider, a tenth with each of two
/// others, the rest with a thousand small domains; one in a hundred is suppressed.
async fn subscribers(db: &Db, room: Newsroom, count: i64) {
    let (empty, at) = if matches!(db, Db::Sqlite { .. }) {
        ("'{}'", start().timestamp_millis())
    } else {
        ("CAST('{}' AS JSONB)", start().timestamp_millis())
    };
    for from in (0..count).step_by(100_000) {
        let to = (from + 100_000).min(count);
        let numbers = format!(
            "WITH RECURSIVE n (i) AS (SELECT CAST({from} + 1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {to})"
        );
        let mut tx = db.begin().await.unwrap();
        for sql in [
            format!(
                "{numbers}, a (i, d) AS (SELECT i, CASE WHEN i % 10 < 4 THEN 'gmail.com' WHEN i % 10 = 4 THEN 'mail.ru' \
                 WHEN i % 10 = 5 THEN 'yahoo.com' ELSE 'd' || (i % 1000) || '.example' END FROM n) \
                 INSERT INTO subscribers (id, address, address_key, address_hash, domain_group, attributes, created_at) \
                 SELECT i, 'reader.' || i || '@' || d, 'reader.' || i || '@' || d, 'hash of a length as usual ' || i, d, \
                 {empty}, {at} FROM a"
            ),
            format!(
                "INSERT INTO subscriptions (subscriber_id, list_id, state, activated_at) \
                 SELECT id, {}, 'active', {at} FROM subscribers WHERE id > {from} AND id <= {to}",
                room.list
            ),
            format!(
                "INSERT INTO suppressions (address_hash, reason, at) SELECT address_hash, 'hard', {at} FROM subscribers \
                 WHERE id > {from} AND id <= {to} AND id % 100 = 50"
            ),
        ] {
            execute(&mut tx, &sql).await;
        }
        tx.commit().await.unwrap();
    }
    if let Db::Postgres(pool) = db {
        sqlx::query("ANALYZE").execute(pool).await.unwrap();
    }
}

fn plan() -> LanePlan {
    let providers = [("google", "gmail.com"), ("google", "googlemail.com"), ("mailru", "mail.ru")];
    LanePlan::new(providers, Some(Canary::First(1_000)))
}

/// Writes all deliveries of an edition, as the pipeline does, and lets them go out.
async fn enqueue(db: &Db, room: Newsroom, at: i64) -> Edition {
    let mut tx = db.begin().await.unwrap();
    let id = open(&mut tx, room.newsletter, minute(at)).await.id;
    lock(&mut tx, id, minute(at)).await;
    tx.commit().await.unwrap();
    let plan = plan();
    loop {
        let mut tx = db.begin().await.unwrap();
        let edition = again(&mut tx, id).await;
        let chunk = deliveries::enqueue_chunk(&mut tx, &edition, room.list, &plan, CHUNK, minute(at)).await;
        if chunk.unwrap() == Chunk::Complete {
            deliveries::finish_enqueue(&mut tx, &edition).await.unwrap();
            let edition = go(&mut tx, id, &[EditionState::Sending], minute(at)).await;
            tx.commit().await.unwrap();
            return edition;
        }
        tx.commit().await.unwrap();
    }
}

fn tell(db: &Db, what: &str, took: Duration) {
    let database = if matches!(db, Db::Sqlite { .. }) { "SQLite" } else { "PostgreSQL" };
    eprintln!("{database}: {what}: {:.3} s", took.as_secs_f64());
}

async fn a_million_deliveries(db: &Db) {
    let (count, whole) = audience();
    let room = newsroom(db).await;
    subscribers(db, room, count).await;
    let mut editions = Vec::new();
    // The second edition meets the rows of the first.
    for n in [60, 120] {
        let begun = Instant::now();
        editions.push(enqueue(db, room, n).await);
        let took = begun.elapsed();
        tell(db, &format!("{count} deliveries enqueued"), took);
        let limit = if matches!(db, Db::Sqlite { .. }) { 10 } else { 20 };
        assert!(
            !whole || cfg!(debug_assertions) || took <= Duration::from_secs(limit),
            "{took:?} is more than {limit} s"
        );
    }
    let edition = &editions[1];
    assert_eq!(edition.audience_count, Some(count - count / 100));

    let mut tx = db.begin().await.unwrap();
    let begun = Instant::now();
    let lanes = deliveries::lanes(&mut tx, edition).await.unwrap();
    tell(db, "lanes", begun.elapsed());
    assert_eq!(lanes, [Lane::Free, Lane::Canary, Lane::provider("google"), Lane::provider("mailru")]);
    let begun = Instant::now();
    assert!(deliveries::next_due(&mut tx, edition).await.unwrap().is_some());
    tell(db, "next due", begun.elapsed());
    for (lane, n) in [("*canary", 1_000), ("mailru", (count - 1_000) / 10)] {
        let sql =
            format!("SELECT COUNT(*) FROM deliveries WHERE edition_id = {} AND lane = '{lane}'", edition.id);
        assert!((number(&mut tx, &sql).await - n).abs() < 1_000, "{lane}");
    }
    let begun = Instant::now();
    let accounting = deliveries::accounting(&mut tx, edition).await.unwrap();
    tell(db, "accounting", begun.elapsed());
    assert_eq!(accounting[&DeliveryState::Queued], count - count / 100);
    let begun = Instant::now();
    deliveries::refusals(&mut tx, edition).await.unwrap();
    tell(db, "refusals", begun.elapsed());
    let begun = Instant::now();
    claims::recent_outcomes(&mut tx, edition, 200).await.unwrap();
    tell(db, "recent outcomes", begun.elapsed());
    let begun = Instant::now();
    assert!(!deliveries::is_begun(&mut tx, edition).await.unwrap());
    tell(db, "whether it has begun", begun.elapsed());
    tx.commit().await.unwrap();

    let begun = Instant::now();
    let (mut slowest, mut total) = (Duration::ZERO, 0);
    loop {
        let chunk = Instant::now();
        let mut tx = db.begin().await.unwrap();
        let ended = deliveries::expire_chunk(&mut tx, edition, CHUNK, minute(800)).await.unwrap();
        tx.commit().await.unwrap();
        slowest = slowest.max(chunk.elapsed());
        total += ended;
        if ended == 0 {
            break;
        }
    }
    tell(db, "expired, in chunks", begun.elapsed());
    tell(db, "the slowest chunk of them", slowest);
    assert_eq!(i64::try_from(total).unwrap(), count - count / 100);
    assert!(slowest < Duration::from_secs(20));
}
