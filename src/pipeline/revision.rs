//! What the current revision of an edition holds, read back from where it is stored.

use serde::de::DeserializeOwned;

use super::{PipelineError, Result};
use crate::domain::revision::Content;
use crate::mail::letter::EncodedLetter;
use crate::store::Tx;
use crate::store::content::{self, Revision};
use crate::store::editions::Edition;

/// What it says; `None` before the edition has one.
///
/// # Errors
/// What the database says, and [`PipelineError::Stored`] when it cannot be read.
pub async fn content(tx: &mut Tx, edition: &Edition) -> Result<Option<Content>> {
    let Some(revision) = current(tx, edition).await? else { return Ok(None) };
    let content = serde_json::from_value(revision.content);
    read(content, "a stored revision").map(Some)
}

/// Its encoded letter; `None` before the edition has one.
///
/// # Errors
/// As [`content`].
pub async fn letter(tx: &mut Tx, edition: &Edition) -> Result<Option<EncodedLetter>> {
    let Some(revision) = current(tx, edition).await? else { return Ok(None) };
    let letter = serde_json::from_slice(&revision.letter);
    read(letter, "a stored letter").map(Some)
}

async fn current(tx: &mut Tx, edition: &Edition) -> Result<Option<Revision>> {
    match edition.current_rev {
        Some(no) => Ok(content::revision(tx, edition.id, no).await?),
        None => Ok(None),
    }
}

fn read<T: DeserializeOwned>(read: serde_json::Result<T>, what: &'static str) -> Result<T> {
    read.map_err(|source| PipelineError::Stored { what, source })
}
