//! `newsletterd edition`.

mod compile;
mod deliveries;
mod links;
mod preview;
mod report;
mod send;
mod show;

use std::path::PathBuf;

use chrono::{DateTime, NaiveDateTime, TimeZone as _, Utc};
use clap::{Subcommand, ValueEnum};

use super::{Failure, context, output};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{EditionId, LinkNo};
use crate::domain::link::Destination;
use crate::pipeline::{Engine, control, newsletter_of};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the latest editions.
    List {
        /// Of one newsletter only.
        #[arg(long)]
        newsletter: Option<String>,
        /// How many.
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Shows one edition: where it stands, what is in it, what happened to it.
    Show {
        /// Which.
        id: EditionId,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows what the next edition of a newsletter would hold and why, changing nothing.
    Compile {
        /// Which newsletter.
        #[arg(long)]
        newsletter: String,
        /// As JSON, with every story that was left out and the reason.
        #[arg(long)]
        json: bool,
    },
    /// Writes a letter as it would be sent: of an edition, of a newsletter's next one, or of sample
    /// content. letter.eml is the message; letter-png.html holds its pictures, for a browser
    /// without a network.
    Preview(preview::Args),
    /// Sends an edition as a test to the given addresses; it never reaches a subscriber.
    Test {
        /// Which.
        id: EditionId,
        /// Whom to.
        #[arg(long = "to", required = true)]
        to: Vec<EmailAddress>,
    },
    /// Approves an edition: it goes out at its time as it stands.
    Approve {
        /// Which.
        id: EditionId,
    },
    /// Holds an edition until somebody releases it.
    Hold {
        /// Which.
        id: EditionId,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Leaves an edition out.
    Skip {
        /// Which.
        id: EditionId,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Moves an edition to another time of its newsletter's zone: "2026-11-25 18:00".
    Move {
        /// Which.
        id: EditionId,
        /// When, in the newsletter's zone; or in RFC 3339, with its own offset.
        to: String,
    },
    /// Makes a locked or failed edition a draft again.
    Unlock {
        /// Which.
        id: EditionId,
    },
    /// Sends an edition now.
    Send(send::Args),
    /// Stops a run; it can go on later.
    Pause {
        /// Which.
        id: EditionId,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Lets a stopped run go on.
    Resume {
        /// Which.
        id: EditionId,
        /// The addresses that bounced really are bad: suppress them.
        #[arg(long)]
        confirm_bounces: bool,
    },
    /// Ends an edition for good.
    Cancel {
        /// Which.
        id: EditionId,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Sends again to just those whose delivery ended in the given way.
    Retry {
        /// Which.
        id: EditionId,
        /// Which deliveries.
        #[arg(long)]
        outcome: Outcome,
    },
    /// Lists the links of an edition: their numbers, where they lead, how often they were followed
    /// where that is counted.
    Links {
        /// Which.
        id: EditionId,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Leads a link elsewhere, in all letters that are out and in the archive.
    Relink {
        /// Which edition.
        id: EditionId,
        /// The number of the link, as `edition links` shows it.
        no: LinkNo,
        /// Where it is to lead.
        url: Destination,
    },
    /// What became of each letter of an edition, by subscriber.
    Deliveries(deliveries::Args),
    /// What became of an edition, accounted for to the last subscriber.
    Report {
        /// Which.
        id: EditionId,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Outcome {
    /// Refused for good, the reader not to blame.
    Rejected,
    /// Refused for now until the edition expired.
    Expired,
    /// Nobody knows.
    Uncertain,
}

impl From<Outcome> for control::RetryOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Rejected => Self::Rejected,
            Outcome::Expired => Self::Expired,
            Outcome::Uncertain => Self::Uncertain,
        }
    }
}

pub async fn run(file: Option<PathBuf>, args: Args) -> Result<(), Failure> {
    let engine = context::engine(file.as_deref()).await?;
    let by = context::operator();
    match args.command {
        Command::List { newsletter, limit, json } => {
            show::list(&engine, newsletter.as_deref(), limit, json).await
        }
        Command::Show { id, json } => show::one(&engine, id, json).await,
        Command::Compile { newsletter, json } => compile::run(&engine, &newsletter, json).await,
        Command::Preview(args) => preview::run(&engine, args).await,
        Command::Test { id, to } => preview::test(&engine, id, &to).await,
        Command::Approve { id } => done(control::approve(&engine, id, &by).await?, id, "is approved"),
        Command::Hold { id, reason } => {
            done(control::hold(&engine, id, reason.as_deref(), &by).await?, id, "is held")
        }
        Command::Skip { id, reason } => {
            done(control::skip(&engine, id, reason.as_deref(), &by).await?, id, "is skipped")
        }
        Command::Move { id, to } => {
            let at = instant(&engine, id, &to).await?;
            control::move_to(&engine, id, at).await?;
            output::note(format!("edition {id} goes out at {}", at.format("%Y-%m-%d %H:%M UTC")))?;
            Ok(())
        }
        Command::Unlock { id } => done(control::unlock(&engine, id, &by).await?, id, "is a draft again"),
        Command::Send(args) => send::run(&engine, args, &by).await,
        Command::Pause { id, reason } => {
            done(control::pause(&engine, id, reason.as_deref(), &by).await?, id, "is paused")
        }
        Command::Resume { id, confirm_bounces } => {
            let bounces =
                if confirm_bounces { control::Bounces::Confirmed } else { control::Bounces::Doubtful };
            done(control::resume(&engine, id, bounces, &by).await?, id, "goes on")
        }
        Command::Cancel { id, reason } => {
            let cancelled = control::cancel(&engine, id, reason.as_deref(), &by).await?;
            output::note(format!("edition {id} is cancelled; {cancelled} deliveries were still to go out"))?;
            Ok(())
        }
        Command::Retry { id, outcome } => {
            let queued = control::retry(&engine, id, outcome.into(), &by).await?;
            output::note(format!("{queued} deliveries of edition {id} are queued again"))?;
            Ok(())
        }
        Command::Links { id, json } => links::list(&engine, id, json).await,
        Command::Relink { id, no, url } => links::relink(&engine, id, no, &url, &by).await,
        Command::Deliveries(args) => deliveries::run(&engine, args).await,
        Command::Report { id, json } => report::run(&engine, id, json).await,
    }
}

fn done((): (), id: EditionId, what: &str) -> Result<(), Failure> {
    output::note(format!("edition {id} {what}"))?;
    Ok(())
}

/// A time that a person wrote, in the zone of the edition's newsletter unless it says another.
async fn instant(engine: &Engine, id: EditionId, text: &str) -> Result<DateTime<Utc>, Failure> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let mut tx = engine.db.read().await?;
    let zone = newsletter_of(&control::edition(&mut tx, id).await?)?.zone();
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M")
        .map_err(|_| Failure::usage(format!("{text:?} is no time; write \"2026-11-25 18:00\"")))?;
    zone.from_local_datetime(&naive)
        .earliest()
        .map(|local| local.to_utc())
        .ok_or_else(|| Failure::usage(format!("{text} does not exist in {zone}: clocks go forward then")))
}
