//! `newsletterd edition links` and `edition relink`: where the links of a letter that is out lead,
//! and leading one of them elsewhere.

use serde_json::json;

use crate::cli::{Failure, output};
use crate::domain::ids::{EditionId, LinkNo};
use crate::domain::link::Destination;
use crate::pipeline::{Engine, links};
use crate::store::links::Counting;

pub async fn list(engine: &Engine, id: EditionId, json: bool) -> Result<(), Failure> {
    for link in links::list(engine, id).await? {
        let clicks = (link.counting == Counting::Counted).then_some(link.clicks);
        if json {
            output::json(&json!({
                "no": link.no, "target": link.target, "first_target": link.first_target,
                "article": link.article, "clicks": clicks,
            }))?;
            continue;
        }
        let clicks = clicks.map(|n| format!("{:>9}  ", output::grouped(n))).unwrap_or_default();
        output::line(format!("{:>4}  {clicks}{}", link.no, link.target))?;
        if let Some(first) = link.first_target {
            output::line(format!("      in place of {first}"))?;
        }
    }
    Ok(())
}

pub async fn relink(
    engine: &Engine,
    id: EditionId,
    no: LinkNo,
    to: &Destination,
    by: &str,
) -> Result<(), Failure> {
    let target = links::relink(engine, id, no, to, by).await?;
    output::note(format!(
        "link {no} of edition {id} leads to {target} now, also in the letters that are out"
    ))?;
    Ok(())
}
