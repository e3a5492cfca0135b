//! Editions as a person or a machine reads them.

use serde_json::json;

use crate::cli::{Failure, output};
use crate::domain::ids::EditionId;
use crate::domain::selection::Block;
use crate::pipeline::{Engine, control, newsletter_of};
use crate::store::editions::Edition;
use crate::store::{Tx, articles, catalog, content, editions, events};

pub async fn list(engine: &Engine, newsletter: Option<&str>, limit: u32, json: bool) -> Result<(), Failure> {
    let mut tx = engine.db.read().await?;
    let only = match newsletter {
        Some(name) => {
            engine.newsletter(name)?;
            match catalog::find_newsletter(&mut tx, name).await? {
                Some(row) => Some(row.id),
                None => return Ok(()),
            }
        }
        None => None,
    };
    for edition in editions::latest(&mut tx, only, i64::from(limit)).await? {
        let name = newsletter_of(&edition)?.name;
        if json {
            output::json(&summary(&edition, name.as_str()))?;
        } else {
            let reason = edition.reason.as_deref().unwrap_or_default();
            let at = edition.send_at.format("%Y-%m-%d %H:%M UTC");
            output::line(format!("{:>6}  {at}  {:<10} {name}  {reason}", edition.id, edition.state))?;
        }
    }
    Ok(())
}

fn summary(edition: &Edition, newsletter: &str) -> serde_json::Value {
    json!({
        "edition": edition.id, "newsletter": newsletter, "kind": edition.kind, "state": edition.state,
        "reason": edition.reason, "slot_at": edition.slot_at, "send_at": edition.send_at, "number": edition.number,
        "audience": edition.audience_count, "revision": edition.current_rev, "approved_by": edition.approved_by,
    })
}

pub async fn one(engine: &Engine, id: EditionId, json: bool) -> Result<(), Failure> {
    let mut tx = engine.db.read().await?;
    let edition = control::edition(&mut tx, id).await?;
    let newsletter = newsletter_of(&edition)?;
    let blocks = content::draft(&mut tx, id).await?;
    let happened = events::of_edition(&mut tx, id).await?;
    if json {
        let happened: Vec<_> = happened
            .iter()
            .map(|event| json!({"at": event.at, "event": event.name, "detail": event.detail}))
            .collect();
        let mut shown = summary(&edition, newsletter.name.as_str());
        shown["blocks"] = json!(blocks);
        shown["events"] = json!(happened);
        output::json(&shown)?;
        return Ok(());
    }
    let local = edition.send_at.with_timezone(&newsletter.zone());
    output::line(format!("edition    {id}, no. {} of {}", edition.number, newsletter.name))?;
    output::line(format!(
        "state      {}{}",
        edition.state,
        edition.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"))
    ))?;
    output::line(format!(
        "goes out   {} ({})",
        local.format("%A %Y-%m-%d %H:%M %Z"),
        edition.send_at.format("%H:%M UTC")
    ))?;
    stories(&mut tx, &blocks).await?;
    for event in happened {
        output::line(format!("{}  {}  {}", event.at.format("%Y-%m-%d %H:%M:%S"), event.name, event.detail))?;
    }
    Ok(())
}

/// The stories of a draft with the reason of each.
pub async fn stories(tx: &mut Tx, blocks: &[Block]) -> Result<(), Failure> {
    for block in blocks {
        output::line(format!("\n{}", block.title.as_deref().unwrap_or(block.kind.as_str())))?;
        for (n, item) in block.items.iter().enumerate() {
            let known = match item.article() {
                Some(id) => articles::get(tx, id).await?.map(|article| article.content.title),
                None => None,
            };
            let headline = item.overrides.headline.clone().or(known);
            let headline = headline.or_else(|| item.external_url().map(str::to_owned)).unwrap_or_default();
            output::line(format!("  {}. {headline}\n     {}", n + 1, item.reason))?;
        }
    }
    output::line("")?;
    Ok(())
}
