//! `newsletterd edition compile`: what would be sent and why, changing nothing.

use serde_json::json;

use super::show;
use crate::cli::{Failure, output};
use crate::pipeline::{Engine, compile, schedule};

pub async fn run(engine: &Engine, newsletter: &str, json: bool) -> Result<(), Failure> {
    // The edition is opened in a transaction that is never committed.
    let mut tx = engine.db.begin().await?;
    let edition = schedule::next_edition(engine, &mut tx, newsletter).await?;
    let (compiled, _) = compile::preview(engine, &mut tx, &edition, engine.clock.now()).await?;
    if json {
        output::json(&json!({
            "newsletter": newsletter, "send_at": edition.send_at, "blocks": compiled.blocks,
            "omissions": compiled.omissions, "warnings": compiled.warnings,
        }))?;
        return Ok(());
    }
    output::note(format!("{newsletter}, {}:", edition.send_at.format("%Y-%m-%d %H:%M UTC")))?;
    show::stories(&mut tx, &compiled.blocks).await?;
    for warning in &compiled.warnings {
        output::note(format!("note: {warning}"))?;
    }
    output::note(format!("{} stories were left out; --json says why", compiled.omissions.len()))?;
    Ok(())
}
