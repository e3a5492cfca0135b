//! Pictures that are kept, and where they came from. A picture is named by what is in it, so that
//! it is written once and never changed.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{Result, StoreError, Tx, at, ms, on, word};
use crate::domain::picture::{Picture, PictureHash, PictureKind, StoredPicture};

/// What was asked for: the picture at an address, for a place that is so many CSS pixels wide.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Wanted {
    /// Absolute http(s) address.
    pub source_url: String,
    /// CSS pixels across.
    pub width: u32,
}

/// What came of it so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureSource {
    /// The picture; kept also when a later attempt fails.
    pub picture: Option<StoredPicture>,
    /// Failures since the last success.
    pub failures: u32,
    /// When it is asked for again, if a letter still wants it then.
    pub due_at: DateTime<Utc>,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

#[derive(FromRow)]
struct SourceRecord {
    failures: i64,
    due_at: i64,
    error: Option<String>,
    hash: Option<String>,
    mime: Option<String>,
    pixels_across: Option<i64>,
    pixels_down: Option<i64>,
}

/// What came of a wish; `None` when nobody has tried.
///
/// # Errors
/// What the database says.
pub async fn source(tx: &mut Tx, wanted: &Wanted) -> Result<Option<PictureSource>> {
    const SELECT: &str = "SELECT s.failures, s.due_at, s.error, m.hash, m.mime, m.width AS pixels_across, \
        m.height AS pixels_down FROM picture_sources s LEFT JOIN media m ON m.hash = s.hash \
        WHERE s.source_url = $1 AND s.width = $2";
    let row: Option<SourceRecord> = on!(tx, conn => sqlx::query_as(SELECT).bind(&wanted.source_url)
        .bind(i64::from(wanted.width)).fetch_optional(conn).await?);
    row.map(TryInto::try_into).transpose()
}

impl TryFrom<SourceRecord> for PictureSource {
    type Error = StoreError;

    fn try_from(row: SourceRecord) -> Result<Self> {
        let picture = match (row.hash, row.mime) {
            (Some(name), Some(mime)) => Some(StoredPicture {
                hash: hash(&name)?,
                kind: word("media", "mime", &mime)?,
                width: pixels(row.pixels_across),
                height: pixels(row.pixels_down),
            }),
            _ => None,
        };
        let failures = u32::try_from(row.failures).unwrap_or(u32::MAX);
        Ok(Self { picture, failures, due_at: at(row.due_at), error: row.error })
    }
}

fn hash(text: &str) -> Result<PictureHash> {
    text.parse().map_err(|_| StoreError::Inconsistent {
        table: "media",
        column: "hash",
        found: text.to_owned(),
    })
}

fn pixels(stored: Option<i64>) -> u32 {
    stored.and_then(|stored| u32::try_from(stored).ok()).unwrap_or_default()
}

/// Keeps a picture as the answer to a wish, until `due_at`.
///
/// # Errors
/// What the database says.
pub async fn keep(
    tx: &mut Tx,
    wanted: &Wanted,
    picture: &Picture,
    now: DateTime<Utc>,
    due_at: DateTime<Utc>,
) -> Result<()> {
    const PICTURE: &str = "INSERT INTO media (hash, source_url, width, height, mime, bytes, fetched_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (hash) DO NOTHING";
    const SOURCE: &str = "INSERT INTO picture_sources (source_url, width, hash, failures, tried_at, due_at, error) \
        VALUES ($1, $2, $3, 0, $4, $5, NULL) ON CONFLICT (source_url, width) DO UPDATE SET hash = excluded.hash, \
        failures = 0, tried_at = excluded.tried_at, due_at = excluded.due_at, error = NULL";
    let StoredPicture { hash, kind, width, height } = &picture.stored;
    on!(tx, conn => sqlx::query(PICTURE).bind(hash.as_str()).bind(&wanted.source_url).bind(i64::from(*width))
        .bind(i64::from(*height)).bind(kind.as_str()).bind(&picture.bytes).bind(ms(now)).execute(conn).await?.rows_affected());
    on!(tx, conn => sqlx::query(SOURCE).bind(&wanted.source_url).bind(i64::from(wanted.width)).bind(hash.as_str())
        .bind(ms(now)).bind(ms(due_at)).execute(conn).await?.rows_affected());
    Ok(())
}

/// Remembers that an attempt failed. A picture that came earlier stays.
///
/// # Errors
/// What the database says.
pub async fn failed(
    tx: &mut Tx,
    wanted: &Wanted,
    error: &str,
    now: DateTime<Utc>,
    due_at: DateTime<Utc>,
) -> Result<()> {
    const UPSERT: &str = "INSERT INTO picture_sources (source_url, width, hash, failures, tried_at, due_at, error) \
        VALUES ($1, $2, NULL, 1, $3, $4, $5) ON CONFLICT (source_url, width) DO UPDATE SET \
        failures = picture_sources.failures + 1, tried_at = excluded.tried_at, due_at = excluded.due_at, \
        error = excluded.error";
    on!(tx, conn => sqlx::query(UPSERT).bind(&wanted.source_url).bind(i64::from(wanted.width)).bind(ms(now))
        .bind(ms(due_at)).bind(error).execute(conn).await?.rows_affected());
    Ok(())
}

/// What a kept picture is encoded as; `None` when there is none of that name.
///
/// # Errors
/// What the database says.
pub async fn kind(tx: &mut Tx, hash: &PictureHash) -> Result<Option<PictureKind>> {
    const SELECT: &str = "SELECT mime FROM media WHERE hash = $1 AND bytes IS NOT NULL";
    let mime: Option<String> =
        on!(tx, conn => sqlx::query_scalar(SELECT).bind(hash.as_str()).fetch_optional(conn).await?);
    mime.map(|mime| word("media", "mime", &mime)).transpose()
}

/// A kept picture's file.
///
/// # Errors
/// What the database says.
pub async fn file(tx: &mut Tx, hash: &PictureHash) -> Result<Option<(PictureKind, Vec<u8>)>> {
    const SELECT: &str = "SELECT mime, bytes FROM media WHERE hash = $1 AND bytes IS NOT NULL";
    let row: Option<(String, Vec<u8>)> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(hash.as_str()).fetch_optional(conn).await?);
    row.map(|(mime, bytes)| Ok((word("media", "mime", &mime)?, bytes))).transpose()
}
