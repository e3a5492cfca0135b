//! `newsletterd suppression`.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Failure, context, output};
use crate::domain::address::EmailAddress;
use crate::domain::bounce::SuppressionReason;
use crate::domain::ids::{EditionId, SuppressionId};
use crate::pipeline::bounces;
use crate::store::deliveries;
use crate::store::subscribers;
use crate::store::suppressions::{self, NewSuppression};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the addresses that get nothing.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Suppresses an address, on all lists.
    Add {
        /// Which.
        address: EmailAddress,
        /// For legal reasons: a fresh opt-in does not lift it.
        #[arg(long)]
        legal: bool,
        /// Why, for the records.
        #[arg(long)]
        note: Option<String>,
    },
    /// Lifts the suppressions of an address, or all that an edition's run caused.
    Remove {
        /// Which address.
        #[arg(required_unless_present = "edition", conflicts_with = "edition")]
        address: Option<EmailAddress>,
        /// Which edition.
        #[arg(long)]
        edition: Option<EditionId>,
    },
}

/// Rows read at once.
const PAGE: i64 = 1000;

pub async fn run(file: Option<PathBuf>, args: Args) -> Result<(), Failure> {
    let engine = context::engine(file.as_deref()).await?;
    let (by, now) = (context::operator(), engine.clock.now());
    match args.command {
        Command::List { json } => {
            let mut after = SuppressionId(0);
            loop {
                let mut tx = engine.db.read().await?;
                let page = suppressions::list(&mut tx, after, PAGE).await?;
                let Some(last) = page.last() else { return Ok(()) };
                after = last.id;
                for one in &page {
                    let address = one.address.as_deref().unwrap_or("(erased)");
                    if json {
                        output::json(one)?;
                    } else {
                        output::line(format!(
                            "{}  {:<9}  {address}",
                            one.at.format("%Y-%m-%d %H:%M"),
                            one.reason
                        ))?;
                    }
                }
            }
        }
        Command::Add { address, legal, note } => {
            let reason = if legal { SuppressionReason::Legal } else { SuppressionReason::Manual };
            let hash = engine.keys.address_hash(&address);
            let text = address.as_string();
            let new = NewSuppression {
                address_hash: &hash,
                address: Some(&text),
                reason,
                edition: None,
                note: note.as_deref(),
            };
            let mut tx = engine.db.begin().await?;
            let added = suppressions::add(&mut tx, &new, now).await?;
            if let Some(subscriber) = subscribers::find(&mut tx, &address).await? {
                deliveries::cancel_for_subscriber(&mut tx, subscriber.id, now).await?;
            }
            tx.commit().await?;
            output::note(if added { "suppressed" } else { "it was suppressed already" })?;
        }
        Command::Remove { address, edition } => {
            let lifted = match (address, edition) {
                (Some(address), _) => bounces::lift(&engine, &address, &by).await?,
                (None, Some(edition)) => bounces::lift_edition(&engine, edition, &by).await?,
                (None, None) => return Err(Failure::usage("name an address or an edition")),
            };
            output::note(format!("{lifted} lifted"))?;
        }
    }
    Ok(())
}
