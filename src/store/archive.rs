//! The letters that the public may read: those of editions that have gone out, at least in part.
//! Drafts and what was not sent are not found here, whoever asks.

use sqlx::FromRow;
use sqlx::types::Json;

use super::{Result, Tx, on};
use crate::domain::ids::{EditionId, NewsletterId};

/// The states of [`EditionState::is_public`](crate::domain::edition::EditionState::is_public).
macro_rules! public {
    () => {
        "e.state IN ('sending', 'paused', 'sent') AND e.current_rev IS NOT NULL"
    };
}

/// A past letter, without its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Archived {
    /// Its edition.
    pub edition: EditionId,
    /// What its current revision says.
    pub content: serde_json::Value,
}

#[derive(FromRow)]
struct ArchivedRecord {
    id: i64,
    content: Json<serde_json::Value>,
}

/// How many letters of a newsletter there are.
///
/// # Errors
/// What the database says.
pub async fn count(tx: &mut Tx, newsletter: NewsletterId) -> Result<u64> {
    const SELECT: &str =
        concat!("SELECT COUNT(*) FROM editions e WHERE e.newsletter_id = $1 AND ", public!());
    let count: i64 = on!(tx, conn => sqlx::query_scalar(SELECT).bind(newsletter.0).fetch_one(conn).await?);
    Ok(count.unsigned_abs())
}

/// The latest letters of a newsletter, newest first.
///
/// # Errors
/// What the database says.
pub async fn latest(tx: &mut Tx, newsletter: NewsletterId, limit: i64) -> Result<Vec<Archived>> {
    const SELECT: &str = concat!(
        "SELECT e.id, r.content FROM editions e \
         JOIN edition_revisions r ON r.edition_id = e.id AND r.no = e.current_rev \
         WHERE e.newsletter_id = $1 AND ",
        public!(),
        " ORDER BY e.send_at DESC, e.id DESC LIMIT $2"
    );
    let rows: Vec<ArchivedRecord> = on!(tx, conn => sqlx::query_as(SELECT).bind(newsletter.0).bind(limit)
        .fetch_all(conn).await?);
    Ok(rows.into_iter().map(|row| Archived { edition: EditionId(row.id), content: row.content.0 }).collect())
}

/// The encoded letter of an edition of `newsletter`, in its current revision.
///
/// # Errors
/// What the database says.
pub async fn letter(tx: &mut Tx, newsletter: &str, edition: EditionId) -> Result<Option<Vec<u8>>> {
    const SELECT: &str = concat!(
        "SELECT r.letter FROM editions e JOIN newsletters n ON n.id = e.newsletter_id \
         JOIN edition_revisions r ON r.edition_id = e.id AND r.no = e.current_rev \
         WHERE e.id = $1 AND n.name = $2 AND ",
        public!()
    );
    let letter: Option<Option<Vec<u8>>> = on!(tx, conn => sqlx::query_scalar(SELECT).bind(edition.0)
        .bind(newsletter).fetch_optional(conn).await?);
    Ok(letter.flatten())
}

#[cfg(test)]
mod tests {
    use crate::domain::edition::EditionState;

    #[test]
    fn the_public_states_are_those_of_the_domain() {
        let words: Vec<_> = EditionState::ALL
            .iter()
            .filter(|state| state.is_public())
            .map(|state| format!("'{state}'"))
            .collect();
        assert!(public!().contains(&format!("({})", words.join(", "))), "{words:?}");
    }
}
