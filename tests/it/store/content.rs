//! What stands in an edition: drafts with all kinds of items, revisions, what was carried.

use newsletterd::domain::edition::EditionState;
use newsletterd::domain::ids::{ArticleId, EditionId};
use newsletterd::domain::ranking::Trend;
use newsletterd::domain::selection::{
    Block, BlockKind, House, Item, OmissionReason, Origin, Overrides, Reason, Target,
};
use newsletterd::store::articles::{self, Stored};
use newsletterd::store::content::{self, Carried, Revision};
use newsletterd::store::{Db, StoreError, Tx, archive};

use super::given::{Newsroom, again, go, keys, lock, minute, newsroom, open, revision, start, story};
use super::{number, on_both};

on_both!(
    a_draft_comes_back_as_it_was_saved,
    a_draft_is_replaced_whole,
    only_open_editions_take_a_draft,
    revisions_are_numbered_and_never_change,
    what_editions_carried_is_known,
    the_archive_has_what_went_out,
);

async fn article(tx: &mut Tx, room: Newsroom, page: &str) -> ArticleId {
    let keys = keys(Some(page), None);
    match articles::store(tx, room.source, &keys, &story(page, page), false, start()).await.unwrap() {
        Stored::New(id) => id,
        known => panic!("{known:?}"),
    }
}

fn item(target: Target, origin: Origin, reason: Reason) -> Item {
    Item { target, overrides: Overrides::default(), source_hash: None, source_changed: false, origin, reason }
}

fn block(kind: BlockKind, items: Vec<Item>) -> Block {
    Block { kind, title: None, items, reserves: Vec::new(), house: None }
}

async fn a_draft_comes_back_as_it_was_saved(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let edition = open(&mut tx, room.newsletter, minute(60)).await.id;
    assert_eq!(content::draft(&mut tx, edition).await.unwrap(), []);
    let mut ids = Vec::new();
    for n in 0..6 {
        ids.push(article(&mut tx, room, &format!("n/{n}")).await);
    }
    let read = Reason::Read {
        visitors: u64::from(u32::MAX) + 1,
        window_hours: 24,
        trend: Trend::Rising,
        score: -1,
        suspicious: true,
        sent_before: "2026-02-27".parse().ok(),
    };
    let mut picked = item(Target::Article(ids[0]), Origin::Editor, Reason::Picked);
    picked.overrides = Overrides {
        headline: Some("„Ours“ — it’s \\ \"better\"".to_owned()),
        summary: Some(String::new()),
        kicker: Some("Ֆոտո".to_owned()),
        image_url: Some("https://news.test/i.jpg".to_owned()),
        image_alt: Some("🌉".to_owned()),
    };
    picked.source_hash = Some("abc".to_owned());
    picked.source_changed = true;
    let elsewhere =
        item(Target::External("https://else.test/?a=1&b=2".to_owned()), Origin::Editor, Reason::Picked);
    let gone = Reason::InPlaceOf {
        article: ids[5],
        gone: OmissionReason::Embargoed { until: minute(9) },
        reserve: Box::new(read.clone()),
    };
    let shared = Reason::SharedWithLead { tags: vec!["a".to_owned()], section: Some("City".to_owned()) };
    let mut most_read = block(
        BlockKind::MostRead,
        vec![
            item(Target::Article(ids[1]), Origin::Rank, read.clone()),
            item(Target::Article(ids[2]), Origin::Reserve, gone),
        ],
    );
    most_read.reserves = vec![
        item(Target::Article(ids[3]), Origin::Latest, Reason::New { dated_at: start() }),
        item(Target::Article(ids[4]), Origin::Rank, read),
    ];
    most_read.title = Some("Most read".to_owned());
    let mut house = block(BlockKind::House, Vec::new());
    house.house = Some(House {
        text: "Join us".to_owned(),
        image: Some("https://news.test/join.png".to_owned()),
        image_alt: Some("Hands".to_owned()),
        button_label: Some("Join".to_owned()),
        button_url: Some("https://news.test/join".to_owned()),
    });
    let flagged = item(Target::Article(ids[4]), Origin::Flag, Reason::Flagged { at: minute(2) });
    let blocks = vec![
        house,
        block(BlockKind::Picks, vec![elsewhere, picked, flagged]),
        most_read,
        block(BlockKind::Latest, Vec::new()),
        block(BlockKind::Related, vec![item(Target::Article(ids[5]), Origin::Related, shared)]),
    ];
    content::save_draft(&mut tx, edition, &blocks, minute(3)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.read().await.unwrap();
    assert_eq!(content::draft(&mut tx, edition).await.unwrap(), blocks);
    assert_eq!(again(&mut tx, edition).await.compiled_at, Some(minute(3)));
}

async fn a_draft_is_replaced_whole(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let (one, two) = (
        open(&mut tx, room.newsletter, minute(60)).await.id,
        open(&mut tx, room.newsletter, minute(120)).await.id,
    );
    let id = article(&mut tx, room, "n/1").await;
    let full = vec![block(BlockKind::Picks, vec![item(Target::Article(id), Origin::Editor, Reason::Picked)])];
    for edition in [one, two] {
        content::save_draft(&mut tx, edition, &full, minute(1)).await.unwrap();
    }
    let empty = vec![block(BlockKind::Latest, Vec::new())];
    content::save_draft(&mut tx, one, &empty, minute(2)).await.unwrap();
    assert_eq!(content::draft(&mut tx, one).await.unwrap(), empty);
    assert_eq!(content::draft(&mut tx, two).await.unwrap(), full);
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM items").await, 1);
}

async fn only_open_editions_take_a_draft(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let id = open(&mut tx, room.newsletter, minute(60)).await.id;
    content::save_draft(&mut tx, id, &[], minute(1)).await.unwrap();
    lock(&mut tx, id, minute(2)).await;
    let blocks = [block(BlockKind::Latest, Vec::new())];
    let late = content::save_draft(&mut tx, id, &blocks, minute(3)).await;
    assert!(matches!(late, Err(StoreError::RowsAffected { .. })));
    assert_eq!(content::draft(&mut tx, id).await.unwrap(), []);
    let nowhere = content::save_draft(&mut tx, EditionId(99), &[], minute(3)).await;
    assert!(matches!(nowhere, Err(StoreError::RowsAffected { .. })));
}

async fn revisions_are_numbered_and_never_change(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let id = open(&mut tx, room.newsletter, minute(60)).await.id;
    let said =
        serde_json::json!({"subject": "„Früh“", "blocks": [{"n": 1.5, "big": i64::MAX, "none": null}]});
    let given = Revision {
        content_hash: "cafe".to_owned(),
        by: "schedule".to_owned(),
        approved_by: Some("ana".to_owned()),
        letter: (0..=255).collect(),
        ..revision(minute(2))
    };
    for no in 1..=3 {
        assert_eq!(content::add_revision(&mut tx, id, &said, &given).await.unwrap(), no);
    }
    let stored = content::revision(&mut tx, id, 2).await.unwrap().unwrap();
    assert_eq!(stored, Revision { no: 2, content: said, ..given });
    assert_eq!(content::revision(&mut tx, id, 4).await.unwrap(), None);
    let other = open(&mut tx, room.newsletter, minute(120)).await.id;
    assert_eq!(content::add_revision(&mut tx, other, &(), &revision(minute(3))).await.unwrap(), 1);
    let approved = "SELECT COUNT(*) FROM edition_revisions WHERE approved_at IS NOT NULL";
    assert_eq!(number(&mut tx, approved).await, 3);
}

async fn what_editions_carried_is_known(db: &Db) {
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let (a, b, c) = (
        article(&mut tx, room, "n/a").await,
        article(&mut tx, room, "n/b").await,
        article(&mut tx, room, "n/c").await,
    );
    let of = |kind, id| block(kind, vec![item(Target::Article(id), Origin::Rank, Reason::Picked)]);
    let mut locked = Vec::new();
    for (hour, id) in [(1, a), (2, b)] {
        let edition = open(&mut tx, room.newsletter, minute(60 * hour)).await.id;
        let mut picks = of(BlockKind::Picks, a);
        picks.reserves = of(BlockKind::Picks, c).items;
        let blocks = [picks, of(BlockKind::MostRead, id)];
        content::save_draft(&mut tx, edition, &blocks, minute(0)).await.unwrap();
        lock(&mut tx, edition, minute(60 * hour)).await;
        locked.push(edition);
    }
    let now = open(&mut tx, room.newsletter, minute(180)).await.id;
    content::save_draft(&mut tx, now, &[of(BlockKind::Latest, c)], minute(0)).await.unwrap();

    let told = |article, block, at| Carried { article, block, at: minute(at) };
    let mut carried = async |since, except| {
        content::carried(&mut tx, room.newsletter, minute(since), except).await.unwrap()
    };
    let both =
        [told(a, BlockKind::MostRead, 60), told(a, BlockKind::Picks, 120), told(b, BlockKind::MostRead, 120)];
    // What waited in reserve was not carried, and neither was what only stands in a draft.
    assert_eq!(carried(0, now).await, both);
    assert_eq!(carried(61, now).await, both[1..]);
    assert_eq!(
        carried(0, locked[1]).await,
        [told(a, BlockKind::MostRead, 60), told(a, BlockKind::Picks, 60)]
    );
    go(&mut tx, locked[1], &[EditionState::Draft], minute(121)).await;
    let carried = content::carried(&mut tx, room.newsletter, start(), now).await.unwrap();
    assert_eq!(carried.len(), 2);
}

async fn the_archive_has_what_went_out(db: &Db) {
    use EditionState::{Cancelled, Paused, Sending, Sent};
    let room = newsroom(db).await;
    let mut tx = db.begin().await.unwrap();
    let mut ids = Vec::new();
    for (hour, states) in
        [(1, &[Sending, Sent][..]), (2, &[Sending, Paused]), (3, &[Sending, Cancelled]), (4, &[])]
    {
        let id = open(&mut tx, room.newsletter, minute(60 * hour)).await.id;
        lock(&mut tx, id, minute(60 * hour)).await;
        go(&mut tx, id, states, minute(60 * hour)).await;
        ids.push(id);
    }
    open(&mut tx, room.newsletter, minute(300)).await;
    assert_eq!(archive::count(&mut tx, room.newsletter).await.unwrap(), 2);
    let latest = archive::latest(&mut tx, room.newsletter, 9).await.unwrap();
    assert_eq!(latest.iter().map(|letter| letter.edition).collect::<Vec<_>>(), [ids[1], ids[0]]);
    assert_eq!(latest[0].content, serde_json::json!({}));
    assert_eq!(archive::latest(&mut tx, room.newsletter, 1).await.unwrap(), latest[..1]);
    let mut letter = async |name, id| archive::letter(&mut tx, name, id).await.unwrap();
    assert_eq!(letter("morning", ids[0]).await.as_deref(), Some(&b"letter"[..]));
    assert_eq!(letter("evening", ids[0]).await, None);
    assert_eq!((letter("morning", ids[2]).await, letter("morning", ids[3]).await), (None, None));
}
