//! What stands in an edition: the draft's blocks and items, and the revisions that were fixed.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::FromRow;
use sqlx::types::Json;

use super::{Result, Tx, at, expect_rows, ms, on, opt_ms, word};
use crate::domain::ids::{ArticleId, EditionId, NewsletterId};
use crate::domain::selection::{Block, BlockKind, Item, Target};

/// Replaces the draft of an open edition, and remembers when it was compiled.
///
/// # Errors
/// [`super::StoreError::RowsAffected`] when the edition is no longer open.
pub async fn save_draft(tx: &mut Tx, edition: EditionId, blocks: &[Block], now: DateTime<Utc>) -> Result<()> {
    const TOUCH: &str =
        "UPDATE editions SET compiled_at = $2 WHERE id = $1 AND state IN ('draft', 'approved', 'held')";
    const DELETE_ITEMS: &str =
        "DELETE FROM items WHERE block_id IN (SELECT id FROM blocks WHERE edition_id = $1)";
    const DELETE_BLOCKS: &str = "DELETE FROM blocks WHERE edition_id = $1";
    const INSERT: &str =
        "INSERT INTO blocks (edition_id, pos, kind, title, house) VALUES ($1, $2, $3, $4, $5) RETURNING id";
    let changed = on!(tx, conn => sqlx::query(TOUCH).bind(edition.0).bind(ms(now)).execute(conn).await?.rows_affected());
    expect_rows("save the draft of an open edition", 1, changed)?;
    on!(tx, conn => sqlx::query(DELETE_ITEMS).bind(edition.0).execute(conn).await?.rows_affected());
    on!(tx, conn => sqlx::query(DELETE_BLOCKS).bind(edition.0).execute(conn).await?.rows_affected());
    for (pos, block) in (0_i64..).zip(blocks) {
        let house = block.house.as_ref().map(Json);
        let id: i64 = on!(tx, conn => sqlx::query_scalar(INSERT).bind(edition.0).bind(pos).bind(block.kind.as_str())
            .bind(&block.title).bind(house).fetch_one(conn).await?);
        insert_items(tx, id, "item", &block.items).await?;
        insert_items(tx, id, "reserve", &block.reserves).await?;
    }
    Ok(())
}

async fn insert_items(tx: &mut Tx, block: i64, place: &str, items: &[Item]) -> Result<()> {
    const INSERT: &str = "INSERT INTO items (block_id, place, pos, article_id, external_url, overrides, source_hash, \
        source_changed, origin, reason, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)";
    for (pos, item) in (0_i64..).zip(items) {
        on!(tx, conn => sqlx::query(INSERT).bind(block).bind(place).bind(pos).bind(item.article().map(|id| id.0))
            .bind(item.external_url()).bind(Json(&item.overrides)).bind(&item.source_hash)
            .bind(i64::from(item.source_changed)).bind(item.origin.as_str()).bind(Json(&item.reason)).execute(conn).await?.rows_affected());
    }
    Ok(())
}

#[derive(FromRow)]
struct BlockRecord {
    id: i64,
    kind: String,
    title: Option<String>,
    house: Option<Json<serde_json::Value>>,
}

#[derive(FromRow)]
struct ItemRecord {
    block_id: i64,
    place: String,
    article_id: Option<i64>,
    external_url: Option<String>,
    overrides: Json<serde_json::Value>,
    source_hash: Option<String>,
    source_changed: i64,
    origin: String,
    reason: Json<serde_json::Value>,
}

/// What a stored item leads to.
fn target(item: &ItemRecord) -> Result<Target> {
    match (item.article_id, &item.external_url) {
        (Some(id), None) => Ok(Target::Article(ArticleId(id))),
        (None, Some(url)) => Ok(Target::External(url.clone())),
        _ => Err(super::StoreError::Inconsistent {
            table: "items",
            column: "article_id",
            found: "neither or both of an article and an address".to_owned(),
        }),
    }
}

/// A stored JSON value as its type.
fn json<T: DeserializeOwned>(
    table: &'static str,
    column: &'static str,
    value: serde_json::Value,
) -> Result<T> {
    serde_json::from_value(value).map_err(|error| super::StoreError::Inconsistent {
        table,
        column,
        found: error.to_string(),
    })
}

/// The draft of an edition, in order; empty when it was never compiled.
///
/// # Errors
/// What the database says.
pub async fn draft(tx: &mut Tx, edition: EditionId) -> Result<Vec<Block>> {
    const BLOCKS: &str = "SELECT id, kind, title, house FROM blocks WHERE edition_id = $1 ORDER BY pos";
    const ITEMS: &str = "SELECT i.block_id, i.place, i.article_id, i.external_url, i.overrides, i.source_hash, \
        i.source_changed, i.origin, i.reason FROM items i JOIN blocks b ON b.id = i.block_id WHERE b.edition_id = $1 ORDER BY b.pos, i.place, i.pos";
    let blocks: Vec<BlockRecord> =
        on!(tx, conn => sqlx::query_as(BLOCKS).bind(edition.0).fetch_all(conn).await?);
    let items: Vec<ItemRecord> =
        on!(tx, conn => sqlx::query_as(ITEMS).bind(edition.0).fetch_all(conn).await?);
    let mut found = Vec::with_capacity(blocks.len());
    for row in blocks {
        let mut block = Block {
            kind: word("blocks", "kind", &row.kind)?,
            title: row.title,
            items: Vec::new(),
            reserves: Vec::new(),
            house: row.house.map(|house| json("blocks", "house", house.0)).transpose()?,
        };
        for item in items.iter().filter(|item| item.block_id == row.id) {
            let place = if item.place == "item" { &mut block.items } else { &mut block.reserves };
            place.push(Item {
                target: target(item)?,
                overrides: json("items", "overrides", item.overrides.0.clone())?,
                source_hash: item.source_hash.clone(),
                source_changed: item.source_changed != 0,
                origin: word("items", "origin", &item.origin)?,
                reason: json("items", "reason", item.reason.0.clone())?,
            });
        }
        found.push(block);
    }
    Ok(found)
}

/// Content of an edition as it was fixed, with its encoded letter.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Counts from 1 within the edition.
    pub no: i64,
    /// What it says, complete: needs no other table to be read.
    pub content: serde_json::Value,
    /// SHA-256 of the content, hexadecimal.
    pub content_hash: String,
    /// Who fixed it.
    pub by: String,
    /// Who approved it, if anybody did.
    pub approved_by: Option<String>,
    /// When it was fixed.
    pub locked_at: DateTime<Utc>,
    /// The encoded letter.
    pub letter: Vec<u8>,
    /// The version of the program that rendered it.
    pub template_version: String,
}

#[derive(FromRow)]
struct RevisionRecord {
    no: i64,
    content: Json<serde_json::Value>,
    content_hash: String,
    by_whom: String,
    approved_by: Option<String>,
    locked_at: Option<i64>,
    letter: Option<Vec<u8>>,
    template_version: String,
}

/// Stores the next revision of an edition; its `no` is given back.
///
/// # Errors
/// What the database says.
pub async fn add_revision<T: Serialize + Sync>(
    tx: &mut Tx,
    edition: EditionId,
    content: &T,
    revision: &Revision,
) -> Result<i64> {
    const NEXT: &str = "SELECT COALESCE(MAX(no), 0) + 1 FROM edition_revisions WHERE edition_id = $1";
    const INSERT: &str = "INSERT INTO edition_revisions (edition_id, no, content, content_hash, by_whom, at, approved_by, \
        approved_at, locked_at, letter, template_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $6, $9, $10)";
    let no: i64 = on!(tx, conn => sqlx::query_scalar(NEXT).bind(edition.0).fetch_one(conn).await?);
    let approved_at = revision.approved_by.as_ref().map(|_| revision.locked_at);
    on!(tx, conn => sqlx::query(INSERT).bind(edition.0).bind(no).bind(Json(content)).bind(&revision.content_hash)
        .bind(&revision.by).bind(ms(revision.locked_at)).bind(&revision.approved_by).bind(opt_ms(approved_at))
        .bind(&revision.letter).bind(&revision.template_version).execute(conn).await?.rows_affected());
    Ok(no)
}

/// A revision of an edition.
///
/// # Errors
/// What the database says.
pub async fn revision(tx: &mut Tx, edition: EditionId, no: i64) -> Result<Option<Revision>> {
    const SELECT: &str = "SELECT no, content, content_hash, by_whom, approved_by, locked_at, letter, \
        template_version FROM edition_revisions WHERE edition_id = $1 AND no = $2";
    let row: Option<RevisionRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(edition.0).bind(no).fetch_optional(conn).await?);
    Ok(row.map(|row| Revision {
        no: row.no,
        content: row.content.0,
        content_hash: row.content_hash,
        by: row.by_whom,
        approved_by: row.approved_by,
        locked_at: at(row.locked_at.unwrap_or_default()),
        letter: row.letter.unwrap_or_default(),
        template_version: row.template_version,
    }))
}

/// One story that an edition carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The story.
    pub article: ArticleId,
    /// The block that it stood in.
    pub block: BlockKind,
    /// When the edition took its content.
    pub at: DateTime<Utc>,
}

#[derive(FromRow)]
struct CarriedRecord {
    article_id: i64,
    kind: String,
    locked_at: i64,
}

/// The stories that editions of `newsletter` carried since `since`, other than edition `except`.
///
/// # Errors
/// What the database says.
pub async fn carried(
    tx: &mut Tx,
    newsletter: NewsletterId,
    since: DateTime<Utc>,
    except: EditionId,
) -> Result<Vec<Carried>> {
    const SELECT: &str = "SELECT i.article_id, b.kind, MAX(r.locked_at) AS locked_at FROM items i \
        JOIN blocks b ON b.id = i.block_id JOIN editions e ON e.id = b.edition_id \
        JOIN edition_revisions r ON r.edition_id = e.id \
        WHERE e.newsletter_id = $1 AND e.id <> $3 AND i.place = 'item' AND i.article_id IS NOT NULL \
        AND r.locked_at >= $2 AND e.state IN ('locked', 'sending', 'paused', 'sent') \
        GROUP BY i.article_id, b.kind ORDER BY i.article_id, b.kind";
    let rows: Vec<CarriedRecord> = on!(tx, conn => sqlx::query_as(SELECT).bind(newsletter.0).bind(ms(since))
        .bind(except.0).fetch_all(conn).await?);
    rows.into_iter()
        .map(|row| {
            Ok(Carried {
                article: ArticleId(row.article_id),
                block: word("blocks", "kind", &row.kind)?,
                at: at(row.locked_at),
            })
        })
        .collect()
}
