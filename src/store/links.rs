//! The links of editions, and how often they were followed and letters opened: sums by edition and
//! day, without anything about who.

use sqlx::FromRow;

use super::{Result, Tx, expect_rows, on};
use crate::domain::ids::{ArticleId, EditionId, LinkNo};
use crate::domain::link::NumberedLink;

/// Whether it is counted how often a link is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// It is, and the letter says so.
    Counted,
    /// It is not.
    NotCounted,
}

/// A link of an edition, as it leads now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its number within the edition.
    pub no: LinkNo,
    /// Where it leads.
    pub target: String,
    /// Where it led before somebody repaired it.
    pub first_target: Option<String>,
    /// The story behind it, when it is one of ours.
    pub article: Option<ArticleId>,
    /// Whether it is counted how often it is followed.
    pub counting: Counting,
    /// How often it was.
    pub clicks: i64,
}

impl Link {
    /// The link as its edition's revisions know it.
    pub fn numbered(&self) -> NumberedLink {
        let target = self.first_target.as_ref().unwrap_or(&self.target).clone();
        NumberedLink { no: self.no, target, article: self.article }
    }
}

impl Counting {
    fn of(counted: i64) -> Self {
        if counted == 0 { Self::NotCounted } else { Self::Counted }
    }
}

#[derive(FromRow)]
struct LinkRecord {
    no: i64,
    target: String,
    first_target: Option<String>,
    article_id: Option<i64>,
    counted: i64,
    clicks: i64,
}

/// The links of an edition, by number.
///
/// # Errors
/// What the database says.
pub async fn of_edition(tx: &mut Tx, edition: EditionId) -> Result<Vec<Link>> {
    const SELECT: &str = "SELECT l.no, l.target, l.first_target, l.article_id, l.counted, \
        CAST(COALESCE((SELECT SUM(c.n) FROM link_clicks c WHERE c.edition_id = l.edition_id AND c.no = l.no), 0) AS BIGINT) AS clicks \
        FROM links l WHERE l.edition_id = $1 ORDER BY l.no";
    let rows: Vec<LinkRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(edition.0).fetch_all(conn).await?);
    let links = rows.into_iter().map(|row| Link {
        no: LinkNo(row.no),
        target: row.target,
        first_target: row.first_target,
        article: row.article_id.map(ArticleId),
        counting: Counting::of(row.counted),
        clicks: row.clicks,
    });
    Ok(links.collect())
}

/// Adds links that an edition has not had.
///
/// # Errors
/// What the database says.
pub async fn add(tx: &mut Tx, edition: EditionId, links: &[NumberedLink], counting: Counting) -> Result<()> {
    const INSERT: &str =
        "INSERT INTO links (edition_id, no, target, article_id, counted) VALUES ($1, $2, $3, $4, $5)";
    let counted = i64::from(counting == Counting::Counted);
    for link in links {
        on!(tx, conn => sqlx::query(INSERT).bind(edition.0).bind(link.no.0).bind(&link.target)
            .bind(link.article.map(|id| id.0)).bind(counted).execute(conn).await?.rows_affected());
    }
    Ok(())
}

/// What a reader who follows a link is told, and what may be noted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Where the link leads now.
    pub target: String,
    /// Whether the letter said that it is counted.
    pub counting: Counting,
    /// The newsletter's name.
    pub newsletter: String,
}

#[derive(FromRow)]
struct FollowedRecord {
    target: String,
    counted: i64,
    name: String,
}

/// Looks up a link that somebody follows.
///
/// # Errors
/// What the database says.
pub async fn find(tx: &mut Tx, edition: EditionId, no: LinkNo) -> Result<Option<Followed>> {
    const SELECT: &str = "SELECT l.target, l.counted, n.name FROM links l JOIN editions e ON e.id = l.edition_id \
        JOIN newsletters n ON n.id = e.newsletter_id WHERE l.edition_id = $1 AND l.no = $2";
    let row: Option<FollowedRecord> =
        on!(tx, conn => sqlx::query_as(SELECT).bind(edition.0).bind(no.0).fetch_optional(conn).await?);
    Ok(row.map(|row| Followed {
        target: row.target,
        counting: Counting::of(row.counted),
        newsletter: row.name,
    }))
}

/// The name of an edition's newsletter.
///
/// # Errors
/// What the database says.
pub async fn newsletter_name(tx: &mut Tx, edition: EditionId) -> Result<Option<String>> {
    const SELECT: &str =
        "SELECT n.name FROM editions e JOIN newsletters n ON n.id = e.newsletter_id WHERE e.id = $1";
    Ok(on!(tx, conn => sqlx::query_scalar(SELECT).bind(edition.0).fetch_optional(conn).await?))
}

/// Leads a link elsewhere, for all letters that are out. Where it led first is kept.
///
/// # Errors
/// [`super::StoreError::RowsAffected`] when the edition has no such link.
pub async fn retarget(tx: &mut Tx, edition: EditionId, no: LinkNo, target: &str) -> Result<()> {
    const UPDATE: &str = "UPDATE links SET first_target = COALESCE(first_target, target), target = $3 \
        WHERE edition_id = $1 AND no = $2";
    let changed = on!(tx, conn => sqlx::query(UPDATE).bind(edition.0).bind(no.0).bind(target)
        .execute(conn).await?.rows_affected());
    expect_rows("lead a link elsewhere", 1, changed)
}

/// Adds `n` to how often a link was followed on a day (days since 1970, UTC).
///
/// # Errors
/// What the database says.
pub async fn add_clicks(tx: &mut Tx, edition: EditionId, no: LinkNo, day: i64, n: i64) -> Result<()> {
    const UPSERT: &str = "INSERT INTO link_clicks (edition_id, no, day, n) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (edition_id, no, day) DO UPDATE SET n = link_clicks.n + excluded.n";
    on!(tx, conn => sqlx::query(UPSERT).bind(edition.0).bind(no.0).bind(day).bind(n)
        .execute(conn).await?.rows_affected());
    Ok(())
}

/// Adds `n` to how often an edition was opened on a day (days since 1970, UTC).
///
/// # Errors
/// What the database says.
pub async fn add_openings(tx: &mut Tx, edition: EditionId, day: i64, n: i64) -> Result<()> {
    const UPSERT: &str = "INSERT INTO edition_openings (edition_id, day, n) VALUES ($1, $2, $3) \
        ON CONFLICT (edition_id, day) DO UPDATE SET n = edition_openings.n + excluded.n";
    on!(tx, conn => sqlx::query(UPSERT).bind(edition.0).bind(day).bind(n).execute(conn).await?.rows_affected());
    Ok(())
}

/// How often the links of an edition were followed, all together.
///
/// # Errors
/// What the database says.
pub async fn clicks(tx: &mut Tx, edition: EditionId) -> Result<i64> {
    const SELECT: &str = "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM link_clicks WHERE edition_id = $1";
    Ok(on!(tx, conn => sqlx::query_scalar(SELECT).bind(edition.0).fetch_one(conn).await?))
}

/// How often an edition was opened.
///
/// # Errors
/// What the database says.
pub async fn openings(tx: &mut Tx, edition: EditionId) -> Result<i64> {
    const SELECT: &str =
        "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM edition_openings WHERE edition_id = $1";
    Ok(on!(tx, conn => sqlx::query_scalar(SELECT).bind(edition.0).fetch_one(conn).await?))
}
