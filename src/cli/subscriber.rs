//! `newsletterd subscriber`.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Failure, context, output};
use crate::domain::address::EmailAddress;
use crate::domain::language::Language;
use crate::pipeline::consent::{self, Asked};
use crate::pipeline::readers::{self, Added, Dossier};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Says what is known of a subscriber, and why they get what they get.
    Show {
        /// Who.
        address: EmailAddress,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Puts a subscriber on a list; you answer for their consent, unless they are asked to confirm.
    Add {
        /// Who.
        address: EmailAddress,
        /// Which list.
        #[arg(long)]
        list: String,
        /// How they call themselves.
        #[arg(long)]
        name: Option<String>,
        /// Asks them by mail: the subscription waits until they confirm it.
        #[arg(long)]
        confirm: bool,
        /// The language to ask in, and to speak to them from now on; that of the list when it is
        /// left out.
        #[arg(long, requires = "confirm", value_name = "en|ka|hy|az|ru")]
        language: Option<Language>,
    },
    /// Takes a subscriber off a list, or off all.
    Remove {
        /// Who.
        address: EmailAddress,
        /// Which list; all when it is left out.
        #[arg(long)]
        list: Option<String>,
    },
    /// Writes all that is stored about a subscriber, as JSON, for them to take along.
    Export {
        /// Who.
        address: EmailAddress,
    },
    /// Erases a subscriber; a suppression of the address outlives it as a keyed hash.
    Erase {
        /// Who.
        address: EmailAddress,
    },
}

pub async fn run(file: Option<PathBuf>, args: Args) -> Result<(), Failure> {
    let engine = context::engine(file.as_deref()).await?;
    let by = context::operator();
    match args.command {
        Command::Show { address, json: false } => show(&readers::dossier(&engine, &address).await?)?,
        Command::Show { address, json: true } | Command::Export { address } => {
            output::json(&readers::dossier(&engine, &address).await?)?;
        }
        Command::Add { address, list, name, confirm: true, language } => {
            let asked = consent::ask(&engine, &address, name, language, &list, &by).await?;
            output::note(match asked {
                Asked::Now => format!("asked to confirm {list}; the daemon sends the mail"),
                Asked::Before => format!("was asked to confirm {list} within the hour"),
                Asked::NotNeeded => format!("was on {list} already"),
            })?;
        }
        Command::Add { address, list, name, confirm: false, .. } => {
            let added = readers::add(&engine, &address, name, &list, &by).await?;
            output::note(match added {
                Added::Now => format!("added to {list}"),
                Added::Before => format!("was on {list} already"),
            })?;
        }
        Command::Remove { address, list } => {
            let ended = readers::remove(&engine, &address, list.as_deref(), &by).await?;
            output::note(format!("{ended} subscriptions ended"))?;
        }
        Command::Erase { address } => {
            readers::erase(&engine, &address, &by).await?;
            output::note("erased")?;
        }
    }
    Ok(())
}

fn show(dossier: &Dossier) -> Result<(), Failure> {
    output::line(format!("address        {}", dossier.address.as_deref().unwrap_or("(erased)")))?;
    output::line(format!("name           {}", dossier.name.as_deref().unwrap_or("—")))?;
    output::line(format!("known since    {}", dossier.created_at.format("%Y-%m-%d %H:%M UTC")))?;
    for (list, standing) in &dossier.subscriptions {
        let since = standing.ended_at.or(standing.activated_at);
        let since = since.map_or_else(String::new, |at| at.format(" since %Y-%m-%d %H:%M UTC").to_string());
        let why = standing.end_reason.map_or_else(String::new, |reason| format!(" ({reason})"));
        output::line(format!("list {list:<10}{}{why}{since}", standing.state))?;
    }
    for suppression in &dossier.suppressions {
        let edition = suppression.edition.map_or_else(String::new, |id| format!(", edition {id}"));
        let note = suppression.note.as_deref().unwrap_or_default();
        let at = suppression.at.format("%Y-%m-%d %H:%M UTC");
        output::line(format!("suppressed     {} since {at}{edition}: {note}", suppression.reason))?;
    }
    for event in &dossier.evidence {
        let at = event.at.format("%Y-%m-%d %H:%M UTC");
        output::line(format!("consent        {at}  {} by {} ({})", event.event, event.actor, event.source))?;
    }
    for delivery in &dossier.deliveries {
        let reply = delivery.reply.as_deref().unwrap_or_default();
        output::line(format!(
            "edition {:<7}{} after {} attempts  {reply}",
            delivery.edition, delivery.state, delivery.attempt
        ))?;
    }
    Ok(())
}
