//! What tests of the store start from: instants, a newsroom, subscribers, stories, editions.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use newsletterd::domain::address::EmailAddress;
use newsletterd::domain::article::{Access, ArticleContent, ArticleStatus, IncomingArticle};
use newsletterd::domain::delivery::{DeliveryState, Reply};
use newsletterd::domain::edition::{EditionKind, EditionState};
use newsletterd::domain::ids::{EditionId, ListId, NewsletterId, SourceId, SubscriberId};
use newsletterd::domain::lane::{Lane, LanePlan};
use newsletterd::domain::subscriber::SubscriptionState;
use newsletterd::store::articles::ArticleKeys;
use newsletterd::store::claims::{self, Claim, Claimed};
use newsletterd::store::content::{self, Revision};
use newsletterd::store::deliveries::{self, Chunk};
use newsletterd::store::editions::{self, Edition, NewEdition, Transition};
use newsletterd::store::outcomes::{self, Recorded};
use newsletterd::store::subscribers::{self, Evidence, NewSubscriber};
use newsletterd::store::{Db, Tx, catalog};

/// When everything begins.
pub fn start() -> DateTime<Utc> {
    "2026-03-02T06:00:00Z".parse().unwrap()
}

/// So many minutes after the start.
pub fn minute(n: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(n)
}

/// A list with its newsletter, and a source.
#[derive(Clone, Copy)]
pub struct Newsroom {
    pub list: ListId,
    pub newsletter: NewsletterId,
    pub source: SourceId,
}

pub async fn newsroom(db: &Db) -> Newsroom {
    let mut tx = db.begin().await.unwrap();
    let list = catalog::list_id(&mut tx, "readers").await.unwrap();
    let newsletter =
        catalog::upsert_newsletter(&mut tx, "morning", list, "0 6 * * *", "hash", start()).await.unwrap().id;
    let source = catalog::source_id(&mut tx, "site").await.unwrap();
    tx.commit().await.unwrap();
    Newsroom { list, newsletter, source }
}

pub fn evidence() -> Evidence<'static> {
    Evidence { actor: "import", source: "readers.csv", proof: BTreeMap::new() }
}

pub fn address(name: &str) -> EmailAddress {
    format!("{name}@reader.test").parse().unwrap()
}

pub fn new_subscriber(name: &str) -> NewSubscriber {
    NewSubscriber {
        address: address(name),
        address_hash: format!("hash of {name}"),
        language: None,
        time_zone: None,
        name: None,
    }
}

/// A subscriber who is active on `list` since `at`.
pub async fn active(tx: &mut Tx, list: ListId, name: &str, at: DateTime<Utc>) -> SubscriberId {
    let id = subscribers::upsert(tx, &new_subscriber(name), at).await.unwrap();
    let state = SubscriptionState::Active;
    subscribers::set_subscription(tx, id, list, state, None, &evidence(), at).await.unwrap();
    id
}

/// So many active subscribers of `list`, made by one statement; their addresses are `r1@…`, ….
pub async fn many(db: &Db, list: ListId, count: i64) {
    const NUMBERS: &str =
        "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < ";
    let text = if matches!(db, Db::Sqlite { .. }) { "'{}'" } else { "CAST('{}' AS JSONB)" };
    let at = start().timestamp_millis();
    let mut tx = db.begin().await.unwrap();
    for statement in [
        format!(
            "{NUMBERS}{count}) INSERT INTO subscribers (address, address_key, address_hash, domain_group, attributes, \
             created_at) SELECT 'r' || i || '@reader.test', 'r' || i || '@reader.test', 'hash of r' || i, \
             'reader.test', {text}, {at} FROM n"
        ),
        format!(
            "INSERT INTO subscriptions (subscriber_id, list_id, state, activated_at) \
             SELECT id, {list}, 'active', {at} FROM subscribers"
        ),
    ] {
        let sql = sqlx::AssertSqlSafe(statement);
        super::raw!(&mut tx, conn => { sqlx::query(sql).execute(conn).await.unwrap(); });
    }
    tx.commit().await.unwrap();
}

/// A story with a page.
pub fn story(title: &str, url: &str) -> IncomingArticle {
    IncomingArticle {
        external_id: None,
        url: Some(url.to_owned()),
        flagged: false,
        content: ArticleContent {
            title: title.to_owned(),
            summary: String::new(),
            section: None,
            authors: Vec::new(),
            tags: Vec::new(),
            language: None,
            translation_group: None,
            image: None,
            published_at: Some(start()),
            updated_at: None,
            embargo_until: None,
            status: ArticleStatus::Published,
            access: Access::Public,
            related: Vec::new(),
            reading_minutes: None,
        },
    }
}

pub fn keys(url: Option<&str>, external: Option<&str>) -> ArticleKeys {
    ArticleKeys { url: url.map(str::to_owned), external: external.map(str::to_owned) }
}

/// An edition of the schedule, to be sent at `slot`.
pub fn slot(newsletter: NewsletterId, slot: DateTime<Utc>) -> NewEdition {
    NewEdition {
        newsletter,
        kind: EditionKind::Scheduled,
        slot_at: Some(slot),
        request_key: None,
        send_at: slot,
        expires_at: slot + TimeDelta::hours(12),
        state: EditionState::Draft,
        reason: None,
        config: serde_json::json!({"title": "Morning"}),
    }
}

pub async fn open(tx: &mut Tx, newsletter: NewsletterId, at: DateTime<Utc>) -> Edition {
    editions::open(tx, &slot(newsletter, at), start()).await.unwrap().unwrap()
}

pub async fn again(tx: &mut Tx, id: EditionId) -> Edition {
    editions::get(tx, id).await.unwrap().unwrap()
}

/// Takes the edition through `states`, each of which must be allowed.
pub async fn go(tx: &mut Tx, id: EditionId, states: &[EditionState], now: DateTime<Utc>) -> Edition {
    for &to in states {
        let from = again(tx, id).await.state;
        let change = Transition { from, to, version: None, reason: None, by: "test" };
        assert!(editions::transition(tx, id, &change, now).await.unwrap(), "{from} -> {to}");
    }
    again(tx, id).await
}

pub fn revision(locked_at: DateTime<Utc>) -> Revision {
    Revision {
        no: 0,
        content: serde_json::Value::Null,
        content_hash: "hash".to_owned(),
        by: "schedule".to_owned(),
        approved_by: None,
        locked_at,
        letter: b"letter".to_vec(),
        template_version: "0.1.0".to_owned(),
    }
}

/// Locks an open edition with a revision, its audience as of `now`.
pub async fn lock(tx: &mut Tx, id: EditionId, now: DateTime<Utc>) -> Edition {
    let edition = go(tx, id, &[EditionState::Locked], now).await;
    let no = content::add_revision(tx, id, &serde_json::json!({}), &revision(now)).await.unwrap();
    editions::set_locked(tx, id, no, now).await.unwrap();
    deliveries::ensure_partitions(tx, edition.day).await.unwrap();
    again(tx, id).await
}

/// Writes the deliveries of a locked edition and lets them go out.
pub async fn release(tx: &mut Tx, id: EditionId, list: ListId, now: DateTime<Utc>) -> Edition {
    loop {
        let edition = again(tx, id).await;
        if deliveries::enqueue_chunk(tx, &edition, list, &LanePlan::none(), 10_000, now).await.unwrap()
            == Chunk::Complete
        {
            break;
        }
    }
    let edition = again(tx, id).await;
    deliveries::finish_enqueue(tx, &edition).await.unwrap();
    go(tx, id, &[EditionState::Sending], now).await
}

/// An edition that is being sent to everybody who is active on the newsroom's list.
pub async fn sending(db: &Db, room: Newsroom, at: DateTime<Utc>) -> Edition {
    let mut tx = db.begin().await.unwrap();
    let id = open(&mut tx, room.newsletter, at).await.id;
    lock(&mut tx, id, at).await;
    let edition = release(&mut tx, id, room.list, at).await;
    tx.commit().await.unwrap();
    edition
}

/// Claims from the lane that no provider limits.
pub async fn claim(
    tx: &mut Tx,
    edition: &Edition,
    lease: &str,
    length: TimeDelta,
    limit: u32,
    now: DateTime<Utc>,
) -> Vec<Claimed> {
    let list = catalog::list_of(tx, edition.newsletter).await.unwrap();
    let claim = Claim { lane: &Lane::Free, list, lease, length, limit };
    claims::claim(tx, edition, &claim, now).await.unwrap()
}

/// What a relay is taken to have answered.
pub struct Answer<'a> {
    pub state: DeliveryState,
    pub due_at: Option<DateTime<Utc>>,
    pub reply: &'a Reply,
}

/// Records one outcome; whether it was is given back.
pub async fn record(
    tx: &mut Tx,
    edition: &Edition,
    claimed: &Claimed,
    lease: &str,
    answer: &Answer<'_>,
    now: DateTime<Utc>,
) -> bool {
    let &Answer { state, due_at, reply } = answer;
    let (subscriber, attempt) = (claimed.subscriber, claimed.attempt);
    let outcome = Recorded { subscriber, attempt, lease, state, due_at, relay: "main", reply };
    outcomes::record(tx, edition, &[outcome], now).await.unwrap().contains(&subscriber)
}
