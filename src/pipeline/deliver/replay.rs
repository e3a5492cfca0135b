//! Takes over what a dead process left in its journal.

use std::collections::BTreeMap;

use crate::domain::delivery::{Guard, Outcome};
use crate::domain::ids::EditionId;
use crate::pipeline::judge::Judge;
use crate::pipeline::record::Run;
use crate::pipeline::{Engine, Result, newsletter_of};
use crate::store::journal::Entry;
use crate::store::{claims, editions};

/// Answers recorded in one transaction.
const CHUNK: usize = 500;

/// Records the answers that a dead process had and could not record. What the database has already
/// stays as it is, so that it may be done again. How many there were is given back.
///
/// # Errors
/// What the database says; then it is to be done again.
pub async fn replay(engine: &Engine, entries: &[Entry]) -> Result<usize> {
    let mut by_edition: BTreeMap<EditionId, Vec<&Entry>> = BTreeMap::new();
    // What a relay refused to everybody goes back to the queue with the rest; how it is by now is not
    // known from here.
    let about_recipients = entries.iter().filter(|entry| !matches!(entry.outcome, Outcome::RelayDown(_)));
    for entry in about_recipients {
        by_edition.entry(entry.edition).or_default().push(entry);
    }
    for (id, entries) in by_edition {
        let mut tx = engine.db.read().await?;
        let Some(edition) = editions::get(&mut tx, id).await? else { continue };
        let mut judge =
            Judge::new(claims::recent_outcomes(&mut tx, &edition, Guard::WINDOW).await?, &engine.config);
        drop(tx);
        let newsletter = newsletter_of(&edition)?;
        let run = Run { engine, edition: &edition, newsletter: &newsletter };
        for chunk in entries.chunks(CHUNK) {
            let mut tx = engine.db.begin().await?;
            run.write(&mut tx, chunk, &mut judge, |_| false).await?;
            tx.commit().await?;
        }
    }
    Ok(entries.len())
}
