//! Articles and the keys they are known by.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;
use sqlx::types::Json;

use super::{Result, StoreError, Tx, at, ms, on, opt_ms, word};
use crate::domain::article::{Article, ArticleContent, Image, IncomingArticle};
use crate::domain::ids::{ArticleId, SourceId};

/// What storing one incoming article came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is new.
    New(ArticleId),
    /// It was known, and says something else now.
    Updated(ArticleId),
    /// It was known and says the same.
    Unchanged(ArticleId),
}

/// The keys of an incoming article, computed by the caller from its rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleKeys {
    /// The page, as reads count it.
    pub url: Option<String>,
    /// The source's own identity, normalised.
    pub external: Option<String>,
}

/// Stores an article that a source handed in: any matching key finds the known one; where the URL
/// and the external id disagree, the URL wins and it is logged. An article that comes again is
/// updated and keeps when it was first seen; it never counts as new.
///
/// `first_poll` makes undated new articles ineligible for ever: nobody knows how old they are.
///
/// # Errors
/// What the database says; [`StoreError::Refused`] for an article without any key.
pub async fn store(
    tx: &mut Tx,
    source: SourceId,
    keys: &ArticleKeys,
    incoming: &IncomingArticle,
    first_poll: bool,
    now: DateTime<Utc>,
) -> Result<Stored> {
    if keys.url.is_none() && keys.external.is_none() {
        return Err(StoreError::Refused("an article needs an address or an id".to_owned()));
    }
    one_writer(tx).await?;
    let by_url = find_key(tx, "url", SourceId(0), keys.url.as_deref()).await?;
    let by_external = find_key(tx, "ext", source, keys.external.as_deref()).await?;
    if let (Some(url), Some(external)) = (by_url, by_external)
        && url != external
    {
        tracing::warn!(
            article.by_url = url.0,
            article.by_id = external.0,
            "an article's address and id belong to two known articles; the address wins"
        );
    }
    let hash = content_hash(incoming);
    let stored = match by_url.or(by_external) {
        Some(id) if hash_of(tx, id).await?.as_deref() == Some(&hash) => Stored::Unchanged(id),
        Some(id) => {
            update(tx, id, keys, incoming, &hash, now).await?;
            Stored::Updated(id)
        }
        None => {
            let eligible = !(first_poll && incoming.content.published_at.is_none());
            Stored::New(insert(tx, keys, incoming, &hash, eligible, now).await?)
        }
    };
    let (Stored::New(id) | Stored::Updated(id) | Stored::Unchanged(id)) = stored;
    add_key(tx, "url", SourceId(0), keys.url.as_deref(), id).await?;
    add_key(tx, "ext", source, keys.external.as_deref(), id).await?;
    Ok(stored)
}

/// Waits until no other transaction stores articles, as SQLite does by itself: two daemons that poll
/// at once would else both find an article unknown, and store it twice.
async fn one_writer(tx: &mut Tx) -> Result<()> {
    const LOCK: &str = "SELECT pg_advisory_xact_lock(7340912)";
    if let Tx::Postgres(tx) = tx {
        sqlx::query(LOCK).execute(&mut **tx).await?;
    }
    Ok(())
}

async fn find_key(tx: &mut Tx, kind: &str, source: SourceId, key: Option<&str>) -> Result<Option<ArticleId>> {
    const SELECT: &str =
        "SELECT article_id FROM article_keys WHERE kind = $1 AND source_id = $2 AND key = $3";
    let Some(key) = key else { return Ok(None) };
    let id: Option<i64> = on!(tx, conn => sqlx::query_scalar(SELECT)
        .bind(kind).bind(source.0).bind(key).fetch_optional(conn).await?);
    Ok(id.map(ArticleId))
}

async fn add_key(tx: &mut Tx, kind: &str, source: SourceId, key: Option<&str>, id: ArticleId) -> Result<()> {
    const INSERT: &str = "INSERT INTO article_keys (kind, source_id, key, article_id) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (kind, source_id, key) DO NOTHING";
    if let Some(key) = key {
        on!(tx, conn => sqlx::query(INSERT).bind(kind).bind(source.0).bind(key).bind(id.0).execute(conn).await?.rows_affected());
    }
    Ok(())
}

async fn hash_of(tx: &mut Tx, id: ArticleId) -> Result<Option<String>> {
    const SELECT: &str = "SELECT content_hash FROM articles WHERE id = $1";
    Ok(on!(tx, conn => sqlx::query_scalar(SELECT).bind(id.0).fetch_optional(conn).await?))
}

/// A fingerprint of all that a source says about an article.
fn content_hash(incoming: &IncomingArticle) -> String {
    // The struct's own field order makes the JSON canonical; it has no maps.
    let json = serde_json::to_vec(incoming).unwrap_or_default();
    data_encoding::HEXLOWER.encode(&Sha256::digest(json))
}

fn search_text(content: &ArticleContent) -> String {
    let words = [content.title.as_str(), &content.summary, content.section.as_deref().unwrap_or_default()];
    words
        .into_iter()
        .chain(content.authors.iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join("\n")
        .to_lowercase()
}

async fn insert(
    tx: &mut Tx,
    keys: &ArticleKeys,
    incoming: &IncomingArticle,
    hash: &str,
    eligible: bool,
    now: DateTime<Utc>,
) -> Result<ArticleId> {
    const INSERT: &str = "INSERT INTO articles (url, url_key, title, summary, section, authors, tags, lang, \
        translation_group, image_url, image_alt, image_width, image_height, related, published_at, first_seen_at, \
        updated_at, status, embargo_until, access, flagged_at, eligible, content_hash, search_text, reading_minutes) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
        $22, $23, $24, $25) RETURNING id";
    let content = &incoming.content;
    let image = content.image.as_ref();
    let flagged_at = incoming.flagged.then_some(ms(now));
    let id: i64 = on!(tx, conn => sqlx::query_scalar(INSERT)
        .bind(&incoming.url).bind(&keys.url).bind(&content.title).bind(&content.summary).bind(&content.section)
        .bind(Json(&content.authors)).bind(Json(&content.tags)).bind(&content.language)
        .bind(&content.translation_group)
        .bind(image.map(|image| &image.url)).bind(image.map(|image| &image.alt))
        .bind(image.and_then(|image| image.width.map(i64::from)))
        .bind(image.and_then(|image| image.height.map(i64::from)))
        .bind(Json(&content.related)).bind(opt_ms(content.published_at)).bind(ms(now))
        .bind(opt_ms(content.updated_at)).bind(content.status.as_str()).bind(opt_ms(content.embargo_until))
        .bind(content.access.as_str()).bind(flagged_at).bind(i64::from(eligible)).bind(hash)
        .bind(search_text(content)).bind(content.reading_minutes.map(i64::from)).fetch_one(conn).await?);
    Ok(ArticleId(id))
}

async fn update(
    tx: &mut Tx,
    id: ArticleId,
    keys: &ArticleKeys,
    incoming: &IncomingArticle,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    const UPDATE: &str = "UPDATE articles SET url = COALESCE($2, url), url_key = COALESCE($3, url_key), title = $4, \
        summary = $5, section = $6, authors = $7, tags = $8, lang = COALESCE($9, lang), \
        translation_group = COALESCE($10, translation_group), image_url = $11, image_alt = $12, image_width = $13, \
        image_height = $14, related = $15, published_at = COALESCE($16, published_at), updated_at = $17, \
        status = $18, embargo_until = $19, access = $20, \
        flagged_at = CASE WHEN $21 = 0 THEN NULL ELSE COALESCE(flagged_at, $22) END, content_hash = $23, \
        search_text = $24, reading_minutes = COALESCE($25, reading_minutes) WHERE id = $1";
    let content = &incoming.content;
    let image = content.image.as_ref();
    on!(tx, conn => sqlx::query(UPDATE).bind(id.0)
        .bind(&incoming.url).bind(&keys.url).bind(&content.title).bind(&content.summary).bind(&content.section)
        .bind(Json(&content.authors)).bind(Json(&content.tags)).bind(&content.language)
        .bind(&content.translation_group)
        .bind(image.map(|image| &image.url)).bind(image.map(|image| &image.alt))
        .bind(image.and_then(|image| image.width.map(i64::from)))
        .bind(image.and_then(|image| image.height.map(i64::from)))
        .bind(Json(&content.related)).bind(opt_ms(content.published_at)).bind(opt_ms(content.updated_at))
        .bind(content.status.as_str()).bind(opt_ms(content.embargo_until)).bind(content.access.as_str())
        .bind(i64::from(incoming.flagged)).bind(ms(now)).bind(hash).bind(search_text(content))
        .bind(content.reading_minutes.map(i64::from))
        .execute(conn).await?.rows_affected());
    Ok(())
}

/// Columns of [`ArticleRecord`], in a macro so that every `SELECT` has the same.
macro_rules! columns {
    () => {
        "id, url, url_key, title, summary, section, authors, tags, lang, translation_group, image_url, image_alt, \
         image_width, image_height, related, published_at, first_seen_at, updated_at, status, embargo_until, access, \
         flagged_at, eligible, reading_minutes"
    };
}

#[derive(FromRow)]
struct ArticleRecord {
    id: i64,
    url: Option<String>,
    url_key: Option<String>,
    title: String,
    summary: String,
    section: Option<String>,
    authors: Json<Vec<String>>,
    tags: Json<Vec<String>>,
    lang: Option<String>,
    translation_group: Option<String>,
    image_url: Option<String>,
    image_alt: Option<String>,
    image_width: Option<i64>,
    image_height: Option<i64>,
    related: Json<Vec<String>>,
    published_at: Option<i64>,
    first_seen_at: i64,
    updated_at: Option<i64>,
    status: String,
    embargo_until: Option<i64>,
    access: String,
    flagged_at: Option<i64>,
    eligible: i64,
    reading_minutes: Option<i64>,
}

impl TryFrom<ArticleRecord> for Article {
    type Error = StoreError;

    fn try_from(row: ArticleRecord) -> Result<Self> {
        let pixels = |value: Option<i64>| value.and_then(|value| u32::try_from(value).ok());
        let (width, height) = (pixels(row.image_width), pixels(row.image_height));
        Ok(Self {
            id: ArticleId(row.id),
            url: row.url,
            url_key: row.url_key,
            first_seen_at: at(row.first_seen_at),
            flagged_at: row.flagged_at.map(at),
            eligible: row.eligible != 0,
            content: ArticleContent {
                title: row.title,
                summary: row.summary,
                section: row.section,
                authors: row.authors.0,
                tags: row.tags.0,
                language: row.lang,
                translation_group: row.translation_group,
                image: row.image_url.map(|url| Image {
                    url,
                    alt: row.image_alt.unwrap_or_default(),
                    width,
                    height,
                }),
                published_at: row.published_at.map(at),
                updated_at: row.updated_at.map(at),
                embargo_until: row.embargo_until.map(at),
                status: word("articles", "status", &row.status)?,
                access: word("articles", "access", &row.access)?,
                related: row.related.0,
                reading_minutes: row.reading_minutes.and_then(|minutes| u16::try_from(minutes).ok()),
            },
        })
    }
}

/// One article.
///
/// # Errors
/// What the database says.
pub async fn get(tx: &mut Tx, id: ArticleId) -> Result<Option<Article>> {
    const SELECT: &str = concat!("SELECT ", columns!(), " FROM articles WHERE id = $1");
    let row: Option<ArticleRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(id.0).fetch_optional(conn).await?);
    row.map(TryInto::try_into).transpose()
}

/// The article known by the page `url_key`.
///
/// # Errors
/// What the database says.
pub async fn find_by_url_key(tx: &mut Tx, url_key: &str) -> Result<Option<Article>> {
    match find_key(tx, "url", SourceId(0), Some(url_key)).await? {
        Some(id) => get(tx, id).await,
        None => Ok(None),
    }
}

/// The articles that may stand in an edition: dated or first seen since `since`, at most `limit`,
/// newest first.
///
/// # Errors
/// What the database says.
pub async fn candidates(tx: &mut Tx, since: DateTime<Utc>, limit: i64) -> Result<Vec<Article>> {
    const SELECT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM articles WHERE first_seen_at >= $1 OR published_at >= $1 OR flagged_at >= $1 \
         ORDER BY COALESCE(published_at, first_seen_at) DESC, id DESC LIMIT $2"
    );
    let rows: Vec<ArticleRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(ms(since)).bind(limit).fetch_all(conn).await?);
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many articles there are.
///
/// # Errors
/// What the database says.
pub async fn count(tx: &mut Tx) -> Result<i64> {
    Ok(on!(tx, conn => sqlx::query_scalar("SELECT COUNT(*) FROM articles").fetch_one(conn).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An upgrade must not make every known article one that has changed: the fingerprint of what has
    /// no reading time is that of the versions that knew none.
    #[test]
    fn what_says_the_same_as_ever_has_the_same_fingerprint() {
        let json = serde_json::json!({
            "external_id": "1", "url": null, "flagged": false,
            "content": {
                "title": "T", "summary": "", "section": null, "authors": [], "tags": [], "language": null,
                "translation_group": null, "image": null, "published_at": null, "updated_at": null,
                "embargo_until": null, "status": "published", "access": "public", "related": [],
            },
        });
        let mut article: IncomingArticle = serde_json::from_value(json).unwrap();
        let known = "e91c9460307104a72e61a1d743a188a46be0ba026f647821c9308726067e3d45";
        assert_eq!(content_hash(&article), known);
        article.content.reading_minutes = Some(3);
        assert_ne!(content_hash(&article), known);
    }
}
